"""A test that is not marked slow is quick, or fails: it is what `make test-fast` runs after every change.

What counts is processor time of the test's own process, which other work on the machine does not lengthen.
"""

import time

import pytest

MOST_SECONDS = 4.0  # several times what any takes on two cores
LEFT_OUT = {"slow", "browser", "timed", "deployment", "cuda"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    began = time.process_time()
    result = yield
    taken = time.process_time() - began
    if taken > MOST_SECONDS and not LEFT_OUT & {mark.name for mark in item.iter_markers()}:
        pytest.fail(f"{taken:.1f} s, where {MOST_SECONDS:g} are for all: mark it slow or make it smaller.")
    return result
