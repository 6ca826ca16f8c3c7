"""The claims of R5, on a convolutional classifier and networks with one hidden layer."""

from fmnist_core.replication.claims.claim import Claim, Curves, Part, Points, higher, over, rising
from fmnist_core.replication.claims.quantities import ONSET, RISE, RISES, TEST_ACCURACY
from fmnist_core.sentences import Sentence

CONVOLUTIONAL = ("r5-1", "r5-2", "r5-3")
WIDE, NARROW = "r5-plain-n2048", "r5-plain-n512"

CLAIMS = (
    Claim(
        "C24",
        ("R5",),
        Sentence("A lower learning rate with a larger batch improves the convolutional classifier."),
        Sentence("Model 2 must have a higher test accuracy than model 1, and model 3 than model 2."),
        ("learning_rate", "batch_size", "epochs"),
        rising(TEST_ACCURACY, CONVOLUTIONAL),
        (Points(TEST_ACCURACY, CONVOLUTIONAL),),
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
    ),
    Claim(
        "C27",
        ("R5",),
        Sentence("The convolutional classifier beats the one with a single hidden layer."),
        Sentence(
            "Of the three convolutional models, and of the two with one hidden layer, the one with the best "
            "validation accuracy at the end (mean of three epochs) is taken, for each seed. The "
            "convolutional one must have the higher test accuracy."
        ),
        ("architecture", "hidden_sizes", "epochs"),
        (Part(TEST_ACCURACY, CONVOLUTIONAL, (WIDE, NARROW)),),
        (Points(TEST_ACCURACY, (*CONVOLUTIONAL, WIDE, NARROW)),),
    ),
)
