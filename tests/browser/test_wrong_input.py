"""Whatever is wrong in a link, a folder or an address gets a sentence, and the rest of the lab goes on."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import driver
from tests.browser.driver import PAGES, Server

NONSENSE = "ae_dropout=lots&ae_nothing=1&cl_epochs=-3&lang=xx&view=%F0%9F"
NONSENSE += "&run=../../etc/passwd&runs=%00,<b>x</b>"


def assert_no_failure(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Something went wrong")).to_have_count(0)
    assert "Traceback" not in page.locator("body").inner_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path or "home")
def test_nonsense_in_the_address(server: Server, page: Page, path: str):
    driver.open_page(page, f"{server.url}/{path}?{NONSENSE}")
    assert_no_failure(page)
    expect(page.get_by_text("The lab speaks English and Spanish; this link asks for “xx”.")).to_be_visible()
    sentences = {
        "autoencoder": "“dropout” in the address was ignored.",
        "classifier": "“epochs” in the address was ignored.",
        "runs": "There is no run “<b>x</b>”.",
    }
    if path in sentences:
        expect(page.get_by_text(sentences[path])).to_be_visible()


@pytest.mark.parametrize("path", ["autoencoder?run=AAAAAAAAAAAA", "runs?runs=AAAAAAAAAAAA"])
def test_a_run_that_is_not_there(server: Server, page: Page, path: str):
    driver.open_page(page, f"{server.url}/{path}")
    assert_no_failure(page)
    expect(page.get_by_text("There is no run “AAAAAAAAAAAA”").first).to_be_visible()


def test_a_run_of_someone_else_can_be_watched_but_not_steered(server: Server, page: Page, finished):
    driver.open_page(page, f"{server.url}/classifier?run={finished['classifier']}")
    assert_no_failure(page)
    driver.wait_for_points(page)
    expect(page.get_by_text("Another learner’s run")).to_be_visible()
    for key in ("bar_pause", "bar_batch", "bar_epoch", "bar_stop", "bar_extend"):
        expect(driver.button(page, key)).to_be_disabled()
    expect(driver.button(page, "bar_branch")).to_be_enabled()


def test_a_page_that_is_not_there(server: Server, page: Page):
    page.goto(f"{server.url}/no-such-page", wait_until="commit")
    expect(page.get_by_role("link", name="Home")).to_be_visible()
    assert_no_failure(page)


def test_the_first_page_by_the_name_of_its_file(server: Server, page: Page):
    page.goto(f"{server.url}/home?lang=es", wait_until="commit")
    expect(page).to_have_url(f"{server.url}/?lang=es")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ver cómo aprende una red neuronal")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert_no_failure(page)


def test_a_data_folder_with_the_wrong_files(open_learner, tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "train-images-idx3-ubyte").write_bytes(b"no images at all")
    page = open_learner()
    with driver.serve(tmp_path / "home", FMNIST_DATA=str(folder)) as server:
        for path in PAGES:
            driver.open_page(page, f"{server.url}/{path}")
            assert_no_failure(page)
        driver.open_page(page, f"{server.url}/data")
        expect(page.get_by_text("train-images-idx3-ubyte").first).to_be_visible()


@pytest.mark.log_may_hold(r"^no Dask scheduler answers at tcp://127\.0\.0\.1:9: Timed out .*$")
def test_a_scheduler_that_does_not_answer(full_data, open_learner, tmp_path: Path):
    page = open_learner()
    with driver.serve(tmp_path, FMNIST_SCHEDULER="tcp://127.0.0.1:9") as server:
        for path in PAGES:
            driver.open_page(page, f"{server.url}/{path}")
            assert_no_failure(page)
        driver.open_page(page, f"{server.url}/autoencoder")
        expect(page.get_by_text("The Dask scheduler does not answer.").first).to_be_visible()
