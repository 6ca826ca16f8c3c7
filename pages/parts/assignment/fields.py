"""The fields in which a lecturer writes an assignment; what is wrong with one is said below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import date
from functools import partial

import streamlit as st

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.assignments.assignment import ANY, LANGUAGES, SETTABLE
from fmnist_core.own_report.sections import SECTIONS
from fmnist_core.refusals import Place
from fmnist_core.sentences import Sentence
from fmnist_core.spec import LABELS
from pages.parts.assignment import draft_state
from pages.parts.assignment.draft import PINS
from pages.parts.assignment.draft_state import HERE, key
from pages.parts.assignment.setting_field import setting_field, with_held
from pages.parts.base.i18n import LANGUAGES as LANGUAGE_NAMES
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.form_state import KEEP
from pages.parts.forms.number_field import number_field

# From UTC, of all zones that are in use.
QUARTERS = (
    "-09:30",
    "-03:30",
    "+03:30",
    "+04:30",
    "+05:30",
    "+05:45",
    "+06:30",
    "+08:45",
    "+09:30",
    "+10:30",
)
HOURS = tuple(f"{hour:+03d}:00" for hour in range(-12, 15))
OFFSETS = sorted(
    (*HOURS, *QUARTERS, "+12:45"), key=lambda zone: int(zone[:3]) * 60 + int(f"{zone[0]}{zone[4:]}")
)


OFFERED = tuple(name for name in SETTABLE if name != "task")  # which the network decides
# What JSON names, as it is called here.
NAMES: Mapping[str, Sentence] = {
    **LABELS,
    "minutes": Sentence("Minutes of training"),
    "seeds": Sentence("Seeds"),
    "charts": Sentence("Charts"),
    "tables": Sentence("Tables"),
    "pictures": Sentence("Rows of garments"),
}


class Faults:
    """What is wrong, each to be said once, where it is."""

    def __init__(self, faults: Sequence[tuple[Place, Sentence]]) -> None:
        self.all = list(faults)
        self.left = list(faults)

    def say(self, *place: int | str) -> None:
        """Those of this place and within it."""
        here = [fault for fault in self.left if fault[0][: len(place)] == place]
        for fault in here:
            self.left.remove(fault)
            st.warning(as_typed(say(_renamed(fault[1]))), icon=":material/edit:")


def _renamed(fault: Sentence) -> Sentence:
    renamed = copy(fault)
    renamed.values = {n: NAMES.get(v, v) if isinstance(v, str) else v for n, v in fault.values.items()}
    return renamed


def fields(faults: Faults) -> None:
    """All of them."""
    st.toggle(
        _("In English and in Spanish"),
        key=key("by_language"),
        on_change=draft_state.write_by_language,
        help=_("Each text in both languages: learners see that of the page."),
        **KEEP,
    )
    _text(_("Title"), "title")
    faults.say("title")
    _text(_("What to do"), "text", is_long=True)
    faults.say("text")
    st.subheader(_("Settings of every run"), anchor=False)
    help = _("They may be anything, as the seed always may. All others are the lab’s own.")
    _settings(faults, ("fixed",), ("fixed",), ("free",), (_("Fixed"), _("Free to choose")), help)
    st.subheader(_("Runs to train"), anchor=False)
    for place, k in enumerate(draft_state.rows("runs")):
        with st.container(border=True, key=key("runs", k)):
            _run(faults, place, k)
    _add("runs", _("Add a run"))
    st.subheader(_("Questions"), anchor=False)
    for place, k in enumerate(draft_state.rows("questions")):
        with st.container(key=key("questions", k), gap="xsmall"):
            label = _("Question {n}").format(n=place + 1)
            _text(label, "questions", k, is_long=True)
            faults.say("questions", place)
            _change_order("questions", place, k, label)
    _add("questions", _("Add a question"))
    st.subheader(_("Report"), anchor=False)
    _report(faults)
    st.subheader(_("Limits"), anchor=False)
    _limits(faults)


def _text(label: str, *path: str | int, is_long: bool = False) -> None:
    """A field for each language, or one for all."""
    written = draft_state.texts(*path)
    both = bool(st.session_state.get(key("by_language")))
    shown = [language for language in LANGUAGES if language in written or both]
    if ANY in written or not shown:
        shown = [ANY, *shown]
    for language in shown:
        name = label if language == ANY else f"{label} ({LANGUAGE_NAMES[language]})"
        if is_long or "\n" in written.get(language, ""):
            st.text_area(name, key=key(*path, language), height="content", **KEEP)
        else:
            st.text_input(name, key=key(*path, language), **KEEP)


def _run(faults: Faults, place: int, k: int) -> None:
    label = _("Run {n}").format(n=place + 1)
    _text(_("{run}: title").format(run=label), "runs", k, "title")
    faults.say("runs", place, "title")
    at: Place = ("runs", place)
    labels = (_("Settings that differ"), _("Also free to choose"))
    _settings(faults, ("runs", k), (*at, "settings"), (*at, "free"), labels)
    st.session_state.setdefault(key("runs", k, "seeds"), "1")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number_field(say(NAMES["seeds"]), key("runs", k, "seeds"), width=100, **KEEP)
        _what_is_learned(k)
    faults.say(*at)
    _change_order("runs", place, k, label)


def _what_is_learned(k: int) -> None:
    """Asked of a network on an encoder only."""
    network = ARCHITECTURES.get(draft_state.network_of("runs", k))
    where = key("runs", k, "learned")
    chosen = st.session_state.setdefault(where, ANY)
    if chosen == ANY and (network is None or not network.takes_encoder):
        return
    words = {
        ANY: _("As its settings say"),
        "untrained": _("Nothing: random weights"),
        "trained": _("Trained, and it learns on"),
        "frozen": _("Trained, and frozen"),
    }
    st.selectbox(
        _("What its encoder has learned"),
        with_held(tuple(words), chosen),
        format_func=lambda name: words.get(name, name),
        key=where,
        placeholder=_("Choose an encoder"),
        width=260,
        **KEEP,
    )


def _settings(
    faults: Faults,
    path: draft_state.Path,
    fixed: Place,
    free: Place,
    labels: tuple[str, str],
    help: str | None = None,
) -> None:
    """Settings chosen by their names, each with its value, and those that are free."""
    names = {name: say(LABELS[name]) for name in SETTABLE}
    where = key(*path, "settings")
    _several(labels[0], names, OFFERED, where, _("Choose settings"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in st.session_state[where]:
            with st.container(width=260, gap="xsmall"):
                setting_field(name, path)
    faults.say(*fixed)
    _several(labels[1], names, OFFERED, key(*path, "free"), _("Choose settings"), help)
    faults.say(*free)


def _several(
    label: str,
    names: Mapping[str, str],
    offered: Sequence[str],
    where: str,
    placeholder: str,
    help: str | None = None,
) -> None:
    """Some of what is `offered`, and what a file has chosen besides; `where` is the widget's key."""
    st.multiselect(
        label,
        with_held(offered, *st.session_state.setdefault(where, [])),
        format_func=lambda name: names.get(name, name),
        key=where,
        placeholder=placeholder,
        help=help,
        wrap=True,
        **KEEP,
    )


def _report(faults: Faults) -> None:
    names = {name: say(label) for name, label in SECTIONS.items()}
    _several(_("Sections to write"), names, tuple(SECTIONS), key("sections"), _("Choose sections"))
    faults.say("sections")
    st.caption(_("To be pinned, at least:"))
    for kind, column in zip(PINS, st.columns(3, vertical_alignment="bottom"), strict=True):
        with column:
            _number(faults, kind, ("pins", kind), ("pins", kind))
    faults.say("pins")


def _limits(faults: Faults) -> None:
    day, at, zone = st.columns([5, 3, 5], vertical_alignment="bottom")
    with day:
        chosen = st.date_input(
            _("Deadline"),
            None,
            min_value=date.min,
            max_value=date.max,
            format="YYYY-MM-DD",
            key=key("day"),
            help=_("Leave it empty for none."),
            **KEEP,
        )
    off = chosen is None
    with at:
        st.text_input(_("Time"), key=key("time"), placeholder="23:59", disabled=off, **KEEP)
    with zone:
        here = () if draft_state.zone_here() is None else (HERE,)
        zones = with_held(
            (*here, *OFFSETS), st.session_state.setdefault(key("zone"), draft_state.usual_zone())
        )
        st.selectbox(
            _("Time zone"),
            zones,
            format_func={zone: _zone_name(zone) for zone in zones}.get,
            key=key("zone"),
            placeholder=_("Choose a time zone"),
            disabled=off,
            **KEEP,
        )
    faults.say("deadline")
    help = _("What a learner may spend on this server, from when it is taken. Leave it empty for no limit.")
    _number(faults, "minutes", ("minutes",), ("minutes",), help)


def _zone_name(zone: str) -> str:
    if zone == HERE:
        return _("As here ({zone})").format(zone=st.context.timezone)
    return f"UTC{zone}".replace("-", "\N{MINUS SIGN}")


def _number(faults: Faults, name: str, path: draft_state.Path, place: Place, help: str | None = None) -> None:
    number_field(say(NAMES[name]), key(*path), help=help, **KEEP)
    faults.say(*place)


def _add(name: str, label: str) -> None:
    st.button(label, icon=":material/add:", key=key(name, "add"), on_click=draft_state.add, args=(name,))


def _change_order(name: str, place: int, k: int, label: str) -> None:
    """`label` says of what, to who hears the buttons one by one."""
    last = len(draft_state.rows(name)) - 1
    changes: tuple[tuple[str, str, bool, Callable[[], None]], ...] = (
        ("arrow_upward", _("Up"), place > 0, partial(draft_state.move, name, k, -1)),
        ("arrow_downward", _("Down"), place < last, partial(draft_state.move, name, k, 1)),
        ("delete", _("Remove"), True, partial(draft_state.remove, name, k)),
    )
    with st.container(horizontal=True, gap="small"):
        for icon, words, is_enabled, act in changes:
            st.button(
                words,
                icon=f":material/{icon}:",
                key=key(name, k, icon),
                type="tertiary",
                disabled=not is_enabled,
                help=f"{label}: {words}",
                on_click=act,
            )
