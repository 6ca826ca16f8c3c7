"""A token bucket: so much at once, and then so much a second."""

from __future__ import annotations

import time
from collections.abc import Callable


class Bucket:
    """`capacity` tokens, full at first, to which `rate` a second are added. `clock` gives seconds."""

    def __init__(self, capacity: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._rate = rate
        self._clock = clock
        self._tokens = capacity
        self._counted = clock()

    @property
    def tokens(self) -> float:
        now = self._clock()
        self._tokens = min(self._capacity, self._tokens + (now - self._counted) * self._rate)
        self._counted = now
        return self._tokens

    @property
    def is_full(self) -> bool:
        return self.tokens >= self._capacity

    @property
    def is_low(self) -> bool:
        """Whether more than half has been spent."""
        return self.tokens < self._capacity / 2

    def wait(self) -> float:
        """Seconds until there is a whole token; 0 if there is one."""
        return max(0.0, (1 - self.tokens) / self._rate)

    def take(self, tokens: float = 1) -> None:
        """Spend tokens, on credit for as long as filling takes, at most: then the next one comes later."""
        self._tokens = max(-self._capacity, self.tokens - tokens)
