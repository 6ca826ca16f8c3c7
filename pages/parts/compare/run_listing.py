"""What the table of runs shows: a row a run, made once for each state of the run; and what is new among them.

A page that polls asks every second for rows of which few have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fmnist_core.store.runs import Run
from fmnist_core.store.sweeps import SweepOfRun
from pages.parts.base.distinctions import distinctions
from pages.parts.base.learner import learner_id
from pages.parts.base.services import engine, store
from pages.parts.compare.comparison import lines
from pages.parts.compare.run_rows import Group, Row, group_of, row_of


@dataclass(frozen=True)
class Listing:
    """The runs as they stand, newest first, the sweeps and races of some, and all in words."""

    runs: tuple[Run, ...]
    sweeps: dict[str, SweepOfRun]
    rows: tuple[Row, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class News:
    """What has changed since the table was drawn: rows and groups as they are now, and what is gone."""

    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    gone: tuple[str, ...]


def listing(chosen: Sequence[Run]) -> Listing:
    """The learner's runs, and those of others among the chosen."""
    mine, drawn = learner_id(), dict(zip([run.id for run in chosen], lines(chosen), strict=False))
    runs = store().runs(mine)
    runs += [run for run in chosen if run.learner != mine]
    sweep_of = engine().sweep_queue.sweeps.of_runs(mine)
    rows = tuple(
        row_of(
            run,
            drawn.get(run.id),
            run.learner == mine,
            apart,
            sweep_of[run.id].id if run.id in sweep_of else "",
        )
        for run, apart in zip(runs, distinctions(runs), strict=True)
    )
    sweeps = {sweep_of[run.id].id: sweep_of[run.id] for run in runs if run.id in sweep_of}
    members: dict[str, list[Row]] = {}
    for row in rows:
        members.setdefault(row.group, []).append(row)
    groups = tuple(group_of(sweep, members[id]) for id, sweep in sweeps.items())
    return Listing(tuple(runs), sweeps, rows, groups)


def news(drawn: Listing, now: Listing) -> News:
    """All that is not as it was drawn, however often it has changed since."""
    rows, groups = set(map(id, drawn.rows)), set(drawn.groups)
    left = {row.id for row in now.rows}
    return News(
        tuple(row for row in now.rows if id(row) not in rows),
        tuple(group for group in now.groups if group not in groups),
        tuple(row.id for row in drawn.rows if row.id not in left),
    )
