"""What befalls a lab while a learner looks is said on the page, without a reload, and taken back after."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.compute.client import NO_SCHEDULER
from fmnist_core.store import schema
from fmnist_core.store.runs import Store
from tests.browser import driver
from tests.browser.driver import SMALL
from tests.engine.elsewhere import scheduler_elsewhere
from tests.store.flipped_bits import flip_in

TOLD = 2.0  # seconds
GONE = str(NO_SCHEDULER).partition(".")[0]


@pytest.mark.log_may_hold(r".*")  # what is wrong here is the test's own doing
def test_a_scheduler_that_goes_and_comes_back_and_what_was_damaged_meanwhile(
    open_learner, promise, tmp_path: Path
):
    page: Page = open_learner()
    with (
        scheduler_elsewhere(tmp_path) as theirs,
        driver.serve(tmp_path / "home", FMNIST_SCHEDULER=theirs.address) as server,
    ):
        server.wait_for_engine()
        run_id = driver.start_training(page, server.url, epochs=500, **SMALL)
        page.evaluate("window.opened_once = true")
        sentence = driver.keyed(page, "run_in_view").get_by_text(GONE)

        theirs.end()
        began = time.monotonic()
        expect(sentence).to_be_visible()
        promise("the scheduler is gone, and the page says so", time.monotonic() - began, TOLD)
        theirs.start()
        expect(sentence).to_have_count(0)
        driver.wait_for_points(page, driver.points(page))

        driver.button(page, "bar_pause").click()
        driver.wait_for_status(page, "Paused after batch")
        theirs.end()  # with it the state that its worker had in memory
        store = Store(server.store_url)
        flip_in(store, schema.checkpoints.c.state, run_id)
        store.close()
        theirs.start()
        driver.button(page, "bar_resume").click()
        damaged = page.get_by_text("The saved state of this run was damaged, so training went back")
        expect(damaged.first).to_be_visible()
        assert page.evaluate("window.opened_once"), "without a reload"
