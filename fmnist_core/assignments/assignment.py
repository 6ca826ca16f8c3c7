"""`Assignment`: what a lecturer asks for, as a file says it.

A value that no assignment can have is refused here, in a sentence that names what to change; so is a run that
no learner could train.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from fmnist_core.architecture.networks import ARCHITECTURES, offered
from fmnist_core.own_report.pin import Kind
from fmnist_core.own_report.sections import SECTIONS
from fmnist_core.refusals import Part, Place, as_tuple, not_among, refusal, shown
from fmnist_core.sentences import Sentence
from fmnist_core.spec import LABELS, RunSpec, SpecError, read_spec

MOST_CHARACTERS = {"line": 200, "text": 8_000}
EVERYBODYS = frozenset({"seed"})  # free in every run
SETTABLE = tuple(name for name in LABELS if name not in ("seed", "branch", "learning_rate_changes"))
USUAL_NETWORK = "ff_classifier"  # where none is named
LANGUAGES = ("en", "es")
BLANKS = "\n\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{ZERO WIDTH JOINER}"
ANY = ""  # the language of a text that is written in one only


def _by_language(value: Any) -> Any:
    by_language = {ANY: value} if isinstance(value, str) else value
    if not isinstance(by_language, dict):
        raise refusal(
            Sentence(
                "This must be text in quotes, or one text a language; you gave “{given}”.", given=shown(value)
            )
        )
    return {k: v.replace("\r\n", "\n") if isinstance(v, str) else v for k, v in by_language.items()}


def _readable(kind: str, texts: Mapping[str, str]) -> Mapping[str, str]:
    for language, text in texts.items():
        if language not in LANGUAGES and list(texts) != [ANY]:
            raise refusal(not_among(Sentence("Language"), ", ".join(LANGUAGES), language[:20]))
        if not text.strip():
            raise refusal(Sentence("This is empty. Write something, or remove the line."))
        if unseen := next((sign for sign in text if not sign.isprintable() and sign not in BLANKS), ""):
            raise refusal(
                Sentence("This holds a character that cannot be seen (U+{code}).", code=f"{ord(unseen):04X}")
            )
        if len(text) > MOST_CHARACTERS[kind]:
            raise refusal(
                Sentence(
                    "This has {given:,} characters; {most:,} are the most here. Shorten it.",
                    given=len(text),
                    most=MOST_CHARACTERS[kind],
                )
            )
    return texts


def _moment(value: Any) -> Any:
    """A time with its zone: a class may sit in several."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise refusal(
            Sentence(
                "A deadline is a date and a time with its zone, such as “2026-12-18T23:59-03:00”; you gave "
                "“{given}”.",
                given=str(value)[:40],
            )
        )
    return moment


_Texts = Annotated[dict[str, str], BeforeValidator(_by_language), Field(min_length=1)]
Line = Annotated[_Texts, AfterValidator(lambda texts: _readable("line", texts))]
Markdown = Annotated[_Texts, AfterValidator(lambda texts: _readable("text", texts))]
Settings = Annotated[dict[str, Any], Field(max_length=len(LABELS))]
Names = Annotated[
    tuple[str, ...], BeforeValidator(as_tuple), AfterValidator(lambda names: tuple(dict.fromkeys(names)))
]


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language if it is there, else as it was written."""
    return texts.get(language) or next(iter(texts.values()))


def _check_names(names: Iterable[str], others: Collection[str], place: Place) -> None:
    """Settings that a run can be asked for, none of them among `others`: each is fixed or free."""
    for name in names:
        if name not in SETTABLE:
            fault = Sentence(
                "An assignment cannot set “{field}”. Remove it, or check its spelling.", field=name[:40]
            )
        elif name in others:
            fault = Sentence("“{field}” is both fixed and free. Choose one.", field=name[:40])
        else:
            continue
        raise _refusal(fault, (*place, name[:40]))


def _refusal(fault: Sentence, place: Place) -> PydanticCustomError:
    return refusal(fault, str(place[0]), place[1:])


class RequiredRun(Part):
    """A run to be trained to its end, with so many seeds. `settings` add to those fixed for all.

    `encoder` says what a classifier's encoder must have learned, wherever that was.
    """

    title: Line
    settings: Settings = Field(default_factory=dict)
    free: Names = ()
    encoder: Literal["untrained", "trained", "frozen"] | None = None
    seeds: Annotated[int, Field(ge=1, le=20)] = 1


class RequiredPins(Part):
    """How many of each kind the report holds, at least."""

    charts: Annotated[int, Field(ge=0, le=20)] = 0
    tables: Annotated[int, Field(ge=0, le=20)] = 0
    pictures: Annotated[int, Field(ge=0, le=20)] = 0

    def by_kind(self) -> dict[Kind, int]:
        return {"chart": self.charts, "table": self.tables, "pictures": self.pictures}


class Assignment(Part):
    """`fixed` holds in every run that counts, any other setting is the lab's own, and those `free` are any.

    `minutes` are those of training on this server that a learner may spend. Texts are Markdown, in one
    language or by language.
    """

    format: Literal[1] = 1
    title: Line
    text: Markdown
    deadline: Annotated[datetime | None, BeforeValidator(lambda value: value and _moment(value))] = None
    minutes: Annotated[float, Field(ge=1, le=10_000)] | None = None
    fixed: Settings = Field(default_factory=dict)
    free: Names = ()
    runs: Annotated[tuple[RequiredRun, ...], BeforeValidator(as_tuple), Field(max_length=40)] = ()
    questions: Annotated[tuple[Line, ...], BeforeValidator(as_tuple), Field(max_length=20)] = ()
    sections: Names = ()
    pins: RequiredPins = RequiredPins()

    @model_validator(mode="after")
    def _can_be_done(self) -> Assignment:
        for name in self.sections:
            if name not in SECTIONS:
                raise refusal(not_among(Sentence("Section"), ", ".join(SECTIONS), name[:40]), "sections")
        _check_names(self.fixed, (), ("fixed",))
        _check_names(self.free, self.fixed, ("free",))
        if not self.runs:
            self._check_trainable(RequiredRun(title={ANY: "fixed"}), ("fixed",))
        for k, required in enumerate(self.runs):
            _check_names(required.settings, self.free, ("runs", k, "settings"))
            _check_names(required.free, {*self.fixed, *required.settings}, ("runs", k, "free"))
            self._check_trainable(required, ("runs", k))
        if not (self.runs or self.questions or self.sections or any(self.pins.by_kind().values())):
            raise refusal(Sentence("It asks for nothing: name a run, a question, a section or a pin."))
        return self

    def _check_trainable(self, required: RequiredRun, place: Place) -> None:
        """What is refused is refused where its setting is given, else at `place`."""

        def given(name: str) -> Place:
            if name in required.settings:
                return (*place, "settings", name)
            return ("fixed", name) if name in self.fixed else place

        try:
            spec = self._spec_of(required)
        except SpecError as error:
            name, fault = next(iter(error.fields.items()))
            title = in_language(required.title, "en")
            raise _refusal(
                Sentence("The run “{title}” cannot be trained: {fault}", title=title, fault=fault),
                given(name),
            ) from None
        if not ARCHITECTURES[spec.architecture].offered:
            raise _refusal(
                not_among(LABELS["architecture"], ", ".join(offered(spec.task)), spec.architecture),
                given("architecture"),
            )
        if required.encoder is not None and spec.encoder is None:
            raise _refusal(
                Sentence("Only the classifier on an encoder takes an encoder, and it needs one."),
                (*place, "encoder"),
            )

    def _spec_of(self, required: RequiredRun) -> RunSpec:
        """Raises `SpecError`."""
        return read_spec({"architecture": USUAL_NETWORK, **self.fixed, **required.settings})

    @cached_property
    def specs(self) -> tuple[RunSpec, ...]:
        """Of the required runs, in their order."""
        return tuple(map(self._spec_of, self.runs))

    def asked(self, required: RequiredRun) -> RunSpec:
        """A required run as it is asked for; where a setting is free, as the lab would begin."""
        return self.specs[self.runs.index(required)]

    def misfits(self, required: RequiredRun, spec: RunSpec) -> list[str]:
        """The settings by which a run is not the one that is asked for; of another network, that alone."""
        asked = self.asked(required)
        if spec.architecture != asked.architecture:
            return ["architecture"]
        free = {*EVERYBODYS, *self.free, *required.free}
        if required.encoder is not None:
            free.add("encoder")
        free |= spec.lacks
        misfits = [n for n in LABELS if n not in free and getattr(spec, n) != getattr(asked, n)]
        if required.encoder is not None and _learned(spec, asked) != required.encoder:
            misfits.append("encoder")
        return misfits

    def to_json(self) -> str:
        """As a lecturer would write it."""
        values = _plain(self.model_dump(mode="json", exclude_defaults=True))
        return json.dumps({"format": self.format, **values}, ensure_ascii=False, indent=2)


def _learned(spec: RunSpec, asked: RunSpec) -> str | None:
    """What the encoder of a classifier has learned before it; nothing, if it is no encoder as asked for."""
    if spec.encoder is None or asked.encoder is None:
        return None
    if spec.encoder.architecture != asked.encoder.architecture:
        return None
    if spec.encoder.origin == "random":
        return "untrained"
    return "frozen" if spec.encoder.frozen else "trained"


def _plain(value: Any) -> Any:
    """A text in one language as itself."""
    if isinstance(value, dict):
        return value[ANY] if list(value) == [ANY] else {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
