"""A lab page's part of the browser's address: settings and the run in view, so that a link brings both back.

Values stand there as a spec names them, whatever the language. The session's own values rule; the address is
read when it says something new: on the first visit, from a link, on the way back through history.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec, SpecError
from pages.parts.base import routes
from pages.parts.base.number_text import typed
from pages.parts.base.numerals import exact
from pages.parts.forms.form_state import PREFIXES
from pages.parts.forms.form_values import (
    FORM_LABELS,
    FORM_LIMITS,
    WHOLE_NUMBERS,
    settled,
    values_of,
    with_network,
)
from pages.parts.forms.number_field import no_whole_number, outside

# A click may still carry the address as it was before what the page wrote there has reached the browser.
SECONDS_UNDERWAY = 2.0
# Where a refused field of a spec stands in the form.
FIELDS = {"encoder": ("encoder", "encoder_architecture"), "patience": ("patience", "early_stopping")}


def news(task: str, was_in_view: bool) -> dict[str, str] | None:
    """What the address says, without the page's prefix, if that is neither old nor the page's own writing.

    By an empty address a learner has come back to the page, and finds it as it was left. If the page was in
    view already, it is one step back in history, and stands for what the page showed on arrival.
    """
    here = _here(task)
    if not was_in_view:
        st.session_state[_on_arrival(task)] = None
    if not is_news(task, here, was_in_view):
        return None
    return here or dict(st.session_state.get(_on_arrival(task)) or {})


def is_news(name: str, here: Mapping[str, str], was_in_view: bool = True) -> bool:
    """Whether this part of the address differs from what was last `remember`ed under the name.

    While that may not have reached the browser yet, nothing is news but the browser's Back and Forward.
    """
    written, when = st.session_state.get(_written(name), (None, 0.0))
    underway = was_in_view and time.monotonic() - when < SECONDS_UNDERWAY and not by_history()
    return not (here == written or underway or not (here or was_in_view))


def by_history() -> bool:
    """Whether the browser's Back or Forward has led here: then its address is no old one, and rules."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


def remember(name: str, wanted: Mapping[str, str], here: Mapping[str, str]) -> None:
    """That this part of the address has been made `wanted` in place of `here`."""
    _before, when = st.session_state.get(_written(name), (None, 0.0))
    st.session_state[_written(name)] = (wanted, when if here == wanted else time.monotonic())


def write(task: str, values: Mapping[str, Any], defaults: Mapping[str, Any], in_view: str | None) -> None:
    """Put what is not at its default into the address, and the run (or sweep, or race) in view."""
    usual = with_network(defaults, values["architecture"]) | {"architecture": defaults["architecture"]}
    wanted = {name: to_text(value) for name, value in values.items() if value != usual[name]}
    if in_view is not None:
        wanted[routes.in_view(task)] = in_view
    if st.session_state.get(_on_arrival(task)) is None:
        st.session_state[_on_arrival(task)] = wanted
    here = _here(task)
    if here != wanted:
        for name in here.keys() - wanted.keys():
            del st.query_params[_parameter(task, name)]
        st.query_params.update({_parameter(task, name): text for name, text in wanted.items()})
    remember(task, wanted, here)


def address_of(spec: RunSpec, fresh: Mapping[str, Any]) -> dict[str, str]:
    """What an address must say, without the page's prefix, so that its form makes this spec.

    `fresh` are the values of a fresh form.
    """
    values, usual = {**fresh, **values_of(spec)}, with_network(fresh, spec.architecture)
    address = {name: to_text(value) for name, value in values.items() if value != usual[name]}
    return address | {"architecture": spec.architecture}  # one that says nothing would fill nothing


def parameters(spec: RunSpec, fresh: Mapping[str, Any], without: Collection[str] = ()) -> dict[str, str]:
    """The address of `address_of`, with the prefix of the spec's page, `without` some settings."""
    said = address_of(spec, fresh)
    return {_parameter(spec.task, n): text for n, text in said.items() if n not in without}


def read(
    given: Mapping[str, str],
    base: Mapping[str, Any],
    choices: Mapping[str, Collection[Any]],
    check: Callable[[dict[str, Any]], object],
) -> tuple[dict[str, Any], list[Sentence]]:
    """`base` with what an address gives, and a sentence for each part of it that had to be ignored.

    `choices` holds the values that a setting can have, where they can be counted; `check` raises `SpecError`
    for values that make no form.
    """
    if "hidden_sizes" in base and given.get("architecture") in choices["architecture"]:
        base = with_network(base, given["architecture"])
    read: dict[str, Any] = {}
    refused: dict[str, Sentence] = {}
    for name, text in given.items():
        try:
            read[name] = from_text(name, text, base, choices)
        except SpecError as error:
            refused |= error.fields
    while read:
        try:
            check({**base, **read})
            break
        except SpecError as error:
            blamed = [
                (name, why) for field, why in error.fields.items() for name in FIELDS.get(field, (field,))
            ]
            at_fault = {name: why for name, why in blamed if name in read}
            if not at_fault:  # the fault lies between the settings: none of them can be trusted
                at_fault = dict.fromkeys(read, next(iter(error.fields.values())))
            refused |= at_fault
            read = {name: value for name, value in read.items() if name not in at_fault}
    return {**base, **read}, [ignored(name, why) for name, why in refused.items()]


def to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return exact(value) if isinstance(value, int | float) else str(value).replace(" ", "")


def from_text(name: str, text: str, base: Mapping[str, Any], choices: Mapping[str, Collection[Any]]) -> Any:
    """A value of the default's type which its widget can show. Raises `SpecError`."""
    label = FORM_LABELS.get(name, name)
    refused = Sentence(
        "{label} can be {choices}; you gave “{value}”.",
        label=label,
        choices=", ".join(map(str, choices.get(name, ()))),
        value=text[:60],
    )
    match base.get(name):
        case None:
            value = None
            refused = Sentence(
                "There is no setting named “{field}”. Remove it, or check its spelling.", field=name[:60]
            )
        case bool():
            value = {"on": True, "off": False}.get(text)
            refused = Sentence("{label} is on or off; you gave “{value}”.", label=label, value=text[:60])
        case default if isinstance(default, int | float) or name in WHOLE_NUMBERS:
            low, high = FORM_LIMITS[name]
            number = typed(int if name in WHOLE_NUMBERS else type(default), text)
            value = settled(name, text) if isinstance(default, str) else number
            if isinstance(number, str) or not low <= number <= high:
                value = None
            if name not in choices:
                say_why = no_whole_number if name in WHOLE_NUMBERS else outside
                refused = say_why(label, text, low, high)
        case _:
            value = settled(name, text)
            if name == "encoder":
                refused = Sentence(
                    "There is no trained encoder “{value}” here. Choose another one.", value=text[:60]
                )
    if value is None or value not in choices.get(name, (value,)):
        raise SpecError({name: refused})
    return value


def ignored(name: str, why: Sentence) -> Sentence:
    """For a part of an address that could not be followed."""
    return Sentence("“{name}” in the address was ignored. {why}", name=name[:60], why=why)


def _parameter(task: str, name: str) -> str:
    return name if name == routes.in_view(task) else f"{PREFIXES[task]}_{name}"


def _written(name: str) -> str:
    return f"address_{name}"


def _on_arrival(task: str) -> str:
    return f"address_{task}_on_arrival"


def _here(task: str) -> dict[str, str]:
    mark = f"{PREFIXES[task]}_"
    return {
        key.removeprefix(mark): value
        for key, value in st.query_params.to_dict().items()
        if key.startswith(mark) or key == routes.in_view(task)
    }
