"""What many look at, each thing read from the store once a look for all of them, whatever their number."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

FRESH = 1.5  # seconds for which a reading counts as the latest

Read = TypeVar("Read")


class SharedReadings(Generic[Read]):
    """The latest readings by id, `most` of them.

    `read` gets an id and the reading before, if there is one, which it may return if nothing has changed; a
    reading serves everybody for as many seconds as `serves` says.
    """

    def __init__(
        self, read: Callable[[str, Read | None], Read], serves: Callable[[Read], float], most: int
    ) -> None:
        self._read = read
        self._serves = serves
        self._most = most
        self._readings: OrderedDict[str, _Reading[Read]] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, id: str) -> Read:
        """What `read` returned at most a look ago. Raises what `read` does."""
        reading = self._reading(id)
        with reading.lock:
            if reading.latest is None or time.monotonic() - reading.read_at >= self._serves(reading.latest):
                reading.latest = self._read(id, reading.latest)
                reading.read_at = time.monotonic()
            return reading.latest

    def latest(self, id: str) -> Read | None:
        """What `look` would give, if it need not be read first; waits for nobody."""
        reading = self._readings.get(id)
        is_fresh = reading is not None and time.monotonic() - reading.read_at < FRESH
        return reading.latest if reading is not None and is_fresh else None

    def read_again_unless(self, id: str, holds: Callable[[Read], bool]) -> None:
        """At the next look, if what is said of the latest reading does not hold any more."""
        reading = self._reading(id)
        with reading.lock:
            if reading.latest is not None and not holds(reading.latest):
                reading.read_at = 0.0

    def __len__(self) -> int:
        return len(self._readings)

    def _reading(self, id: str) -> _Reading[Read]:
        with self._lock:
            reading = self._readings.setdefault(id, _Reading())
            self._readings.move_to_end(id)
            while len(self._readings) > self._most:
                self._readings.popitem(last=False)
            return reading


class _Reading(Generic[Read]):
    """Of one thing; who holds `lock` reads it, and all others wait for that."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.latest: Read | None = None
        self.read_at = 0.0
