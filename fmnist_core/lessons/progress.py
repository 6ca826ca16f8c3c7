"""How far a learner has come in each lesson, and what they predicted and answered there, kept in the store.

Which runs a lesson has trained is the business of the sweeps: each training of a lesson is one of them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from fmnist_core.store.rows import in_utc
from fmnist_core.store.runs import Store
from fmnist_core.store.schema import AnyRow, lesson_progress

STEPS = ("question", "predict", "train", "compare", "explain", "check")
INSERT: dict[str, Callable[[Table], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}
MOST_CHARACTERS = 4_000  # of a prediction: a number for each place, or the names of six runs


@dataclass(frozen=True)
class Progress:
    """`furthest` is a place in `STEPS`; `prediction` is what the learner said, as JSON has it, or `None`.

    `visited` are the steps that the learner has seen: a link may lead past others. `answer` is the place of
    the answer to the check; `changed` is `None` where nothing was done yet.
    """

    furthest: int = 0
    visited: frozenset[str] = frozenset()
    prediction: Any = None
    answer: int | None = None
    changed: datetime | None = None


@dataclass(frozen=True)
class ProgressInLessons:
    """The learner's progress, by the slugs of lessons. Methods raise `StoreError`s, in sentences."""

    store: Store
    learner: str

    def all(self) -> dict[str, Progress]:
        """Of every lesson that the learner has begun, the one last worked at first."""
        query = select(lesson_progress).where(lesson_progress.c.learner == self.learner)
        with self.store.database.reading() as connection:
            rows = connection.execute(query.order_by(lesson_progress.c.changed.desc())).all()
        return {row.lesson: _progress(row) for row in rows}

    def of(self, lesson: str) -> Progress:
        with self.store.database.reading() as connection:
            row = connection.execute(self._mine(lesson)).one_or_none()
        return Progress() if row is None else _progress(row)

    def reach(self, lesson: str, step: int, *, visited: bool = True) -> Progress:
        """The learner has come to this step; nothing that was reached or visited is taken back.

        `visited` is false where the step had nothing to show yet.
        """
        kept = self.of(lesson)
        news = {STEPS[step]} - kept.visited if visited else set()
        if kept.changed is not None and kept.furthest >= step and not news:
            return kept
        self._keep(
            lesson,
            lambda latest: {
                "furthest": max(latest.furthest, step),
                "visited": _bits(latest.visited | news),
            },
        )
        return self.of(lesson)

    def predict(self, lesson: str, prediction: Any) -> None:
        """What JSON can say; `None` takes a prediction back."""
        text = json.dumps(prediction, allow_nan=False)
        if len(text) <= MOST_CHARACTERS:
            self._keep(lesson, lambda _kept: {"prediction": text})

    def answer(self, lesson: str, place: int) -> None:
        self._keep(lesson, lambda _kept: {"answer": place})

    def _keep(self, lesson: str, changes: Callable[[Progress], dict[str, Any]]) -> None:
        """In one transaction, so that two tabs lose nothing of each other's."""
        mine = {"learner": self.learner, "lesson": lesson}
        now = datetime.now(UTC)
        with self.store.database.writing() as connection:
            begun = INSERT[connection.dialect.name](lesson_progress).on_conflict_do_nothing()
            connection.execute(begun.values(**mine, furthest=0, prediction="null", changed=now))
            kept = connection.execute(self._mine(lesson).with_for_update()).one()
            connection.execute(
                update(lesson_progress).filter_by(**mine).values(**changes(_progress(kept)), changed=now)
            )

    def _mine(self, lesson: str) -> Select[*tuple[Any, ...]]:
        return select(lesson_progress).filter_by(learner=self.learner, lesson=lesson)


def _progress(row: AnyRow) -> Progress:
    try:
        prediction = json.loads(row.prediction)
    except ValueError:
        logging.getLogger(__name__).error("the prediction in the lesson %s cannot be read", row.lesson)
        prediction = None
    furthest = min(max(row.furthest, 0), len(STEPS) - 1)
    visited = frozenset(step for place, step in enumerate(STEPS) if row.visited >> place & 1)
    return Progress(furthest, visited, prediction, row.answer, in_utc(row.changed))


def _bits(steps: Collection[str]) -> int:
    return sum(1 << STEPS.index(step) for step in steps)
