"""The two widgets in which a form takes a number: chosen from a list or typed, and whole."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts.base.formatting import typed_in_full
from pages.parts.base.i18n import _, say
from pages.parts.forms.form_state import KEEP, is_varied, key
from pages.parts.forms.form_values import FORM_LABELS, TYPED
from pages.parts.forms.number_field import number_field


def typed_number(form: str, setting: str, choices: Sequence[str], help: str) -> None:
    """The form holds it as text, which is read, and refused in words, when the spec is made."""
    shown = typed_in_full if TYPED[setting] is float else str
    st.selectbox(
        say(FORM_LABELS[setting]),
        choices,
        format_func=shown,
        key=key(form, setting),
        disabled=is_varied(form, setting),
        accept_new_options=True,
        help=help,
        placeholder=_("Choose or type a number"),
        **KEEP,
    )


def whole_number(form: str, setting: str, help: str, disabled: bool = False) -> None:
    """The form holds it as text, too."""
    number_field(
        say(FORM_LABELS[setting]),
        key(form, setting),
        disabled=disabled or is_varied(form, setting),
        help=help,
        **KEEP,
    )
