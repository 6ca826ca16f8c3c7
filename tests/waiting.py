"""Waits for a condition instead of for a time: a test goes on at once, and fails if it never can.

What must not happen cannot be waited for: it is looked at, all the time, for as long as it would take.
"""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
SECONDS = 90.0  # much more than anything here takes on a machine of one's own


def wait_for(condition: Callable[[], Value], seconds: float = SECONDS, poll: float = 0.01) -> Value:
    """What the condition returns once that is true. Raises `AssertionError` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still {value!r} after {seconds:g} s"
        time.sleep(poll)
    return value


def holds(condition: Callable[[], object], seconds: float, poll: float = 0.02) -> None:
    """Raises `AssertionError` unless the condition is true for so many seconds on end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"no longer so {deadline - time.monotonic():.2f} s before the end"
        time.sleep(poll)
