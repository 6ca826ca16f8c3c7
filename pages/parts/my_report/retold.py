"""Pins in the language of who reads them, whatever language they were made in.

What the lab wrote in them is told anew: words, numbers, a caption that is still the draft. What learners
wrote stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fmnist_core.own_report.pin import Content
from fmnist_core.own_report.report import Pin, Report
from pages.parts.base.i18n import LANGUAGES
from pages.parts.my_report.other_language import Telling

POINT, COMMA = "en", "es"  # languages with such a decimal sign
# Where a chart's spec holds words. Names of its series stand in its rows, too, and must stay the same there.
WORDS = frozenset({"title", "domain", "sort", "values", "oneOf"})
COMPARED = re.compile(r"datum\.(\w+) [!=]==? '")  # a field by whose values a chart chooses rows


def retold(report: Report, language: str, decimal_comma: bool) -> Report:
    return replace(report, pins=tuple(retold_pin(pin, language, decimal_comma) for pin in report.pins))


def retold_pin(pin: Pin, language: str, decimal_comma: bool) -> Pin:
    """The same where it is damaged, or not known in which language it was pinned, as before that was kept."""
    if pin.language not in LANGUAGES or pin.content is None:
        return pin
    names = {str(run["name"]) for run in pin.runs if run.get("name")}
    telling = Telling(pin.language, language, COMMA if decimal_comma else POINT, names)
    caption = telling.text(pin.caption) if pin.is_draft else pin.caption
    return replace(pin, caption=caption, content=_content(pin.content, telling))


def _content(content: Content, telling: Telling) -> Content:
    data = dict(content.data)
    match content.kind:
        case "chart":
            spec, rows = data["spec"], data["rows"]
            fields = set(COMPARED.findall(str(spec)))
            data["spec"] = _spec(spec, telling, is_words=False)
            data["rows"] = [_row(row, fields, telling) for row in rows]
        case "table":
            data["heads"] = [telling.text(head) for head in data["heads"]]
            data["rows"] = [[telling.text(cell) for cell in row] for row in data["rows"]]
        case "pictures":
            data["captions"] = [telling.text(words) for words in data["captions"]]
    return Content(content.kind, data)


def _spec(value: Any, telling: Telling, is_words: bool) -> Any:
    if isinstance(value, str):
        return telling.text(value) if is_words else value
    if isinstance(value, list):
        return [_spec(inner, telling, is_words) for inner in value]
    if isinstance(value, Mapping):
        return {name: _spec(inner, telling, is_words or name in WORDS) for name, inner in value.items()}
    return value


def _row(row: Mapping[str, Any], kept: set[str], telling: Telling) -> dict[str, Any]:
    return {
        name: telling.text(value) if isinstance(value, str) and name not in kept else value
        for name, value in row.items()
    }
