"""How each language writes a number: 101,200 and 44.8 in English, 101 200 and 44,8 in Spanish.

`written` is the one place where a figure becomes text for a learner; charts get the same signs from `signs`.
Python rounds and pads, Babel knows the signs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale

LOCALES = {"en": "en_GB", "es": "es_AR"}
# A point between thousands would read as a decimal one to who has just read an English paper: a space stands
# there, as the Academy advises.
GROUPS = {"es": "\N{NARROW NO-BREAK SPACE}"}
# What begins with the sound of *y*, before which it is *e*: imágenes, hidrógeno, and neither hielo nor iones.
SOUNDS_AS_Y = re.compile(r"\W*h?[ií](?![aeou])", re.IGNORECASE)
# Where a blank stands in what was typed: "10 000", "85 %", "{share} %".
THOUSANDS = re.compile(r" (?<=\d )(?=\d{3}(?!\d))")
BEFORE_PERCENT = re.compile(r" (?<=[\d}] )(?=%)")
# Beyond these, zeros to count: an exponent is read more easily.
LEAST, MOST = 1e-9, 1e16


@dataclass(frozen=True)
class Signs:
    decimal: str
    group: str


def listed(items: Sequence[str], language: str) -> str:
    """ "16, 32 and 64"; semicolons part what has commas of its own: "0,1; 0,2 y 0,5"."""
    if len(items) < 2 or any(", " in item for item in items):
        return "; ".join(items)
    comma = "; " if any("," in item for item in items) else ", "
    joint, *before_i = before_the_last(language)
    if before_i and SOUNDS_AS_Y.match(items[-1]):
        (joint,) = before_i
    return f"{comma.join(items[:-1])}{joint}{items[-1]}"


def before_the_last(language: str) -> tuple[str, ...]:
    """What stands between the last of several and the others; in Spanish another before the sound of *i*."""
    usual: str = Locale.parse(LOCALES[language]).list_patterns["standard"]["end"].format("", "")
    return (usual, " e ") if language == "es" else (usual,)


@cache
def signs(language: str) -> Signs:
    symbols = Locale.parse(LOCALES[language]).number_symbols["latn"]
    return Signs(symbols["decimal"], GROUPS.get(language, symbols["group"]))


@lru_cache(maxsize=4096)
def kept_together(text: str, language: str) -> str:
    """No line of a page ends between a number and its percent sign, nor between its thousands."""
    if language in GROUPS:
        text = THOUSANDS.sub(GROUPS[language], text)
    return BEFORE_PERCENT.sub("\N{NO-BREAK SPACE}", text)


def written(value: float, format_spec: str, language: str) -> str:
    """`value` by Python's `format_spec`, with the signs of `language`; without a spec, all its digits."""
    if value in (math.inf, -math.inf):  # `isinf` refuses whole numbers too large for a float
        return "−∞" if value < 0 else "∞"
    text = format(value, format_spec) if format_spec else exact(value)
    mine = signs(language)
    return text.translate({ord(","): mine.group, ord("."): mine.decimal, ord("-"): "\N{MINUS SIGN}"})


def exact(value: float) -> str:
    """The shortest decimal text that reads back as `value`, as forms and links hold it: "0.00001", "3"."""
    text = repr(value)
    if value == 0 or LEAST <= abs(value) < MOST:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")
