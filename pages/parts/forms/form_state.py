"""The values of a lab page's form in the session: which widget holds which, and how to fill them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts.forms.form_values import settled, with_network

# The forms, by the tasks of the lab's own pages; others are named after theirs (see `settings.task_of`).
PREFIXES = {
    "autoencoder": "ae",
    "classifier": "cl",
    "sweep_autoencoder": "sa",
    "sweep_classifier": "sc",
    "transfer": "tr",
}
# How a widget is told to outlast a change of page.
KEEP = {"persist_state": "session"}


def fill(task: str, values: Mapping[str, Any]) -> None:
    """Put values into the form; only before it is drawn, or in a callback.

    New widgets take the place of those there: a look at a run may still carry what the old ones showed.
    """
    if key(task, "architecture") in st.session_state:
        st.session_state[_edition(task)] = st.session_state.get(_edition(task), 0) + 1
    st.session_state[key(task, "architecture")] = values["architecture"]  # decides the key of another
    for name, value in values.items():
        st.session_state[key(task, name)] = value


def read(task: str, fresh: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values as they stand, drawn or not; in a callback already the new ones.

    A number typed in another way than the lab writes it ("0,002") is put into the lab's.

    `fresh` are those of a fresh form, for settings that the session has not met.
    """
    chosen = st.session_state.setdefault(key(task, "architecture"), fresh["architecture"])
    usual = with_network(fresh, chosen)
    return {name: read_setting(task, name, value) for name, value in usual.items()}


def read_setting(task: str, name: str, usual: Any) -> Any:
    """One of the form's values; `usual` if the session has not met it."""
    where = key(task, name)
    held = st.session_state.setdefault(where, usual)
    value = settled(name, held)
    if value != held:
        st.session_state[where] = value
    return value


def key(task: str, name: str) -> str:
    """The key of a setting's widget. Every network has a widget of its own for its hidden sizes."""
    edition = st.session_state.get(_edition(task), 0)
    if name == "hidden_sizes":
        name = f"{name}_{st.session_state.get(key(task, 'architecture'))}"
    return f"{PREFIXES[task]}_{name}" + (f"_{edition}" if edition else "")


def encoder_asked_for(task: str) -> str | None:
    """The encoder that the address names, else the one chosen; it may be another learner's run."""
    return st.query_params.get(f"{PREFIXES[task]}_encoder") or st.session_state.get(key(task, "encoder"))


def is_varied(task: str, name: str) -> bool:
    """Whether a sweep decides this setting, so that its own widget has no say."""
    return task.startswith("sweep_") and st.session_state.get(key(task, "vary")) == name


def _edition(task: str) -> str:
    return f"edition_{task}"
