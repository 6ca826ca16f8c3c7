"""The 27 claims of the five reports as data: each in one sentence, with the experiments that decide it."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.sentences import Sentence


@dataclass(frozen=True)
class Claim:
    """`experiments` are those that decide it, by id; every one is needed, with every seed."""

    id: str
    reports: tuple[str, ...]
    sentence: Sentence
    experiments: tuple[str, ...]


R1_SIZES = ("r1-n64", "r1-n128", "r1-n256", "r1-n512")
R1_LONG = ("r1-long-n64", "r1-long-n128", "r1-long-n256", "r1-long-n512")
R2_SIZES = ("r2-n64", "r2-n128", "r2-n256", "r2-n512")
R2_DROPOUTS = ("r2-p0.05", "r2-p0.1", "r2-p0.15", "r2-n128")
R2_CLASSIFIER_SIZES = ("r2-classifier-n64", "r2-classifier-n128", "r2-classifier-n256", "r2-classifier-n512")
R2_CLASSIFIER_DROPOUTS = (
    "r2-classifier-n128",
    "r2-classifier-p0.1",
    "r2-classifier-p0.15",
    "r2-classifier-p0.2",
)
R4_CASES = ("r4-case1", "r4-case2", "r4-case3", "r4-case4")

ALL = (
    Claim(
        "C1",
        ("R1",),
        Sentence("The test error of the feed-forward autoencoder falls as its hidden layer grows."),
        R1_SIZES,
    ),
    Claim(
        "C2",
        ("R1",),
        Sentence("The steep part of the curve ends sooner as the hidden layer grows."),
        R1_SIZES,
    ),
    Claim(
        "C3",
        ("R1",),
        Sentence("Training and test curves stay together: no overfitting in 200 epochs at dropout 0.1."),
        R1_SIZES,
    ),
    Claim(
        "C4",
        ("R1",),
        Sentence("No dropout, batches of 100 and 300 epochs lower the error further, at every size."),
        (*R1_SIZES, *R1_LONG),
    ),
    Claim(
        "C5",
        ("R2",),
        Sentence("The test error of the convolutional autoencoder falls as its hidden layer grows."),
        R2_SIZES,
    ),
    Claim(
        "C6",
        ("R2", "R4"),
        Sentence("The test error of the convolutional autoencoder rises with dropout."),
        (*R2_DROPOUTS, "r4-p0.1", "r4-base", "r4-p0.5"),
    ),
    Claim(
        "C7",
        ("R2",),
        Sentence("In 30 epochs a learning rate of 0.001 beats 0.01 and 0.0001."),
        ("r2-lr0.01", "r2-p0.05", "r2-lr0.0001"),
    ),
    Claim(
        "C8",
        ("R2",),
        Sentence("Without pooling the autoencoder's error falls about five-fold."),
        ("r2-p0.1", "r2-unpooled"),
    ),
    Claim(
        "C9",
        ("R2",),
        Sentence("The pre-trained classifier does the same with and without pooling."),
        ("r2-classifier-pooled", "r2-classifier-unpooled"),
    ),
    Claim(
        "C10",
        ("R2",),
        Sentence(
            "A larger hidden layer gives the classifier better accuracy, and a wider gap between training "
            "and validation."
        ),
        R2_CLASSIFIER_SIZES,
    ),
    Claim(
        "C11",
        ("R2",),
        Sentence("More dropout narrows the classifier's gap and costs accuracy."),
        R2_CLASSIFIER_DROPOUTS,
    ),
    Claim(
        "C12",
        ("R2",),
        Sentence("A classifier on a frozen encoder is worse, and does not overfit."),
        ("r2-classifier-p0.1", "r2-classifier-frozen"),
    ),
    Claim(
        "C13",
        ("R2", "R4"),
        Sentence("Trained all through, an untrained encoder is a worse start than a pre-trained one."),
        ("r2-classifier-p0.1", "r2-classifier-untrained", "r4-case1", "r4-case3"),
    ),
    Claim(
        "C14",
        ("R2",),
        Sentence("15 epochs do about as well as 30."),
        ("r2-p0.05", "r2-classifier-p0.1"),
    ),
    Claim(
        "C15",
        ("R2",),
        Sentence(
            "The classifier confuses shirts with pullovers and with T-shirts; on average it recognises 91 % "
            "of a class."
        ),
        ("r2-classifier-p0.1",),
    ),
    Claim(
        "C16",
        ("R3",),
        Sentence("At a learning rate of 0.001 Adam beats SGD."),
        ("r3-1", "r3-2"),
    ),
    Claim(
        "C17",
        ("R3",),
        Sentence("60 epochs are no better than 30."),
        ("r3-2", "r3-3"),
    ),
    Claim(
        "C18",
        ("R4",),
        Sentence("Hidden sizes 32, 64, 128: the larger, the lower the loss."),
        ("r4-n32", "r4-base", "r4-n128"),
    ),
    Claim(
        "C19",
        ("R4",),
        Sentence("Adam converges far sooner than SGD."),
        ("r4-base", "r4-sgd"),
    ),
    Claim(
        "C20",
        ("R4",),
        Sentence("At a learning rate of 0.01 the loss oscillates and does not fall."),
        ("r4-base", "r4-lr0.01"),
    ),
    Claim(
        "C21",
        ("R4",),
        Sentence("With batches of 50 the loss rises in the last epochs; 100 and 150 are alike."),
        ("r4-batch50", "r4-base", "r4-batch150"),
    ),
    Claim(
        "C22",
        ("R4",),
        Sentence(
            "Four ways to start a classifier, best first: pre-trained, random, pre-trained and frozen, "
            "random and frozen."
        ),
        R4_CASES,
    ),
    Claim(
        "C23",
        ("R4",),
        Sentence("Even on a random, frozen encoder a classifier does well above chance."),
        ("r4-case4",),
    ),
    Claim(
        "C24",
        ("R5",),
        Sentence("A lower learning rate with a larger batch improves the convolutional classifier."),
        ("r5-1", "r5-2", "r5-3"),
    ),
    Claim(
        "C25",
        ("R5",),
        Sentence("At a learning rate of 0.00001, 100 epochs beat 30."),
        ("r5-2", "r5-3"),
    ),
    Claim(
        "C26",
        ("R5",),
        Sentence("With one hidden layer, 2,048 units overfit sooner than 512."),
        ("r5-plain-n2048", "r5-plain-n512"),
    ),
    Claim(
        "C27",
        ("R5",),
        Sentence("The convolutional classifier beats the one with a single hidden layer."),
        ("r5-1", "r5-2", "r5-3", "r5-plain-n2048", "r5-plain-n512"),
    ),
)
CLAIMS: dict[str, Claim] = {claim.id: claim for claim in ALL}
