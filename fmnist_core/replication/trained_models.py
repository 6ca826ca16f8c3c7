"""The trained models that the project ships: out of `verify`'s work folder, with a table of how they came.

Each is the very run that the evidence speaks of. What is shipped already and has not changed stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.data import fashion_mnist, shipped_models
from fmnist_core.data.checksums import SUMS
from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.replication.evidence.plan import Trial
from fmnist_core.replication.evidence.records import Record
from fmnist_core.replication.evidence.work_folder import WEIGHTS, WorkFolder
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.naming import name
from fmnist_core.sentences import LabError, Sentence, loss_text, share_text
from fmnist_core.store import run_folder

SEED = 0
MOST_BYTES = 40_000_000
METRICS = "metrics.json"
COPIED = ("history.json", METRICS, "film.npz")
TITLE = "## The reports' models"
TEXT = """
The base models of the five reports' experiments at full length, by the names of the recipes (`python -m
fmnist_core recipes`), written by `python -m fmnist_core verify --export`. Large tensors are stored as
float16 where the recorded figures on the test images then stay as they are, to within 0.00005 of the loss
and 5 of the 10,000 images; else, as all small ones, as float32.
"""


class ShippingError(LabError):
    """A model that cannot be shipped."""


def export(work_folder: WorkFolder, records: Iterable[Record], target: Path) -> list[str]:
    """Ships what there is, writes the table, and says in a line each what was done.

    Raises `ShippingError`, `DataError` or `FolderError`.
    """
    dataset = fashion_mnist.load(strict=True)
    if not dataset.is_full:
        raise ShippingError(
            Sentence(
                "Models are shipped with their figures on the full data, which is not here. Fetch it: "
                "python -m fmnist_core data"
            )
        )
    known = {(record.experiment, record.seed): record for record in records}
    shipped = [e.id for e in EXPERIMENTS.values() if e.shipped]
    lines = []
    for id in shipped:
        record = known.get((id, SEED))
        if record is None or not (work_folder.folder(Trial(id, SEED)) / WEIGHTS).exists():
            shipped_before = (target / id / "spec.json").exists()
            lines.append(f"{id:20} {'shipped before' if shipped_before else 'not trained yet'}")
            continue
        _ship(work_folder, record, target / id, dataset)
        lines.append(f"{id:20} {_size(target / id) / 1e6:.2f} MB, {_kind(target / id)}, {_figure(record)}")
    _write_table(target, [known[id, SEED] for id in shipped if (id, SEED) in known])
    total = _size(target)
    if total > MOST_BYTES:
        raise ShippingError(
            Sentence(
                "Together the models take {total} MB; they may take {most}.",
                total=round(total / 1e6, 1),
                most=MOST_BYTES // 1_000_000,
            )
        )
    return [*lines, f"{total / 1e6:.1f} MB together, in {target}"]


def _ship(work_folder: WorkFolder, record: Record, target: Path, dataset: Dataset) -> None:
    """The folder of a finished run, spec.json last, since that makes a model of it."""
    from fmnist_core.nets.tools import half_precision  # torch, which nothing else here needs
    from fmnist_core.nets.worker import trial_run  # torch, which nothing else here needs

    source, spec = work_folder.folder(Trial(record.experiment, SEED)), record.spec
    weights = run_folder.read(source, WEIGHTS)
    if trial_run.fingerprint(weights) != record.weights:
        raise ShippingError(
            Sentence(
                "The weights in {folder} are not those of which the evidence speaks. Train that run again: "
                "remove the folder and its line of evidence.",
                folder=str(source),
            )
        )
    if record.test_loss is None:
        raise ShippingError(
            Sentence(
                "The run of {experiment} diverged: it is no model to ship.", experiment=record.experiment
            )
        )
    small = half_precision.halved(weights, spec, record.test_loss, record.test_accuracy, dataset)
    files = {WEIGHTS: small} | {name: run_folder.read(source, name) for name in COPIED}
    files[METRICS] = run_folder.json_bytes(json.loads(files[METRICS]) | {"hardware": [record.trained_on]})
    for file, content in (files | {"spec.json": spec.to_json().encode()}).items():
        if not (target / file).exists() or (target / file).read_bytes() != content:
            run_folder.replace(target / file, content)


def _write_table(target: Path, records: Iterable[Record]) -> None:
    """In README.md, in place of the one that was there; what stands above its title is a person's.

    Beside it the checksums of all files.
    """
    readme = target / "README.md"
    text = readme.read_text("utf-8") if readme.exists() else "# Trained models\n"
    above = text.partition(TITLE)[0].rstrip()
    rows = [_row(record, target) for record in records if (target / record.experiment / "spec.json").exists()]
    table = ["| model | network | how it was made | test |", "|---|---|---|---|", *rows]
    content = "\n".join([above, "", TITLE, TEXT, *table, ""])
    for file, before, now in (
        (readme.name, text, content),
        (SUMS, shipped_models.written_sums(target), shipped_models.sums(target)),
    ):
        if now != before:
            run_folder.replace(target / file, now.encode())


def _row(record: Record, target: Path) -> str:
    spec = record.spec
    settings = ["hidden_sizes", "dropout", "optimizer", "learning_rate", "batch_size", "epochs"]
    settings += ["encoder"] if spec.encoder else []
    settings += [] if spec.pooling else ["pooling"]
    architecture = ARCHITECTURES[spec.architecture].in_sentence
    network = f"{architecture}: {name(EXPERIMENTS[record.experiment], settings)}"
    ended = f"; early stopping after {record.epochs} epochs kept epoch {record.best_epoch}"
    made = (
        f"`python -m fmnist_core verify --experiments {record.experiment} --seeds 1`, seed {record.seed}, "
        f"{record.trained_on}, {_kind(target / record.experiment)}"
        f"{ended if record.reason == 'early_stopping' else ''}"
    )
    return f"| `{record.experiment}` | {network} | {made} | {_figure(record)} |"


def _figure(record: Record) -> str:
    if record.test_accuracy is not None:
        return f"accuracy {share_text(record.test_accuracy)}"
    return "diverged" if record.test_loss is None else f"MSE {loss_text(record.test_loss)}"


def _kind(folder: Path) -> str:
    """In which numbers the weights are stored, by the header of their file."""
    content = (folder / WEIGHTS).read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    kinds = {tensor["dtype"] for name, tensor in header.items() if name != "__metadata__"}
    return "float16" if "F16" in kinds else "float32"


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
