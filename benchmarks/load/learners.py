"""What learners do in a load test: train a run of their own, watch somebody's, come and go."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import time
from urllib.parse import urlencode

from benchmarks.load.figures import Figures
from benchmarks.load.session import Dropped, NoButton, Session

LONG: dict[str, object] = {"ae_architecture": "conv_autoencoder", "ae_epochs": 500, "ae_train_size": 5000}
SHORT: list[dict[str, object]] = [
    {"ae_epochs": 40, "ae_train_size": 5000},
    {"ae_epochs": 10, "ae_train_size": 5000, "ae_architecture": "conv_autoencoder"},
    {"ae_epochs": 20, "ae_train_size": 5000, "ae_hidden_sizes": 512},
]
OTHER_PAGES = ("runs", "data", "", "claims")
PAGE_EVERY = 20.0  # seconds between two visits of other pages
SECONDS_TO_BEGIN = 60.0  # until the lab has begun a run
RECONNECT = 1.0  # seconds until a browser that was dropped comes again


class Learner:
    """One learner's browser. All its seconds go into `figures`; dropped sessions are counted there."""

    def __init__(self, url: str, figures: Figures, seed: int, from_address: str = "127.0.0.1") -> None:
        self.id = secrets.token_urlsafe(16)
        self.url = url
        self.run_id: str | None = None
        self.shown: list[tuple[float, int]] = []  # when it looked at somebody's run, and the epoch it saw
        self._figures = figures
        self._random = random.Random(seed)
        self._address = from_address

    async def train_and_watch(self, seconds: float, *, comes_back: bool = False) -> None:
        """Start a run, look at it once a second, and now and then at another page.

        Who is dropped stays away, or `comes_back` to the run soon, as a browser does.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                async with await self._tab() as tab:
                    if self.run_id is None:
                        await self.start_run(tab, LONG)
                    else:
                        await self._open(tab, "autoencoder", f"run={self.run_id}")
                    await self._stay(tab, end)
            except (Dropped, NoButton) as error:
                self._figures.dropped.append(str(error))
                if not comes_back:
                    return
                await asyncio.sleep(RECONNECT)

    async def _stay(self, tab: Session, end: float) -> None:
        while (left := end - time.monotonic()) > 0:
            await self._watch(tab, min(left, PAGE_EVERY * self._random.uniform(0.5, 1.5)))
            if end - time.monotonic() > 1:
                await self._open(tab, self._random.choice(OTHER_PAGES))
                await self._open(tab, "autoencoder", f"run={self.run_id}")

    async def watch(self, run_id: str, seconds: float) -> None:
        """Look at a run by its link."""
        try:
            async with await self._tab() as tab:
                await self._open(tab, "autoencoder", f"run={run_id}")
                await self._watch(tab, seconds)
        except Dropped as error:
            self._figures.dropped.append(str(error))

    async def come_and_go(self, seconds: float) -> None:
        """Train one run after the other, each watched for a while and then stopped."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                async with await self._tab() as tab:
                    await self.start_run(tab, self._random.choice(SHORT))
                    await self._watch(tab, min(end - time.monotonic(), self._random.uniform(5, 30)))
                    await tab.press("bar_stop")
            except (Dropped, NoButton) as error:
                self._figures.dropped.append(str(error))
                await asyncio.sleep(RECONNECT)

    async def start_run(self, tab: Session, settings: dict[str, object]) -> None:
        """Fill the form by its address and press Train; the page counts once the run has its own address."""
        await self._open(tab, "autoencoder", urlencode(settings))
        deadline = time.monotonic() + SECONDS_TO_BEGIN
        while True:
            self._figures.pages.append(await tab.press("bar_train"))
            if tab.parameter("run"):
                break
            await asyncio.sleep(0.5)
            if time.monotonic() > deadline:
                raise Dropped(f"no run began: {tab.text[:200]}")
        self.run_id = tab.parameter("run")

    async def stop_run(self, run_id: str) -> None:
        """Press Stop on the page of a run of the learner's. Raises `Dropped` and `NoButton`."""
        async with await self._tab() as tab:
            await tab.open("autoencoder", f"run={run_id}")
            await tab.press("bar_stop")

    async def read_page(self, run_id: str) -> str:
        """What the page of a run says, in a new tab. Raises `Dropped`."""
        async with await self._tab() as tab:
            await tab.open("autoencoder", f"run={run_id}")
            text = tab.text
        return text

    async def _tab(self) -> Session:
        return await Session.connect(self.url, self.id, self._address)

    async def _open(self, tab: Session, page: str, query: str = "") -> None:
        self._figures.pages.append(await tab.open(page, query))

    async def _watch(self, tab: Session, seconds: float) -> None:
        """The pauses count from the page to the first look, and from the last look to the end."""
        looked_at = time.monotonic()
        self._see(tab)
        async for taken in tab.follow(seconds):
            self._figures.looks.append(taken)
            self._figures.pauses.append(time.monotonic() - looked_at)
            looked_at = time.monotonic()
            self._see(tab)
        self._see(tab)
        self._figures.pauses.append(time.monotonic() - looked_at)

    def _see(self, tab: Session) -> None:
        if under_way := re.search(r"Epoch ([\d,]+) of", tab.text):
            self.shown.append((time.monotonic(), int(under_way[1].replace(",", ""))))


async def arrive_one_by_one(visits: list, within: float) -> None:
    """Run all visits, their beginnings spread evenly over so many seconds."""

    async def later(visit, wait: float):
        await asyncio.sleep(wait)
        await visit

    await asyncio.gather(*(later(visit, within * k / len(visits)) for k, visit in enumerate(visits)))
