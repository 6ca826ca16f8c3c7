"""How far a learner is with an assignment: what is there, what is missing, what of the budget is spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fmnist_core.assignments.assignment import Assignment, RequiredRun
from fmnist_core.assignments.handed_out import Taken
from fmnist_core.own_report.pin import Kind
from fmnist_core.own_report.report import Report, answer_key
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN


@dataclass(frozen=True)
class RunsThere:
    """Of a required run: those that count, the earliest of each seed, and the nearest that does not."""

    required: RequiredRun
    spec: RunSpec
    counting: tuple[Run, ...]
    under_way: tuple[Run, ...] = ()
    nearest: Run | None = None
    misfits: tuple[str, ...] = ()  # of the nearest

    @property
    def is_done(self) -> bool:
        return len(self.counting) >= self.required.seeds


@dataclass(frozen=True)
class Standing:
    """`pins` and `asked_pins` count by kind; `questions` and `sections` say whether each is written."""

    runs: tuple[RunsThere, ...]
    pins: Mapping[Kind, int]
    asked_pins: Mapping[Kind, int]
    sections: Mapping[str, bool]
    questions: tuple[bool, ...]
    seconds: float
    budget: float | None

    @property
    def parts(self) -> list[bool]:
        """All that is asked for, each done or not."""
        pins = [self.pins[kind] >= asked for kind, asked in self.asked_pins.items()]
        return [*(run.is_done for run in self.runs), *pins, *self.sections.values(), *self.questions]

    @property
    def is_over_budget(self) -> bool:
        return self.budget is not None and self.seconds > self.budget


def standing(taken: Taken, runs: Sequence[Run], report: Report | None) -> Standing:
    """From the learner's own runs, those before it was taken too, and their report.

    Only what was trained since then is of the budget.
    """
    assignment = taken.assignment
    required = [_there(assignment, one, runs) for one in assignment.runs]
    kinds = [pin.content.kind for pin in report.pins if pin.content is not None] if report else []
    asked = {kind: count for kind, count in assignment.pins.by_kind().items() if count}
    return Standing(
        tuple(required),
        {kind: kinds.count(kind) for kind in asked},
        asked,
        {name: _is_written(report, name) for name in assignment.sections},
        tuple(_is_written(report, answer_key(taken.id, k)) for k in _numbers(assignment)),
        sum(run.seconds for run in runs if run.created >= taken.since),
        None if assignment.minutes is None else 60 * assignment.minutes,
    )


def _numbers(assignment: Assignment) -> range:
    """Of its questions."""
    return range(1, len(assignment.questions) + 1)


def _there(assignment: Assignment, required: RequiredRun, runs: Iterable[Run]) -> RunsThere:
    counting: dict[int, Run] = {}
    under_way: list[Run] = []
    others: list[tuple[list[str], Run]] = []
    for run in sorted(runs, key=lambda run: run.created):
        misfits = assignment.misfits(required, run.spec)
        if misfits:
            others.append((misfits, run))
        elif run.status == "finished":
            counting.setdefault(run.spec.seed, run)
        elif run.status in (*OPEN, "paused"):
            under_way.append(run)
    near = [other for other in others if other[0] != ["architecture"]]
    misfits, nearest = min(near, key=lambda other: len(other[0])) if near else ([], None)
    spec = assignment.specs[assignment.runs.index(required)]
    return RunsThere(required, spec, tuple(counting.values()), tuple(under_way), nearest, tuple(misfits))


def _is_written(report: Report | None, section: str) -> bool:
    return report is not None and bool(report.text(section).text.strip())
