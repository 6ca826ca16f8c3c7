"""`fmnist-lab check ZIP…`: trains a sample of what a report rests on again, and says which figures stand."""

from __future__ import annotations

import argparse
import csv
import math
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from fmnist_core.cli.terminal import printable
from fmnist_core.data import fashion_mnist
from fmnist_core.engine.throughput import epoch_seconds
from fmnist_core.events import Finished
from fmnist_core.exports.exported_run import results_of
from fmnist_core.exports.manifest import RunSaid
from fmnist_core.exports.opened_zip import OpenedZip, open_zip
from fmnist_core.sentences import LabError, Sentence, duration_text
from fmnist_core.spec import LIMITS, RunSpec, read_spec
from fmnist_core.statistics.estimates import prediction

SECONDS = 60.0
LAST_DRAW = 1_000_000
SAME = 1e-3  # relative: what rounding makes of a figure; seeds differ by more
LOSS, LAST_SEED = "test_loss", int(LIMITS["seed"][1])
MORE_SEEDS = (1, 2)  # beside a run's own, where that does not give the figure again
COLUMNS = (
    *("file", "run", "seed", "figure", "said", "again", "low", "high", "verdict", "reason"),
    *("changed", "added"),
)
Outcome = Literal["stands", "differs", "not checked"]


@dataclass(frozen=True)
class Figure:
    """A figure of a run, what came of training it again, and the interval that other seeds give it."""

    run: RunSaid
    name: str
    outcome: Outcome
    again: float | None = None
    low: float | None = None
    high: float | None = None
    reason: Sentence | None = None

    @property
    def said(self) -> float:
        return self.run.figures[self.name]


@dataclass(frozen=True)
class Trainer:
    """Trains runs, and says beforehand how long that takes; tests bring their own."""

    figures: Callable[[RunSpec], Mapping[str, float]]
    seconds: Callable[[RunSpec], float]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("zips", nargs="+", type=Path, metavar="ZIP", help="a zip, or a folder of them")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write a row a figure to a new file")
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS, help="of training for each zip, of runs drawn by chance"
    )
    parser.add_argument(
        "--draw", type=int, metavar="N", help="draw the runs that an earlier check drew, which has printed N"
    )
    parser.set_defaults(command=command)


def command(chosen: argparse.Namespace) -> int:
    """0: no zip has lost or changed what the lab made in it, and of each something stands, nothing differs.

    Else 1. What has been added to a zip is named and harms nothing.

    Raises `LabError`.
    """
    if chosen.csv is not None and chosen.csv.exists():
        raise LabError(Sentence("{file} is there already. Name another with --csv.", file=str(chosen.csv)))
    draw = secrets.randbelow(LAST_DRAW) if chosen.draw is None else chosen.draw
    paths, well, was_checked, whole = list(_paths(chosen.zips)), True, False, True
    with _table(chosen.csv) as write:
        for path in paths:
            try:
                opened = open_zip(path)
                figures, left = checked(opened, chosen.seconds, _trainer(), draw)
            except LabError as error:
                _say(f"{path.name}: {error}", file=sys.stderr)
                write([(str(path), *[""] * 7, "not read", str(error), "", "")])
                well = False
                continue
            _show(path.name, opened, figures, left)
            rows = [_row(str(path), opened, figure) for figure in figures]
            write(rows or [_row(str(path), opened, None)])
            outcomes = {figure.outcome for figure in figures}
            well = well and not opened.changed and "differs" not in outcomes and "stands" in outcomes
            was_checked = was_checked or bool(outcomes - {"not checked"})
            whole = whole and not left
    if not whole:
        print(Sentence("The runs were drawn by chance. To draw the same again: --draw {draw}", draw=draw))
    if not was_checked:
        print(Sentence("Nothing could be checked."), file=sys.stderr)
    return 0 if well else 1


def _seconds(text: str) -> float:
    try:
        if 0 < float(text) < math.inf:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no time in seconds")


def checked(opened: OpenedZip, budget: float, trainer: Trainer, draw: int = 0) -> tuple[list[Figure], float]:
    """Its figures, and how many seconds it would take to check those that the budget had no room for.

    `draw` decides the order, so that nobody knows beforehand which runs will not be looked at.
    """
    figures: list[Figure] = []
    runs: list[tuple[float, RunSaid, RunSpec]] = []
    for run in opened.said.runs:
        try:
            spec = read_spec(run.spec)
            fashion_mnist.check(spec, fashion_mnist.load())
            reason = _cannot(run, spec)
        except LabError as error:
            reason = error.sentence
        if reason is not None:
            figures += _unchecked(run, reason)
        else:
            runs.append((trainer.seconds(spec), run, spec))
    left = 0.0
    end = time.monotonic() + budget
    random.Random(draw).shuffle(runs)
    for seconds, run, spec in runs:
        if seconds > max(0.0, end - time.monotonic()):
            left += seconds
            why = Sentence("There was no time for it: it takes about {time}.", time=duration_text(seconds))
            figures += _unchecked(run, why)
            continue
        try:
            figures += _again(run, spec, seconds, end, trainer)
        except (RuntimeError, MemoryError) as error:  # such as a network for which memory does not suffice
            first_line = str(error).partition("\n")[0][:100]
            why = Sentence("It cannot be trained here ({reason}).", reason=first_line)
            figures += _unchecked(run, why)
    return figures, left


def _unchecked(run: RunSaid, reason: Sentence) -> list[Figure]:
    return [Figure(run, name, "not checked", reason=reason) for name in run.figures]


def _cannot(run: RunSaid, spec: RunSpec) -> Sentence | None:
    if not run.figures:
        return Sentence("It says no figure.")
    if spec.starts_from_a_run or (spec.encoder is not None and spec.encoder.id is not None):
        return Sentence("It begins with another run's weights, so its settings alone do not give it again.")
    if run.ended not in ("epochs", "early_stopping"):
        return Sentence("It was stopped by hand, at a moment that its settings do not say.")
    return None


def _again(run: RunSaid, spec: RunSpec, seconds: float, end: float, trainer: Trainer) -> Iterator[Figure]:
    first = trainer.figures(spec)
    others: list[Mapping[str, float]] = []
    if any(not _same(said, first.get(name)) for name, said in run.figures.items()):
        if seconds * len(MORE_SEEDS) > max(0.0, end - time.monotonic()):
            why = Sentence("It came out otherwise; there was no time to see how far other seeds lie apart.")
            yield from (Figure(run, n, "not checked", first.get(n), reason=why) for n in run.figures)
            return
        seeds = [(spec.seed + more) % (LAST_SEED + 1) for more in MORE_SEEDS]
        others = [trainer.figures(spec.changed(seed=seed)) for seed in seeds]
    has_same_weights = _equals(run.figures.get(LOSS), first.get(LOSS))
    for name, said in run.figures.items():
        value = first.get(name)
        if _same(said, value):
            yield Figure(run, name, "stands", value)
            continue
        if value is None and first:
            why = Sentence("Such a network has no figure of this name.")
            yield Figure(run, name, "differs", value, reason=why)
            continue
        if has_same_weights:
            why = Sentence("Its loss came out the same to the last digit, so these are its weights.")
            yield Figure(run, name, "differs", value, reason=why)
            continue
        values = [figures[name] for figures in (first, *others) if name in figures]
        if len(values) < 2:
            why = Sentence("Trained again, its numbers overflow.")
            yield Figure(run, name, "differs", value, reason=why)
            continue
        expected = prediction(values)
        inside = expected.low <= said <= expected.high
        yield Figure(run, name, "stands" if inside else "differs", value, expected.low, expected.high)


def _equals(said: float | None, again: float | None) -> bool:
    """As the same weights give it, and no others by chance."""
    return said is not None and again is not None and math.isclose(said, again, rel_tol=1e-9)


def _same(said: float, again: float | None) -> bool:
    return again is not None and abs(said - again) <= SAME * abs(again)


def _trainer() -> Trainer:
    # torch, which reading a zip does not need
    from fmnist_core.nets.training import loop
    from fmnist_core.nets.worker import queries, threads

    def figures(spec: RunSpec) -> dict[str, float]:
        """Nothing of a run that diverges."""
        state, measured = loop.start(spec), dict[str, float]()
        threads.use_threads(spec)
        for event in loop.advance(state):
            if isinstance(event, Finished):
                measured = results_of(vars(event))
        return measured

    def seconds(spec: RunSpec) -> float:
        """At most, at this machine's speed: it may end early."""
        batch, image = queries.forecast(spec.to_json(), 1)
        return spec.epochs * epoch_seconds(spec, batch, image)

    return Trainer(figures, seconds)


def _paths(given: Sequence[Path]) -> Iterator[Path]:
    """Zips of folders in the order of their names. Raises `LabError` for what is not there."""
    for path in given:
        if not path.exists():
            raise LabError(Sentence("There is no file or folder {path}.", path=str(path)))
        if not path.is_dir():
            yield path
            continue
        zips = sorted(p for p in path.rglob("*") if p.suffix.lower() == ".zip" and p.is_file())
        if not zips:
            raise LabError(Sentence("There is no zip in {path}.", path=str(path)))
        yield from zips


def _show(name: str, opened: OpenedZip, figures: Sequence[Figure], left: float) -> None:
    counts = dict.fromkeys(("stands", "differs", "not checked"), 0)
    for figure in figures:
        counts[figure.outcome] += 1
    _say(
        Sentence(
            "{file}: figures that stand: {stands}, that do not: {differs}, not checked: {unchecked}.",
            file=name,
            stands=counts["stands"],
            differs=counts["differs"],
            unchecked=counts["not checked"],
        )
    )
    for figure in figures:
        again = "" if figure.again is None else f", trained again {figure.again:.5g}"
        between = "" if figure.low is None else f", expected {figure.low:.5g} to {figure.high:.5g}"
        why = f" ({figure.reason})" if figure.reason else ""
        seed = str(figure.run.spec.get("seed"))[:20]
        _say(
            f"  {figure.outcome}: “{figure.run.name[:60]}”, seed {seed}: {figure.name} {figure.said:.5g}"
            f"{again}{between}{why}"
        )
    if opened.changed:
        changed = ", ".join(opened.changed)[:500]
        _say("  ", Sentence("Changed since the lab made it: {files}", files=changed))
    if opened.added:
        added = ", ".join(opened.added)[:500]
        _say("  ", Sentence("Added since the lab made it: {files}", files=added))
    if left:
        _say("  ", Sentence("A full check takes about {time} more.", time=duration_text(left)))


def _say(*words: object, file: TextIO | None = None) -> None:
    print(printable("".join(map(str, words)).replace("\n", " ")), file=file)


def _row(name: str, opened: OpenedZip, figure: Figure | None) -> tuple[object, ...]:
    """Of a figure; of a zip that says none, but that there is none."""
    changed, added = "; ".join(opened.changed), "; ".join(opened.added)
    if figure is None:
        return (name, *[""] * 7, "not checked", str(Sentence("It says no figure.")), changed, added)
    seed = figure.run.spec.get("seed", "")
    numbers = (figure.said, figure.again, figure.low, figure.high)
    said = ["" if number is None else repr(number) for number in numbers]
    reason = str(figure.reason) if figure.reason else ""
    return (name, figure.run.name, seed, figure.name, *said, figure.outcome, reason, changed, added)


@contextmanager
def _table(file: Path | None) -> Iterator[Callable[[Sequence[tuple[object, ...]]], None]]:
    """Writes rows to a new file as they come, so that what was checked is kept if the rest is not."""
    if file is None:
        yield lambda rows: None
        return
    try:
        with file.open("x", encoding="utf-8", errors="backslashreplace", newline="") as opened:
            writer = csv.writer(opened)

            def write(rows: Sequence[tuple[object, ...]]) -> None:
                writer.writerows([[_cell(value) for value in row] for row in rows])
                opened.flush()

            write([COLUMNS])
            yield write
    except OSError as error:
        raise LabError(
            Sentence("{file} cannot be written ({reason}).", file=str(file), reason=error.strerror)
        ) from error


def _cell(value: object) -> str:
    """A name that a table program would take for a formula is shown as it is."""
    text = str(value)
    is_number = text.replace(".", "").replace("-", "").replace("e", "").isdigit()
    return f"'{text}" if text.startswith(tuple("=+-@\t\r")) and not is_number else text
