"""What is read from outside is held to its form, and what is refused is said in sentences, a field each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from fmnist_core.sentences import Sentence

MOST_SHOWN = 60
# What an architecture decides: where it is refused they could not be filled in, which is no fault of theirs.
DECIDED = ("task", "hidden_sizes", "loss")
MOST_VALUES = 2_000  # far more than any run needs, and few enough to explain whatever is wrong in them

Place = tuple[int | str, ...]
JSON_WORDS = {None: "null", True: "true", False: "false"}


class Part(BaseModel):
    """A part of a file that is held to its form: no unknown names, no value of another kind."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def as_tuple(value: Any) -> Any:
    """JSON has lists only, and strict validation would refuse them where a tuple is asked for."""
    return tuple(value) if isinstance(value, list) else value


def not_among(label: Sentence | str, choices: str, value: str | float) -> Sentence:
    if not choices:
        return Sentence("{label} cannot be “{value}”.", label=label, value=value)
    return Sentence(
        "{label} can be {choices}; you gave “{value}”.", label=label, choices=choices, value=value
    )


def refusal(sentence: Sentence, field: str = "", within: Place = ()) -> PydanticCustomError:
    """`within` is the path from the field to what is at fault."""
    context = {"field": field, "sentence": sentence, "within": within}
    return PydanticCustomError("refusal", "{field}: {sentence}", context)


def has_too_many_values(source: Mapping[str, Any]) -> bool:
    """More than `MOST_VALUES` in nested mappings and lists; counted no farther than to there."""
    waiting: list[Any] = [source]
    seen = 0
    while waiting and seen + len(waiting) <= MOST_VALUES:
        part = waiting.pop()
        seen += 1
        if isinstance(part, Mapping):
            waiting += part.values()
        elif isinstance(part, list | tuple):
            waiting += part
    return bool(waiting)


def explain(error: ValidationError, labels: Mapping[str, Sentence]) -> dict[str, Sentence]:
    """Pydantic's errors as sentences, one a field."""
    fields: dict[str, Sentence] = {}
    for problem in error.errors(include_url=False):
        field = str(problem["loc"][0]) if problem["loc"] else ""
        if problem["type"] == "refusal":
            fields.setdefault(problem["ctx"]["field"] or field, problem["ctx"]["sentence"])
        else:
            path = ".".join(map(str, problem["loc"]))
            fields.setdefault(field, _sentence_for(problem, path, labels.get(field, path)))
    if "architecture" in fields:
        fields = {field: sentence for field, sentence in fields.items() if field not in DECIDED}
    return fields


def explain_in_place(error: ValidationError) -> list[tuple[Place, Sentence]]:
    """Each of pydantic's errors with the path to where it lies, for values that lie within others."""
    explained: list[tuple[Place, Sentence]] = []
    for problem in error.errors(include_url=False):
        place = problem["loc"]
        if problem["type"] == "refusal":
            context = problem["ctx"]
            within = (context["field"], *context["within"]) if context["field"] else ()
            explained.append((place + within, context["sentence"]))
        else:
            name = next((part for part in reversed(place) if isinstance(part, str) and part), "")
            explained.append((place, _sentence_for(problem, name, name)))
    undecided = {
        (*place[:-1], name) for place, _ in explained if place[-1:] == ("architecture",) for name in DECIDED
    }
    return [(place, sentence) for place, sentence in explained if place not in undecided]


def _sentence_for(problem: ErrorDetails, field: str, label: Sentence | str) -> Sentence:
    context = problem.get("ctx", {})
    value = shown(problem["input"])
    match problem["type"]:
        case "extra_forbidden":
            return Sentence(
                "There is no setting named “{field}”. Remove it, or check its spelling.", field=field
            )
        case "missing":
            return Sentence("The setting “{field}” is missing.", field=field)
        case "greater_than_equal":
            return Sentence(
                "{label} must be at least {low}; you gave {value}.",
                label=label,
                low=context["ge"],
                value=value,
            )
        case "less_than_equal":
            return Sentence(
                "{label} can be at most {high}; you gave {value}.",
                label=label,
                high=context["le"],
                value=value,
            )
        case "literal_error":
            return not_among(label, context["expected"].replace("'", "").replace(" or ", ", "), value)
        case "bool_type":
            return Sentence("{label} is true or false; you gave “{value}”.", label=label, value=value)
        case "int_type" | "int_from_float":
            return Sentence("{label} must be a whole number; you gave “{value}”.", label=label, value=value)
        case "float_type" | "finite_number":
            return Sentence(
                "{label} must be a number such as 0.001; you gave “{value}”.", label=label, value=value
            )
        case _:
            return _wrong_shape(problem, label, value) or Sentence(
                "{label} cannot be “{value}”.", label=label, value=value
            )


def _wrong_shape(problem: ErrorDetails, label: Sentence | str, value: str | float) -> Sentence | None:
    """Where text, a list or named settings were asked for, or another number of values."""
    context = problem.get("ctx", {})
    match problem["type"]:
        case "tuple_type":
            return Sentence(
                "{label} must be a list, like [64]; you gave “{value}”.", label=label, value=value
            )
        case "too_short" if context["min_length"] > 1:
            return Sentence("{label} needs at least {low} values.", label=label, low=context["min_length"])
        case "too_short":
            return Sentence("{label} needs at least one value.", label=label)
        case "too_long":
            return Sentence("{label} has at most {high} values.", label=label, high=context["max_length"])
        case "string_type":
            return Sentence("{label} must be text in quotes; you gave “{value}”.", label=label, value=value)
        case "model_type" | "model_attributes_type" | "dict_type":
            return Sentence("{label} must hold named settings; you gave “{value}”.", label=label, value=value)
        case "union_tag_not_found":
            return Sentence("The setting “{field}” is missing.", field=context["discriminator"].strip("'"))
        case "union_tag_invalid":
            choices = context["expected_tags"].replace("'", "")
            return not_among(context["discriminator"].strip("'"), choices, context["tag"][:MOST_SHOWN])
        case _:
            return None


def shown(value: object) -> str | float:
    """A number, for a front end to write as its language does; else the beginning of what was given, as JSON
    has it, for lists within lists too, however deep.
    """
    try:
        text = JSON_WORDS[value] if value is None or isinstance(value, bool) else str(value)
    except RecursionError:
        return "[[[…"
    if isinstance(value, int | float) and not isinstance(value, bool) and len(text) <= MOST_SHOWN:
        return value
    return text[:MOST_SHOWN]
