"""Numbers as people type them, in either language: a decimal comma is read as a decimal point.

How numbers are written is in `numerals`.
"""

from __future__ import annotations

import re

from pages.parts.base.numerals import exact

GROUPED = re.compile(r"[1-9]\d{0,2}([.,\s])\d{3}(?:\1\d{3})*")


def typed(kind: type[int] | type[float], text: object) -> float | str:
    """The number that was typed, or else the text, for whoever checks it to refuse in words.

    Of a whole number, points, commas and spaces between groups of three digits are left out ("20.000"); of
    another, one comma stands for the point ("0,002"). A comma beside a point could be either: no number.
    """
    text = str(text).strip()
    digits = text.replace("\N{MINUS SIGN}", "-")
    if kind is int and GROUPED.fullmatch(digits):
        digits = re.sub(r"[.,\s]", "", digits)
    elif kind is int and re.match(r"[+-]?0\d", digits):  # the 024 of a list "1,024" is no size of its own
        return text
    elif kind is float and digits.count(",") == 1 and "." not in digits:
        digits = digits.replace(",", ".")
    try:
        return kind(digits)
    except ValueError:
        return text


def canonical(kind: type[int] | type[float], text: object) -> str:
    """What was typed, as `exact` writes it; what is no number stays as it is."""
    value = typed(kind, text)
    return value if isinstance(value, str) else exact(value)
