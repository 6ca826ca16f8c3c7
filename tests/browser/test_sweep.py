"""A small sweep trains to its end in a real browser, through a reload, and says what is more than luck."""

import re
import zipfile

from playwright.sync_api import Page, expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious_in_either_theme
from tests.browser.driver import Server

BANDS = "Mean curve of each value, epoch by epoch, with a band from the lowest to the highest seed"
OVER = "The validation loss of every run against its value, with a line through the means"
SMALL = "sa_train_size=1000&sa_validation_size=500&sa_epochs=3"
PATIENCE = 240_000


def marks(page: Page, alt: str) -> int:
    """How many points a chart has drawn, its legend left out."""
    return page.evaluate(
        """alt => [...document.querySelectorAll(`[aria-label="${alt}"] .mark-symbol.role-mark`)]
        .reduce((most, layer) => Math.max(most, layer.children.length), 0)""",
        alt,
    )


def test_a_sweep_trains_to_its_end_through_a_reload(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/sweep?{SMALL}&sa_values=4,64")
    expect(page.get_by_text("Your sweep appears here")).to_be_visible()
    driver.button(page, "sweep_start_here").click()
    page.wait_for_url(re.compile("sweep=[A-Za-z0-9]{12}"))
    expect(driver.chart(page, BANDS)).to_be_visible()
    page.reload()
    expect(driver.keyed(page, "run_now")).to_contain_text(re.compile("6 runs have ended"), timeout=PATIENCE)
    driver.wait_for_status(page, "Finished")
    expect(page.get_by_text("does best, with a mean validation loss of")).to_contain_text("64 does best")
    expect(page.get_by_text("exceeds seed noise").first).to_be_visible()
    assert marks(page, BANDS) == 6  # two values, three epochs
    assert marks(page, OVER) >= 6  # a dot for every run
    assert_nothing_serious_in_either_theme(page)
    driver.keyed(page, "sweep_export").get_by_role("button").click()
    with page.expect_download() as download:
        driver.button(page, "sweep_export_tensorboard").click()
    with zipfile.ZipFile(download.value.path()) as packed:
        assert len({name.partition("/")[0] for name in packed.namelist()} - {"lab.json"}) == 6
    page.keyboard.press("Escape")
    links = page.get_by_role("table", name="The values of the sweep compared").get_by_role("link")
    expect(links).to_have_count(6)
    driver.keyed(page, re.search(r"sweep=(\w+)", page.url)[1].join(("pca_", ""))).locator(
        "label"
    ).first.click()
    expect(page.get_by_text(re.compile("(Beats|Does not beat) linear"))).to_be_visible(timeout=PATIENCE)
    links.first.click()
    expect(page.get_by_role("heading", name="Autoencoder", exact=True)).to_be_visible()
    driver.wait_for_status(page, "Finished")
    driver.navigate(page, "Runs")
    page.get_by_role("button", name="Show its runs").first.click()
    expect(page.get_by_text("Feed-forward autoencoder 64, seed 2").first).to_be_visible()
    page.get_by_role("searchbox").fill("hidden size: 4 and 64")  # the name of the row that they fold into
    expect(page.get_by_text("Feed-forward autoencoder 64, seed 2").first).to_be_visible()


def test_a_sweep_pauses_goes_on_and_is_found_in_another_tab(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/sweep?sa_train_size=3000&sa_epochs=300&sa_values=16,32")
    driver.button(page, "bar_sweep").click()
    driver.wait_for_status(page, "Training")
    driver.button(page, "bar_pause").click()
    driver.wait_for_status(page, "Paused")
    driver.button(page, "bar_resume").click()
    driver.wait_for_status(page, "Training")
    other = page.context.new_page()
    driver.open_page(other, f"{server.url}/sweep")
    driver.wait_for_status(other, "Training")
    driver.button(other, "bar_stop").click()
    driver.wait_for_status(other, "Stopped")
    expect(driver.keyed(page, "run_now")).to_contain_text("never begun", timeout=PATIENCE)


def test_a_preset_of_a_report_fills_the_form(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/sweep")
    driver.button(page, "sweep_presets").first.click()
    page.get_by_role("button", name="R4 · Optimizer").click()
    page.wait_for_url(re.compile("sa_vary=optimizer"))
    expect(driver.keyed(page, "settings_side")).to_contain_text("6 runs")
