"""Where a branch left its parent: how far along the axis of epochs, how the parent is called, its past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from fmnist_core.events import Epoch
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.runs import Run, RunNotFound
from pages.parts.base.i18n import _
from pages.parts.base.services import store
from pages.parts.base.typed_text import isolated
from pages.parts.widgets.notes import Notes

LONGEST_NAME = 32  # characters, in a chart


@dataclass(frozen=True)
class Fork:
    """`epoch` counts the epochs of the parent's own parents, too; `parent` is `None` if it was deleted."""

    epoch: float
    parent: Run | None

    @property
    def parent_name(self) -> str:
        """Short enough for a chart."""
        if self.parent is None:
            return _("a deleted run")
        name = self.parent.name
        return isolated(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…")


def fork_notes(forks: Sequence[Fork]) -> Notes:
    """A mark for each place where a branch left its parent, and the parents' names."""
    places = list(
        dict.fromkeys((fork.epoch, fork.parent_name) for fork in sorted(forks, key=attrgetter("epoch")))
    )

    def words(first: int, last: int) -> str:
        return "↳ " + ", ".join(dict.fromkeys(name for _epoch, name in places[first:last]))

    return Notes([epoch for epoch, _name in places], words)


def fork_of(run: Run) -> Fork | None:
    """`None` for a run that is no branch. Raises `StoreError`."""
    if run.parent_step is None:
        return None
    parent = _parent(run)
    # A branch goes through as many images with as many a batch, unless it was told otherwise.
    epoch = run.parent_step / (parent or run).spec.steps_per_epoch
    before = fork_of(parent) if parent else None
    return Fork(epoch + (before.epoch if before else 0.0), parent)


def past_of(run: Run) -> list[tuple[float, Epoch]]:
    """The epochs of the parents before the run left them, each with its place on the axis, in order.

    None of those whose loss was another. Raises `StoreError`.
    """
    parent = _parent(run)
    if parent is None or parent.spec.loss != run.spec.loss:
        return []
    before = fork_of(parent)
    left_at = before.epoch if before else 0.0
    epochs = store().epochs(parent.id, confusion=False)
    own = [(left_at + epoch.epoch, epoch) for epoch in epochs if epoch.step <= (run.parent_step or 0)]
    return [*past_of(parent), *own]


def _parent(run: Run) -> Run | None:
    try:
        return store().run(run.parent) if run.parent else None
    except (RunNotFound, Unreadable):
        return None
