"""A draft in the session: which widget of the fields holds what, all filled anew or read as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.assignments.assignment import ANY, LANGUAGES, USUAL_NETWORK
from pages.parts.assignment.draft import PINS, Deadline, Draft, Held, RunDraft, Texts
from pages.parts.base.i18n import current_language
from pages.parts.base.numerals import exact
from pages.parts.forms.form_values import DEFAULTS, RANDOM, with_network

Path = tuple[str | int, ...]
PREFIX, EDITION = "assignment_field", "assignment_edition"
OF_ENCODER = ("encoder_architecture", "frozen", "encoder_dropout")
HERE = "here"  # the zone of the browser, whatever its offset is on the day
LATE = "23:59"
FRESH = {**DEFAULTS["classifier"], "task": "classifier", "encoder": RANDOM}


def key(*path: str | int) -> str:
    """Of a widget. Each filling has new ones: a click may still carry what the old ones held."""
    return "_".join(map(str, (PREFIX, st.session_state.get(EDITION, 0), *path)))


def fill(draft: Draft) -> None:
    """Only before the fields are drawn, or in a callback."""
    for name in [name for name in st.session_state if str(name).startswith(PREFIX)]:
        del st.session_state[name]
    st.session_state[EDITION] = st.session_state.get(EDITION, 0) + 1
    written = [draft.title, draft.text, *(run.title for run in draft.runs), *draft.questions]
    _put(any(written) and all(ANY not in one for one in written), "by_language")
    _put_texts(draft.title, "title")
    _put_texts(draft.text, "text")
    deadline = draft.deadline
    _put(deadline and deadline.day, "day")
    _put(LATE if deadline is None else deadline.time, "time")
    _put(usual_zone() if deadline is None else deadline.zone, "zone")
    _put(draft.minutes, "minutes")
    _put_settings(draft.fixed, draft.free, "fixed")
    for name in ("runs", "questions"):
        rows = len(getattr(draft, name))
        _put(list(range(rows)), name)
        _put(rows, name, "made")
    for k, run in enumerate(draft.runs):
        _put_texts(run.title, "runs", k, "title")
        _put_settings(run.settings, run.free, "runs", k)
        _put(run.encoder or ANY, "runs", k, "learned")
        _put(run.seeds, "runs", k, "seeds")
    for k, question in enumerate(draft.questions):
        _put_texts(question, "questions", k)
    _put(list(draft.sections), "sections")
    for kind, n in draft.pins.items():
        _put(n, "pins", kind)


def read() -> Draft:
    """As the fields stand, drawn or not; in a callback already as they have been changed."""
    return Draft(
        title=texts("title"),
        text=texts("text"),
        deadline=_deadline(),
        minutes=_held("", "minutes"),
        fixed=settings("fixed"),
        free=_held([], "fixed", "free"),
        runs=[_run(k) for k in rows("runs")],
        questions=[texts("questions", k) for k in rows("questions")],
        sections=_held([], "sections"),
        pins={kind: _held("0", "pins", kind) for kind in PINS},
    )


def texts(*path: str | int) -> Texts:
    """What is written, by language."""
    said = {language: _held("", *path, language) for language in (ANY, *LANGUAGES)}
    return {language: text for language, text in said.items() if text}


def write_by_language() -> None:
    """For the switch: a text that stands alone moves between the field for all and that of its language."""
    both = _held(False, "by_language")
    for path in _paths_of_texts():
        written = texts(*path)
        if len(written) == 1 and both == (ANY in written):
            (language,) = written
            _put("", *path, language)
            _put(written[language], *path, current_language() if both else ANY)


def rows(name: str) -> list[int]:
    """The runs, or questions, in their order, by what is in their keys."""
    return _held([], name)


def add(name: str) -> None:
    k = _held(0, name, "made")
    _put(k + 1, name, "made")
    _put([*rows(name), k], name)


def remove(name: str, k: int) -> None:
    _put([other for other in rows(name) if other != k], name)


def move(name: str, k: int, by: int) -> None:
    """Nowhere, for a click too many on one that is at an end, or gone."""
    order = rows(name).copy()
    if k in order and 0 <= (to := order.index(k) + by) < len(order):
        order.remove(k)
        order.insert(to, k)
    _put(order, name)


def settings(*path: str | int) -> Held:
    """The settings that have been chosen, with what their widgets hold; new ones as the lab begins."""
    names = _held([], *path, "settings")
    network = network_of(*path)
    fresh = with_network(FRESH, network) if network in ARCHITECTURES else FRESH
    wanted = [*names, *(OF_ENCODER if "encoder" in names else ())]
    return {name: st.session_state.setdefault(key(*path, name), _as_typed(fresh[name])) for name in wanted}


def network_of(*path: str | int) -> str:
    """The network of a run, or of all."""
    for where in (path, ("fixed",)):
        if "architecture" in _held([], *where, "settings"):
            return str(_held(USUAL_NETWORK, *where, "architecture"))
    return USUAL_NETWORK


def usual_zone() -> str:
    return "+00:00" if zone_here() is None else HERE


def zone_here() -> tzinfo | None:
    """Of the browser; none if it does not say, or this machine does not know it."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset_here(day: date, at: str) -> str:
    """From UTC, as the zone of the browser has it on this day."""
    try:
        moment = time.fromisoformat(at.strip()).replace(tzinfo=None)
    except ValueError:
        moment = time()
    offset = datetime.combine(day, moment, zone_here()).utcoffset() or timedelta()
    return str(timezone(offset)).removeprefix("UTC") or "+00:00"


def _run(k: int) -> RunDraft:
    return RunDraft(
        title=texts("runs", k, "title"),
        settings=settings("runs", k),
        free=_held([], "runs", k, "free"),
        encoder=_held(ANY, "runs", k, "learned") or None,
        seeds=_held("1", "runs", k, "seeds"),
    )


def _deadline() -> Deadline | None:
    day, at, zone = _held(None, "day"), _held(LATE, "time"), _held(usual_zone(), "zone")
    if day is None:
        return None
    return Deadline(day, at, offset_here(day, at) if zone == HERE else zone)


def _paths_of_texts() -> Sequence[Path]:
    runs = [("runs", k, "title") for k in rows("runs")]
    return [("title",), ("text",), *runs, *(("questions", k) for k in rows("questions"))]


def _put(value: Any, *path: str | int) -> None:
    st.session_state[key(*path)] = value


def _put_texts(written: Texts, *path: str | int) -> None:
    for language in (ANY, *LANGUAGES):
        _put(written.get(language, ""), *path, language)


def _put_settings(held: Held, free: Sequence[str], *path: str | int) -> None:
    _put([name for name in held if name not in OF_ENCODER], *path, "settings")
    for name, value in held.items():
        _put(value, *path, name)
    _put(list(free), *path, "free")


def _held(usual: Any, *path: str | int) -> Any:
    """What a widget holds; one that is emptied may hold nothing."""
    value = st.session_state.get(key(*path))
    return usual if value is None else value


def _as_typed(value: str | float) -> str | bool:
    return value if isinstance(value, str | bool) else exact(value)
