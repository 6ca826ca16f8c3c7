"""The table of runs: a tick to choose, a link to open; it redraws its cells in place while runs train.

Runs of a sweep or race stand folded in one row; a search or another order than by age unfolds them. The table
shows the rows that it is given and reports clicks; it never reads the store. All rows reach the browser when
the page is drawn, and after that only those that have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from fmnist_core.spec import LABELS
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _, current_language, say
from pages.parts.compare.run_listing import News
from pages.parts.compare.run_rows import Group, Row

HTML = """
<div class="find">
  <input type="search" class="search">
  <label><span class="by"></span> <select class="sort"></select></label>
  <button type="button" class="turn"></button>
  <span class="count" role="status"></span>
</div>
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
# A table that is not there yet finds what it missed.
NEWS = """
export default function ({ data }) {
  window.labRunNews = data;
  window.dispatchEvent(new CustomEvent("lab-run-news"));
}
"""

_HERE = Path(__file__)
_TABLE = st.components.v2.component(
    "run_table",
    html=HTML,
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


_NEWS = st.components.v2.component("run_news", html="<i hidden></i>", js=NEWS)


def run_table(
    rows: Sequence[Row],
    groups: Sequence[Group],
    chosen: Sequence[str],
    drawn: str,
    *,
    key: str,
    on_choose: Callable[[list[str]], None],
) -> str | None:
    """Draw the table; the id of the run or group to open, if its link has just been clicked.

    `on_choose` is called with the chosen ids, in the order of choosing, before the script runs. `drawn` names
    this drawing of the table, to which `run_news` adds.
    """

    def choose() -> None:
        ids = held(key).choose
        if ids is not None:
            on_choose([run_id for run_id in ids.split(",") if run_id])

    result = _TABLE(
        data={  # tuples: to ask if a list or a dict is a table Streamlit imports pandas
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
            "words": (
                {
                    "search": _("Search by name, network or setting"),
                    "by": _("Sort by"),
                    "up": _("Smallest first"),
                    "down": _("Largest first"),
                    "none": _("No run matches this."),
                    "unfold": _("Show its runs"),
                    "chosen": _("{n} chosen"),
                },
            ),
            "sorts": (
                ("created", _("Started")),
                ("name", _("Name")),
                ("status", _("Status")),
                ("epoch", _("Epochs trained")),
                ("loss", _("Loss")),
                ("accuracy", _("Accuracy")),
                ("seconds", _("Training time")),
                *((f"spec.{name}", say(label)) for name, label in LABELS.items() if name != "task"),
            ),
            "drawn": drawn,
            "chosen": tuple(chosen),
            "rows": tuple(asdict(row) for row in rows),
            "groups": tuple(asdict(group) for group in groups),
        },
        key=key,
        on_choose_change=choose,
        on_open_change=lambda: None,
    )
    return result.open


def run_news(news: News, drawn: str, *, key: str) -> None:
    """What has changed since the table was `drawn`."""
    _NEWS(
        data={
            "drawn": drawn,
            "rows": tuple(asdict(row) for row in news.rows),
            "groups": tuple(asdict(group) for group in news.groups),
            "gone": news.gone,
        },
        key=key,
    )
