"""The claims of R4, on a convolutional autoencoder and on four ways to start a classifier."""

from fmnist_core.architecture.networks import CLASSES
from fmnist_core.replication.claims.claim import (
    SAME_LOSS,
    Claim,
    Curves,
    Part,
    Points,
    falling,
    over,
    times,
    under,
)
from fmnist_core.replication.claims.quantities import (
    AFTER_SIX,
    FALL,
    LOWEST,
    RISE,
    RISES,
    SWING,
    TEST_ACCURACY,
    TEST_LOSS,
)
from fmnist_core.sentences import Sentence
from fmnist_core.statistics import BELOW_ZERO

SIZES = ("r4-n32", "r4-base", "r4-n128")
BATCHES = ("r4-batch50", "r4-base", "r4-batch150")
CASES = ("r4-case1", "r4-case3", "r4-case2", "r4-case4")
CHANCE = 1 / CLASSES

CLAIMS = (
    Claim(
        "C18",
        ("R4",),
        Sentence("Hidden sizes 32, 64, 128: the larger, the lower the loss."),
        Sentence("Each of the sizes 64 and 128 must have a lower test error than the size before it."),
        ("hidden_sizes",),
        falling(TEST_LOSS, SIZES),
        (Points(TEST_LOSS, SIZES),),
    ),
    Claim(
        "C19",
        ("R4",),
        Sentence("Adam converges far sooner than SGD."),
        Sentence(
            "After 6 epochs, a fifth of the time, Adam's validation loss must be under the lowest that SGD "
            "ever reaches."
        ),
        ("optimizer",),
        (
            Part(
                AFTER_SIX,
                ("r4-base",),
                ("r4-sgd",),
                BELOW_ZERO,
                against_quantity=LOWEST,
            ),
        ),
        (Curves(("validation_loss",), ("r4-base", "r4-sgd")),),
    ),
    Claim(
        "C20",
        ("R4",),
        Sentence("At a learning rate of 0.01 the loss oscillates and does not fall."),
        Sentence(
            "It oscillates if all that the validation loss rises from one epoch to the next, and all that "
            "it falls, each make more than half the distance between its highest and its lowest; it does not "
            "fall if the mean of its last three epochs is less than 10 % below that of its first three. Both "
            "must be so."
        ),
        ("learning_rate",),
        (over(SWING, "r4-lr0.01", 0.5), under(FALL, "r4-lr0.01", 0.1)),
        (Curves(("validation_loss",), ("r4-base", "r4-lr0.01")),),
    ),
    Claim(
        "C21",
        ("R4",),
        Sentence("With batches of 50 the loss rises in the last epochs; 100 and 150 are alike."),
        Sentence(
            "With batches of 50 the validation loss must end (mean of three epochs) more than 5 % above its "
            "lowest, and the test errors with 100 and 150 must differ by less than 5 %."
        ),
        ("batch_size",),
        (
            over(RISE, "r4-batch50", RISES),
            times(TEST_LOSS, "r4-batch150", "r4-base", 1 - SAME_LOSS, 1 + SAME_LOSS),
        ),
        (Curves(("validation_loss",), BATCHES), Points(TEST_LOSS, BATCHES)),
    ),
    Claim(
        "C22",
        ("R4",),
        Sentence(
            "Four ways to start a classifier, best first: pre-trained, random, pre-trained and frozen, "
            "random and frozen."
        ),
        Sentence("Each must have a lower test accuracy than the one before it in this order."),
        ("encoder",),
        falling(TEST_ACCURACY, CASES),
        (Points(TEST_ACCURACY, CASES), Curves(("validation_accuracy",), CASES)),
    ),
    Claim(
        "C23",
        ("R4",),
        Sentence("Even on a random, frozen encoder a classifier does well above chance."),
        Sentence("Its test accuracy must be over 50 %, five times that of guessing."),
        ("encoder",),
        (over(TEST_ACCURACY, "r4-case4", 5 * CHANCE),),
        (Points(TEST_ACCURACY, CASES),),
    ),
)
