"""A report as it stands: pins in their order, texts by section, answers to an assignment's questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zlib import crc32

from fmnist_core.own_report.pin import Content
from fmnist_core.own_report.sections import SECTIONS, TEMPLATES, home_of_pins

ANSWER = "answer-"


@dataclass(frozen=True)
class Pin:
    """`runs` say where its numbers come from: the id, name, spec and figures of each when it was pinned.

    `language` is that in which the lab wrote its words and numbers, "" where that was not kept; `is_draft`
    says that the caption is the lab's, too.
    """

    id: str
    section: str
    caption: str
    content: Content | None
    runs: tuple[Mapping[str, Any], ...]
    created: datetime
    language: str = ""
    is_draft: bool = False


@dataclass(frozen=True)
class Text:
    """`version` counts how often it was written; an answer's `heading` is its question."""

    text: str = ""
    version: int = 0
    heading: str = ""


@dataclass(frozen=True)
class Report:
    """`code` lets others write, `link` lets them read. A pin that cannot be read has no content."""

    code: str
    link: str
    title: str
    authors: str
    template: str
    texts: Mapping[str, Text]
    pins: tuple[Pin, ...] = field(default=())

    @property
    def filled_sections(self) -> list[str]:
        """Those of its template that hold a text or a pin."""
        return [
            name for name in TEMPLATES[self.template] if self.text(name).text.strip() or self.pins_of(name)
        ]

    @property
    def answers(self) -> list[Text]:
        """Those that are written, by assignment and in the order of its questions."""
        return [self.texts[k] for k in sorted(self.texts) if is_answer(k) and self.texts[k].text.strip()]

    @property
    def hidden_sections(self) -> list[str]:
        """Those that hold a text, and that its template lacks: it is kept, and shown nowhere."""
        lacking = [name for name in SECTIONS if name not in TEMPLATES[self.template]]
        return [name for name in lacking if self.text(name).text.strip()]

    def text(self, section: str) -> Text:
        return self.texts.get(section, Text())

    def pins_of(self, section: str) -> list[Pin]:
        """Those that stand there. Pins of a section that the template lacks stand where new ones do."""
        sections = TEMPLATES[self.template]
        usual = home_of_pins(self.template)
        return [pin for pin in self.pins if (pin.section if pin.section in sections else usual) == section]


def answer_key(assignment: str, question: int) -> str:
    """Among a report's texts, that of the answer to a question of an assignment, counted from 1."""
    return f"{ANSWER}{crc32(assignment.encode()):08x}-{question:02}"


def is_answer(key: str) -> bool:
    return re.fullmatch(ANSWER + r"[0-9a-f]{8}-\d\d", key) is not None
