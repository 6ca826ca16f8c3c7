"""`python -m fmnist_core verify`: trains what is missing of the evidence, on all cores, and goes on later.

The options and the printed lines. `evidence.plan` says what to run and in which order, `evidence.runner` runs
it, `cli.verdicts` prints what it decides, `trained_models` says which of the models are shipped.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from fmnist_core.cli.screenings import screened
from fmnist_core.cli.signals import interruptions
from fmnist_core.cli.verdicts import checked
from fmnist_core.compute import cluster
from fmnist_core.data import fashion_mnist, folders
from fmnist_core.replication import trained_models
from fmnist_core.replication.claims import CLAIMS
from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.plan import Planned, Trial, cost_of, plan
from fmnist_core.replication.evidence.records import Record
from fmnist_core.replication.evidence.runner import RunnerState, run_trials
from fmnist_core.replication.evidence.work_folder import WorkFolder
from fmnist_core.replication.hypotheses import FINALISTS, TRAINED
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.sentences import LabError, Sentence, duration_text, loss_text, share_text

Named = TypeVar("Named")
SEEDS = 3
QUIET_SECONDS = 300.0  # between lines of progress where nobody watches


def command(chosen: argparse.Namespace) -> int:
    """Exit code 0: done, or the time given is over; 1: a run failed; 130: interrupted.

    To list or check is done whatever is missing.
    """
    if chosen.hypotheses and (chosen.claims or chosen.export):
        raise LabError(Sentence("Hypotheses have no claims and no models: leave --claims and --export out."))
    experiments = TRAINED if chosen.hypotheses else EXPERIMENTS
    seeds = chosen.seeds or (1 if chosen.hypotheses else SEEDS)
    evidence = chosen.evidence or (records.SCREENED if chosen.hypotheses else records.SHIPPED)
    work_folder = WorkFolder(chosen.work or folders.home() / "verify", experiments)
    if chosen.renew:
        moved = records.set_aside(evidence, experiments)
        print(f"{moved} records are out of date and were set aside.", file=sys.stderr)
    wanted = selected(experiments, chosen.reports, chosen.claims, chosen.experiments)
    if chosen.check and chosen.hypotheses:
        print(screened(evidence, chosen.reports))
        return 0
    if chosen.check:
        print(checked(evidence, wanted, [_named(name, CLAIMS) for name in chosen.claims or ()]))
        return 0
    known = records.read(evidence, experiments, records.SCREENS if chosen.hypotheses else "verify")
    recorded = {Trial(r.experiment, r.seed) for r in known}
    if chosen.export:
        print("\n".join(trained_models.export(work_folder, known, chosen.export)))
        return 0

    def to_run() -> list[Planned]:
        missing = planned(work_folder, wanted, seeds, recorded)
        if chosen.hypotheses and chosen.seeds is None:
            finalists = [id for id in wanted if id in FINALISTS]
            more = planned(work_folder, finalists, SEEDS, recorded)
            missing += [step for step in more if step not in missing]
        return missing

    if chosen.list:
        missing = to_run()
        print(listing(missing, work_folder, chosen.workers or cluster.cores()))
        return 0
    with work_folder.alone():
        missing = to_run()
        if not missing:
            print("Nothing is missing.")
            return 0
        for step in missing:
            fashion_mnist.check(experiments[step.trial.experiment].spec, fashion_mnist.load(strict=True))
        return run(missing, work_folder, evidence, recorded, chosen.scheduler, chosen.workers, chosen.hours)


def selected(
    experiments: Mapping[str, Experiment],
    reports: Iterable[str] | None = None,
    claims: Iterable[str] | None = None,
    ids: Iterable[str] | None = None,
) -> list[str]:
    """The experiments of these reports and those behind these claims and these themselves; else all.

    Raises `LabError` for a name that there is not.
    """
    if reports is None and claims is None and ids is None:
        return list(experiments)
    ids_wanted: list[str] = []
    for name in reports or ():
        report = _named(name, REPORTS).id
        ids_wanted += [id for id in experiments if id.partition("-")[0] == report.lower()]
    for name in claims or ():
        ids_wanted += [id for id in _named(name, CLAIMS).experiments if id in experiments]
    for name in ids or ():
        ids_wanted.append(_named(name, experiments).id)
    return list(dict.fromkeys(ids_wanted))


def planned(work_folder: WorkFolder, wanted: list[str], seeds: int, recorded: set[Trial]) -> list[Planned]:
    """What to run: all without evidence, and what was broken off between its evidence and its last file."""
    done = {trial for trial in recorded if not work_folder.broken_off(trial)}
    return plan(
        work_folder.experiments,
        {claim.id: claim.experiments for claim in CLAIMS.values()},
        wanted,
        seeds,
        done,
        work_folder.ready,
    )


def run(
    missing: list[Planned],
    work_folder: WorkFolder,
    evidence_file: Path,
    recorded: set[Trial],
    scheduler: str | None = None,
    workers: int | None = None,
    hours: float | None = None,
) -> int:
    began, screen = time.monotonic(), Screen(len(missing))
    state = RunnerState(work_folder, evidence_file, deque(missing), set(recorded), screen.ended)
    with interruptions() as received:
        over = _after(began, hours)
        try:
            asyncio.run(
                run_trials(
                    state,
                    address=scheduler,
                    workers=workers,
                    stop=lambda: bool(received) or over(),
                    show=screen.show,
                )
            )
        finally:
            screen.clear()
    for trial, reason in state.failed.items():
        print(f"{trial} failed: {reason}", file=sys.stderr)
    left = len(missing) - state.done - len(state.failed)
    if left:
        why = "Interrupted" if received else "Time is up"
        print(
            f"{why}; {state.done} runs done, {left} left. Saved; the same command goes on.",
            file=sys.stderr,
        )
    if received:
        return 130
    return 1 if state.failed else 0


def listing(missing: list[Planned], work_folder: WorkFolder, workers: int) -> str:
    """What is missing, claim by claim in the order of running, with what it costs."""
    lines = []
    for claim, steps in groupby(missing, key=lambda step: step.claim):
        together = list(steps)
        seconds = sum(_left(step.trial, work_folder) for step in together)
        lines.append(f"{claim or 'no claim':9} {duration_text(seconds)!s:>12}")
        for id in dict.fromkeys(step.trial.experiment for step in together):
            trials = [step.trial for step in together if step.trial.experiment == id]
            seeds = ", ".join(_seed(trial, work_folder) for trial in trials)
            a_seed = duration_text(cost_of(trials[0], work_folder.experiments))
            lines.append(f"  {id:26} seeds {seeds:12} {a_seed!s:>12} each")
    total = sum(_left(step.trial, work_folder) for step in missing)
    lines.append(
        f"{len(missing)} runs are missing: at most {duration_text(total)} on one thread of the machine that "
        f"was measured, {duration_text(total / workers)} on {workers}."
    )
    return "\n".join(lines)


@dataclass
class Screen:
    """A line for every run that ends, on stdout, and one that moves, on stderr if that is a terminal."""

    total: int
    shown_at: float = field(default_factory=time.monotonic)
    count: int = 0

    def ended(self, record: Record) -> None:
        self.count += 1
        self.clear()
        figures = "diverged" if record.test_loss is None else f"test loss {loss_text(record.test_loss)}"
        if record.test_accuracy is not None:
            figures += f", accuracy {share_text(record.test_accuracy)}"
        name = f"{record.experiment}, seed {record.seed}"
        ended = f"{record.epochs} epochs, {duration_text(record.seconds)}"
        print(f"{name:32} {figures:36} {ended:24} {self.count} of {self.total}", flush=True)

    def show(self, state: RunnerState) -> None:
        now, watched = time.monotonic(), sys.stderr.isatty()
        if not watched and now - self.shown_at < QUIET_SECONDS:
            return
        self.shown_at = now
        specs = {run.trial: state.work_folder.spec(run.trial) for run in state.running.values()}
        under_way = [f"{run.trial} {run.epoch}/{specs[run.trial].epochs}" for run in state.running.values()]
        under_way += [
            f"{trial} lost its worker, again in {duration_text(seconds)}"
            for trial, seconds in state.put_off().items()
        ]
        speed = sum(
            (run.step - run.before[1]) * specs[run.trial].batch_size / (run.seconds - run.before[0])
            for run in state.running.values()
            if run.seconds > run.before[0]
        )
        line = (
            f"{state.done} of {self.total} runs · {', '.join(under_way) or 'waiting for workers'} · "
            f"{speed:,.0f} images/s · at most {duration_text(state.seconds_left())} left"
        )
        print(
            f"\r\x1b[2K{line}" if watched else line, end="" if watched else "\n", file=sys.stderr, flush=True
        )

    def clear(self) -> None:
        if sys.stderr.isatty():
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)


def _named(name: str, known: Mapping[str, Named]) -> Named:
    value = {key.lower(): value for key, value in known.items()}.get(name.lower())
    if value is None:
        raise LabError(
            Sentence("There is no “{name}”. There are: {known}.", name=name, known=", ".join(known))
        )
    return value


def _after(began: float, hours: float | None) -> Callable[[], bool]:
    return lambda: hours is not None and time.monotonic() - began > 3600 * hours


def _left(trial: Trial, work_folder: WorkFolder) -> float:
    return cost_of(trial, work_folder.experiments) * (1 - work_folder.progress(trial))


def _seed(trial: Trial, work_folder: WorkFolder) -> str:
    progress = work_folder.progress(trial)
    return f"{trial.seed} ({share_text(progress, 0)} done)" if progress else str(trial.seed)


def options(parser: argparse.ArgumentParser) -> None:
    def names(text: str) -> list[str]:
        return [name.strip() for name in text.split(",") if name.strip()]

    parser.add_argument("--reports", type=names, metavar="R1,R3", help="the experiments of these reports")
    parser.add_argument("--claims", type=names, metavar="C1,C16", help="those that decide these claims")
    parser.add_argument("--experiments", type=names, metavar="ID,ID", help="these (default: all there are)")
    parser.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help="how often each (default: 3; of hypotheses 1, of the likeliest 3)",
    )
    parser.add_argument("--hours", type=float, metavar="H", help="stop after so long; go on another time")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="train on a Dask cluster, not on this machine")
    parser.add_argument("--workers", type=int, metavar="N", help="processes here (default: one a core)")
    parser.add_argument(
        "--evidence", type=Path, metavar="FILE", help="where the evidence is kept (default: with the package)"
    )
    parser.add_argument(
        "--hypotheses", action="store_true", help="train what may explain the figures that differ, instead"
    )
    parser.add_argument("--work", type=Path, metavar="DIR", help="where runs are kept, and their weights")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="say what is missing and what it will cost")
    instead.add_argument(
        "--check", action="store_true", help="say what the evidence there is decides, and train nothing"
    )
    instead.add_argument(
        "--export",
        nargs="?",
        type=Path,
        const=folders.SHIPPED_MODELS,
        metavar="DIR",
        help="ship the models that have been trained (default: models_pretrained)",
    )
    parser.add_argument("--renew", action="store_true", help="set evidence of older recipes aside first")
    parser.set_defaults(command=command)
