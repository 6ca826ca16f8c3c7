"""One server and one browser for all; every test is a new learner, and keeps a picture if it fails.

A journey that holds the lab to a `promise` is timed, and so runs while nothing else does.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import driver, server_log
from tests.browser.driver import SMALL, Server

# What is promised, times this, is what a test demands: a machine that runs tests has other work as well.
SLACK = 2.0
FIGURES: list[str] = []
PICTURES = driver.ROOT / "build" / "browser"
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    journeys = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    others = [item for item in items if item not in journeys]
    for journey in journeys:
        journey.add_marker(pytest.mark.browser)
        if "promise" in getattr(journey, "fixturenames", ()):
            journey.add_marker(pytest.mark.timed)
    items[:] = [*server_log.with_checks(journeys), *others]


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
        chromium = driver.launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(full_data, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lab with the full data. What it writes into its log while it stops fails the session."""
    home = tmp_path_factory.mktemp("lab")
    with driver.serve(home) as running:
        with driver.new_learner(browser) as first:
            driver.open_page(first.new_page(), running.url)
        yield running
    PICTURES.mkdir(parents=True, exist_ok=True)
    shutil.copy(running.log, PICTURES / "server.log")
    assert server_log.complaints() == []


@pytest.fixture
def open_learner(browser: Browser, request: pytest.FixtureRequest):
    """Makes new learners: `open_learner(locale=…, color_scheme=…)` gives a page of a browser of its own.

    Errors of the page's own scripts fail the test.
    """
    contexts, script_errors = [], []

    def open_one(**options) -> Page:
        context = driver.new_learner(browser, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: script_errors.append(str(error)))
        return page

    yield open_one
    failed = request.node.stash.get(FAILED, False) or bool(script_errors)
    for k, context in enumerate(contexts):
        if failed:
            name = re.sub(r"\W+", "-", request.node.name)
            PICTURES.mkdir(parents=True, exist_ok=True)
            for page in context.pages:
                page.screenshot(path=PICTURES / f"{name}-{k}.png", full_page=True)
        context.close()
    assert not script_errors


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
    """`train(epochs=…)` makes a new learner with a run under way, and stops every such run after the test."""
    begun: list[tuple[Page, str]] = []

    def start(task: str = "autoencoder", page: Page | None = None, **settings) -> Page:
        page = page or open_learner()
        run = driver.start_training(page, server.url, task, **{**SMALL, **settings})
        begun.append((page, f"{server.url}/{task}?run={run}"))
        return page

    yield start
    for page, run in begun:
        driver.open_page(page, run)
        driver.button(page, "bar_stop").evaluate("node => node.click()")  # nothing where it is disabled
        driver.wait_for_status(page, "Stopped", "Finished", "Failed")


@pytest.fixture(scope="session")
def finished(server: Server, browser: Browser) -> dict[str, str]:
    """The ids of an autoencoder's and of a classifier's run that have come to their end, by task."""
    context = driver.new_learner(browser)
    page = context.new_page()
    run_ids = {}
    for task in ("autoencoder", "classifier"):
        run_ids[task] = driver.start_training(page, server.url, task, **{**SMALL, "epochs": 2})
        driver.wait_for_status(page, "Finished")
    context.close()
    return run_ids
