"""What may explain R2's figures: our errors are 24 to 66 % lower, and without pooling twice as high."""

from fmnist_core.replication.hypotheses.common_changes import (
    ALL_IMAGES,
    FASTER,
    FEW_IMAGES,
    LARGER_BATCHES,
    MEASURED,
    NO_DROPOUT,
    OF_LAST_BATCHES,
    SLOWER,
    STANDARD,
    SYMMETRIC,
)
from fmnist_core.replication.hypotheses.hypothesis import Hypothesis, Study
from fmnist_core.replication.hypotheses.measures import DROPOUT_ON
from fmnist_core.replication.recipes.r2 import BY_DROPOUT, BY_POOLING, BY_RATE, BY_SIZE
from fmnist_core.sentences import Sentence

OUTPUT = {"architecture": "conv_autoencoder_output_dropout"}
OUTPUT_DROPOUT = Hypothesis("output-dropout", Sentence("dropout stood at the output, too"), OUTPUT)
OUTPUT_DROPOUT_ON = Hypothesis(
    "output-dropout",
    Sentence("dropout stood at the output, too, and was left on while the figure was taken"),
    OUTPUT,
    DROPOUT_ON,
    changes=2,
)
TWO_SIGMOIDS = Hypothesis(
    "two-sigmoids",
    Sentence("a sigmoid stood behind the first transposed convolution"),
    {"architecture": "conv_autoencoder_two_sigmoids"},
)
PADDED = Hypothesis(
    "padded",
    Sentence("convolutions were padded, and undone by kernels of 2"),
    {"architecture": "conv_autoencoder_padded"},
)
POOL_DROPOUT = Hypothesis(
    "pool-dropout",
    Sentence("dropout stood behind pooling"),
    {"architecture": "conv_autoencoder_pool_dropout"},
)
ENCODER_ONLY = Hypothesis(
    "encoder-unpooled",
    Sentence("pooling was taken out of the encoder only"),
    {"architecture": "conv_autoencoder_encoder_unpooled", "pooling": True},
)

LAYERS = (OUTPUT_DROPOUT, OUTPUT_DROPOUT_ON, TWO_SIGMOIDS, PADDED, POOL_DROPOUT)

STUDIES = (
    Study(
        "R2",
        "r2-sizes",
        Sentence("The autoencoders of several sizes"),
        (BY_SIZE,),
        ("r2-n128", "r2-n512"),
        (*LAYERS, STANDARD, OF_LAST_BATCHES, *MEASURED),
        rest=("r2-n64", "r2-n256"),
    ),
    Study(
        "R2",
        "r2-dropouts",
        Sentence("The autoencoders of several dropouts and rates"),
        (BY_DROPOUT, BY_RATE),
        ("r2-p0.05", "r2-n128"),
        (
            *LAYERS,
            SYMMETRIC,
            STANDARD,
            FASTER,
            SLOWER,
            LARGER_BATCHES,
            FEW_IMAGES,
            ALL_IMAGES,
            OF_LAST_BATCHES,
            *MEASURED,
        ),
        left_aside=(0.20,),
        rest=("r2-p0.1", "r2-p0.15", "r2-lr0.01", "r2-lr0.0001"),
    ),
    Study(
        "R2",
        "r2-unpooled",
        Sentence("The autoencoder without pooling"),
        (BY_POOLING,),
        ("r2-unpooled",),
        (ENCODER_ONLY, NO_DROPOUT, OF_LAST_BATCHES, *MEASURED),
    ),
)
