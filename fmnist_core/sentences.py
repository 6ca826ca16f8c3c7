"""Sentences for learners: written once in English, shown in the language of whoever reads them.

The engine raises and stores them; it never translates. A front end does, with its own catalogue.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any


class Sentence:
    """An English sentence with named blanks; `Sentence("{n} is too many.", n=7)`.

    The text is the message id in the catalogues, so it must be a literal where it is written.
    A blank may hold another `Sentence` (the label of a setting, say), which is translated too.
    """

    def __init__(self, text: str, **values: Any) -> None:
        self.text = text
        self.values = values

    def translated(self, gettext: Callable[[str], str]) -> str:
        values = {
            name: value.translated(gettext) if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        return gettext(self.text).format(**values)

    def __str__(self) -> str:
        return self.translated(lambda text: text)

    def __repr__(self) -> str:
        return f"Sentence({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def to_json(self) -> str:
        return json.dumps(_as_json(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Sentence:
        """Raises `ValueError` for what is no sentence."""
        sentence = _sentence(json.loads(text))
        if not isinstance(sentence, Sentence):
            raise ValueError("this is JSON, and no sentence")
        return sentence


class LabError(Exception):
    """Something a learner should be told, in one or more sentences that say what to do next."""

    def __init__(self, *sentences: Sentence) -> None:
        super().__init__(*sentences)
        self.sentences = sentences

    @property
    def sentence(self) -> Sentence:
        """All of them as one."""
        whole = self.sentences[-1]
        for sentence in reversed(self.sentences[:-1]):
            whole = Sentence("{fault} {remedy}", fault=sentence, remedy=whole)
        return whole

    def __str__(self) -> str:
        return " ".join(str(sentence) for sentence in self.sentences)

    def translated(self, gettext: Callable[[str], str]) -> str:
        return " ".join(sentence.translated(gettext) for sentence in self.sentences)


def figure(value: float, format_spec: str) -> Sentence:
    """A number in a sentence, by Python's `format_spec`; a front end writes it as its language does."""
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    if math.isinf(value):
        return Sentence(f"{sign}∞")
    return Sentence(f"{sign}{{figure:{format_spec}}}", figure=abs(value))


def loss_text(loss: float, digits: int = 4) -> Sentence:
    """A loss as it is read."""
    return figure(loss, f".{digits}f")


def share_text(share: float, digits: int = 1) -> Sentence:
    """A share of one in percent."""
    return Sentence("{number} %", number=figure(100 * share, f".{digits}f"))


def duration_text(seconds: float) -> Sentence:
    """Rounded for people: "0.4 s", "12 s", "3 min", "1 h 5 min"."""
    if seconds < 99.5:
        return Sentence("{seconds} s", seconds=figure(seconds, ".1f" if seconds < 9.95 else ".0f"))
    minutes = round(seconds / 60)
    if minutes < 100:
        return Sentence("{minutes} min", minutes=minutes)
    if minutes % 60 == 0:
        return Sentence("{hours} h", hours=minutes // 60)
    return Sentence("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def _as_json(value: Any) -> Any:
    if isinstance(value, Sentence):
        return {"text": value.text, "values": {k: _as_json(v) for k, v in value.values.items()}}
    return value


def _sentence(value: Any) -> Any:
    if isinstance(value, dict):
        text, values = value["text"], value["values"]
        return Sentence(text, **{name: _sentence(inner) for name, inner in values.items()})
    return value
