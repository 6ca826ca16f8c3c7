"""The page of runs: choose two and see what differs; rename, download, delete."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from safetensors import numpy as safetensors

from fmnist_core.spec import read_spec
from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import SMALL, Server
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def learner(server: Server, browser: Browser) -> Iterator[BrowserContext]:
    """One who has trained two runs. Tests that change a run train one of their own beside them."""
    with driver.new_learner(browser) as context:
        page = context.new_page()
        for size in (8, 128):
            train_one(server, page, size)
        page.close()
        yield context


@pytest.fixture
def runs(server: Server, learner: BrowserContext) -> Iterator[Page]:
    """The page of runs of that learner."""
    with learner.new_page() as page:
        driver.open_page(page, f"{server.url}/runs")
        yield page


def train_one(server: Server, page: Page, size: int) -> None:
    driver.start_training(page, server.url, **SMALL, epochs=2, hidden_sizes=size)
    driver.wait_for_status(page, "Finished")


def row(page: Page, name: str):
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def choose(page: Page, name: str) -> None:
    row(page, name).get_by_role("checkbox").click()
    driver.settle(page)


def test_two_runs_side_by_side(server: Server, runs: Page):
    choose(runs, "Feed-forward autoencoder 8")
    choose(runs, "Feed-forward autoencoder 128")
    table = runs.get_by_role("region", name="The chosen runs compared")
    expect(table.get_by_role("rowheader", name="Hidden size")).to_be_visible()
    expect(table.get_by_role("rowheader", name="Dropout")).not_to_be_visible()
    expect(table.get_by_role("row").filter(has_text="Hidden size").get_by_role("cell")).to_have_text(
        ["8", "128"]
    )
    expect(
        runs.get_by_alt_text("The ten garments reconstructed by Feed-forward autoencoder 8")
    ).to_be_visible()
    curves = driver.chart(runs, "Validation loss of the chosen runs, epoch by epoch")
    expect(curves.locator(".mark-line.role-mark path")).to_have_count(2)
    address = runs.url
    assert len(address.split("runs=")[1].split("&")[0].replace("%2C", ",").split(",")) == 2
    driver.open_page(runs, address)
    expect(row(runs, "Feed-forward autoencoder 8").get_by_role("checkbox")).to_be_checked()
    expect(curves).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("dropout 0.1", True),
        ("dropout 0,1", True),
        ("images 5000", True),
        ("images 5,000", True),
        ("images 5.000", True),
        ("áutoencoder 128", True),
        ("%", False),
        ("🙂", False),
        ("[.*", False),
        ("<b>x</b>", False),
        ("a" * 10_000, False),
    ],
)
def test_a_search_takes_what_is_typed_for_itself_and_numbers_as_anybody_writes_them(
    runs: Page, typed: str, found: bool
):
    search = runs.get_by_role("searchbox")
    search.fill(typed)
    expect(row(runs, "Feed-forward autoencoder 128")).to_have_count(int(found))
    expect(runs.get_by_text("No run matches this.")).to_have_count(int(not found))
    search.fill("")
    expect(row(runs, "Feed-forward autoencoder 128")).to_be_visible()


def test_a_name_opens_the_run_in_the_lab(runs: Page):
    row(runs, "Feed-forward autoencoder 8").get_by_role("link").click()
    expect(runs.get_by_role("heading", name="Autoencoder", exact=True)).to_be_visible()
    expect(driver.keyed(runs, "run_heading")).to_contain_text("Feed-forward autoencoder 8")


def test_rename(server: Server, runs: Page):
    train_one(server, runs, 16)
    driver.navigate(runs, "Runs")
    choose(runs, "Feed-forward autoencoder 16")
    driver.button(runs, "runs_rename").click()
    name = runs.get_by_role("dialog").get_by_role("textbox", name="Name")
    name.fill("A narrow one")
    name.press("Enter")
    expect(row(runs, "A narrow one")).to_be_visible()
    expect(row(runs, "Feed-forward autoencoder 16")).to_have_count(0)
    driver.button(runs, "runs_rename").click()
    name.fill("   ")
    name.press("Enter")
    expect(runs.get_by_role("dialog")).to_contain_text("A run needs a name.")


def test_delete_asks_first(server: Server, runs: Page):
    train_one(server, runs, 24)
    driver.navigate(runs, "Runs")
    choose(runs, "Feed-forward autoencoder 24")
    driver.button(runs, "runs_delete").click()
    expect(runs.get_by_role("dialog")).to_contain_text("Feed-forward autoencoder 24")
    driver.button(runs, "delete_no").click()
    expect(runs.get_by_role("dialog")).to_have_count(0)
    expect(row(runs, "Feed-forward autoencoder 24")).to_be_visible()
    driver.button(runs, "runs_delete").click()
    driver.button(runs, "delete_yes").click()
    expect(row(runs, "Feed-forward autoencoder 24")).to_have_count(0)
    expect(row(runs, "Feed-forward autoencoder 128")).to_be_visible()
    expect(runs.get_by_test_id("stAlert")).to_have_count(0)


def test_a_download_holds_settings_curves_and_weights(runs: Page):
    choose(runs, "Feed-forward autoencoder 8")
    with runs.expect_download() as download:
        driver.button(runs, "runs_download").click()
    assert download.value.suggested_filename.startswith("Feed-forward-autoencoder-8-")
    with zipfile.ZipFile(download.value.path()) as files:
        spec = read_spec(files.read("spec.json"))
        epochs = list(csv.DictReader(io.StringIO(files.read("history.csv").decode())))
        weights = safetensors.load(files.read("model.safetensors"))
    assert spec.hidden_sizes == (8,)
    assert [row["epoch"] for row in epochs] == ["1", "2"]
    assert sum(weight.size for weight in weights.values()) == spec.parameter_count


def test_what_is_pinned_stands_in_the_report_and_leaves_the_lab(runs: Page):
    choose(runs, "Feed-forward autoencoder 8")
    for key in ("compared", "garments"):
        driver.button(runs, f"{key}_pin").click()
        expect(driver.button(runs, f"{key}_pin")).to_contain_text("Pinned")
        driver.settle(runs)
    driver.navigate(runs, "My report")
    expect(runs.get_by_role("textbox", name="Caption")).to_have_count(2)
    expect(runs.get_by_role("textbox", name="Caption").first).to_have_value(
        "The chosen runs compared. Feed-forward autoencoder 8, seed 0."
    )
    runs.get_by_role("textbox", name="Title").fill("Eight numbers")
    driver.button(runs, "report_html").click()
    with runs.expect_download() as download:
        driver.button(runs, "report_save").click()
    assert download.value.suggested_filename == "Eight-numbers-html.zip"
    with zipfile.ZipFile(download.value.path()) as files:
        page = files.read("report.html").decode()
        (run,) = json.loads(files.read("lab.json"))["runs"]
    assert page.count("<figure>") == 2
    assert "<h1>Eight numbers</h1>" in page
    assert run["spec"]["hidden_sizes"] == [8]
    assert_nothing_serious(runs)


# Words that end in three dots for want of room.
CUT_OFF = """() => [...document.querySelectorAll('.stMain :is(p, span, div, label, button)')].filter(one =>
    getComputedStyle(one).textOverflow === 'ellipsis' && one.scrollWidth > one.clientWidth + 1
    && one.checkVisibility({checkOpacity: true})).map(one => one.innerText)"""
BEYOND_THE_EDGE = """() => [...document.querySelectorAll('.stButtonGroup button, .runs tr > *')].filter(one =>
    one.checkVisibility() && one.getBoundingClientRect().right > innerWidth - 8).map(one => one.innerText)"""
LOWEST = """() => Math.max(...[...document.querySelectorAll('.lab-row img')].map(
    one => one.getBoundingClientRect().bottom))"""


def test_on_a_telephone_no_word_is_cut_off_and_all_can_be_reached(server: Server, runs: Page, open_learner):
    choose(runs, "Feed-forward autoencoder 8")
    choose(runs, "Feed-forward autoencoder 128")
    runs.wait_for_url(re.compile("runs=.+(,|%2C)"))
    chosen = re.search(r"runs=([^&]+)", runs.url)[1]
    first = re.split(",|%2C", chosen)[0]
    page = open_learner(locale="es-AR", viewport={"width": 390, "height": 844})
    for path, last in (
        (f"runs?runs={chosen}", "img[alt^='Las diez prendas']"),
        (f"autoencoder?run={first}", ".lab-row img"),
        ("reports", ".st-key-study button"),
        (f"autoencoder?run={first}&projector=1", ".lab-row img"),
    ):
        page.goto(f"{server.url}/{path}")
        expect(page.locator(last).first).to_be_visible()
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(BEYOND_THE_EDGE) == []
    driver.wait_for_points(page)
    page.mouse.move(195, 400)

    def is_below_reached() -> bool:
        page.mouse.wheel(0, 5000)  # which moves nothing that cannot be scrolled by a hand
        page.wait_for_timeout(200)
        return page.evaluate(LOWEST) <= 844

    wait_for(is_below_reached)
    assert page.locator(".stMain").evaluate("node => node.scrollWidth <= node.clientWidth")


def test_someone_else_can_compare_but_not_change(server: Server, finished: dict[str, str], page: Page):
    driver.open_page(page, f"{server.url}/runs?runs={finished['autoencoder']},{finished['classifier']}")
    expect(page.get_by_role("region", name="The chosen runs compared")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="another learner’s")).to_have_count(2)
    expect(driver.button(page, "runs_rename")).to_be_disabled()
    expect(driver.button(page, "runs_delete")).to_be_disabled()
