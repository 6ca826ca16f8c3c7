"""Text that somebody typed (a run's name, a part of an address), shown as the characters that it is.

Streamlit reads labels, headings and messages as Markdown, in which a name could be a picture from another
server, a link, a formula or an emoji; in HTML, `escape` does the same.
"""

from __future__ import annotations

import re
import unicodedata

# What Streamlit replaces in text that is parsed already, where no backslash helps: addresses (https:, www.,
# @), icons (:material_…:), arrows (->). Each such character gets an element of its own; the pattern is gone.
REPLACED = r":(?=\S)|@|(?<=www)\.|[<>=~-](?=[<>=~-])|(?<=[<>=~-])[<>=~-]"
# Only where they mean something: other marks stay as they are, so that a plain sentence does too.
MARKS = r"[\\`*\[\]{}<>~$]|&(?=[#\w])|(?<!\w)_|_(?!\w)|^[#+>-]|(?P<number>^\d{1,9})[.)]"
SPECIAL = re.compile(f"(?P<replaced>{REPLACED})|{MARKS}", re.IGNORECASE)
LINE_BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]")

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
LEFT_TO_RIGHT = ("L", "EN", "ES", "ET", "CS", "B", "S", "WS", "ON", "NSM", "BN")


def as_typed(text: str) -> str:
    """Markdown that shows exactly these characters, in one line."""
    return SPECIAL.sub(_escaped, isolated(LINE_BREAKS.sub(" ", text).strip()))


def isolated(text: str) -> str:
    """The text, kept from turning round what stands beside it if any of it runs from right to left.

    Directional marks of the text's own that lack their counterpart get one.
    """
    if all(unicodedata.bidirectional(letter) in LEFT_TO_RIGHT for letter in text):
        return text
    depth = unopened = 0
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("LRI", "RLI", "FSI"):
            depth += 1
        elif kind == "PDI":
            depth, unopened = max(depth - 1, 0), unopened + (depth == 0)
    return FIRST_STRONG_ISOLATE * (1 + unopened) + text + POP_ISOLATE * (1 + depth)


def _escaped(match: re.Match[str]) -> str:
    if match["replaced"]:
        return f":color[\\{match[0]}]"
    return f"{match['number'] or ''}\\{match[0][-1]}"
