"""A choice that stands in the address under a name of its own, the same in every language."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.base.typed_text import as_typed


def address_choice(label: str, options: Mapping[str, str], *, key: str, width: str = "content") -> str:
    """One of `options` (address word to label), at first the address's or else the first, then kept.

    An address that asks for something else gets a sentence.
    """
    default = next(iter(options))
    if key not in st.session_state:
        asked = st.query_params.get(key, default)
        if asked not in options:
            st.warning(
                _("This link asks for “{asked}”, which is not here. You see “{shown}”.").format(
                    asked=as_typed(asked[:40]), shown=options[default]
                )
            )
        st.session_state[key] = asked if asked in options else default
    chosen = st.segmented_control(
        label,
        list(options),
        format_func=options.get,
        key=key,
        required=True,
        persist_state="session",
        label_visibility="collapsed",
        width=width,
        wrap=True,
    )
    if chosen != default:
        st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen
