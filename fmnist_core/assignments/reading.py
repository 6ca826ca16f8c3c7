"""Reads assignments: those that the lab ships, and what a lecturer typed, uploaded or handed out.

What is no assignment is refused in a sentence for each fault, which names the place and what to change.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from fmnist_core.assignments.assignment import Assignment
from fmnist_core.refusals import explain_in_place, has_too_many_values
from fmnist_core.sentences import LabError, Sentence

SHIPPED = Path(__file__).with_name("shipped")
MOST_BYTES = 100_000
MOST_FAULTS = 5  # that are told at a time


class AssignmentError(LabError):
    """Something that is no assignment; a sentence for each fault."""


def read_assignment(content: str | bytes) -> Assignment:
    """What JSON says. Raises `AssignmentError`."""
    if len(content) > MOST_BYTES:
        raise AssignmentError(
            Sentence(
                "This has more than {most:,} bytes, and an assignment is a page or two.", most=MOST_BYTES
            )
        )
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        values = json.loads(text)
        json.dumps(values, ensure_ascii=False).encode()  # fails on \ud800, which no page could show
    except UnicodeError:
        raise AssignmentError(Sentence("This is not written in UTF-8. Save it as UTF-8.")) from None
    except (ValueError, RecursionError) as error:
        fault = str(error)[:120] or Sentence("it is nested too deep")
        raise AssignmentError(Sentence("This is not valid JSON: {fault}.", fault=fault)) from None
    if not isinstance(values, dict):
        raise AssignmentError(Sentence("An assignment is a JSON object with a title and a text."))
    if has_too_many_values(values):
        raise AssignmentError(Sentence("This holds far more values than an assignment has."))
    try:
        return Assignment.model_validate(values)
    except ValidationError as error:
        raise AssignmentError(
            *(_in_place(place, fault) for place, fault in explain_in_place(error)[:MOST_FAULTS])
        ) from None


@cache
def shipped() -> dict[str, Assignment]:
    """The lab's own, by name: the assignments of the courses whose reports it reproduces."""
    return {path.stem: read_assignment(path.read_bytes()) for path in sorted(SHIPPED.glob("*.json"))}


def _in_place(place: tuple[int | str, ...], fault: Sentence) -> Sentence:
    """Places in lists are counted from 1, as people do."""
    if not place:
        return fault
    parts = [str(part + 1) if isinstance(part, int) else part for part in place if part != ""]
    return Sentence("At {place}: {fault}", place=" › ".join(parts), fault=fault)
