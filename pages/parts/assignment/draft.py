"""`Draft`: an assignment as fields hold it, finished or not, and the JSON that says the same.

What `draft_of` takes, `Draft.values` gives back, right or wrong; only what is empty is left out. What no
field could hold is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any

from fmnist_core.assignments.assignment import ANY, LANGUAGES, SETTABLE
from fmnist_core.refusals import Place
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import EncoderSource
from pages.parts.base.number_text import typed
from pages.parts.base.numerals import exact
from pages.parts.forms.form_values import RANDOM, TYPED, parts_of

NONE = "none"  # an encoder that is said to be none
PINS = ("charts", "tables", "pictures")
NUMBERS: dict[str, type[int] | type[float]] = {**TYPED, "dropout": float, "momentum": float}
DEADLINE = re.compile(r"(\d{4}-\d\d-\d\d)T(.*?)([+-]\d\d:\d\d(?::\d\d(?:\.\d+)?)?|)", re.DOTALL)
USUAL_ENCODER = EncoderSource().model_dump()

# By the names of the lab's forms: what a widget holds. An encoder takes four.
Held = Mapping[str, str | bool]
Texts = Mapping[str, str]


class UnshownError(LabError):
    """JSON of which a part fits no field."""


@dataclass(frozen=True)
class Deadline:
    """`zone` is an offset from UTC such as "-03:00"."""

    day: date
    time: str
    zone: str


@dataclass(frozen=True)
class RunDraft:
    title: Texts
    settings: Held
    free: Sequence[str]
    encoder: str | None
    seeds: str


@dataclass(frozen=True)
class Draft:
    title: Texts
    text: Texts
    deadline: Deadline | None
    minutes: str
    fixed: Held
    free: Sequence[str]
    runs: Sequence[RunDraft]
    questions: Sequence[Texts]
    sections: Sequence[str]
    pins: Mapping[str, str]

    def values(self) -> dict[str, Any]:
        """As a lecturer would write them: what is not asked for is left out."""
        said: dict[str, Any] = {"title": _said(self.title), "text": _said(self.text)}
        if self.deadline is not None:
            said["deadline"] = f"{self.deadline.day}T{self.deadline.time}{self.deadline.zone}"
        if self.minutes.strip():
            said["minutes"] = _number(float, self.minutes)
        said |= {"fixed": settings_values(self.fixed), "free": list(self.free)}
        said |= {"runs": [_run_values(run) for run in self.runs]}
        said |= {"questions": [_said(question) for question in self.questions]}
        said |= {"sections": list(self.sections)}
        said["pins"] = {
            kind: n for kind, text in self.pins.items() if (n := _number(int, text)) not in (0, "")
        }
        return {"format": 1, **{name: value for name, value in said.items() if value not in ([], {})}}

    def to_json(self) -> str:
        return json.dumps(self.values(), ensure_ascii=False, indent=2)


def draft_of(values: Mapping[str, Any]) -> Draft:
    """Raises `UnshownError` for what the fields could not give back as it is."""
    _check_names((), values, ("format", *Draft.__dataclass_fields__))
    if not _same(1, values.get("format", 1)):
        raise _unshown(("format",))
    pins = values.get("pins", {})
    _check_names(("pins",), pins, PINS)
    runs, questions = (_list((name,), values.get(name, [])) for name in ("runs", "questions"))
    minutes = values.get("minutes")
    return Draft(
        title=_texts(("title",), values.get("title", "")),
        text=_texts(("text",), values.get("text", "")),
        deadline=_deadline(values.get("deadline")),
        minutes="" if minutes is None else _text(("minutes",), float, minutes),
        fixed=_held(("fixed",), values.get("fixed", {})),
        free=_names(("free",), values.get("free", [])),
        runs=tuple(_run(("runs", k), run) for k, run in enumerate(runs)),
        questions=tuple(_texts(("questions", k), question) for k, question in enumerate(questions)),
        sections=_names(("sections",), values.get("sections", [])),
        pins={kind: _text(("pins", kind), int, pins.get(kind, 0)) for kind in PINS},
    )


def settings_values(held: Held) -> dict[str, Any]:
    """Settings as a spec names them."""
    return {name: _value(name, held) for name in held if name in SETTABLE}


def _value(name: str, held: Held) -> Any:
    value = held[name]
    if name == "encoder":
        return None if value == NONE else _encoder_value(held)
    if name == "patience" and not str(value).strip():
        return None
    if name == "hidden_sizes":
        return [_number(int, part) for part in parts_of(name, value)]
    return _number(NUMBERS[name], value) if name in NUMBERS else value


def _encoder_value(held: Held) -> dict[str, Any]:
    """Its network, and what else is not as usual."""
    frozen = held["frozen"]
    said = {"architecture": held["encoder_architecture"]}
    origin, _, id = str(held["encoder"]).partition(":")
    if origin != RANDOM:
        said |= {"origin": origin, "id": id}
    if frozen:
        said |= {"frozen": True} if held["encoder_dropout"] else {"frozen": True, "dropout": False}
    return said


def _number(kind: type[int] | type[float], text: object) -> float | str:
    """A round one without its point; what JSON has no number for stays as it was typed."""
    value = typed(kind, text)
    if isinstance(value, float) and not isfinite(value):
        return str(text)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _said(texts: Texts) -> str | dict[str, str]:
    written = {language: text for language, text in texts.items() if text}
    return written.get(ANY, "") if list(written) in ([], [ANY]) else written


def _run_values(run: RunDraft) -> dict[str, Any]:
    said = {"title": _said(run.title), "settings": settings_values(run.settings), "free": list(run.free)}
    said |= {"encoder": run.encoder, "seeds": _number(int, run.seeds)}
    usual = {"settings": {}, "free": [], "encoder": None, "seeds": 1}
    return {name: value for name, value in said.items() if name not in usual or value != usual[name]}


def _run(place: Place, values: Any) -> RunDraft:
    _check_names(place, values, tuple(RunDraft.__dataclass_fields__))
    encoder = values.get("encoder")
    if not isinstance(encoder, str | None):
        raise _unshown((*place, "encoder"))
    return RunDraft(
        title=_texts((*place, "title"), values.get("title", "")),
        settings=_held((*place, "settings"), values.get("settings", {})),
        free=_names((*place, "free"), values.get("free", [])),
        encoder=encoder,
        seeds=_text((*place, "seeds"), int, values.get("seeds", 1)),
    )


def _texts(place: Place, value: Any) -> Texts:
    by_language = {ANY: value} if isinstance(value, str) else value
    _check_names(place, by_language, (ANY, *LANGUAGES))
    if not all(isinstance(text, str) for text in by_language.values()):
        raise _unshown(place)
    if by_language.get(ANY) and len(by_language) > 1:
        raise _unshown(place)
    return {language: text for language, text in by_language.items() if text}


def _deadline(value: Any) -> Deadline | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        spec = "auto" if moment.second or moment.microsecond else "minutes"
        text = value if moment.tzinfo is None else moment.isoformat(timespec=spec)
    except (TypeError, ValueError):
        text = value if isinstance(value, str) else ""
    try:
        if (parts := DEADLINE.fullmatch(text)) is None:
            raise _unshown(("deadline",))
        return Deadline(date.fromisoformat(parts[1]), parts[2], parts[3])
    except ValueError:
        raise _unshown(("deadline",)) from None


def _names(place: Place, value: Any) -> tuple[str, ...]:
    names = _list(place, value)
    if not all(isinstance(name, str) for name in names):
        raise _unshown(place)
    return tuple(dict.fromkeys(names))


def _list(place: Place, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _unshown(place)
    return value


def _check_names(place: Place, value: Any, names: Sequence[str]) -> None:
    if not isinstance(value, Mapping):
        raise _unshown(place)
    for name in value:
        if name not in names:
            raise _unshown((*place, name))


def _held(place: Place, settings: Any) -> Held:
    """What widgets hold of these settings; each must come back as it is."""
    _check_names(place, settings, SETTABLE)
    held: dict[str, str | bool] = {}
    for name, value in settings.items():
        shown = _shown(name, value)
        if shown is None or not _same(_value(name, shown), value):
            raise _unshown((*place, name))
        held |= shown
    return held


def _shown(name: str, value: Any) -> dict[str, str | bool] | None:
    match name, value:
        case "encoder", None:
            return {name: NONE, **_encoder_held(USUAL_ENCODER)}
        case "encoder", dict() if isinstance(value.get("architecture", ""), str):
            source = {**USUAL_ENCODER, **value}
            where = RANDOM if source["origin"] == RANDOM else f"{source['origin']}:{source['id']}"
            return {name: where, **_encoder_held(source)}
        case "patience", None:
            return {name: ""}
        case "hidden_sizes", list():
            return {name: ", ".join(_written(size) for size in value)}
        case "pooling", bool():
            return {name: value}
        case _ if name in NUMBERS:
            return {name: _written(value)}
        case _ if isinstance(value, str) and name not in ("pooling", "encoder"):
            return {name: value}
    return None


def _encoder_held(source: Mapping[str, Any]) -> dict[str, str | bool]:
    return {
        "encoder_architecture": source["architecture"],
        "frozen": source["frozen"],
        "encoder_dropout": source["dropout"],
    }


def _same(back: Any, value: Any) -> bool:
    if isinstance(back, dict) and isinstance(value, dict):
        back, value = {**USUAL_ENCODER, **back}, {**USUAL_ENCODER, **value}
    return json.dumps(back) == json.dumps(value) or (_is_number(back) and _is_number(value) and back == value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(place: Place, kind: type[int] | type[float], value: Any) -> str:
    text = _written(value)
    if not _same(_number(kind, text), value):
        raise _unshown(place)
    return text


def _written(value: Any) -> str:
    """As it is typed; what is no number as the text that it is."""
    return exact(value) if _is_number(value) else str(value)


def _unshown(place: Place) -> UnshownError:
    parts = [str(part + 1) if isinstance(part, int) else part[:40] for part in place]
    return UnshownError(
        Sentence(
            "The fields have no place for “{place}”. It stays as it was typed: go on in JSON.",
            place=" › ".join(parts),
        )
    )
