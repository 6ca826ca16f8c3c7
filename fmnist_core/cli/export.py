"""`fmnist-lab export RUN --to FORMAT`: a run, a sweep or a shipped model, as a zip."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path

from fmnist_core.data import shipped_models
from fmnist_core.exports.exported_run import (
    ExportedRun,
    ExportError,
    of_run,
    of_runs,
    of_shipped_model,
)
from fmnist_core.exports.formats import package
from fmnist_core.own_report.run_report import RUN_FORMATS
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.store import run_folder
from fmnist_core.store.runs import RunNotFound, Store
from fmnist_core.store.sweeps import SweepNotFound, Sweeps


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", metavar="RUN", help="the id of a run or a sweep, as in its link, or a shipped model's name"
    )
    parser.add_argument("--to", required=True, choices=list(RUN_FORMATS), help="what to make of it")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the zip; else RUN-FORMAT.zip, here")
    parser.set_defaults(command=command)


def command(chosen: argparse.Namespace) -> int:
    """Writes the zip and says where. Raises `LabError`; a file that is there already stays as it is."""
    out = chosen.out or Path(f"{Path(chosen.run).name}-{chosen.to}.zip")
    if out.exists():
        raise ExportError(Sentence("{file} is there already. Name another with --out.", file=str(out)))
    run_folder.replace(out, package(_runs(chosen.run), RUN_FORMATS[chosen.to], str, "en"))
    print(Sentence("Written: {file}", file=str(out)))
    return 0


def _runs(name: str) -> list[ExportedRun]:
    if name in shipped_models.names():
        return [of_shipped_model(name)]
    store = Store()
    try:
        with suppress(RunNotFound):
            return [of_run(store, name)]
        members = Sweeps(store).sweep(name).members
        return of_runs(store, [member.run_id for member in members if member.run_id is not None])
    except SweepNotFound as error:
        raise LabError(
            Sentence(
                "There is no run, no sweep and no trained model “{name}”. An id stands in its link, behind "
                "“run=” or “sweep=”; the models: {models}.",
                name=name[:80],
                models=", ".join(shipped_models.names()),
            )
        ) from error
    finally:
        store.close()
