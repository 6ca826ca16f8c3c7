"""Runs as rows of the table of runs, in words; and the sweeps, races and lessons that some stand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlencode

from fmnist_core.spec import LABELS
from fmnist_core.store.runs import Run
from fmnist_core.store.sweeps import SweepOfRun
from pages.parts.base.formatting import NONE, duration, number, percent
from pages.parts.base.i18n import _, current_language, ngettext, say
from pages.parts.base.routes import PLANNED_PATHS, opening
from pages.parts.base.spec_words import network_name, words
from pages.parts.base.typed_text import isolated
from pages.parts.compare.comparison import Line
from pages.parts.run.past_epochs import past_epochs
from pages.parts.run.status import status_name

MOST_ROWS = 4096


@dataclass(frozen=True)
class Row:
    """One run in words; `created` is ISO 8601 in UTC, shown in the browser's own time zone.

    `colour` and `dash` are the run's line in the charts below, or None and () when it is not chosen. `apart`
    says what tells it from runs of its name. `found_by` is what a search looks through, `ranks` the figures
    and settings to sort by, and `group` the sweep, race or lesson that it stands in.
    """

    id: str
    name: str
    href: str
    tick: str
    network: str
    status: str
    status_text: str
    epochs: str
    loss: str
    loss_of: str
    accuracy: str
    created: str
    took: str
    shared: str = ""
    apart: str = ""
    found_by: str = ""
    ranks: Mapping[str, float | str | None] = field(default_factory=dict)
    group: str = ""
    colour: str | None = None
    dash: tuple[int, ...] = ()


@dataclass(frozen=True)
class Group:
    """A sweep or a race that the rows name; `href` is its page."""

    id: str
    name: str
    kind: str
    href: str
    tick: str
    count: str
    loss: str
    accuracy: str


def row_of(run: Run, line: Line | None, mine: bool, apart: str = "", group: str = "") -> Row:
    """A run as a row: its test figures once it has ended, else those of its last whole epoch.

    The same row, not one like it, as long as nothing in it has changed. Raises `StoreError`.
    """
    return _row_of(run, line, mine, apart, group, current_language())


@lru_cache(maxsize=MOST_ROWS)
def _row_of(run: Run, line: Line | None, mine: bool, apart: str, group: str, _language: str) -> Row:
    epochs = past_epochs(run) if run.test_loss is None else ()
    latest = epochs[-1] if epochs else None
    loss, loss_of, accuracy = run.test_loss, _("test"), run.test_accuracy
    if loss is None and latest is not None:
        validated = latest.validation_loss is not None
        loss = latest.validation_loss if validated else latest.train_loss_eval
        loss_of = _("validation") if validated else _("training")
        accuracy = latest.validation_accuracy if validated else latest.train_accuracy
    sizes = " – ".join(map(str, run.spec.hidden_sizes))
    network = f"{network_name(run.spec.architecture)}, {sizes}"
    settings = {name: value for name, value in dict(run.spec).items() if name in LABELS and name != "task"}
    in_words = [
        f"{say(LABELS[name])} {words(name, value)}"
        for name, value in settings.items()
        if value not in (None, ()) and name not in run.spec.lacks
    ]
    return Row(
        id=run.id,
        name=run.name,
        href=f"{run.spec.task}?run={run.id}",
        tick=_("Choose {run}").format(run=", ".join(filter(None, (isolated(run.name), apart)))),
        network=network,
        status=run.status,
        status_text=status_name(run.status),
        epochs=f"{run.epoch} / {run.spec.epochs}",
        loss=number(loss),
        loss_of="" if loss is None else loss_of,
        accuracy=percent(accuracy),
        created=run.created.isoformat(),
        took=duration(run.seconds),
        shared="" if mine else _("another learner’s"),
        apart=apart,
        found_by="\n".join((run.name, network, apart, status_name(run.status), *in_words)),
        ranks={
            "created": run.created.timestamp(),
            "name": run.name,
            "status": status_name(run.status),
            "epoch": run.epoch,
            "loss": loss,
            "accuracy": accuracy,
            "seconds": run.seconds,
            **{f"spec.{name}": _rank(name, value) for name, value in settings.items()},
        },
        group=group,
        colour=line.colour if line else None,
        dash=line.dash if line else (),
    )


def group_of(sweep: SweepOfRun, rows: Sequence[Row]) -> Group:
    """A sweep, a race or a lesson as one row, over those of its runs that are listed."""
    losses = [row.ranks["loss"] for row in rows if row.ranks["loss"] is not None]
    shares = [row.ranks["accuracy"] for row in rows if row.ranks["accuracy"] is not None]
    count = ngettext("{n} run", "{n} runs", len(rows)).format(n=len(rows))
    return Group(
        id=sweep.id,
        name=sweep.name,
        kind={"sweep": _("Sweep"), "race": _("Race"), "lesson": _("Lesson")}[sweep.kind],
        href=f"{PLANNED_PATHS[sweep.kind]}?{urlencode(opening(sweep))}",
        tick=_("Choose all runs of {name}").format(name=isolated(sweep.name)),
        count=count,
        loss=_range(number, losses),
        accuracy=_range(percent, shares),
    )


def _range(text: Callable[[float], str], values: Sequence[float]) -> str:
    if not values:
        return NONE
    ends = dict.fromkeys((text(min(values)), text(max(values))))
    return " – ".join(ends)


def _rank(name: str, value: object) -> float | str | None:
    """Numbers by size, lists by their first, all else by its words."""
    if isinstance(value, tuple) and value and isinstance(value[0], int):
        return float(value[0])
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None if value is None else words(name, value)
    return float(value)
