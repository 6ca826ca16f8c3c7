"""A run's curves as a TensorBoard event file: a point an epoch, at the second of training when it ended."""

from __future__ import annotations

import io

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from fmnist_core.exports.exported_run import ExportedRun

NAME = "events.out.tfevents.fmnist-lab"  # TensorBoard looks for the middle
# By TensorBoard's groups, which stand one below the other.
CURVES = {
    "loss/training, with dropout": "train_loss",
    "loss/training": "train_loss_eval",
    "loss/validation": "validation_loss",
    "accuracy/training": "train_accuracy",
    "accuracy/validation": "validation_accuracy",
    "learning rate": "learning_rate",
}
RESULTS = {"loss/test": "test_loss", "accuracy/test": "test_accuracy"}


def event_file(run: ExportedRun) -> bytes:
    """TensorBoard's step is the epoch here, and its clock the seconds of training."""
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=0.0, file_version="brain.Event:2").SerializeToString())
    seconds = 0.0
    for epoch in run.epochs:
        seconds += epoch.seconds
        points = {name: getattr(epoch, field) for name, field in CURVES.items()}
        writer.write(_event(points, epoch.epoch, seconds))
    results = {name: run.results.get(field) for name, field in RESULTS.items()}
    writer.write(_event(results, run.trained_epochs, seconds))
    return file.getvalue()


def _event(points: dict[str, float | None], epoch: int, seconds: float) -> bytes:
    values = [
        Summary.Value(tag=name, simple_value=value) for name, value in points.items() if value is not None
    ]
    written: bytes = Event(wall_time=seconds, step=epoch, summary=Summary(value=values)).SerializeToString()
    return written
