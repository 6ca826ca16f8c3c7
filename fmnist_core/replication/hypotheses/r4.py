"""What may explain R4's third case: trained with the rest, a random encoder reaches 91 % here, not 87.5 %."""

from fmnist_core.replication.hypotheses.common_changes import (
    FASTER,
    FEW_IMAGES,
    LARGER_BATCHES,
    MEASURED,
    SLOWER,
    STANDARD,
    SYMMETRIC,
)
from fmnist_core.replication.hypotheses.hypothesis import ENCODER, Hypothesis, Study, Times
from fmnist_core.replication.recipes.r4 import MATRICES
from fmnist_core.replication.recipes.sources import in_figure
from fmnist_core.sentences import Sentence

IMPATIENT = Hypothesis("patience-1", Sentence("early stopping waited for one epoch"), {"patience": 1})
MORE_DROPOUT = Hypothesis("dropout-2", Sentence("dropout was twice as large"), {"dropout": Times(2)})
SMALLER = Hypothesis("n-32", Sentence("the hidden layer had 32 units"), {"hidden_sizes": (32,)})
POOL_DROPOUT = Hypothesis(
    "pool-dropout",
    Sentence("dropout stood behind pooling"),
    {f"{ENCODER}architecture": "conv_autoencoder_pool_dropout"},
)
FIVE_EPOCHS = Hypothesis("5-epochs", Sentence("training ended after 5 epochs"), {"epochs": 5})

STUDY = Study(
    "R4",
    "r4-random",
    Sentence("The classifiers on a random encoder"),
    (in_figure("R4", MATRICES[3]), in_figure("R4", MATRICES[4])),
    ("r4-case3", "r4-case4"),
    (
        IMPATIENT,
        MORE_DROPOUT,
        SMALLER,
        POOL_DROPOUT,
        FIVE_EPOCHS,
        SLOWER,
        FASTER,
        LARGER_BATCHES,
        FEW_IMAGES,
        SYMMETRIC,
        STANDARD,
        *MEASURED,
    ),
    finalists=("patience-1",),
)
