"""Made-up evidence: records of experiments that never ran, with the figures and curves that a test wants."""

from collections.abc import Sequence

import numpy as np

from fmnist_core.replication.evidence.records import Record
from fmnist_core.replication.hypotheses import TRAINED
from fmnist_core.replication.recipes import EXPERIMENTS

PER_CLASS = 1000


def under(hypothesis: str, experiment: str, seed: int = 0, **fields) -> Record:
    """What came of an experiment of a report's under a hypothesis, by its id."""
    key = f"{experiment}+{hypothesis}"
    spec = TRAINED[key].spec.changed(seed=seed)
    return record(experiment, seed, **fields).model_copy(update={"experiment": key, "spec": spec})


def matrix(accuracy: float, confused: dict[tuple[int, int], int] | None = None) -> list[list[int]]:
    """Counts of 10,000 images: so many right, `confused[true, predicted]`, other mistakes spread evenly."""
    counts = np.zeros((10, 10), np.int64)
    for (true, predicted), images in (confused or {}).items():
        counts[true, predicted] = images
    wrong = round((1 - accuracy) * 10 * PER_CLASS) - counts.sum()
    assert wrong >= 0, "more confusions than mistakes"
    for k in range(wrong):
        true = k % 10
        counts[true, (true + 1 + k // 10 % 9) % 10] += 1
    np.fill_diagonal(counts, PER_CLASS - counts.sum(1))
    return counts.tolist()


def record(
    experiment: str,
    seed: int = 0,
    *,
    loss: float = 0.1,
    accuracy: float = 0.8,
    unseen: Sequence[float] | None = None,
    seen: Sequence[float] | None = None,
    accuracies: Sequence[float] | None = None,
    confused: dict[tuple[int, int], int] | None = None,
    diverged: bool = False,
    **fields,
) -> Record:
    """`unseen` is the loss by epoch on validation images (without them, on test images), `seen` the training
    loss, `accuracies` those on validation images.
    """
    spec = EXPERIMENTS[experiment].spec.changed(seed=seed)
    classifier = spec.task == "classifier"
    epochs = len(unseen or seen or accuracies or ()) or spec.epochs
    unseen = list(unseen or [loss] * epochs)
    history = {
        "train_loss": list(seen or unseen),
        "train_loss_eval": list(seen or unseen),
        "validation_loss" if spec.validation_size else "test_loss": unseen,
    }
    if classifier:
        history |= {name: list(accuracies or [accuracy] * epochs) for name in ("train_accuracy",)}
        history["validation_accuracy"] = list(accuracies or [accuracy] * epochs)
    counts = matrix(accuracy, confused) if classifier and not diverged else None
    values = {
        "experiment": experiment,
        "seed": seed,
        "spec": spec,
        "epochs": epochs,
        "reason": "diverged" if diverged else "epochs",
        "best_epoch": None,
        "history": history,
        "test_loss": None if diverged else loss,
        "test_accuracy": sum(counts[k][k] for k in range(10)) / 10_000 if counts else None,
        "confusion": counts,
        "seconds": 1.0,
        "hardware": "made up",
        "versions": {},
        "weights": "",
        "encoder": None,
    }
    return Record.model_validate(values | fields)
