"""A real server and a real browser: what the browser tests and `benchmarks/browser.py` drive the lab with.

Elements are located as a learner finds them, by role and name, or by the key of a widget.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.browser import server_log
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
STREAMLIT_RUN = (sys.executable, "-m", "streamlit", "run", "app.py")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGES = (
    "",
    "lessons",
    "assignments",
    "data",
    "convolution",
    "training_step",
    "against",
    "luck",
    "missing_setting",
    "autoencoder",
    "classifier",
    "sweep",
    "transfer",
    "layers",
    "latent_space",
    "try_it",
    "mistakes",
    "runs",
    "reports",
    "claims",
)
LOSS_CHART = "Loss over the epochs, for training and validation images"
# By its key, which is the same in every language.
COUNT_POINTS = """() => [...document.querySelectorAll(
    '[class*="st-key-losses_"] .mark-symbol.role-mark'
)].reduce((most, layer) => Math.max(most, layer.children.length), 0)"""
GARMENT = "() => document.querySelector('.lab-row img')?.src"
LINES = """() => document.querySelectorAll('[class*="st-key-losses_"] svg .mark-line path').length"""
# What a click answers in.
ANSWER = 0.3
# Fifty batches an epoch: one ends every moment, and five hundred of them outlast any test.
SMALL = {"train_size": 5000, "validation_size": 1000}
PATIENCE = 30.0  # seconds for what has no limit of its own
expect.set_options(timeout=1000 * PATIENCE)


@dataclass
class Server:
    """A running lab. `started` is when its process was started, on the clock of `time.perf_counter`.

    `store_url` is where its runs are; in `url` a proxy may stand for it.
    """

    url: str
    log: Path
    store_url: str
    _start: Callable[[], subprocess.Popen]
    _process: subprocess.Popen
    started: float

    @property
    def pid(self) -> int:
        return self._process.pid

    def restart(self, down_seconds: float = 0.0) -> None:
        """Kills the web process, which saves nothing, and starts another at the same address."""
        self._process.kill()
        self._process.wait()
        time.sleep(down_seconds)  # as long as whoever looks after a server takes to notice
        self._process = self._start()

    def end(self) -> None:
        """Raises `RuntimeError` where the server has to be killed."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise RuntimeError(f"the server did not end when told to:\n{self.log.read_text()}") from None
        if "Timeout (" in (text := self.log.read_text()):
            raise RuntimeError(f"the server stood still when told to end:\n{text}")

    def memory(self) -> float:
        """Resident memory of the web process in MB, and of nothing that it has started."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def wait_for_engine(self) -> None:
        """Nobody has opened a page, and the engine comes up all the same."""

        def is_ready() -> bool:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
                return bool(json.load(answer)["engine"] == "ready")

        wait_for(is_ready, 2 * PATIENCE, poll=0.1)

    def loaded_libraries(self) -> str:
        """The paths of all files mapped into the web process."""
        return Path(f"/proc/{self.pid}/maps").read_text()


@contextmanager
def serve(
    home: Path, *, command: Sequence[str] = STREAMLIT_RUN, folder: Path = ROOT, **environment: str
) -> Iterator[Server]:
    """The lab on a free port, started by `command` in `folder`; ends with the context.

    Its store and its log lie in `home`; `environment` are variables.

    Raises `RuntimeError` when the server ends at once, does not answer, or has to be killed at the end.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    settings = {**os.environ, "FMNIST_HOME": str(home), **environment}
    for name in ("DATABASE_URL", "FMNIST_SCHEDULER"):
        if name not in environment:
            settings.pop(name, None)
    command = [*command, "--server.headless", "true", "--server.address", "127.0.0.1"]
    command += ["--server.port", str(port)]
    log = home / "server.log"
    server_log.watch(log)

    def start() -> subprocess.Popen:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=settings,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_for_health(f"http://127.0.0.1:{port}", process, log)
        except BaseException:
            process.terminate()
            process.wait(PATIENCE)
            raise
        return process

    store_url = environment.get("DATABASE_URL", f"sqlite:///{home / 'lab.db'}")
    started = time.perf_counter()
    server = Server(f"http://127.0.0.1:{port}", log, store_url, start, start(), started)
    try:
        yield server
    finally:
        server.end()


def chromium() -> str | None:
    """The path of a browser on this machine."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


def new_learner(browser: Browser, **options: Any) -> BrowserContext:
    """A browser that has never been here; English, unless `options` say another locale."""
    settings = {"locale": "en-GB", "viewport": {"width": 1440, "height": 1000}, **options}
    context = browser.new_context(**settings)
    context.set_default_timeout(1000 * PATIENCE)
    return context


def open_page(page: Page, url: str) -> None:
    page.goto(url, wait_until="commit")
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page has been drawn and no script runs. A page that polls is never long at rest."""
    expect(page.locator("h1").first).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def keyed(page: Page, key: str) -> Locator:
    """The element of a widget's or a container's key."""
    return page.locator(f".st-key-{key}")


def button(page: Page, key: str) -> Locator:
    return keyed(page, key).get_by_role("button")


def navigate(page: Page, name: str) -> None:
    """By the link in the sidebar."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()


def metric(page: Page, label: str) -> Locator:
    """The value of the metric with this label."""
    metrics = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    # While a page is drawn anew, what stood lower on it before may stand there still.
    return metrics.get_by_test_id("stMetricValue").first


def chart(page: Page, alt: str) -> Locator:
    return page.locator(f'[data-testid="stVegaLiteChart"][aria-label="{alt}"]')


def points(page: Page) -> int:
    """How many points the live chart of losses has drawn, its legend left out."""
    return page.evaluate(COUNT_POINTS)


def wait_for_points(page: Page, more_than: int = 0) -> int:
    page.wait_for_function(f"least => ({COUNT_POINTS})() > least", arg=more_than, polling="raf")
    return points(page)


def wait_for_status(page: Page, *status: str) -> None:
    """Until the run in view is called one of these: Queued, Training, Paused, Stopped, Finished, Failed."""
    expect(keyed(page, "run_now")).to_contain_text(re.compile("|".join(status)))


def open_lab(page: Page, url: str, task: str = "autoencoder", **settings: Any) -> None:
    """The page of a task, its form filled with `settings` (names as in a spec)."""
    mark = {"autoencoder": "ae", "classifier": "cl"}[task]
    parameters = {f"{mark}_{name}": value for name, value in settings.items()}
    open_page(page, f"{url}/{task}?{urlencode(parameters)}")


def start_training(page: Page, url: str, task: str = "autoencoder", **settings: Any) -> str:
    """Train what `settings` say (names as in a spec), and return the run's id once its curve has begun."""
    open_lab(page, url, task, **settings)
    button(page, "bar_train").click()
    wait_for_points(page)
    return run_in_view(page)


def run_in_view(page: Page) -> str:
    page.wait_for_url(re.compile(r"[?&]run=\w+"))
    return re.search(r"[?&]run=(\w+)", page.url)[1]


def step_of(page: Page) -> int:
    """The batch after which the run in view is said to be paused."""
    sentence = keyed(page, "run_now").inner_text()
    return int(re.search(r"batch ([\d,]+) of", sentence)[1].replace(",", ""))


def step_at_rest(page: Page) -> int:
    """The batch after which the run in view rests.

    *Paused* is said at once, while the last slice is still on its way; it has arrived when two visits agree.
    """

    def step_on_another_visit() -> int:
        page.reload()
        wait_for_status(page, "Paused after batch")
        return step_of(page)

    steps = [step_on_another_visit()]
    while len(steps) < 2 or steps[-1] != steps[-2]:
        steps.append(step_on_another_visit())
        assert len(steps) < 20, f"a paused run goes on: {steps}"
    return steps[-1]


def seconds_to_first_point(page: Page, key: str = "bar_train") -> float:
    """From the click on a button that trains, with nothing in view yet, to a point on the curve."""
    button(page, key).click(trial=True)
    before = time.perf_counter()
    button(page, key).click()
    wait_for_points(page)
    return time.perf_counter() - before


def seconds_to_pause(page: Page) -> float:
    """From the click on Pause until the lab says that the run is paused."""
    return _seconds_to(page, "bar_pause", "Paused")


def seconds_to_stop(page: Page) -> float:
    """From the click on Stop until the lab says that the run has stopped."""
    return _seconds_to(page, "bar_stop", "Stopped")


def seconds_until_changed(page: Page, condition: str, act: Callable[[], None]) -> float:
    """From what is done until the page's script `condition` gives something, and not what it gave before."""
    before = page.evaluate(condition)
    start = time.perf_counter()
    act()
    changed = f"before => {{ const now = ({condition})(); return now !== undefined && now !== before; }}"
    page.wait_for_function(changed, arg=before, polling="raf")
    return time.perf_counter() - start


def seconds_to_switch_curve(page: Page, name: str = "each batch") -> float:
    """From the click on an entry of the legend of losses until its curve is gone, or back."""
    entry = keyed(page, "curves_shown").get_by_role("button", name=name)
    entry.click(trial=True)
    return seconds_until_changed(page, LINES, entry.click)


def seconds_to_scrub(page: Page) -> float:
    """From the key that brings the film's first picture into view until the garments have changed."""
    knob = page.get_by_role("slider", name="Film")
    return seconds_until_changed(page, GARMENT, lambda: knob.press("Home"))


def seconds_to_change_page(page: Page, name: str, heading: str) -> float:
    """From the click in the sidebar until the other page's title stands there."""
    link = page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)
    link.click(trial=True)
    before = time.perf_counter()
    link.click()
    page.wait_for_function(
        "heading => [...document.querySelectorAll('h1')].some(one => one.innerText.includes(heading))",
        arg=heading,
        polling="raf",
    )
    return time.perf_counter() - before


def first_paint(page: Page, server: Server) -> float:
    """Seconds from the start of the server's process until the first page that it ever shows."""
    page.goto(server.url, wait_until="commit")
    page.locator("h1").first.wait_for()
    return time.perf_counter() - server.started


def _seconds_to(page: Page, key: str, status: str) -> float:
    button(page, key).click(trial=True)
    before = time.perf_counter()
    button(page, key).click()
    page.wait_for_function(
        "status => document.querySelector('.st-key-run_now')?.innerText.includes(status)",
        arg=status,
        polling="raf",
    )
    return time.perf_counter() - before


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for_health(url: str, process: subprocess.Popen, log: Path) -> None:
    def healthy() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    try:
        wait_for(healthy, PATIENCE)
    except AssertionError:
        raise RuntimeError(f"the server does not answer:\n{log.read_text()}") from None
