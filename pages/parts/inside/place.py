"""Which unit, map, row or column of several; a layer's unit or map stands in the address."""

from __future__ import annotations

import streamlit as st

from pages.parts.base.i18n import _
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.form_state import KEEP
from pages.parts.forms.linked_choice import choose, underway

# In the address: a layer's unit, what surgery makes of it, and one of the weights into it.
UNIT, STRENGTH, WEIGHT = "unit", "strength", "weight"


def nth(label: str, count: int, key: str, default: int = 0) -> int:
    """A place from 0 on, counted from 1 on the page; the one chosen in a larger network may be too far."""
    if count == 1:
        return 0
    st.session_state[key] = min(st.session_state.get(key, default + 1), count)
    chosen: int = st.slider(label, 1, count, key=key, **KEEP)
    return chosen - 1


def linked_unit(label: str, count: int, default: int) -> int:
    """As `nth`, but the address rules; another unit begins without surgery."""
    return linked_nth(label, count, UNIT, default, within=(STRENGTH,))


def linked_nth(label: str, count: int, key: str, default: int, within: tuple[str, ...] = ()) -> int:
    """As `nth`, with a name in the address, which rules; choices `within` begin anew with another place."""
    asked = None if underway(key) else st.query_params.get(key)
    if asked is not None:
        known = {str(place): place for place in range(1, count + 1)}
        if asked not in known:
            st.warning(
                _("This link asks for “{asked}”, which is not here. You see “{shown}”.").format(
                    asked=as_typed(asked[:40]), shown=f"{label} {default + 1}"
                )
            )
        st.session_state[key] = known.get(asked, default + 1)
    st.session_state[key] = min(st.session_state.get(key, default + 1), count)
    if count > 1:
        st.slider(label, 1, count, key=key, on_change=choose, args=(key, within), **KEEP)
    st.query_params[key] = chosen = st.session_state[key]
    return int(chosen) - 1
