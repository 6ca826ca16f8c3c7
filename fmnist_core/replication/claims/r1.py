"""The claims of R1, on a feed-forward autoencoder."""

from fmnist_core.replication.claims.claim import (
    SAME_LOSS,
    Claim,
    Curves,
    Points,
    between,
    falling,
    lower,
    under,
)
from fmnist_core.replication.claims.quantities import RELATIVE_GAP, RISE, RISES, STEEP_END, TEST_LOSS
from fmnist_core.sentences import Sentence

SIZES = ("r1-n64", "r1-n128", "r1-n256", "r1-n512")
LONG = ("r1-long-n64", "r1-long-n128", "r1-long-n256", "r1-long-n512")

CLAIMS = (
    Claim(
        "C1",
        ("R1",),
        Sentence("The test error of the feed-forward autoencoder falls as its hidden layer grows."),
        Sentence("Each of the sizes 128, 256 and 512 must have a lower test error than the size before it."),
        ("hidden_sizes",),
        falling(TEST_LOSS, SIZES),
        (Points(TEST_LOSS, SIZES),),
    ),
    Claim(
        "C2",
        ("R1",),
        Sentence("The steep part of the curve ends sooner as the hidden layer grows."),
        Sentence(
            "The steep part ends where the curve of the test error lies farthest under the straight line "
            "from its first epoch to its last. That must come sooner at each of the sizes 128, 256 and 512 "
            "than at the size before it. This definition was chosen after the first runs; another one may "
            "decide otherwise."
        ),
        ("hidden_sizes",),
        falling(STEEP_END, SIZES),
        (Points(STEEP_END, SIZES), Curves(("test_loss",), SIZES)),
    ),
    Claim(
        "C3",
        ("R1",),
        Sentence("Training and test curves stay together: no overfitting in 200 epochs at dropout 0.1."),
        Sentence(
            "At every size two things must hold at the end: test and training error differ by less than "
            "5 %, and the test error has risen by less than 5 % above its lowest. Both are means of three "
            "epochs."
        ),
        ("hidden_sizes",),
        (
            *(between(RELATIVE_GAP, size, -SAME_LOSS, SAME_LOSS) for size in SIZES),
            *(under(RISE, size, RISES) for size in SIZES),
        ),
        (Curves(("train_loss_eval", "test_loss"), SIZES),),
    ),
    Claim(
        "C4",
        ("R1",),
        Sentence("No dropout, batches of 100 and 300 epochs lower the error further, at every size."),
        Sentence("At every size the longer training must have the lower test error."),
        ("hidden_sizes", "epochs"),
        tuple(lower(TEST_LOSS, long, size) for long, size in zip(LONG, SIZES, strict=True)),
        (Points(TEST_LOSS, SIZES + LONG),),
    ),
)
