"""Pins: a button below a chart, a table or pictures keeps what they show for the learner's report.

A page says whose figures it shows; where it says nothing, nothing can be pinned.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import streamlit as st

from fmnist_core.data import shipped_models
from fmnist_core.exports.exported_run import of_run, of_shipped_model
from fmnist_core.exports.manifest import provenance
from fmnist_core.own_report.pin import Content
from fmnist_core.own_report.reports import OwnReport
from fmnist_core.sentences import LabError
from pages.parts.base import lecture_mode
from pages.parts.base.i18n import _, current_language, say
from pages.parts.base.learner import learner_id
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed

ABOUT, PRESSED = "pins_about", "pins_pressed"
SECONDS = 5.0  # for which a button says what came of it
MOST_NAMED = 3  # runs in a caption's draft


def about(*names: str) -> None:
    """What follows on this page shows these runs, or shipped models, and can be pinned: by fragments too."""
    if names:
        about_runs(of_names(*names))


def about_runs(known: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
    """The same of any runs; `known` says where their figures come from, and is called by the click."""
    st.session_state[ABOUT] = known


@contextmanager
def while_about(known: Callable[[], Sequence[Mapping[str, Any]]]) -> Iterator[None]:
    """As `about_runs`, for what is drawn within: a part of a page, or a fragment, which runs again alone."""
    before = st.session_state.get(ABOUT)
    about_runs(known)
    try:
        yield
    finally:
        if before is None:
            about_nothing()
        else:
            about_runs(before)


def of_names(*names: str) -> Callable[[], Sequence[Mapping[str, Any]]]:
    """Where the figures of these runs, or shipped models, come from; for `about_runs`."""
    return partial(_known, names)


def of_data() -> Sequence[Mapping[str, Any]]:
    """The same of what shows images of the data, or typed numbers, alone: there is no run behind it."""
    return ()


def about_nothing() -> None:
    """For the frame, at the beginning of every page."""
    st.session_state.pop(ABOUT, None)


def are_offered() -> bool:
    return ABOUT in st.session_state and not lecture_mode.is_on()


def own_report() -> OwnReport:
    return OwnReport(store(), learner_id())


def pin_button(make: Callable[[], Content], what: str, key: str) -> None:
    """`make` is called by the click; `what` says what is seen, and begins the caption."""
    if not are_offered():
        return
    pressed, refused = st.session_state.get(f"{PRESSED}_{key}", (-SECONDS, ""))
    is_fresh = time.monotonic() - pressed < SECONDS
    is_pinned = is_fresh and not refused
    st.button(
        _("Pinned") if is_pinned else _("Pin"),
        icon=":material/check:" if is_pinned else ":material/keep:",
        key=f"{key}_pin",
        type="tertiary",
        help=_("Keep this for your report, which stands on Results › My report."),
        on_click=_keep,
        args=(make, what, st.session_state[ABOUT], key),
    )
    if is_fresh and refused:
        st.caption(refused)


def _keep(
    make: Callable[[], Content], what: str, known: Callable[[], Sequence[Mapping[str, Any]]], key: str
) -> None:
    refused = ""
    try:
        runs = known()
        caption = _draft(what, runs)
        if known is of_data:
            caption += " " + _("No run is behind it.")
        own_report().pin(make(), caption, runs, language=current_language())
    except LabError as error:
        refused = as_typed(say(error))
    st.session_state[f"{PRESSED}_{key}"] = time.monotonic(), refused


def _known(names: Sequence[str]) -> list[Mapping[str, Any]]:
    """Where the numbers come from, but of runs that are gone, or have nothing yet."""
    known, models = [], shipped_models.names("metrics.json")
    for name in names:
        try:
            known.append(provenance(of_shipped_model(name) if name in models else of_run(store(), name)))
        except LabError as error:
            logging.getLogger(__name__).debug("a pin goes without %s: %s", name, error)
    return known


def _draft(what: str, runs: Sequence[Mapping[str, Any]]) -> str:
    """A caption to begin with: what is seen, of which runs."""
    described = [_named(run["name"], run["seed"]) for run in runs[:MOST_NAMED]]
    seen = what if what.endswith(".") else f"{what}."
    end = "; …" if len(runs) > MOST_NAMED else "."
    return f"{seen} {'; '.join(described)}{end}" if described else seen


def _named(name: str, seed: int) -> str:
    """Runs of a sweep have their seed in their names already."""
    with_seed = _("{name}, seed {seed}").format(name=name, seed=seed)
    return name if name.endswith(with_seed.removeprefix(name)) else with_seed
