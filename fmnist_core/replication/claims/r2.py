"""The claims of R2 on its convolutional autoencoder; R4 shares one of them."""

from dataclasses import replace
from datetime import date

from fmnist_core.replication.claims.claim import (
    ADDED_LATE,
    READ_AGAIN,
    Claim,
    Curves,
    Points,
    Quote,
    falling,
    higher,
    lower,
    rising,
    times,
)
from fmnist_core.replication.claims.quantities import (
    EPOCH_SECONDS,
    LOSS_TIMES_SECONDS,
    TEST_ACCURACY,
    TEST_LOSS,
)
from fmnist_core.replication.claims.r2_classifiers import CLASSIFIER_RATES, FINAL
from fmnist_core.replication.recipes.sources import appendix, conclusions, section, table
from fmnist_core.sentences import Sentence

SIZES = ("r2-n64", "r2-n128", "r2-n256", "r2-n512")
DROPOUTS = ("r2-p0.05", "r2-p0.1", "r2-p0.15", "r2-n128")
R4_DROPOUTS = ("r4-p0.1", "r4-base", "r4-p0.5")
RATES = ("r2-lr0.01", "r2-p0.05", "r2-lr0.0001")
POOLINGS = ("r2-p0.1", "r2-unpooled")
ADDED_NEXT_DAY = replace(ADDED_LATE, on=date(2026, 11, 28))

CLAIMS = (
    Claim(
        "C5",
        ("R2",),
        Sentence("The test error of the convolutional autoencoder falls as its hidden layer grows."),
        Sentence("Each of the sizes 128, 256 and 512 must have a lower test error than the size before it."),
        ("hidden_sizes",),
        falling(TEST_LOSS, SIZES),
        (Points(TEST_LOSS, SIZES),),
        (Quote("una disminución del error conforme aumentó n", section("R2", "3.1")),),
        planned_seeds=5,
    ),
    Claim(
        "C6",
        ("R2", "R4"),
        Sentence("The test error of the convolutional autoencoder rises with dropout."),
        Sentence(
            "Each dropout must have a higher test error than the next smaller one: 0.05, 0.1, 0.15 and 0.2 "
            "at hidden size 128 (R2), and 0.1, 0.2 and 0.5 at 64 (R4)."
        ),
        ("hidden_sizes", "dropout"),
        (*rising(TEST_LOSS, DROPOUTS), *rising(TEST_LOSS, R4_DROPOUTS)),
        (Points(TEST_LOSS, DROPOUTS), Points(TEST_LOSS, R4_DROPOUTS)),
        (
            Quote("p = 0.05 sería el valor óptimo", section("R2", "3.1")),
            Quote(
                "con valores más altos de p, la función de pérdida tiende a ser mayor en cada época",
                section("R4", "III.A"),
            ),
        ),
    ),
    Claim(
        "C7",
        ("R2",),
        Sentence("In 30 epochs a learning rate of 0.001 beats 0.01 and 0.0001, for both networks."),
        Sentence(
            "Of the autoencoder, the rate 0.001 must have a lower test error than each of the two others; of "
            "the classifier a lower test error too, and a higher test accuracy."
        ),
        ("architecture", "learning_rate"),
        (
            *(lower(TEST_LOSS, RATES[1], other) for other in (RATES[0], RATES[2])),
            *(lower(TEST_LOSS, FINAL, other) for other in CLASSIFIER_RATES),
            *(higher(TEST_ACCURACY, FINAL, other) for other in CLASSIFIER_RATES),
        ),
        (
            Points(TEST_LOSS, RATES),
            Curves(("validation_loss",), RATES),
            Points(TEST_ACCURACY, (CLASSIFIER_RATES[0], FINAL, CLASSIFIER_RATES[1])),
            Points(TEST_LOSS, (CLASSIFIER_RATES[0], FINAL, CLASSIFIER_RATES[1])),
        ),
        (
            Quote("lr 0.01, 0.001, 0.0001: ECM 0.042, 0.020, 0.023", table("R2", "3")),
            Quote(
                "un mejor desempeño tanto en la disminución de CEL como en la precisión", section("R2", "3.2")
            ),
        ),
        (READ_AGAIN,),
    ),
    Claim(
        "C8",
        ("R2",),
        Sentence("Without pooling the autoencoder's error is lower."),
        Sentence("The test error without pooling must be lower than that with pooling."),
        ("pooling",),
        (lower(TEST_LOSS, POOLINGS[1], POOLINGS[0]),),
        (Points(TEST_LOSS, POOLINGS),),
        (
            Quote(
                "la calidad del autoencoder mejora notablemente al desactivarse estas etapas",
                conclusions("R2"),
            ),
        ),
        (READ_AGAIN,),
    ),
    Claim(
        "C29",
        ("R2",),
        Sentence("Without pooling the autoencoder's error falls about five-fold."),
        Sentence(
            "The test error with pooling must be four to six times that without. The factor follows from the "
            "report’s table; its text speaks of a notable improvement, which is C8."
        ),
        ("pooling",),
        (times(TEST_LOSS, *POOLINGS, 4, 6),),
        (Points(TEST_LOSS, POOLINGS),),
        (Quote("Con pooling, sin pooling: ECM 0.019, 0.004", appendix("R2")),),
    ),
    Claim(
        "C41",
        ("R2",),
        Sentence("Training the convolutional autoencoder takes longer as its hidden layer grows."),
        Sentence(
            "An epoch of each of the sizes 128, 256 and 512 must take longer than one of the size before it, "
            "by the clock."
        ),
        ("hidden_sizes",),
        rising(EPOCH_SECONDS, SIZES),
        (Points(EPOCH_SECONDS, SIZES),),
        (Quote("aunque el tiempo de computo crecía", section("R2", "3.1")),),
        (ADDED_NEXT_DAY,),
    ),
    Claim(
        "C42",
        ("R2",),
        Sentence("Of the four sizes, 128 balances error and training time best."),
        Sentence(
            "The report gives no rule. Here test error times seconds an epoch must be lower for 128 than for "
            "each of 64, 256 and 512."
        ),
        ("hidden_sizes",),
        tuple(lower(LOSS_TIMES_SECONDS, SIZES[1], other) for other in SIZES if other != SIZES[1]),
        (Points(LOSS_TIMES_SECONDS, SIZES),),
        (Quote("por ser el que mejor balanceaba error-tiempo de cómputo", section("R2", "3.1")),),
        (ADDED_NEXT_DAY,),
    ),
)
