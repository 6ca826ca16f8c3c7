"""The claims of R1, on a feed-forward autoencoder."""

from datetime import date

from fmnist_core.replication.claims.claim import (
    ADDED_LATE,
    SAME_LOSS,
    Chosen,
    Claim,
    Curves,
    Points,
    Quote,
    between,
    falling,
    lower,
    ranked,
    under,
)
from fmnist_core.replication.claims.quantities import RELATIVE_GAP, RISE, RISES, STEEP_END, TEST_LOSS
from fmnist_core.replication.recipes.sources import beside_figure
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
        (
            Quote(
                "a medida que aumenta el tamaño de la capa intermedia el error va disminuyendo",
                beside_figure("R1", "10"),
            ),
        ),
    ),
    Claim(
        "C2",
        ("R1",),
        Sentence("The steep part of the curve ends sooner as the hidden layer grows."),
        Sentence(
            "The steep part ends where the curve of the test error lies farthest under the straight line "
            "from its first epoch to its last. That must come sooner at each of the sizes 128, 256 and 512 "
            "than at the size before it. Another definition may decide otherwise."
        ),
        ("hidden_sizes",),
        ranked(STEEP_END, SIZES),  # their epochs scatter by very different amounts
        (Points(STEEP_END, SIZES), Curves(("test_loss",), SIZES)),
        (
            Quote(
                "desciende abruptamente hasta las primeras 25 épocas aproximadamente",
                beside_figure("R1", "2"),
            ),
            Quote("abruptamente hasta la época 10 aproximadamente", beside_figure("R1", "8")),
        ),
        (
            Chosen(
                Sentence(
                    "Where the steep part ends. First it was where 90 % of the fall is done: at epoch 115 in "
                    "the first runs, where the report says 25."
                ),
                date(2026, 11, 21),
            ),
        ),
        planned_seeds=8,
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
        (Quote("la función error del entrenamiento y del testeo son similares", beside_figure("R1", "2")),),
    ),
    Claim(
        "C4",
        ("R1",),
        Sentence("No dropout, batches of 100 and 300 epochs lower the error further, at every size."),
        Sentence("At every size the longer training must have the lower test error."),
        ("hidden_sizes", "epochs"),
        tuple(lower(TEST_LOSS, long, size) for long, size in zip(LONG, SIZES, strict=True)),
        (Points(TEST_LOSS, SIZES + LONG),),
        (Quote("al ajustar algunos hiperparámetros el error disminuye aún más", beside_figure("R1", "11")),),
    ),
    Claim(
        "C30",
        ("R1",),
        Sentence("The training error lies slightly above the test error, at every size."),
        Sentence(
            "At every size the test error must lie under the training error at the end, by less than 5 %; "
            "both with dropout off, and as means of three epochs. Ours is taken on 10,000 of the training "
            "images, always the same."
        ),
        ("hidden_sizes",),
        tuple(between(RELATIVE_GAP, size, -SAME_LOSS, 0.0) for size in SIZES),
        (Points(RELATIVE_GAP, SIZES), Curves(("train_loss_eval", "test_loss"), SIZES)),
        (Quote("la curva de entrenamiento es levemente mayor a la de testeo", beside_figure("R1", "8")),),
        (ADDED_LATE,),
    ),
)
