"""A slider over fractions, which it writes as the page's language does.

Streamlit's own slider follows the browser's language, or none.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.base.i18n import current_language
from pages.parts.base.numerals import written
from pages.parts.base.word_slider import word_slider


def fraction_slider(label: str, low: float, high: float, step: float, *, key: str, **options: Any) -> float:
    """From `low` to `high` in steps, and what the key holds besides: a link may bring any number between."""
    steps = {round(low + k * step, 10) for k in range(round((high - low) / step) + 1)}
    steps.add(st.session_state.setdefault(key, low))
    language = current_language()
    return word_slider(label, sorted(steps), lambda value: written(value, "", language), key=key, **options)
