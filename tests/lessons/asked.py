"""Small lessons' runs, and what is asked of them in each of the three forms."""

from fmnist_core.lessons.lesson import CurvePrediction, DirectionPrediction, LessonRun, OrderPrediction
from fmnist_core.spec import read_spec

RUNS = tuple(
    LessonRun(
        name=f"{size} numbers", spec=read_spec({"architecture": "ff_autoencoder", "hidden_sizes": [size]})
    )
    for size in (2, 8, 32)
)
NAMES = {run.name: run.name for run in RUNS}
ALONG_RUNS = CurvePrediction(form="curve", ask="Draw.", quantity="validation_loss", along="runs")
ALONG_EPOCHS = CurvePrediction(
    form="curve", ask="Draw.", quantity="validation_loss", along="epochs", of="8 numbers"
)
ORDER = OrderPrediction(form="order", ask="Rank.", quantity="validation_loss")
DIRECTION = DirectionPrediction(
    form="direction", ask="Choose.", quantity="validation_loss", of="32 numbers", than="2 numbers"
)
ASKED = {"runs": ALONG_RUNS, "epochs": ALONG_EPOCHS, "order": ORDER, "direction": DIRECTION}
