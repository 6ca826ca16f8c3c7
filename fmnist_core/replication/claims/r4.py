"""The claims of R4, on a convolutional autoencoder and on four ways to start a classifier."""

import math
from datetime import date

from fmnist_core.architecture.networks import CLASSES
from fmnist_core.replication.claims.claim import (
    ADDED_LATE,
    READ_AGAIN,
    SAME_LOSS,
    Chosen,
    Claim,
    Curves,
    Part,
    Points,
    Quote,
    alike,
    between,
    falling,
    higher,
    over,
    ranked,
    rising,
    under,
)
from fmnist_core.replication.claims.quantities import (
    AFTER_SIX,
    FALL,
    LATE_SLOPE,
    LOWEST,
    ROUGHNESS,
    TEST_ACCURACY,
    TEST_LOSS,
    TRAINED_EPOCHS,
    at_epoch,
)
from fmnist_core.replication.recipes.sources import section
from fmnist_core.sentences import Sentence
from fmnist_core.statistics import BELOW_ZERO, Range

SIZES = ("r4-n32", "r4-base", "r4-n128")
RATES = ("r4-lr0.01", "r4-base", "r4-lr0.0001")
BATCHES = ("r4-batch50", "r4-base", "r4-batch150")
CASES = ("r4-case1", "r4-case3", "r4-case2", "r4-case4")
DROPOUTS = ("r4-p0.1", "r4-base", "r4-p0.5")
CHANCE = 1 / CLASSES
FAR = 0.5  # above the other loss, by this share of it

CLAIMS = (
    Claim(
        "C18",
        ("R4",),
        Sentence("Hidden sizes 32, 64, 128: the larger, the lower the loss."),
        Sentence("Each of the sizes 64 and 128 must have a lower test error than the size before it."),
        ("hidden_sizes",),
        falling(TEST_LOSS, SIZES),
        (Points(TEST_LOSS, SIZES),),
        (Quote("a medida que n aumenta, la pérdida tiende a ser menor", section("R4", "III.A")),),
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
        (Quote("ADAM presenta una convergencia más rápida", section("R4", "III.A")),),
    ),
    Claim(
        "C20",
        ("R4",),
        Sentence("At a learning rate of 0.01 the loss oscillates and does not fall."),
        Sentence(
            "It oscillates if the slope of its validation curve changes more from epoch to epoch than at the "
            "rates 0.001 and 0.0001, beside which the report draws it. It does not fall if the mean of its "
            "last three epochs is less than 10 % below that of its first three. Both must be so."
        ),
        ("learning_rate",),
        (
            higher(ROUGHNESS, "r4-lr0.01", "r4-base"),
            higher(ROUGHNESS, "r4-lr0.01", "r4-lr0.0001"),
            under(FALL, "r4-lr0.01", 0.1),
        ),
        (Curves(("validation_loss",), RATES), Points(ROUGHNESS, RATES)),
        (Quote("la función de pérdida oscila bastante y no parece disminuir", section("R4", "III.A")),),
        (
            Chosen(
                Sentence(
                    "How an oscillation is measured. First it was by all rises against the whole range, then "
                    "by ups and downs against the range, which three seeds gave as 64 ± 194 %."
                ),
                date(2026, 11, 27),
            ),
        ),
    ),
    Claim(
        "C21",
        ("R4",),
        Sentence("With batches of 50 the loss tends to rise in the last epochs; 100 and 150 are alike."),
        Sentence(
            "With batches of 50 the straight line through the validation loss of the last five epochs must "
            "rise, and the test errors with 100 and 150 must differ by less than 5 %. Early stopping waits "
            "five epochs for a lower loss, so that a rise is likely from the start."
        ),
        ("batch_size",),
        (
            over(LATE_SLOPE, "r4-batch50", 0.0),
            alike(TEST_LOSS, "r4-batch150", "r4-base", SAME_LOSS),
        ),
        (Curves(("validation_loss",), BATCHES), Points(TEST_LOSS, BATCHES)),
        (
            Quote("la pérdida tiende a aumentar en las últimas épocas", section("R4", "III.A")),
            Quote("con curvas similares entre sí", section("R4", "III.A")),
        ),
        (READ_AGAIN,),
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
        ranked(TEST_ACCURACY, CASES),
        (Points(TEST_ACCURACY, CASES), Curves(("validation_accuracy",), CASES)),
        (
            Quote("El caso 1 alcanza la mayor precisión", section("R4", "III.B")),
            Quote(
                "cercana al 88 %, mientras que el caso 2 mantiene valores estables alrededor del 80 %",
                section("R4", "III.B"),
            ),
        ),
    ),
    Claim(
        "C23",
        ("R4",),
        Sentence("Even on a random, frozen encoder a classifier does well above chance."),
        Sentence("Its test accuracy must be over 50 %, five times that of guessing."),
        ("encoder",),
        (over(TEST_ACCURACY, "r4-case4", 5 * CHANCE),),
        (Points(TEST_ACCURACY, CASES),),
        (Quote("capaz de clasificar correctamente algunas categorías", section("R4", "III.B")),),
    ),
    Claim(
        "C34",
        ("R4",),
        Sentence("Both pre-trained encoders, trained on or frozen, beat both random ones."),
        Sentence(
            "Each of the two cases with a pre-trained encoder must have a higher test accuracy than each of "
            "the two with a random one. The report’s conclusion says so; its own figures have case 3, a "
            "random encoder that is trained, ahead of case 2."
        ),
        ("encoder",),
        tuple(
            higher(TEST_ACCURACY, trained, random)
            for trained in ("r4-case1", "r4-case2")
            for random in ("r4-case3", "r4-case4")
        ),
        (Points(TEST_ACCURACY, CASES),),
        (Quote("(caso 1 y caso 2) muestra una capacidad superior", section("R4", "IV")),),
        (ADDED_LATE,),
    ),
    Claim(
        "C35",
        ("R4",),
        Sentence("With Adam early stopping ends the training near epoch 15."),
        Sentence(
            "The mean over seeds of the epochs trained must lie between 10 and 20. How long early stopping "
            "waits is not in the report; here it is 5 epochs."
        ),
        ("optimizer",),
        (between(TRAINED_EPOCHS, "r4-base", 10, 20),),
        (Curves(("train_loss_eval", "validation_loss"), ("r4-base",)),),
        (Quote("en solo 15 épocas", section("R4", "III.A")),),
        (ADDED_LATE,),
    ),
    Claim(
        "C36",
        ("R4",),
        Sentence("The more dropout, the higher the loss in every epoch."),
        Sentence(
            "At the end of each of the first 8 epochs, which all runs so far have, the validation loss must "
            "be higher at dropout 0.2 than at 0.1, and at 0.5 than at 0.2."
        ),
        ("dropout",),
        tuple(part for epoch in range(1, 9) for part in rising(at_epoch(epoch), DROPOUTS)),
        (Curves(("validation_loss",), DROPOUTS),),
        (Quote("la función de pérdida tiende a ser mayor en cada época", section("R4", "III.A")),),
        (ADDED_LATE,),
    ),
    Claim(
        "C37",
        ("R4",),
        Sentence("On a random, frozen encoder the loss begins far higher."),
        Sentence(
            "After the first epoch the validation loss of case 4 must be more than half above that of each "
            "other case."
        ),
        ("encoder",),
        tuple(
            Part(at_epoch(1), ("r4-case4",), (other,), Range(low=math.log1p(FAR)))
            for other in CASES
            if other != "r4-case4"
        ),
        (Curves(("validation_loss",), CASES), Points(at_epoch(1), CASES)),
        (Quote("una pérdida inicial considerablemente más alta", section("R4", "III.B")),),
        (ADDED_LATE,),
    ),
)
