"""The table of runs: a tick to choose, a link to open; it redraws its cells in place while runs train.

It shows the rows that it is given and reports clicks; it never reads the store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from fmnist_core.events import Epoch
from fmnist_core.store.runs import Run
from pages.parts.base.formatting import duration, number, percent
from pages.parts.base.i18n import _, current_language
from pages.parts.base.spec_words import network_name
from pages.parts.base.typed_text import isolated
from pages.parts.compare.comparison import Line
from pages.parts.run.status import status_name

HTML = """
<div class="runs" tabindex="0">
  <table>
    <thead><tr>
      <th class="tick"><span class="unseen"></span></th><th></th><th></th>
      <th class="number"></th><th class="number"></th><th class="number"></th><th class="number"></th>
      <th class="number"></th>
    </tr></thead>
    <tbody></tbody>
  </table>
</div>
"""


@dataclass(frozen=True)
class Row:
    """One run in words; `created` is ISO 8601 in UTC, shown in the browser's own time zone.

    `colour` and `dash` are the run's line in the charts below, or None and () when it is not chosen.
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
    colour: str | None = None
    dash: tuple[int, ...] = ()


_HERE = Path(__file__)
_TABLE = st.components.v2.component(
    "run_table",
    html=HTML,
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def row_of(run: Run, line: Line | None, latest: Epoch | None, mine: bool) -> Row:
    """A run as a row: its test figures once it has ended, else those of `latest`, its last whole epoch."""
    loss, loss_of, accuracy = run.test_loss, _("test"), run.test_accuracy
    if loss is None and latest is not None:
        validated = latest.validation_loss is not None
        loss = latest.validation_loss if validated else latest.train_loss_eval
        loss_of = _("validation") if validated else _("training")
        accuracy = latest.validation_accuracy if validated else latest.train_accuracy
    sizes = " – ".join(map(str, run.spec.hidden_sizes))
    return Row(
        id=run.id,
        name=run.name,
        href=f"{run.spec.task}?run={run.id}",
        tick=_("Choose {run}").format(run=isolated(run.name)),
        network=f"{network_name(run.spec.architecture)}, {sizes}",
        status=run.status,
        status_text=status_name(run.status),
        epochs=f"{run.epoch} / {run.spec.epochs}",
        loss=number(loss),
        loss_of="" if loss is None else loss_of,
        accuracy=percent(accuracy),
        created=run.created.isoformat(),
        took=duration(run.seconds),
        shared="" if mine else _("another learner’s"),
        colour=line.colour if line else None,
        dash=line.dash if line else (),
    )


def run_table(
    rows: Sequence[Row], chosen: Sequence[str], *, key: str, on_choose: Callable[[list[str]], None]
) -> tuple[bool, str | None]:
    """Draw the table; say whether the choice has just changed, and the id of the run to open, if any.

    `on_choose` is called with the chosen ids, in the order of choosing, before the script runs.
    """

    def choose() -> None:
        ids = st.session_state[key].choose
        if ids is not None:
            on_choose([run_id for run_id in ids.split(",") if run_id])

    result = _TABLE(
        data={  # tuples: to ask whether a list is a table Streamlit imports pandas
            "label": _("Your runs"),
            "open": _("Open in the lab"),
            "language": current_language(),
            "headings": (
                _("Choose"),
                _("Run"),
                _("Status"),
                _("Epochs"),
                _("Loss"),
                _("Accuracy"),
                _("Started"),
                _("Took"),
            ),
            "chosen": tuple(chosen),
            "rows": tuple(asdict(row) for row in rows),
        },
        key=key,
        on_choose_change=choose,
        on_open_change=lambda: None,
    )
    return result.choose is not None, result.open
