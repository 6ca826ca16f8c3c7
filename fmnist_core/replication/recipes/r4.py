"""R4 (2025): a convolutional autoencoder, and classifiers on its encoder or on a random one, four ways."""

from typing import Any

from fmnist_core.replication.recipes.report import (
    Experiment,
    Matrix,
    OpenPoint,
    Published,
    Report,
    Study,
)
from fmnist_core.replication.recipes.sources import in_figure
from fmnist_core.sentences import Sentence
from fmnist_core.spec import read_spec

# Rows are true classes, columns predicted ones, in the order of `data.CLASSES`.
CONFUSION: dict[int, Matrix] = {
    1: (
        (0.86, 0.00, 0.02, 0.01, 0.00, 0.00, 0.10, 0.00, 0.01, 0.00),
        (0.00, 0.98, 0.00, 0.01, 0.00, 0.00, 0.01, 0.00, 0.00, 0.00),
        (0.01, 0.00, 0.89, 0.01, 0.04, 0.00, 0.05, 0.00, 0.00, 0.00),
        (0.01, 0.01, 0.01, 0.91, 0.01, 0.00, 0.04, 0.00, 0.00, 0.00),
        (0.00, 0.00, 0.06, 0.04, 0.79, 0.00, 0.10, 0.00, 0.00, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.99, 0.00, 0.01, 0.00, 0.00),
        (0.10, 0.00, 0.07, 0.02, 0.05, 0.00, 0.75, 0.00, 0.01, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.01, 0.00, 0.96, 0.00, 0.03),
        (0.01, 0.00, 0.01, 0.00, 0.00, 0.00, 0.01, 0.00, 0.97, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.01, 0.00, 0.03, 0.00, 0.96),
    ),
    2: (
        (0.78, 0.00, 0.02, 0.06, 0.00, 0.00, 0.11, 0.00, 0.02, 0.00),
        (0.01, 0.94, 0.01, 0.04, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
        (0.01, 0.00, 0.71, 0.01, 0.14, 0.00, 0.13, 0.00, 0.01, 0.00),
        (0.03, 0.01, 0.01, 0.85, 0.03, 0.00, 0.07, 0.00, 0.00, 0.00),
        (0.00, 0.00, 0.18, 0.04, 0.66, 0.00, 0.10, 0.00, 0.01, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.91, 0.00, 0.06, 0.01, 0.03),
        (0.18, 0.00, 0.16, 0.04, 0.12, 0.00, 0.47, 0.00, 0.03, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.03, 0.00, 0.92, 0.00, 0.06),
        (0.00, 0.00, 0.01, 0.01, 0.00, 0.01, 0.03, 0.00, 0.94, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.01, 0.00, 0.05, 0.00, 0.94),
    ),
    3: (
        (0.83, 0.00, 0.04, 0.03, 0.01, 0.00, 0.08, 0.00, 0.01, 0.00),
        (0.00, 0.97, 0.00, 0.02, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
        (0.01, 0.00, 0.82, 0.01, 0.07, 0.00, 0.08, 0.00, 0.00, 0.00),
        (0.02, 0.01, 0.02, 0.88, 0.04, 0.00, 0.04, 0.00, 0.00, 0.00),
        (0.00, 0.00, 0.09, 0.02, 0.80, 0.00, 0.08, 0.00, 0.00, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.96, 0.00, 0.02, 0.00, 0.01),
        (0.15, 0.00, 0.10, 0.02, 0.09, 0.00, 0.62, 0.00, 0.02, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.02, 0.00, 0.95, 0.00, 0.03),
        (0.00, 0.00, 0.01, 0.00, 0.01, 0.00, 0.00, 0.01, 0.97, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.01, 0.00, 0.05, 0.00, 0.95),
    ),
    4: (
        (0.74, 0.00, 0.03, 0.10, 0.03, 0.02, 0.06, 0.00, 0.01, 0.00),
        (0.01, 0.87, 0.00, 0.07, 0.01, 0.02, 0.03, 0.00, 0.00, 0.00),
        (0.03, 0.01, 0.41, 0.02, 0.20, 0.03, 0.27, 0.00, 0.03, 0.00),
        (0.05, 0.02, 0.02, 0.77, 0.03, 0.05, 0.06, 0.00, 0.01, 0.00),
        (0.01, 0.00, 0.12, 0.08, 0.61, 0.01, 0.15, 0.00, 0.01, 0.00),
        (0.00, 0.01, 0.00, 0.01, 0.00, 0.73, 0.00, 0.18, 0.01, 0.06),
        (0.21, 0.00, 0.14, 0.07, 0.18, 0.05, 0.31, 0.00, 0.03, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.07, 0.00, 0.83, 0.00, 0.10),
        (0.01, 0.00, 0.01, 0.03, 0.02, 0.03, 0.05, 0.02, 0.83, 0.00),
        (0.00, 0.00, 0.00, 0.00, 0.00, 0.01, 0.01, 0.04, 0.00, 0.94),
    ),
}
# The mean of the matrices' diagonals, which is the test accuracy, since all classes have 1,000 test images.
# The text's "over 90 %", "about 80 %" and so on are of its curves of training and validation accuracy.
ACCURACY = {1: 0.906, 2: 0.812, 3: 0.875, 4: 0.704}
MATRICES = {1: "9 (a)", 2: "9 (b)", 3: "9 (c)", 4: "9 (d)"}

BASE = read_spec(
    {
        "architecture": "conv_autoencoder",
        "hidden_sizes": (64,),
        "dropout": 0.2,
        "learning_rate": 1e-3,
        "batch_size": 100,
        "epochs": 30,
        "patience": 5,
    }
)
CLASSIFIER = read_spec(
    {
        "architecture": "encoder_classifier",
        "hidden_sizes": (64,),
        "dropout": 0.1,
        "learning_rate": 1e-3,
        "batch_size": 100,
        "epochs": 30,
        "patience": 5,
    }
)
PRE_TRAINED, RANDOM = {"origin": "model", "id": "r4-p0.1"}, {"origin": "random"}
CASES = {
    1: {**PRE_TRAINED, "frozen": False},
    2: {**PRE_TRAINED, "frozen": True},
    3: {**RANDOM, "frozen": False},
    4: {**RANDOM, "frozen": True},
}


def _case(number: int) -> Experiment:
    return Experiment(
        f"r4-case{number}",
        CLASSIFIER.changed(encoder=CASES[number]),
        (Published("test_accuracy", ACCURACY[number], in_figure("R4", MATRICES[number]), decimals=3),),
        CONFUSION[number],
        shipped=True,
    )


def _varied(id: str, **settings: Any) -> Experiment:
    return Experiment(id, BASE.changed(**settings))


AUTOENCODERS = (
    Experiment("r4-base", BASE, shipped=True),
    _varied("r4-n32", hidden_sizes=[32]),
    _varied("r4-n128", hidden_sizes=[128]),
    Experiment("r4-p0.1", BASE.changed(dropout=0.1), shipped=True),
    _varied("r4-p0.5", dropout=0.5),
    _varied("r4-sgd", optimizer="sgd"),
    _varied("r4-lr0.01", learning_rate=0.01),
    _varied("r4-lr0.0001", learning_rate=0.0001),
    _varied("r4-batch50", batch_size=50),
    _varied("r4-batch150", batch_size=150),
)
CLASSIFIERS = tuple(_case(number) for number in CASES)

REPORT = Report(
    id="R4",
    title=Sentence("Convolutional autoencoder and transfer"),
    year=2025,
    asked=Sentence(
        "What decides how well a convolutional autoencoder learns, and how much does its encoder help a "
        "classifier: pre-trained or random, trained on or frozen?"
    ),
    experiments=(*AUTOENCODERS, *CLASSIFIERS),
    studies=(
        Study(Sentence("Hidden size"), ("hidden_sizes",), ("r4-n32", "r4-base", "r4-n128")),
        Study(Sentence("Dropout"), ("dropout",), ("r4-p0.1", "r4-base", "r4-p0.5")),
        Study(Sentence("Optimizer"), ("optimizer",), ("r4-base", "r4-sgd")),
        Study(Sentence("Learning rate"), ("learning_rate",), ("r4-lr0.01", "r4-base", "r4-lr0.0001")),
        Study(Sentence("Batch size"), ("batch_size",), ("r4-batch50", "r4-base", "r4-batch150")),
        Study(
            Sentence("Four ways to start a classifier"),
            ("encoder",),
            tuple(case.id for case in CLASSIFIERS),
        ),
    ),
    open_points=(
        OpenPoint(
            Sentence("The number of epochs, and how long early stopping waits, are not given."),
            Sentence(
                "At most 30 epochs, as in R2, and a patience of 5. With that the base model ended after 14 "
                "epochs in a first measurement, and its best weights were those of epoch 9. The classifiers "
                "train by the same rule."
            ),
        ),
        OpenPoint(
            Sentence("The split into training and validation images is not given."),
            Sentence("50,000 and 10,000, as in R2."),
        ),
        OpenPoint(
            Sentence("The study of the autoencoder is told in figures, without numbers."),
            Sentence("Its claims are put to the test; there is nothing to set beside our figures."),
            tuple(e.id for e in AUTOENCODERS),
        ),
    ),
)
