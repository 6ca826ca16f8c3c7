"""One server and one browser for all; every test is a new learner, and keeps a picture if it fails."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import driver
from tests.browser.driver import SMALL, Server

# What is promised, times this, is what a test demands: a machine that runs tests has other work as well.
SLACK = 2.0
FIGURES: list[str] = []
STATE_CACHE = driver.ROOT / "build" / "browser"
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    item.stash[FAILED] = report.failed or item.stash.get(FAILED, False)
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if driver.chromium() is None:
        missing = f"none of {', '.join(driver.BROWSERS)} is on this machine"
        pytest.fail(missing) if "CI" in os.environ else pytest.skip(missing)
    with sync_playwright() as playwright:
        found = driver.launch(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def server(full_data, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lab with the full data. What went wrong inside it fails the session, even if no page showed it."""
    home = tmp_path_factory.mktemp("lab")
    with driver.serve(home) as running:
        with driver.new_learner(browser) as first:
            driver.open_page(first.new_page(), running.url)
        yield running
    log = running.log.read_text()
    STATE_CACHE.mkdir(parents=True, exist_ok=True)
    shutil.copy(running.log, STATE_CACHE / "server.log")
    assert "Traceback" not in log, log


@pytest.fixture
def open_learner(browser: Browser, request: pytest.FixtureRequest):
    """Makes new learners: `open_learner(locale=…, color_scheme=…)` gives a page of a browser of its own.

    Errors of the page's own scripts fail the test.
    """
    contexts, wrong = [], []

    def open_one(**options) -> Page:
        context = driver.new_learner(browser, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield open_one
    failed = request.node.stash.get(FAILED, False) or bool(wrong)
    for k, context in enumerate(contexts):
        if failed:
            name = re.sub(r"\W+", "-", request.node.name)
            STATE_CACHE.mkdir(parents=True, exist_ok=True)
            for page in context.pages:
                page.screenshot(path=STATE_CACHE / f"{name}-{k}.png", full_page=True)
        context.close()
    assert not wrong


@pytest.fixture
def page(open_learner) -> Page:
    return open_learner()


@pytest.fixture(scope="session")
def promise():
    """`promise("what", measured, limit)` keeps a figure for the report, and holds it to its limit."""

    def hold(what: str, measured: float, limit: float, unit: str = "s") -> None:
        verdict = "" if measured <= limit else "   MISSED"
        FIGURES.append(f"{what:<60} {measured:7.2f} {unit}   (at most {limit:g} {unit}){verdict}")
        assert measured <= limit * SLACK, FIGURES[-1]

    return hold


def pytest_terminal_summary(terminalreporter) -> None:
    if FIGURES:
        terminalreporter.section("measured in the browser")
        for line in FIGURES:
            terminalreporter.write_line(line)


@pytest.fixture
def train(server: Server, open_learner):
    """`train(epochs=…)` makes a new learner with a run under way, and stops the run after the test."""
    pages: list[Page] = []

    def start(task: str = "autoencoder", page: Page | None = None, **settings) -> Page:
        page = page or open_learner()
        driver.start_training(page, server.url, task, **{**SMALL, **settings})
        pages.append(page)
        return page

    yield start
    for page in pages:
        stop = driver.button(page, "bar_stop")
        if stop.count():
            stop.evaluate("node => node.click()")  # which does nothing where it is disabled
            driver.wait_for_status(page, "Stopped", "Finished", "Failed")


@pytest.fixture(scope="session")
def finished(server: Server, browser: Browser) -> dict[str, str]:
    """The ids of an autoencoder's and of a classifier's run that have come to their end, by task."""
    context = driver.new_learner(browser)
    page = context.new_page()
    found = {}
    for task in ("autoencoder", "classifier"):
        found[task] = driver.start_training(page, server.url, task, **{**SMALL, "epochs": 2})
        driver.wait_for_status(page, "Finished")
    context.close()
    return found
