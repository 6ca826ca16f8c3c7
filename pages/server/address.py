"""What one network address has under way: how many sockets, and how many of them have the script running.

Scripts share one interpreter lock, so more of them at once do no more work, and only delay each other and the
event loop, which wants the lock for every message that it sends. So they take turns. A whole class may share
an address: sessions that ask for little come first, in the order of their coming, and only who asks for much
leaves half of the time to others.
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
MOST_RUNNING = 2  # scripts at once, where much is asked
# Where little is asked. A script counts until its last message is sent; with four of them, a class of one
# address waited while half of the server was idle.
MOST_CALM = 8
RUN_SECONDS = 2.0  # after which a script that still runs (it waits for a worker, say) is not counted any more
CALM_SECONDS = 1.0  # the same, where little is asked


class Waiting(Protocol):
    """A session that wants to run its script."""

    bucket: Bucket

    def wake(self) -> None: ...


@dataclass(frozen=True)
class Running:
    """A script that runs since `began`, on the loop's clock; `timer` ends its being counted.

    After it a pause as long follows if its session `is_greedy`.
    """

    began: float
    is_greedy: bool
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

        Who has asked for little may also break off its own script, as a change of a setting does, unless
        others wait: else it could keep its turn for ever.
        """
        if session in self._running:
            may = self._is_calm(session) and not self._ready
        else:
            self._waiting[session] = None  # behind those who came before
            may = self._next() is session
        if may:
            self._waiting.pop(session, None)
            self._begin(session, tokens)
        else:
            self._waiting[session] = None
        self._let_in()
        return may

    def ended(self, session: Waiting) -> None:
        """The session's script has come to its end. Who asks for much pauses as long."""
        running = self._running.pop(session, None)
        if running is not None:
            running.timer.cancel()
            if running.is_greedy:
                loop = asyncio.get_running_loop()
                self._pauses += 1
                loop.call_later(loop.time() - running.began, self._end_pause)
        self._let_in()

    def gives_up(self, session: Waiting) -> None:
        """The session will not run its script any more; one that runs may go on."""
        self._waiting.pop(session, None)
        self._let_in()

    def left(self, session: Waiting) -> None:
        """The session is no more."""
        self._waiting.pop(session, None)
        self.ended(session)

    @property
    def _ready(self) -> list[Waiting]:
        """Who waits for others, not for a script of its own."""
        return [session for session in self._waiting if session not in self._running]

    def _is_calm(self, session: Waiting) -> bool:
        return not (session.bucket.is_low or self._bucket.is_low)

    def _next(self) -> Waiting | None:
        """Of those who wait, the first with the most tokens left, if there is room."""
        if not (ready := self._ready):
            return None
        first = max(ready, key=lambda waiting: waiting.bucket.tokens)
        most = MOST_CALM if self._is_calm(first) else MOST_RUNNING
        pauses = self._pauses if first.bucket.is_low else 0
        return first if len(self._running) + pauses < most else None

    def _begin(self, session: Waiting, tokens: int) -> None:
        if not session.bucket.is_low:  # else others of the address would pay for it
            self._bucket.take(tokens)
        if session in self._running:
            self._running[session].timer.cancel()
        loop = asyncio.get_running_loop()
        seconds = CALM_SECONDS if self._is_calm(session) else RUN_SECONDS
        timer = loop.call_later(seconds, self.ended, session)
        self._running[session] = Running(loop.time(), session.bucket.is_low, timer)

    def _end_pause(self) -> None:
        self._pauses -= 1
        self._let_in()

    def _let_in(self) -> None:
        if (session := self._next()) is not None:
            session.wake()


def key_of(host: str) -> str:
    """What is bounded as one: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return host
