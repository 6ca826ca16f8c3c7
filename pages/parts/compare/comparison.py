"""Chosen runs in words and curves: which settings differ, how the runs ended, how they learned.

The pictures, garments and confusion matrices, are in `side_by_side`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from fmnist_core.events import Epoch
from fmnist_core.own_report import pin
from fmnist_core.spec import LABELS
from fmnist_core.store.runs import Run
from pages.parts.base.distinctions import names_apart
from pages.parts.base.formatting import NONE, count, duration, number, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.pins import pin_button
from pages.parts.base.spec_words import QUANTITIES, differing, words
from pages.parts.dataset import pca
from pages.parts.run.fork import fork_notes, fork_of
from pages.parts.widgets.chart import DASHES
from pages.parts.widgets.curves import Lines, Series, curves

STYLES = Path(__file__).with_suffix(".css")
MOST = 6  # the theme's seventh colour, yellow, is too faint for a line on white


@dataclass(frozen=True)
class Line:
    """How a run is named and drawn throughout; `dash` as in SVG, names unique among the compared."""

    name: str
    colour: str
    dash: tuple[int, ...]

    def mark(self) -> str:
        """A short piece of the line, as an image, since `st.html` lets no inline SVG through."""
        drawing = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 4"><path d="M0 2H28" stroke-width="3" '
            f'stroke="{self.colour}" stroke-dasharray="{" ".join(map(str, self.dash))}"/></svg>'
        )
        return f'<img class="lab-line" alt="" src="data:image/svg+xml,{quote(drawing)}">'


def lines(runs: Sequence[Run], names: Sequence[str] | None = None) -> list[Line]:
    """One line a run, in order, as the curves draw them; runs of one name say in what they differ.

    Runs that go by other names where they are shown are given those.
    """
    colours = st.get_option("theme.chartCategoricalColors")
    names = names_apart(runs) if names is None else names
    return [
        Line(name, colour, tuple(dash)) for name, colour, dash in zip(names, colours, DASHES, strict=False)
    ]


def figures(runs: Sequence[Run]) -> dict[str, list[str]]:
    """What came out, one value a run; rows that no run has are left out."""
    rows = {
        _("Test loss"): [number(run.test_loss) for run in runs],
        _("Test accuracy"): [percent(run.test_accuracy) for run in runs],
        _("Epochs trained"): [count(run.epoch) for run in runs],
        _("Best epoch"): [str(run.best_epoch) if run.best_epoch else NONE for run in runs],
        _("Training time"): [duration(run.seconds) for run in runs],
        _("Parameters"): [count(run.spec.parameter_count) for run in runs],
    }
    return {name: values for name, values in rows.items() if any(value != NONE for value in values)}


def draw_table(runs: Sequence[Run], drawn: Sequence[Line]) -> None:
    """What differs and how each run ended; all settings, folded unless there is one run. A column a run."""
    settings = _settings(runs, _all_settings())
    ended = _section(_("How it ended"), figures(runs), len(runs))
    _pin(runs, drawn)
    if len(runs) == 1:
        _table(_("The chosen run"), drawn, ended + _section(_("Settings"), settings, 1))
        return
    differing_settings = _settings(runs, differing([run.spec for run in runs]))
    title = _("Settings that differ") if differing_settings else _("All settings are the same.")
    _table(_("The chosen runs compared"), drawn, _section(title, differing_settings, len(runs)) + ended)
    with st.expander(_("All settings")):
        what = _("All settings of the chosen runs")
        _table(what, drawn, _section("", settings, len(runs)))
        pin_button(lambda: _content(drawn, settings), what, "all_settings")


def _pin(runs: Sequence[Run], drawn: Sequence[Line]) -> None:
    """For a report: a column a run, with what differs, or all settings of a single one, and what came out."""
    names = differing([run.spec for run in runs]) if len(runs) > 1 else _all_settings()
    rows = {**_settings(runs, names), **figures(runs)}
    pin_button(lambda: _content(drawn, rows), _("The chosen runs compared"), "compared")


def _content(drawn: Sequence[Line], rows: Mapping[str, Sequence[str]]) -> pin.Content:
    heads = [_("Run"), *(line.name for line in drawn)]
    return pin.table(heads, [[name, *values] for name, values in rows.items()])


def _all_settings() -> list[str]:
    return [name for name in LABELS if name != "task"]


def _settings(runs: Sequence[Run], names: Iterable[str]) -> dict[str, list[str]]:
    """What each setting is called, and its value in words, one a run; those that no run has are left out."""
    rows = {name: [_in_words(run, name) for run in runs] for name in names}
    return {say(LABELS[name]): values for name, values in rows.items() if any(v != NONE for v in values)}


def _in_words(run: Run, name: str) -> str:
    return NONE if name in run.spec.lacks else words(name, getattr(run.spec, name))


def _table(label: str, drawn: Sequence[Line], sections: str) -> None:
    heads = "".join(f'<th scope="col">{line.mark()}{escape(line.name)}</th>' for line in drawn)
    st.html(
        f'<div class="lab-scroll" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="lab-compared"><thead><tr><td></td>{heads}</tr></thead>{sections}</table></div>'
    )


def draw_curves(runs: Sequence[Run], drawn: Sequence[Line], epochs: Sequence[Sequence[Epoch]]) -> None:
    """One quantity of all runs, epoch by epoch: validation loss, training loss or accuracy, as chosen.

    `epochs` holds each run's epochs so far.
    """
    quantities = {
        name: title
        for name, title in QUANTITIES.items()
        if any(vars(epoch)[name] is not None for of_run in epochs for epoch in of_run)
    }
    if not quantities:
        st.caption(_("The curves begin when the first epoch has ended."))
        return
    name = st.segmented_control(
        _("Curve"),
        list(quantities),
        default=next(iter(quantities)),
        format_func=lambda quantity: say(quantities[quantity]),
        key="compared_quantity",
        label_visibility="collapsed",
        wrap=True,
        required=True,
    )
    encoded, levels = [run.spec for run in runs if run.spec.task == "autoencoder"], []
    if encoded and name in pca.PARTS and pca.wanted("compared_pca", encoded):
        levels = pca.levels(encoded, pca.PARTS[name])
    forks = [fork_of(run) for run in runs]
    curves(
        Lines.of(
            [
                Series(
                    line.name,
                    [(fork.epoch if fork else 0.0) + epoch.epoch for epoch in of_run],
                    [vars(epoch)[name] for epoch in of_run],
                )
                for line, fork, of_run in zip(drawn, forks, epochs, strict=True)
            ],
            [fork_notes([fork for fork in forks if fork])],
        ),
        key=f"compared_{name}",
        x=_("Epoch"),
        y=say(quantities[name]),
        alt=_("{quantity} of the chosen runs, epoch by epoch").format(quantity=say(quantities[name])),
        y_format=".1~%" if name == "validation_accuracy" else ".4~f",
        height=340,
        levels=levels,
        moving=True,
    )
    if name == "train_loss_eval":
        st.caption(_("Taken at the end of each epoch with dropout off, so that it compares with validation."))
    if name != "validation_accuracy" and len({run.spec.loss for run in runs}) > 1:
        st.caption(
            _("These runs minimise different losses: compare the shapes of their curves, not the heights.")
        )


def _section(title: str, rows: dict[str, list[str]], columns: int) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(v)}</td>" for v in values)}</tr>'
        for name, values in rows.items()
    )
    head = f'<tr><th scope="colgroup" colspan="{columns + 1}">{escape(title)}</th></tr>' if title else ""
    return f"<tbody>{head}{body}</tbody>"
