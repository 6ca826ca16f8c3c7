"""Waits for a condition instead of for a time: a test goes on at once, and fails if it never can."""

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
