"""Which runs of a lesson a learner has trained, and how they stand; each training of it is a sweep's.

A run counts if it has the settings that the lesson asks for, wherever it was begun from the lesson: so one
that was deleted, or given other settings since, can be trained again while the others stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from fmnist_core.data import fashion_mnist
from fmnist_core.events import Epoch
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.results import Results, RunResult, State
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from fmnist_core.store.sweeps import WAITING, Member
from fmnist_core.store.usage import usage
from pages.parts.base.i18n import lesson_text
from pages.parts.base.learner import learner_id
from pages.parts.base.services import engine, store
from pages.parts.sweep.progress import Progress, progress_of, watched_progress

MOST_TRAININGS = 8  # of a lesson that are looked through for its runs
MOST_RUNS = 64  # whose epochs are kept

Absence = Literal["never", "waiting", "deleted", "changed"]


@dataclass(frozen=True)
class Training:
    """`progress` is the newest of the lesson's trainings; `runs` and why others are `absent`, by name."""

    lesson: Lesson
    progress: Progress | None
    runs: dict[str, Run]
    absent: dict[str, Absence]

    @property
    def moves(self) -> bool:
        """Whether anything may change without the learner."""
        return self.progress is not None and self.progress.moving

    @property
    def has_begun(self) -> bool:
        return bool(self.runs) or "waiting" in self.absent.values()

    @property
    def has_ended(self) -> bool:
        """Whether every run of the lesson came to its planned end."""
        return all(result.state in ("finished", "diverged") for result in self.results.values())

    @property
    def to_train(self) -> list[str]:
        """The runs that have no result, and none to come."""
        without = {name for name, why in self.absent.items() if why != "waiting"}
        lost = {name for name, result in self.results.items() if result.state in ("missing", "stopped")}
        return [run.name for run in self.lesson.runs if run.name in without | lost]

    @property
    def results(self) -> Results:
        """By name, in the lesson's order, as far as each run has come."""
        return {run.name: self._result(run.name) for run in self.lesson.runs}

    def _result(self, name: str) -> RunResult:
        run = self.runs.get(name)
        if run is None:
            return RunResult("waiting" if self.absent[name] == "waiting" else "missing")
        return RunResult(_state(run), _epochs(run.id, run.epoch, run.status) if run.epoch else ())


def training_of(lesson: Lesson, *, watched: bool = False) -> Training:
    """How the lesson's runs stand for this learner; `watched`, as at most a look ago. Raises `LabError`."""
    images = len(fashion_mnist.load().train_labels)
    sweeps = engine().sweep_queue.sweeps.of_learner(learner_id(), "lesson", lesson.slug)
    look = watched_progress if watched else progress_of
    trainings = [look(sweep.id) for sweep in sweeps[:MOST_TRAININGS]]
    runs: dict[str, Run] = {}
    absent: dict[str, Absence] = {}
    for planned in lesson.runs:
        standing = _standing(trainings, planned.spec_for(images))
        if isinstance(standing, Run):
            runs[planned.name] = standing
        else:
            absent[planned.name] = standing
    return Training(lesson, trainings[0] if trainings else None, runs, absent)


def train(lesson: Lesson, names: Sequence[str]) -> None:
    """Begin to train these runs, unless another tab has begun to meanwhile. Raises `LabError`."""
    images = len(fashion_mnist.load().train_labels)
    latest = training_of(lesson)
    names = [] if latest.moves else [name for name in names if name in latest.to_train]
    if not names:
        return
    if (refusal := usage(store().database, learner_id()).refusal) is not None:
        raise LabError(refusal)
    runs = [(run.spec_for(images), lesson_text(run.name)) for run in lesson.runs if run.name in names]
    title = lesson_text(lesson.title)
    engine().sweep_queue.start(runs, learner_id(), title, "lesson", lesson.slug)


def _standing(trainings: Sequence[Progress], spec: RunSpec) -> Run | Absence:
    """The newest run of this spec, or why there is none."""
    absence: Absence = "never"
    for progress in trainings:
        for member in progress.sweep.members:
            if member.spec != spec:
                continue
            run = progress.runs.get(member.place)
            if run is not None and run.spec == spec:
                return run
            if _waits(progress, member):
                return "waiting"
            if absence == "never" and run is not None:
                absence = "changed"
            elif absence == "never" and member.is_deleted:
                absence = "deleted"
    return absence


def _waits(progress: Progress, member: Member) -> bool:
    return member.stage == WAITING and progress.sweep.status != "stopped"


def _state(run: Run) -> State:
    if run.status == "queued":
        return "waiting"
    if run.status in (*OPEN, "paused"):
        return "training"
    if run.status == "failed":
        return "diverged" if run.end_reason == "diverged" else "missing"
    return "finished" if run.status == "finished" else "stopped"


@lru_cache(maxsize=MOST_RUNS)
def _epochs(run_id: str, _epoch: int, _status: str) -> tuple[Epoch, ...]:
    """With the confusion matrices, which some lessons ask about; read once for each epoch."""
    return tuple(store().epochs(run_id, confusion=True))
