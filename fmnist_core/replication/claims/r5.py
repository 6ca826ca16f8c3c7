"""The claims of R5, on a convolutional classifier and networks with one hidden layer."""

from fmnist_core.replication.claims.claim import (
    READ_AGAIN,
    Claim,
    Curves,
    Points,
    Quote,
    higher,
    lower,
    over,
)
from fmnist_core.replication.claims.quantities import ONSET, RISE, RISES, TEST_ACCURACY, TEST_LOSS
from fmnist_core.replication.recipes.sources import beside_figure
from fmnist_core.sentences import Sentence

CONVOLUTIONAL = ("r5-1", "r5-2", "r5-3")
THIRD = CONVOLUTIONAL[2]
WIDE, NARROW = "r5-plain-n2048", "r5-plain-n512"

CLAIMS = (
    Claim(
        "C24",
        ("R5",),
        Sentence("A lower learning rate with a larger batch improves the convolutional classifier."),
        Sentence("Model 2 must have a higher test accuracy than model 1, and model 3 than model 2."),
        ("learning_rate", "batch_size", "epochs"),
        (higher(TEST_ACCURACY, "r5-2", "r5-1"), higher(TEST_ACCURACY, THIRD, "r5-2")),
        (Points(TEST_ACCURACY, CONVOLUTIONAL),),
        (
            Quote(
                "disminuyendo el learning rate y aumentando el tamaño del batch mejora el rendimiento",
                beside_figure("R5", "4"),
            ),
        ),
    ),
    Claim(
        "C25",
        ("R5",),
        Sentence("At a learning rate of 0.00001, 100 epochs beat 30."),
        Sentence("100 epochs must have the higher test accuracy."),
        ("epochs",),
        (higher(TEST_ACCURACY, "r5-3", "r5-2"),),
        (
            Points(TEST_ACCURACY, ("r5-2", "r5-3")),
            Curves(("train_accuracy", "validation_accuracy"), ("r5-3",)),
        ),
        (Quote("este último modelo es el que presenta un mejor rendimiento", beside_figure("R5", "5")),),
    ),
    Claim(
        "C26",
        ("R5",),
        Sentence("With one hidden layer, 2,048 units overfit sooner than 512."),
        Sentence(
            "A network overfits if its validation loss ends (mean of three epochs) more than 5 % above its "
            "lowest. Overfitting begins at the epoch of the lowest loss; if a network does not overfit, its "
            "last epoch is taken. The network of 2,048 units must overfit, and begin sooner than that of 512."
        ),
        ("hidden_sizes",),
        (over(RISE, WIDE, RISES), higher(ONSET, NARROW, WIDE)),
        (Curves(("train_loss_eval", "validation_loss"), (WIDE, NARROW)),),
        (
            Quote("a partir de la época 10 el modelo comienza a sobreajustar", beside_figure("R5", "6")),
            Quote("virtuoso hasta la época 30 aproximadamente", beside_figure("R5", "6")),
        ),
    ),
    Claim(
        "C27",
        ("R5",),
        Sentence("The third convolutional classifier beats the one with a single hidden layer of 512."),
        Sentence(
            "The third convolutional model must have a higher test accuracy, and a lower test error, than "
            "the network of one hidden layer with 512 units."
        ),
        ("architecture", "hidden_sizes", "epochs"),
        (higher(TEST_ACCURACY, THIRD, NARROW), lower(TEST_LOSS, THIRD, NARROW)),
        (Points(TEST_ACCURACY, (THIRD, NARROW)), Points(TEST_LOSS, (THIRD, NARROW))),
        (
            Quote(
                "valores de loss notablemente más bajos y los porcentajes de Accuracy son más elevados",
                beside_figure("R5", "6"),
            ),
        ),
        (READ_AGAIN,),
        planned_seeds=11,
    ),
)
