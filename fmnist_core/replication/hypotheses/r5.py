"""What may explain R5: our first model does better than 83 %, our second and third worse than 87 and 90 %."""

from fmnist_core.replication.hypotheses.common_changes import (
    ALL_IMAGES,
    FASTER,
    MEASURED,
    SLOWER,
    SMALLER_BATCHES,
    STANDARD,
    SYMMETRIC,
)
from fmnist_core.replication.hypotheses.hypothesis import Hypothesis, Study
from fmnist_core.replication.recipes.sources import beside_figure
from fmnist_core.sentences import Sentence

POOL_DROPOUT = Hypothesis(
    "pool-dropout",
    Sentence("dropout stood behind pooling"),
    {"architecture": "conv_classifier_pool_dropout"},
)
ONE_DROPOUT = Hypothesis(
    "one-dropout",
    Sentence("dropout stood behind the layer of 600 only"),
    {"architecture": "conv_classifier_one_dropout"},
)
LINEAR_HIDDEN = Hypothesis(
    "linear-hidden",
    Sentence("dropout stood behind the layer of 600 only, and no ReLU between the hidden layers"),
    {"architecture": "conv_classifier_linear_hidden"},
    changes=2,
)

STUDY = Study(
    "R5",
    "r5-models",
    Sentence("The first two convolutional models"),
    (beside_figure("R5", "3"), beside_figure("R5", "4"), beside_figure("R5", "5")),
    ("r5-1", "r5-2"),
    (
        FASTER,
        SLOWER,
        POOL_DROPOUT,
        ONE_DROPOUT,
        LINEAR_HIDDEN,
        SYMMETRIC,
        STANDARD,
        ALL_IMAGES,
        SMALLER_BATCHES,
        *MEASURED,
    ),
    rest=("r5-3",),
    finalists=("rate-10",),
)
