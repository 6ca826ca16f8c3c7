"""What may explain the figures of R3's first model: ours are a loss of 0.78 for 0.51, and 69 % for 81 %."""

from fmnist_core.replication.hypotheses.common_changes import (
    ALL_IMAGES,
    FASTER,
    MEASURED,
    NO_DROPOUT,
    SMALLER_BATCHES,
    STANDARD,
    SYMMETRIC,
)
from fmnist_core.replication.hypotheses.hypothesis import Hypothesis, Study
from fmnist_core.replication.recipes.r3 import TABLE
from fmnist_core.sentences import Sentence

ALL = ALL_IMAGES.settings
MOMENTUM = Hypothesis("momentum", Sentence("SGD had momentum 0.9"), {"momentum": 0.9})
SQUARED = Hypothesis("mse", Sentence("the loss was the mean squared error"), {"loss": "mse"})
STANDARD_ALL = Hypothesis(
    "standard-60000",
    Sentence("images went in with mean 0 and standard deviation 1, all 60,000 of them"),
    {**STANDARD.settings, **ALL},
    changes=2,
)
SYMMETRIC_ALL = Hypothesis(
    "symmetric-60000",
    Sentence("images went in scaled to [−1, 1], all 60,000 of them"),
    {**SYMMETRIC.settings, **ALL},
    changes=2,
)
STANDARD_UNDROPPED = Hypothesis(
    "standard-no-dropout",
    Sentence("images went in with mean 0 and standard deviation 1, and there was no dropout"),
    {**STANDARD.settings, **NO_DROPOUT.settings},
    changes=2,
)
BATCH_64 = Hypothesis("batch-64", Sentence("batches had 64 images"), {"batch_size": 64})
BATCH_32 = Hypothesis("batch-32", Sentence("batches had 32 images"), {"batch_size": 32})

STUDY = Study(
    "R3",
    "r3-models",
    Sentence("The first two models"),
    (TABLE,),
    ("r3-1", "r3-2"),
    (
        SYMMETRIC,
        STANDARD,
        ALL_IMAGES,
        STANDARD_ALL,
        SYMMETRIC_ALL,
        STANDARD_UNDROPPED,
        MOMENTUM,
        FASTER,
        SMALLER_BATCHES,
        BATCH_64,
        BATCH_32,
        NO_DROPOUT,
        SQUARED,
        *MEASURED,
    ),
    rest=("r3-3",),
    finalists=("standard", "standard-60000"),
)
