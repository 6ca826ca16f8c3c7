"""What a widget holds, and what a click asks of the engine.

That is one call, and what it refuses is told when the page is drawn next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core.engine.engine import Unanswered
from fmnist_core.sentences import LabError
from fmnist_core.store.database import Busy
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.typed_text import as_typed

REFUSAL = "refusal"


def held(key: str) -> Any:
    """For callbacks: the session's value of `key`, such as what the widget of that name says.

    What a browser reports may be gone by then: the callback of another widget has begun this one anew, or the
    page has been left. There is nothing to do about it: the callback ends here, and the page is drawn.
    """
    if key not in st.session_state:
        st.rerun()
    return st.session_state[key]


def attempt(call: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    """What the call returns, or `None` if it was refused; for callbacks."""
    try:
        return call(*args, **settings)
    except LabError as error:
        st.session_state[REFUSAL] = say(error)
        return None


def steering_button(
    name: str, of: str | None, call: Callable[..., Any], enabled: bool, *, shortcut: str | None = None
) -> None:
    """A button that steers what has the id `of`, a run, a sweep or a race; `call` also takes the learner."""
    label, icon = {
        "resume": (_("Resume"), ":material/play_arrow:"),
        "pause": (_("Pause"), ":material/pause:"),
        "stop": (_("Stop"), ":material/stop:"),
    }[name]
    st.button(
        label,
        icon=icon,
        key=f"bar_{name}",
        shortcut=shortcut,
        disabled=not enabled,
        on_click=attempt,
        args=(call, of, learner_id()),
    )


def say_error(error: LabError, key: str) -> None:
    """Why there is nothing to see, and a button of this key to try again where that may help."""
    st.info(as_typed(say(error)), icon=":material/info:")
    if isinstance(error, Unanswered | Busy):
        st.button(_("Try again"), icon=":material/refresh:", key=f"{key}_refused")


def tell_refusal() -> None:
    refusal = st.session_state.pop(REFUSAL, None)
    if refusal:
        st.error(as_typed(refusal), icon=":material/info:")
