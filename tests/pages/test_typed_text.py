"""Text from outside in Markdown: nothing of it is markup, and its direction ends where it ends.

What Streamlit makes of it is seen in Chromium, in `tests/browser/test_names.py`.
"""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pages.parts.base.typed_text import as_typed, isolated
from tests.pages.lab_page import unescaped

ISOLATES = {"LRI", "RLI", "FSI"}
BIDI = st.text(st.sampled_from("ab אب\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"))


@given(st.text())
def test_no_character_is_lost_or_added(text: str):
    shown = unescaped(as_typed(text))
    line = re.sub(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]", " ", text).strip()
    assert shown.strip("\u2068\u2069") == line.strip("\u2068\u2069")
    assert line in shown


@given(BIDI)
def test_direction_ends_with_the_text(text: str):
    """By the rule of Unicode's annex 9: the isolate that is opened first is closed last, at the very end."""
    shown = isolated(text)
    if shown == text:
        assert all(
            unicodedata.bidirectional(letter) not in ("R", "AL", "RLO", "RLE", "RLI") for letter in text
        )
        return
    depth, depths = 0, []
    for letter in shown:
        kind = unicodedata.bidirectional(letter)
        depth += kind in ISOLATES
        depth -= kind == "PDI"
        depths.append(depth)
    assert depths[-1] == 0
    assert min(depths[:-1]) > 0


def test_plain_names_stay_as_they_are():
    for name in ("Feed-forward 64–32, branch", "“Año” (2): ñ.", "🧑\u200d🔬", "Dropout 0.1, seed 2", "ff_a"):
        assert as_typed(name) == name
