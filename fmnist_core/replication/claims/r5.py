"""The claims of R5, on a convolutional classifier and networks with one hidden layer."""

from fmnist_core.replication.claims.claim import (
    ADDED_LATE,
    READ_AGAIN,
    Claim,
    Curves,
    Points,
    Quote,
    between,
    higher,
    lower,
    over,
    under,
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
    Claim(
        "C38",
        ("R5",),
        Sentence("None of the three convolutional models overfits."),
        Sentence(
            "Of each the validation loss must end (mean of three epochs) less than 5 % above its lowest."
        ),
        ("learning_rate", "batch_size", "epochs"),
        tuple(under(RISE, model, RISES) for model in CONVOLUTIONAL),
        (Curves(("train_loss_eval", "validation_loss"), CONVOLUTIONAL),),
        (
            Quote("lo cual indica la ausencia de overfitting", beside_figure("R5", "3")),
            Quote("no se detecta el riesgo de overfitting", beside_figure("R5", "4")),
            Quote(
                "ambas curvas presentan un recorrido similar y por lo tanto no hay riesgo de overfitting",
                beside_figure("R5", "5"),
            ),
        ),
        (ADDED_LATE,),
    ),
    Claim(
        "C39",
        ("R5",),
        Sentence("With one hidden layer overfitting begins about epoch 10 with 2,048 units, 30 with 512."),
        Sentence(
            "Overfitting begins as in C26: for a network that does not overfit the last epoch is taken. It "
            "must begin between epochs 5 and 15 with 2,048 units, and between epochs 25 and 35 with 512."
        ),
        ("hidden_sizes",),
        (between(ONSET, WIDE, 5, 15), between(ONSET, NARROW, 25, 35)),
        (Points(ONSET, (WIDE, NARROW)), Curves(("validation_loss",), (WIDE, NARROW))),
        (
            Quote("virtuoso hasta la época 10 aproximadamente", beside_figure("R5", "6")),
            Quote("virtuoso hasta la época 30 aproximadamente", beside_figure("R5", "6")),
        ),
        (ADDED_LATE,),
    ),
    Claim(
        "C40",
        ("R5",),
        Sentence("Of the two sizes of one hidden layer, 512 is the better."),
        Sentence("512 units must have a higher test accuracy, and a lower test error, than 2,048."),
        ("hidden_sizes",),
        (higher(TEST_ACCURACY, NARROW, WIDE), lower(TEST_LOSS, NARROW, WIDE)),
        (Points(TEST_ACCURACY, (NARROW, WIDE)), Points(TEST_LOSS, (NARROW, WIDE))),
        (Quote("se concluye que n = 512 es el tamaño óptimo de la capa oculta", beside_figure("R5", "6")),),
        (ADDED_LATE,),
    ),
)
