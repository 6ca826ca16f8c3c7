"""What one network address has under way: how many sockets, and how many of them have the script running.

Scripts share one interpreter lock, so more of them at once do no more work, and only delay each other and the
event loop. A whole class may share an address, so sessions that ask for little are let through while all of
the address together ask for what the lab can do; the others wait for one another.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Protocol

from pages.server.bucket import Bucket

MOST_SOCKETS = 300
NEW_SOCKETS = (150, 3.0)  # at once, and a second: each is a session that Streamlit keeps for two minutes
WORKING = (400, 100.0)  # tokens at once, and a second
PAGE, FRAGMENT = 5, 1  # tokens for a run of the whole script, and for a look at a run
MOST_RUNNING = 2  # scripts at once, for those who have asked for much
RUN_SECONDS = 2.0  # after which a script that still runs (it waits for a worker, say) is not counted any more


class Waiting(Protocol):
    """A session that wants to run its script."""

    bucket: Bucket

    def wake(self) -> None: ...


@dataclass(frozen=True)
class Running:
    """A script that runs since `began`, on the loop's clock; `timer` ends its being counted."""

    began: float
    calm: bool
    timer: asyncio.TimerHandle


class Address:
    """The sessions of one address. All methods are called on the event loop."""

    def __init__(self) -> None:
        self.sockets = 0
        self.new_sockets = Bucket(*NEW_SOCKETS)
        self._bucket = Bucket(*WORKING)
        self._running: dict[Waiting, Running] = {}
        self._pauses = 0  # after scripts that have ended
        self._waiting: dict[Waiting, None] = {}  # in the order of their coming

    @property
    def is_idle(self) -> bool:
        return self.sockets == 0 and self.new_sockets.is_full

    def may_run(self, session: Waiting, tokens: int = PAGE) -> bool:
        """Whether the session may run its script now; if not, it is woken when it may.

        Who has asked for little may also break off its own script, as a change of a setting does.
        """
        calm = not (session.bucket.is_low or self._bucket.is_low)
        if calm or (session not in self._running and self._has_room):
            self._waiting.pop(session, None)
            self._begin(session, tokens, calm)
            return True
        self._waiting[session] = None
        return False

    def ended(self, session: Waiting) -> None:
        """The session's script has come to its end. Where much is asked, a pause as long follows."""
        running = self._running.pop(session, None)
        if running is not None:
            running.timer.cancel()
            if not running.calm:
                loop = asyncio.get_running_loop()
                self._pauses += 1
                loop.call_later(loop.time() - running.began, self._end_pause)
        self._let_in()

    def left(self, session: Waiting) -> None:
        """The session is no more."""
        self._waiting.pop(session, None)
        self.ended(session)

    @property
    def _has_room(self) -> bool:
        return len(self._running) + self._pauses < MOST_RUNNING

    def _begin(self, session: Waiting, tokens: int, calm: bool) -> None:
        self._bucket.take(tokens)
        if session in self._running:
            self._running[session].timer.cancel()
        loop = asyncio.get_running_loop()
        timer = loop.call_later(RUN_SECONDS, self.ended, session)
        self._running[session] = Running(loop.time(), calm, timer)

    def _end_pause(self) -> None:
        self._pauses -= 1
        self._let_in()

    def _let_in(self) -> None:
        """Of those who wait, the one with the most tokens left: who asks for little comes first."""
        ready = [waiting for waiting in self._waiting if waiting not in self._running]
        if ready and self._has_room:
            max(ready, key=lambda waiting: waiting.bucket.tokens).wake()


def key_of(host: str) -> str:
    """What is bounded as one: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return host
