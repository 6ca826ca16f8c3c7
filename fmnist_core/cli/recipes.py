"""`python -m fmnist_core recipes`: lists the reports' experiments, or prints the spec of one, for `train`."""

from __future__ import annotations

import argparse

from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.sentences import LabError, Sentence


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="an experiment, such as r1-n64")
    parser.set_defaults(command=command)


def command(chosen: argparse.Namespace) -> int:
    """Raises `LabError` for the name of an experiment that there is not."""
    if chosen.id is None:
        for report in REPORTS.values():
            print(f"{report.id}  {report.title}")
            for experiment in report.experiments:
                spec = experiment.spec
                print(f"  {experiment.id:26} {spec.architecture}, {spec.epochs} epochs")
        return 0
    if chosen.id not in EXPERIMENTS:
        raise LabError(
            Sentence("There is no recipe “{id}”. All of them: python -m fmnist_core recipes", id=chosen.id)
        )
    print(EXPERIMENTS[chosen.id].spec.to_json())
    return 0
