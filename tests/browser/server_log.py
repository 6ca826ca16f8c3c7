"""The logs of every server that tests start, read after each journey by a check of its own.

A server says on which address it serves and that it stops, and, for information, when a browser's timer
asks for a part of the page that it has just left. Any other line, and any warning, error or traceback in the
log of its workers, fails the check, which is listed by its own name after the journey that it follows. A
journey in which the server is right to complain names what it may say:
`@pytest.mark.log_may_hold(r"pattern")`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

EXPECTED = re.compile(
    r"[\d: .-]+Uvicorn server started on [\d.:]+|You can now view your Streamlit app in your browser\."
    r"|URL: http://[\d.:]+|Stopping\.\.\."
    r"|[\d: .-]+The fragment with id \w+ does not exist anymore - .*"
)
OF_WORKERS = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|Traceback|Error\b|^\s+File ")
CLUSTER_LOG = Path("logs/cluster.log")  # in the lab's home, beside the server's own log

_read: dict[Path, int] = {}  # how many bytes of each log have been checked


def watch(log: Path) -> None:
    """Check this server's log, and that of the workers which it starts, from here on."""
    _read[log] = _read[log.parent / CLUSTER_LOG] = 0


def unread(log: Path) -> str:
    """What has been written into a log since it was last read here. The end of a line may be yet to come."""
    content = log.read_bytes()[_read[log] :] if log.exists() else b""
    whole_lines = content[: content.rfind(b"\n") + 1]
    _read[log] += len(whole_lines)
    return whole_lines.decode(errors="replace")


def complaints(allowed: str | None = None) -> list[str]:
    """Every line since the last call that should not be in a log, what `allowed` matches left out."""
    lines = []
    for log in _read:
        text = re.sub(allowed, "", unread(log), flags=re.MULTILINE) if allowed else unread(log)
        for line in filter(str.strip, text.splitlines()):
            wrong = (
                OF_WORKERS.search(line)
                if log.name == CLUSTER_LOG.name
                else not EXPECTED.fullmatch(line.strip())
            )
            if wrong:
                lines.append(line)
    return lines


class Complained(Exception):
    """The log holds what it should not."""


class LogCheck(pytest.Item):
    """The check that follows one journey."""

    def __init__(self, *, journey: pytest.Item, **options) -> None:
        super().__init__(**options)
        self.journey = journey
        self.own_markers += [mark for mark in journey.own_markers if mark.name in ("browser", "timed")]

    def runtest(self) -> None:
        mark = self.journey.get_closest_marker("log_may_hold")
        lines = complaints(mark.args[0] if mark else None)
        if lines:
            raise Complained("\n".join(lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style=None):
        if isinstance(excinfo.value, Complained):
            return f"During {self.journey.name} a server wrote into its log:\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, None, self.name


def with_checks(journeys: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Each journey, and behind it the check of the logs."""
    for journey in journeys:
        yield journey
        yield LogCheck.from_parent(journey.parent, name=f"{journey.name} server log", journey=journey)
