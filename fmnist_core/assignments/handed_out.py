"""Assignments in the store: what lecturers hand out, and which one a learner has taken."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select

from fmnist_core.assignments.assignment import Assignment
from fmnist_core.assignments.reading import AssignmentError, read_assignment, shipped
from fmnist_core.sentences import Sentence
from fmnist_core.store.database import StoreError
from fmnist_core.store.rows import in_utc
from fmnist_core.store.runs import Store
from fmnist_core.store.schema import assignments, assignments_taken


class AssignmentNotFound(StoreError):
    """There is no assignment of this name."""


@dataclass(frozen=True)
class Taken:
    """What a learner has taken, and when; `id` is its name in a link."""

    id: str
    assignment: Assignment
    since: datetime


@dataclass(frozen=True)
class Assignments:
    """For one learner, or lecturer. Methods raise `StoreError`s, in sentences."""

    store: Store
    learner: str

    def hand_out(self, assignment: Assignment) -> str:
        """The name by which its link finds it. What is handed out is never changed."""
        id = secrets.token_urlsafe(9)
        with self.store.database.writing() as connection:
            connection.execute(
                insert(assignments).values(
                    id=id, learner=self.learner, content=assignment.to_json(), created=datetime.now(UTC)
                )
            )
        return id

    def find(self, id: str) -> Assignment:
        """One that was handed out, or that the lab ships. Raises `AssignmentNotFound`."""
        if (known := shipped().get(id)) is not None:
            return known
        with self.store.database.reading() as connection:
            content = connection.execute(
                select(assignments.c.content).where(assignments.c.id == id)
            ).scalar_one_or_none()
        try:
            if content is not None:
                return read_assignment(content)
        except AssignmentError as error:  # one of another version of the lab
            raise AssignmentNotFound(*error.sentences) from error
        raise AssignmentNotFound(
            Sentence("There is no assignment “{id}” here. Ask for the link again.", id=id[:40])
        )

    def take(self, id: str) -> None:
        """It takes the place of one taken before; taken again, its beginning stays."""
        self.find(id)
        mine = assignments_taken.c.learner == self.learner
        with self.store.database.writing() as connection:
            taken = connection.execute(select(assignments_taken.c.assignment_id).where(mine)).scalar()
            if taken == id:
                return
            connection.execute(delete(assignments_taken).where(mine))
            connection.execute(
                insert(assignments_taken).values(
                    learner=self.learner, assignment_id=id, since=datetime.now(UTC)
                )
            )

    def give_back(self, id: str) -> None:
        """Runs, texts and pins stay; so does another that was taken meanwhile."""
        mine = (assignments_taken.c.learner == self.learner) & (assignments_taken.c.assignment_id == id)
        with self.store.database.writing() as connection:
            connection.execute(delete(assignments_taken).where(mine))

    def taken(self) -> Taken | None:
        """Raises `AssignmentNotFound` of one that cannot be found any more."""
        with self.store.database.reading() as connection:
            row = connection.execute(
                select(assignments_taken).where(assignments_taken.c.learner == self.learner)
            ).one_or_none()
        return (
            None if row is None else Taken(row.assignment_id, self.find(row.assignment_id), in_utc(row.since))
        )
