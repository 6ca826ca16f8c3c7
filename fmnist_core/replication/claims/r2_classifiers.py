"""The claims of R2 on the classifiers that begin with its encoder; R4 shares one of them."""

from fmnist_core.replication.claims.claim import (
    ADDED_LATE,
    READ_AGAIN,
    SAME_ACCURACY,
    SAME_LOSS,
    Claim,
    Confusion,
    Curves,
    Points,
    Quote,
    alike,
    between,
    higher,
    lower,
    over,
    trend,
    under,
)
from fmnist_core.replication.claims.quantities import (
    GAP,
    LATE_FALL,
    LATE_GAIN,
    LOWEST,
    MEAN_DIAGONAL,
    RISE,
    RISES,
    SHIRTS,
    TEST_ACCURACY,
    TEST_LOSS,
)
from fmnist_core.replication.recipes.sources import appendix, section
from fmnist_core.sentences import Sentence
from fmnist_core.statistics import ABOVE_ZERO, BELOW_ZERO

CLASSIFIERS_POOLED_OR_NOT = ("r2-classifier-pooled", "r2-classifier-unpooled")
CLASSIFIER_SIZES = ("r2-classifier-n64", "r2-classifier-n128", "r2-classifier-n256", "r2-classifier-n512")
CLASSIFIER_DROPOUTS = (
    "r2-classifier-n128",
    "r2-classifier-p0.1",
    "r2-classifier-p0.15",
    "r2-classifier-p0.2",
)
FINAL = "r2-classifier-p0.1"
CLASSIFIER_RATES = ("r2-classifier-lr0.01", "r2-classifier-lr0.0001")  # beside the final model's
FROZEN, UNTRAINED = "r2-classifier-frozen", "r2-classifier-untrained"
RANDOM_FROZEN = "r2-classifier-random-frozen"

CLAIMS = (
    Claim(
        "C9",
        ("R2",),
        Sentence("The pre-trained classifier does the same with and without pooling."),
        Sentence("The two test accuracies must differ by less than one percentage point."),
        ("pooling",),
        (alike(TEST_ACCURACY, *CLASSIFIERS_POOLED_OR_NOT, SAME_ACCURACY),),
        (Points(TEST_ACCURACY, CLASSIFIERS_POOLED_OR_NOT),),
        (Quote("las curvas para ambos modelos son similares", appendix("R2")),),
        planned_seeds=10,
    ),
    Claim(
        "C10",
        ("R2",),
        Sentence("A larger hidden layer tends to give the classifier less error and better accuracy."),
        Sentence(
            "From size 64 to 512, a step being twice the size, the straight line through the test accuracies "
            "must rise and that through the lowest validation losses must fall. Single steps may go the "
            "other way. The error after 30 epochs is another reading: it rises, since larger networks "
            "overfit more (C28)."
        ),
        ("hidden_sizes",),
        (
            trend(TEST_ACCURACY, CLASSIFIER_SIZES, ABOVE_ZERO),
            trend(LOWEST, CLASSIFIER_SIZES, BELOW_ZERO),
        ),
        (Points(TEST_ACCURACY, CLASSIFIER_SIZES), Points(LOWEST, CLASSIFIER_SIZES)),
        (
            Quote(
                "una tendencia a minimizar el error y subir la precisión conforme aumenta n",
                section("R2", "3.2"),
            ),
        ),
        (READ_AGAIN,),
    ),
    Claim(
        "C11",
        ("R2",),
        Sentence("More dropout narrows the classifier's gap, and makes its error and its accuracy worse."),
        Sentence(
            "From dropout 0.05 to 0.2, in steps of 0.05, the straight line through the differences between "
            "validation and training loss at the end (the mean of three epochs) must fall, that through the "
            "test accuracies too, and that through the lowest validation losses must rise."
        ),
        ("dropout",),
        (
            trend(GAP, CLASSIFIER_DROPOUTS, BELOW_ZERO),
            trend(TEST_ACCURACY, CLASSIFIER_DROPOUTS, BELOW_ZERO),
            trend(LOWEST, CLASSIFIER_DROPOUTS, ABOVE_ZERO),
        ),
        (
            Points(GAP, CLASSIFIER_DROPOUTS),
            Points(TEST_ACCURACY, CLASSIFIER_DROPOUTS),
            Points(LOWEST, CLASSIFIER_DROPOUTS),
        ),
        (
            Quote("se redujo con los aumentos de p", section("R2", "3.2")),
            Quote("el modelo empeora tanto en error como en precisión", section("R2", "3.2")),
        ),
        (READ_AGAIN,),
        planned_seeds=4,
    ),
    Claim(
        "C12",
        ("R2",),
        Sentence("A classifier on a frozen encoder is worse, and does not overfit."),
        Sentence(
            "Frozen, the encoder must lead to a lower test accuracy and a higher test error than trained on, "
            "and the validation loss must end (mean of three epochs) less than 5 % above its lowest."
        ),
        ("encoder",),
        (lower(TEST_ACCURACY, FROZEN, FINAL), higher(TEST_LOSS, FROZEN, FINAL), under(RISE, FROZEN, RISES)),
        (Points(TEST_ACCURACY, (FINAL, FROZEN)), Curves(("train_loss_eval", "validation_loss"), (FROZEN,))),
        (
            Quote(
                "al fijar los pesos del encoder el modelo empeora en términos de error y precisión",
                appendix("R2"),
            ),
            Quote("desaparece el fenómeno de sobreajuste", appendix("R2")),
        ),
        (READ_AGAIN,),
    ),
    Claim(
        "C13",
        ("R2", "R4"),
        Sentence("Trained all through, an untrained encoder is a worse start than a pre-trained one."),
        Sentence(
            "In both reports the classifier that starts from a pre-trained encoder must have the higher test "
            "accuracy. R2’s words may also mean an encoder that is random and stays frozen, which is C32; "
            "R4’s two frozen cases are in C22."
        ),
        ("hidden_sizes", "encoder"),
        (higher(TEST_ACCURACY, FINAL, UNTRAINED), higher(TEST_ACCURACY, "r4-case1", "r4-case3")),
        (Points(TEST_ACCURACY, (FINAL, UNTRAINED, "r4-case1", "r4-case3")),),
        (
            Quote("también ocurre lo mismo sin entrenar los pesos del encoder", appendix("R2")),
            Quote("permitieron alcanzar una mayor precisión y una menor pérdida", section("R4", "IV")),
        ),
        planned_seeds=6,
    ),
    Claim(
        "C14",
        ("R2",),
        Sentence("The final classifier does about as well after 15 epochs as after 30."),
        Sentence(
            "After 15 epochs the validation loss must be less than 5 % above that after 30, and the "
            "validation accuracy less than one percentage point below. Each is the mean of the three epochs "
            "up to then."
        ),
        ("architecture",),
        (under(LATE_FALL, FINAL, SAME_LOSS), under(LATE_GAIN, FINAL, SAME_ACCURACY)),
        (Curves(("validation_loss",), (FINAL,)), Curves(("validation_accuracy",), (FINAL,))),
        (Quote("con 15 épocas se obtendrían resultados similares", section("R2", "3.2.1")),),
        (READ_AGAIN,),
    ),
    Claim(
        "C15",
        ("R2",),
        Sentence(
            "The classifier confuses shirts with pullovers and with T-shirts; on average it recognises 91 % "
            "of a class."
        ),
        Sentence(
            "The mean diagonal of the test images' confusion matrix must lie between 0.905 and 0.915, and "
            "shirts must be confused with pullovers, and with T-shirts, more often than two classes are on "
            "average. The report gives them as examples, not as the worst two."
        ),
        ("architecture",),
        (between(MEAN_DIAGONAL, FINAL, 0.905, 0.915), over(SHIRTS, FINAL, 0.0)),
        (Confusion((FINAL,)), Points(MEAN_DIAGONAL, (FINAL,))),
        (
            Quote("una probabilidad de 0.91 en promedio", section("R2", "3.2.1")),
            Quote(
                "dificultades para clasificar prendas similares, como es el caso de las camisas",
                section("R2", "3.2.1"),
            ),
        ),
        (READ_AGAIN,),
        planned_seeds=8,
    ),
    Claim(
        "C28",
        ("R2",),
        Sentence("A larger hidden layer widens the classifier's gap between training and validation."),
        Sentence(
            "From size 64 to 512, a step being twice the size, the straight line through the differences "
            "between validation and training loss at the end (the mean of three epochs) must rise."
        ),
        ("hidden_sizes",),
        (trend(GAP, CLASSIFIER_SIZES, ABOVE_ZERO),),
        (Points(GAP, CLASSIFIER_SIZES),),
        (
            Quote(
                "al aumentar n existe una mayor brecha entre las curvas de validación y entrenamiento",
                section("R2", "3.2"),
            ),
        ),
        (READ_AGAIN,),
    ),
    Claim(
        "C31",
        ("R2",),
        Sentence("Of the dropouts tried, 0.1 is the best for the classifier."),
        Sentence("Dropout 0.1 must have a higher test accuracy than each of 0.05, 0.15 and 0.2."),
        ("dropout",),
        tuple(higher(TEST_ACCURACY, FINAL, other) for other in CLASSIFIER_DROPOUTS if other != FINAL),
        (Points(TEST_ACCURACY, CLASSIFIER_DROPOUTS),),
        (Quote("como valor óptimo a p = 0.1 dentro de los ensayos", section("R2", "3.2")),),
        (ADDED_LATE,),
    ),
    Claim(
        "C32",
        ("R2",),
        Sentence("On an untrained, frozen encoder the classifier is worse, and does not overfit."),
        Sentence(
            "That is the other reading of C13’s words. It must have a lower test accuracy than on a "
            "pre-trained encoder, trained on or frozen, and its validation loss must end (mean of three "
            "epochs) less than 5 % above its lowest."
        ),
        ("encoder",),
        (
            lower(TEST_ACCURACY, RANDOM_FROZEN, FINAL),
            lower(TEST_ACCURACY, RANDOM_FROZEN, FROZEN),
            under(RISE, RANDOM_FROZEN, RISES),
        ),
        (Points(TEST_ACCURACY, (FINAL, FROZEN, RANDOM_FROZEN)),),
        (Quote("también ocurre lo mismo sin entrenar los pesos del encoder", appendix("R2")),),
    ),
)
