"""Reads assignments: those that the lab ships, and what a lecturer typed, uploaded or handed out.

What is no assignment is refused in a sentence for each fault, which names the place and what to change.
"""

from __future__ import annotations

import json
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fmnist_core.assignments.assignment import Assignment
from fmnist_core.refusals import Place, explain_in_place, has_too_many_values
from fmnist_core.sentences import LabError, Sentence

SHIPPED = Path(__file__).with_name("shipped")
MOST_BYTES = 100_000
MOST_FAULTS = 5  # that are told at a time


class AssignmentError(LabError):
    """Something that is no assignment; a sentence for each fault.

    `faults` are all of them with their places in the JSON, `sentences` the first few, places included.
    """

    def __init__(self, *faults: tuple[Place, Sentence]) -> None:
        super().__init__(*(_in_place(place, fault) for place, fault in faults[:MOST_FAULTS]))
        self.faults = faults


def read_values(content: str | bytes) -> dict[str, Any]:
    """The named values that JSON holds, whatever they are. Raises `AssignmentError`."""
    if len(content) > MOST_BYTES:
        raise _refused(
            Sentence(
                "This has more than {most:,} bytes, and an assignment is a page or two.", most=MOST_BYTES
            )
        )
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        values = json.loads(text, parse_constant=_number, parse_float=_number, parse_int=_number)
        json.dumps(values, ensure_ascii=False).encode()  # fails on \ud800, which no page could show
    except UnicodeError:
        raise _refused(Sentence("This is not written in UTF-8. Save it as UTF-8.")) from None
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        fault = Sentence("it is nested too deep") if deep else str(error)[:120]
        raise _refused(Sentence("This is not valid JSON: {fault}.", fault=fault)) from None
    if not isinstance(values, dict):
        raise _refused(Sentence("An assignment is a JSON object with a title and a text."))
    if has_too_many_values(values):
        raise _refused(Sentence("This holds far more values than an assignment has."))
    return values


def read_assignment(content: str | bytes) -> Assignment:
    """What JSON says. Raises `AssignmentError`."""
    values = read_values(content)
    try:
        return Assignment.model_validate(values)
    except ValidationError as error:
        raise AssignmentError(*explain_in_place(error)) from None


@cache
def shipped() -> dict[str, Assignment]:
    """The lab's own, by name: the assignments of the courses whose reports it reproduces."""
    return {path.stem: read_assignment(path.read_bytes()) for path in sorted(SHIPPED.glob("*.json"))}


def _number(text: str) -> float:
    """Python's JSON also reads NaN and Infinity, and numbers of any length."""
    number = float(text)
    if not isfinite(number):
        raise _refused(
            Sentence("“{number}” is no number that an assignment can hold. Write another.", number=text[:20])
        )
    return number if set(text) & set(".eE") else int(text)


def _refused(fault: Sentence) -> AssignmentError:
    return AssignmentError(((), fault))


def _in_place(place: Place, fault: Sentence) -> Sentence:
    """Places in lists are counted from 1, as people do."""
    if not place:
        return fault
    parts = [str(part + 1) if isinstance(part, int) else part for part in place if part != ""]
    return Sentence("At {place}: {fault}", place=" › ".join(parts), fault=fault)
