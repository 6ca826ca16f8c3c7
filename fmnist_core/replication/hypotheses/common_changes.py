"""Changes that may explain the figures of any report: of images, of optimizer steps, of what is measured."""

from fmnist_core.replication.hypotheses.hypothesis import Hypothesis, Times
from fmnist_core.replication.hypotheses.measures import (
    BEST_EPOCH,
    DROPOUT_ON,
    FIRST_EPOCH,
    HALFWAY,
    MEAN,
    TRAINING,
    WHILE_TRAINING,
)
from fmnist_core.sentences import Sentence

SYMMETRIC = Hypothesis("symmetric", Sentence("images went in scaled to [−1, 1]"), {"scaling": "symmetric"})
STANDARD = Hypothesis(
    "standard", Sentence("images went in with mean 0 and standard deviation 1"), {"scaling": "standard"}
)
ALL_IMAGES = Hypothesis(
    "60000",
    Sentence("all 60,000 images were trained on"),
    {"train_size": 60_000, "validation_size": 0},
)
FEW_IMAGES = Hypothesis("10000", Sentence("10,000 images were trained on"), {"train_size": 10_000})
FASTER = Hypothesis(
    "rate-10", Sentence("the learning rate was ten times larger"), {"learning_rate": Times(10)}
)
SLOWER = Hypothesis(
    "rate-0.1", Sentence("the learning rate was ten times smaller"), {"learning_rate": Times(0.1)}
)
LARGER_BATCHES = Hypothesis("batch-10", Sentence("batches were ten times larger"), {"batch_size": Times(10)})
SMALLER_BATCHES = Hypothesis(
    "batch-0.1", Sentence("batches were ten times smaller"), {"batch_size": Times(0.1)}
)
NO_DROPOUT = Hypothesis("no-dropout", Sentence("there was no dropout"), {"dropout": 0.0})

LEFT_ON = Hypothesis(
    "dropout-on", Sentence("dropout was left on while the figure was taken"), measure=DROPOUT_ON
)
OF_TRAINING = Hypothesis("training", Sentence("the figure was taken on training images"), measure=TRAINING)
OF_LAST_BATCHES = Hypothesis(
    "while-training",
    Sentence("the figure was the training’s own, over the last epoch’s batches with dropout on"),
    measure=WHILE_TRAINING,
)
OF_FIRST_EPOCH = Hypothesis(
    "first-epoch",
    Sentence("the figure was that of the first epoch, on validation images"),
    measure=FIRST_EPOCH,
)
OF_HALF = Hypothesis(
    "halfway", Sentence("the figure was that after half of the epochs, on validation images"), measure=HALFWAY
)
OF_BEST_EPOCH = Hypothesis(
    "best-epoch",
    Sentence("the figure was that of the best epoch, on validation images"),
    measure=BEST_EPOCH,
)
OF_ALL_EPOCHS = Hypothesis(
    "mean", Sentence("the figure was the mean over all epochs, on validation images"), measure=MEAN
)
MEASURED = (LEFT_ON, OF_TRAINING, OF_FIRST_EPOCH, OF_HALF, OF_BEST_EPOCH, OF_ALL_EPOCHS)
