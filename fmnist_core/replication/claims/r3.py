"""The claims of R3, on a feed-forward classifier."""

from fmnist_core.replication.claims.claim import SAME_ACCURACY, Claim, Curves, Points, higher, no_more
from fmnist_core.replication.claims.quantities import TEST_ACCURACY
from fmnist_core.sentences import Sentence

CLAIMS = (
    Claim(
        "C16",
        ("R3",),
        Sentence("At a learning rate of 0.001 Adam beats SGD."),
        Sentence("Adam must have the higher test accuracy."),
        ("optimizer",),
        (higher(TEST_ACCURACY, "r3-2", "r3-1"),),
        (
            Points(TEST_ACCURACY, ("r3-1", "r3-2")),
            Curves(("validation_accuracy",), ("r3-1", "r3-2")),
        ),
    ),
    Claim(
        "C17",
        ("R3",),
        Sentence("60 epochs are no better than 30."),
        Sentence("60 epochs must bring less than one percentage point of test accuracy more."),
        ("epochs",),
        (no_more(TEST_ACCURACY, "r3-3", "r3-2", SAME_ACCURACY),),
        (Points(TEST_ACCURACY, ("r3-2", "r3-3")), Curves(("validation_accuracy",), ("r3-3",))),
    ),
)
