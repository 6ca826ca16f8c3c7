"""The claims of R3, on a feed-forward classifier."""

from fmnist_core.replication.claims.claim import (
    ADDED_LATE,
    SAME_ACCURACY,
    Claim,
    Curves,
    Points,
    Quote,
    higher,
    no_more,
)
from fmnist_core.replication.claims.quantities import TEST_ACCURACY, TEST_LOSS
from fmnist_core.replication.recipes.sources import section, table
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
        (Quote("el optimizador Adam es más eficiente que el SGD", section("R3", "III")),),
    ),
    Claim(
        "C17",
        ("R3",),
        Sentence("60 epochs are no better than 30."),
        Sentence(
            "60 epochs must bring less than one percentage point of test accuracy more. If they clearly "
            "bring something, and less than that, the verdict says so."
        ),
        ("epochs",),
        (no_more(TEST_ACCURACY, "r3-3", "r3-2", SAME_ACCURACY),),
        (Points(TEST_ACCURACY, ("r3-2", "r3-3")), Curves(("validation_accuracy",), ("r3-3",))),
        (Quote("no necesariamente mejora el desempeño de la red", section("R3", "III")),),
    ),
    Claim(
        "C33",
        ("R3",),
        Sentence("The loss is higher after 60 epochs than after 30."),
        Sentence("60 epochs must have the higher test error. The report’s table says so, its text does not."),
        ("epochs",),
        (higher(TEST_LOSS, "r3-3", "r3-2"),),
        (Points(TEST_LOSS, ("r3-2", "r3-3")), Curves(("train_loss_eval", "validation_loss"), ("r3-3",))),
        (Quote("Modelo 2 0.32% … Modelo 3 0.37%", table("R3", "I")),),
        (ADDED_LATE,),
    ),
)
