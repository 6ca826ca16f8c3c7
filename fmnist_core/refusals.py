"""What pydantic refuses, in sentences that a learner understands, one for each field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from fmnist_core.sentences import Sentence

MOST_SHOWN = 60
MOST_VALUES = 2_000  # far more than any run needs, and few enough to explain whatever is wrong in them


def not_among(label: Sentence | str, choices: str, value: str | float) -> Sentence:
    return Sentence(
        "{label} can be {choices}; you gave “{value}”.", label=label, choices=choices, value=value
    )


def refusal(sentence: Sentence, field: str = "") -> PydanticCustomError:
    return PydanticCustomError("refusal", "{field}: {sentence}", {"field": field, "sentence": sentence})


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
        if problem["type"] == "refusal":
            field = problem["ctx"]["field"] or (str(problem["loc"][0]) if problem["loc"] else "")
            fields.setdefault(field, problem["ctx"]["sentence"])
            continue
        field = str(problem["loc"][0]) if problem["loc"] else ""
        fields.setdefault(field, _sentence_for(problem, labels))
    if "architecture" in fields:  # what it decides could not be filled in, which is no fault of its own
        fields = {
            field: sentence
            for field, sentence in fields.items()
            if field not in ("task", "hidden_sizes", "loss")
        }
    return fields


def _sentence_for(problem: ErrorDetails, labels: Mapping[str, Sentence]) -> Sentence:
    field = ".".join(str(part) for part in problem["loc"])
    label = labels.get(str(problem["loc"][0]), field) if problem["loc"] else field
    context = problem.get("ctx", {})
    value = _shown(problem["input"])
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
        case "tuple_type":
            return Sentence(
                "{label} must be a list, like [64]; you gave “{value}”.", label=label, value=value
            )
        case "bool_type":
            return Sentence("{label} is true or false; you gave “{value}”.", label=label, value=value)
        case "int_type" | "int_from_float":
            return Sentence("{label} must be a whole number; you gave “{value}”.", label=label, value=value)
        case "float_type" | "finite_number":
            return Sentence(
                "{label} must be a number such as 0.001; you gave “{value}”.", label=label, value=value
            )
        case "too_short":
            return Sentence("{label} needs at least one value.", label=label)
        case _:
            return Sentence("{label} cannot be “{value}”.", label=label, value=value)


def _shown(value: object) -> str | float:
    """A number, for a front end to write as its language does; else the beginning of what was given, for
    lists within lists too, however deep.
    """
    try:
        text = str(value)
    except RecursionError:
        return "[[[…"
    if isinstance(value, int | float) and not isinstance(value, bool) and len(text) <= MOST_SHOWN:
        return value
    return text[:MOST_SHOWN]
