"""Whether the image is a garment at all: by an autoencoder's error, and by how sure a classifier is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import altair
import numpy as np
import pyarrow as pa
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.services import engine
from pages.parts.base.typed_text import as_typed
from pages.parts.inside.answers import SECONDS, answer
from pages.parts.inside.network_choice import Network
from pages.parts.try_it.networks import Answers
from pages.parts.widgets import chart
from pages.parts.widgets.chart import Spec

BINS = 24
SECONDS_KEPT = 5  # a thousand images for every move of a slider would be much, and a run moves little
MINE = "#D55E00"
UNUSUAL, STRANGE = 0.95, 0.995  # shares of real garments with a smaller error


def is_it_a_garment(answers: Answers, called: Mapping[str, str]) -> None:
    """By the first autoencoder and the first classifier of those that answered; `called` says their names."""
    by_task = {}
    for name, (network, made) in answers.items():
        by_task.setdefault(network.spec.task, (name, network, made))
    if not by_task:
        return
    st.header(_("Is it a garment at all?"))
    panels = {"autoencoder": _by_error, "classifier": _by_softmax}
    titles = {
        "autoencoder": _("By the error of its reconstruction"),
        "classifier": _("By how sure a classifier is"),
    }
    shown = [task for task in panels if task in by_task]
    for column, task in zip(st.columns(len(shown), gap="large"), shown, strict=True):
        with column:
            st.subheader(titles[task], anchor=False)
            st.caption(as_typed(called[by_task[task][0]]))
            panels[task](*by_task[task])


def share_below(values: np.ndarray, value: float) -> float:
    """The share of `values`, which are sorted, that lie below."""
    return float(np.searchsorted(values, value) / len(values))


def _by_error(name: str, network: Network, made: dict[str, np.ndarray]) -> None:
    usual = _usual(network)
    error, values = float(made["error"]), usual["values"]
    share = share_below(values, error)
    words = _("Its error, {error}, is larger than that of {share} of {garments}.").format(
        error=number(error), share=percent(share), garments=_those(usual)
    )
    if share >= STRANGE:
        verdict = _("It has not learned to draw anything like it: hardly a garment as it knows them.")
    elif share >= UNUSUAL:
        verdict = _("Unusual, for a garment.")
    else:
        verdict = _(
            "A garment may well look like this to the network. That is no proof: an even grey is easy to "
            "draw, too."
        )
    st.markdown(f"{words} {verdict}")
    _histogram(values, error, f"tryit_errors_{name}", _("Error of the reconstruction"), ".3~f")


def _by_softmax(name: str, network: Network, made: dict[str, np.ndarray]) -> None:
    usual = _usual(network)
    chances, values = made["output"], usual["values"]
    best = int(chances.argmax())
    st.markdown(
        _(
            "It gives {chance} to {name}, and is less sure of {share} of {garments}. Softmax deals out 100 % "
            "among ten classes, whatever it is shown: a cat may get 99 % for a bag. That it is sure does not "
            "mean that it is a garment."
        ).format(
            chance=percent(float(chances[best])),
            name=say(fashion_mnist.CLASS_NAMES[best]),
            share=percent(share_below(values, float(chances[best]))),
            garments=_those(usual),
        )
    )
    _histogram(values, float(chances[best]), f"tryit_sure_{name}", _("Largest probability"), ".0~%")


def _usual(network: Network) -> dict[str, np.ndarray]:
    """What the figure is held against. Raises `LabError`."""
    return answer("usual_values", network) if network.training is None else _usual_lately(network.training)


@st.cache_data(ttl=SECONDS_KEPT, max_entries=16, show_spinner=False)
def _usual_lately(run_id: str) -> dict[str, np.ndarray]:
    """Of a run that trains."""
    usual: dict[str, np.ndarray] = engine().ask("usual_values", timeout=SECONDS, run_id=run_id)
    return usual


def _those(usual: dict[str, np.ndarray]) -> str:
    n = len(usual["values"])
    if usual["of_test"]:
        return ngettext("{n:,} test garment", "{n:,} test garments", n).format(n=n)
    return ngettext("{n:,} validation garment", "{n:,} validation garments", n).format(n=n)


def _histogram(values: np.ndarray, mine: float, key: str, x: str, x_format: str) -> None:
    """The usual values, and a line where this image's lies; of the largest, which are few, one bar."""
    low, high = float(values[0]), float(np.quantile(values, 0.99))
    edges = np.linspace(low, high if high > low else low + 1e-6, BINS + 1)
    counts, _edges = np.histogram(np.minimum(values, edges[-1]), edges)
    table = pa.table(
        {"from": edges[:-1], "to": edges[1:], "share": counts / len(values), "mine": np.full(BINS, mine)}
    )
    alt = _("How often each value comes for real garments, and where this image lies")
    chart.draw(table, _spec(x, _("Share of the images"), x_format), key, alt)
    st.caption(_("Blue are the real garments; the orange line is this image."))


@lru_cache(maxsize=16)
def _spec(x: str, y: str, x_format: str) -> Spec:
    along = altair.X("from:Q").title(x).axis(labelFlush=12, format=x_format, tickCount=6)
    share = altair.Y("share:Q").title(y).axis(format=".0~%", tickCount=4)
    tooltip = [
        altair.Tooltip("from:Q").title(x).format(x_format),
        altair.Tooltip("share:Q").title(y).format(".1%"),
    ]
    shares = chart.of_rows().mark_rect(stroke=None, opacity=0.8)
    shares = shares.encode(
        x=along.scale(zero=False, nice=False),
        x2=altair.X2("to"),
        y=share,
        y2=altair.Y2Datum(0),
        tooltip=tooltip,
    )
    line = chart.of_rows().mark_rule(color=MINE, strokeWidth=3).encode(x=altair.X("max(mine):Q"))
    return chart.spec((shares + line).properties(height=220))
