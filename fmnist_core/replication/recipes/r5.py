"""R5: a convolutional classifier against one with a single hidden layer."""

from fmnist_core.replication.recipes.report import Experiment, OpenPoint, Published, Relation, Report, Study
from fmnist_core.replication.recipes.sources import beside_figure
from fmnist_core.sentences import Sentence
from fmnist_core.spec import read_spec

BASE = read_spec(
    {
        "architecture": "conv_classifier",
        "hidden_sizes": (600, 120),
        "dropout": 0.25,
        "learning_rate": 1e-3,
        "batch_size": 64,
        "epochs": 5,
    }
)
PLAIN = read_spec(
    {"architecture": "ff_classifier", "hidden_sizes": (2048,), "dropout": 0.25, "learning_rate": 1e-3}
)
SLOW = BASE.changed(learning_rate=1e-5, batch_size=1000, epochs=30)


def _accuracy(value: float, relation: Relation, figure: str) -> tuple[Published, ...]:
    return (Published("test_accuracy", value, beside_figure("R5", figure), relation, 2),)


CONVOLUTIONAL = (
    Experiment("r5-1", BASE, _accuracy(0.83, "≈", "3"), shipped=True),
    Experiment("r5-2", SLOW, _accuracy(0.87, "≈", "4"), shipped=True),
    Experiment("r5-3", SLOW.changed(epochs=100), _accuracy(0.90, ">", "5"), continues="r5-2", shipped=True),
)
ONE_LAYER = (
    Experiment("r5-plain-n2048", PLAIN.changed(batch_size=500, epochs=100), shipped=True),
    Experiment("r5-plain-n512", PLAIN.changed(hidden_sizes=[512], batch_size=1000, epochs=40), shipped=True),
)

REPORT = Report(
    id="R5",
    title=Sentence("Convolutional classifier against a plain one"),
    year=None,
    asked=Sentence(
        "Do convolutions tell garments apart better than one wide hidden layer, and which learning rate, "
        "batch size and number of epochs train them best?"
    ),
    experiments=(*CONVOLUTIONAL, *ONE_LAYER),
    studies=(
        Study(
            Sentence("Convolutional: three models"),
            ("learning_rate", "batch_size", "epochs"),
            tuple(e.id for e in CONVOLUTIONAL),
        ),
        Study(
            Sentence("One hidden layer: two models"),
            ("hidden_sizes", "batch_size", "epochs"),
            tuple(e.id for e in ONE_LAYER),
        ),
    ),
    open_points=(
        OpenPoint(
            Sentence("The padding of the convolutions is not given."),
            Sentence(
                "The first is padded and the second is not, which leaves 64 images of 6 × 6 pixels, 2,304 "
                "numbers, ahead of the hidden layers of 600 and 120."
            ),
            tuple(e.id for e in CONVOLUTIONAL),
        ),
        OpenPoint(
            Sentence("The dropout of the networks with one hidden layer is not given."),
            Sentence("0.25, as in the convolutional ones."),
            tuple(e.id for e in ONE_LAYER),
        ),
        OpenPoint(
            Sentence("The split into training and validation images is not given."),
            Sentence("50,000 and 10,000, as in R2."),
        ),
    ),
)
