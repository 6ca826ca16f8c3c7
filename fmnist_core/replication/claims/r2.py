"""The claims of R2, on a convolutional autoencoder and classifiers on its encoder; R4 shares two of them."""

from fmnist_core.replication.claims.claim import (
    SAME_ACCURACY,
    SAME_LOSS,
    Claim,
    Confusion,
    Curves,
    Points,
    alike,
    between,
    falling,
    higher,
    lower,
    over,
    rising,
    times,
    under,
)
from fmnist_core.replication.claims.quantities import (
    GAP,
    LATE_FALL,
    LATE_GAIN,
    MEAN_DIAGONAL,
    RISE,
    RISES,
    SHIRTS,
    TEST_ACCURACY,
    TEST_LOSS,
)
from fmnist_core.sentences import Sentence

SIZES = ("r2-n64", "r2-n128", "r2-n256", "r2-n512")
DROPOUTS = ("r2-p0.05", "r2-p0.1", "r2-p0.15", "r2-n128")
R4_DROPOUTS = ("r4-p0.1", "r4-base", "r4-p0.5")
RATES = ("r2-lr0.01", "r2-p0.05", "r2-lr0.0001")
POOLINGS = ("r2-p0.1", "r2-unpooled")
CLASSIFIERS_POOLED_OR_NOT = ("r2-classifier-pooled", "r2-classifier-unpooled")
CLASSIFIER_SIZES = ("r2-classifier-n64", "r2-classifier-n128", "r2-classifier-n256", "r2-classifier-n512")
CLASSIFIER_DROPOUTS = (
    "r2-classifier-n128",
    "r2-classifier-p0.1",
    "r2-classifier-p0.15",
    "r2-classifier-p0.2",
)
FINAL = "r2-classifier-p0.1"
FROZEN, UNTRAINED = "r2-classifier-frozen", "r2-classifier-untrained"

CLAIMS = (
    Claim(
        "C5",
        ("R2",),
        Sentence("The test error of the convolutional autoencoder falls as its hidden layer grows."),
        Sentence("Each of the sizes 128, 256 and 512 must have a lower test error than the size before it."),
        ("hidden_sizes",),
        falling(TEST_LOSS, SIZES),
        (Points(TEST_LOSS, SIZES),),
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
    ),
    Claim(
        "C7",
        ("R2",),
        Sentence("In 30 epochs a learning rate of 0.001 beats 0.01 and 0.0001."),
        Sentence("The rate 0.001 must have a lower test error than each of the two others."),
        ("learning_rate",),
        (lower(TEST_LOSS, RATES[1], RATES[0]), lower(TEST_LOSS, RATES[1], RATES[2])),
        (Points(TEST_LOSS, RATES), Curves(("validation_loss",), RATES)),
    ),
    Claim(
        "C8",
        ("R2",),
        Sentence("Without pooling the autoencoder's error falls about five-fold."),
        Sentence("The test error with pooling must be four to six times that without."),
        ("pooling",),
        (times(TEST_LOSS, *POOLINGS, 4, 6),),
        (Points(TEST_LOSS, POOLINGS),),
    ),
    Claim(
        "C9",
        ("R2",),
        Sentence("The pre-trained classifier does the same with and without pooling."),
        Sentence("The two test accuracies must differ by less than one percentage point."),
        ("pooling",),
        (alike(TEST_ACCURACY, *CLASSIFIERS_POOLED_OR_NOT, SAME_ACCURACY),),
        (Points(TEST_ACCURACY, CLASSIFIERS_POOLED_OR_NOT),),
    ),
    Claim(
        "C10",
        ("R2",),
        Sentence(
            "A larger hidden layer gives the classifier better accuracy, and a wider gap between training "
            "and validation."
        ),
        Sentence(
            "Each of the sizes 128, 256 and 512 must have a higher test accuracy than the size before it, "
            "and at the end (the mean of three epochs) a larger difference between validation and training "
            "loss."
        ),
        ("hidden_sizes",),
        (*rising(TEST_ACCURACY, CLASSIFIER_SIZES), *rising(GAP, CLASSIFIER_SIZES)),
        (Points(TEST_ACCURACY, CLASSIFIER_SIZES), Points(GAP, CLASSIFIER_SIZES)),
    ),
    Claim(
        "C11",
        ("R2",),
        Sentence("More dropout narrows the classifier's gap and costs accuracy."),
        Sentence(
            "Each of the dropouts 0.1, 0.15 and 0.2 must have a smaller difference between validation and "
            "training loss at the end (the mean of three epochs) than the dropout before it, and a lower "
            "test accuracy."
        ),
        ("dropout",),
        (*falling(GAP, CLASSIFIER_DROPOUTS), *falling(TEST_ACCURACY, CLASSIFIER_DROPOUTS)),
        (Points(GAP, CLASSIFIER_DROPOUTS), Points(TEST_ACCURACY, CLASSIFIER_DROPOUTS)),
    ),
    Claim(
        "C12",
        ("R2",),
        Sentence("A classifier on a frozen encoder is worse, and does not overfit."),
        Sentence(
            "Frozen, the encoder must lead to a lower test accuracy than trained on, and the validation loss "
            "must end (mean of three epochs) less than 5 % above its lowest."
        ),
        ("encoder",),
        (lower(TEST_ACCURACY, FROZEN, FINAL), under(RISE, FROZEN, RISES)),
        (Points(TEST_ACCURACY, (FINAL, FROZEN)), Curves(("train_loss_eval", "validation_loss"), (FROZEN,))),
    ),
    Claim(
        "C13",
        ("R2", "R4"),
        Sentence("Trained all through, an untrained encoder is a worse start than a pre-trained one."),
        Sentence(
            "In both reports the classifier that starts from a pre-trained encoder must have the higher test "
            "accuracy."
        ),
        ("hidden_sizes", "encoder"),
        (higher(TEST_ACCURACY, FINAL, UNTRAINED), higher(TEST_ACCURACY, "r4-case1", "r4-case3")),
        (Points(TEST_ACCURACY, (FINAL, UNTRAINED, "r4-case1", "r4-case3")),),
    ),
    Claim(
        "C14",
        ("R2",),
        Sentence("15 epochs do about as well as 30."),
        Sentence(
            "The autoencoder's validation loss after 15 epochs must be less than 5 % above that after 30, "
            "and the classifier's validation accuracy less than one percentage point below. Each is the mean "
            "of the three epochs up to then."
        ),
        ("architecture",),
        (under(LATE_FALL, "r2-p0.05", SAME_LOSS), under(LATE_GAIN, FINAL, SAME_ACCURACY)),
        (Curves(("validation_loss",), ("r2-p0.05",)), Curves(("validation_accuracy",), (FINAL,))),
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
            "no other two classes may be taken for one another as often as shirts and pullovers, or shirts "
            "and T-shirts."
        ),
        ("architecture",),
        (between(MEAN_DIAGONAL, FINAL, 0.905, 0.915), over(SHIRTS, FINAL, 0.0)),
        (Confusion((FINAL,)), Points(MEAN_DIAGONAL, (FINAL,))),
    ),
)
