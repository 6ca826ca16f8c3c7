"""From a report to the lab and to its trained models, by click and by link."""

import re
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from fmnist_core.replication.recipes import EXPERIMENTS
from tests.browser import driver
from tests.browser.driver import Server

FITTING = 60_000
CLASSIFIER, AUTOENCODER = "r3-2", "r1-n64"  # both are looked for in the first study of their report


def row(page: Page, setting: str):
    return page.locator("tbody").filter(has=page.get_by_role("rowheader", name=setting))


def test_a_report_is_one_click(server: Server, page: Page, promise):
    driver.open_page(page, server.url)
    seconds = driver.seconds_to_change_page(page, "Reports", "Reports")
    promise("the page of reports, from the click to its title", seconds, 0.5)
    page.get_by_role("radio", name="R3 Classifier").click()
    expect(page.get_by_role("heading", name=re.compile("R3 · "))).to_be_visible()
    expect(page.get_by_role("list", name=re.compile("The network, from left to right"))).to_be_visible()
    expect(row(page, "SGD, 30 epochs")).to_contain_text("81.0 %")
    expect(page).to_have_url(re.compile("report=R3"))


def test_a_row_opens_in_the_lab_with_all_settings(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/reports?report=R1&study=2")
    link = row(page, "n 256").get_by_role("link", name="Open in the lab")
    wanted = dict(parse_qsl(urlsplit(link.get_attribute("href")).query))
    link.click()
    expect(page.get_by_role("heading", name="Autoencoder", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="Epochs")).to_have_value("300")
    expect(page.get_by_role("textbox", name="Training images")).to_have_value("60000")
    expect(page.get_by_role("textbox", name="Validation images")).to_have_value("0")
    expect(page.get_by_role("slider", name="Dropout")).to_have_value("0")
    expect(page.get_by_role("radio", name="SGD")).to_be_checked()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    driver.settle(page)
    assert dict(parse_qsl(urlsplit(page.url).query)).items() >= {
        (name, value) for name, value in wanted.items() if not name.endswith("architecture")
    }


def test_another_report_begins_at_its_first_study(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/reports?report=R2&study=6")
    page.get_by_role("radio", name="R3 Classifier").click()
    expect(page.get_by_role("heading", name=re.compile("R3 · "))).to_be_visible()
    expect(page).to_have_url(re.compile("study=1"))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_linear_beside_a_reports_curves_and_a_trained_autoencoder(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/reports?report=R1")
    page.get_by_text("PCA with as many components").click()
    words = re.compile(r"PCA on the test images, by components: 64 \(0\.\d{4}\), 128 \(0\.\d{4}\), 256")
    expect(page.get_by_text(words)).to_be_visible(timeout=FITTING)
    row(page, "n 64").get_by_role("link", name="See it trained").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("PCA with 64 components").click()
    expect(dialog.get_by_text(re.compile("On the test images PCA leaves"))).to_be_visible(timeout=FITTING)


@pytest.mark.parametrize("id", [CLASSIFIER, AUTOENCODER])
def test_a_trained_model_is_there_within_a_second(server: Server, page: Page, promise, id: str):
    report, classifies = id[:2].upper(), EXPERIMENTS[id].spec.task == "classifier"
    driver.open_page(page, f"{server.url}/reports?report={report}")
    link = row(page, "Adam, 30 epochs" if classifies else "n 64").get_by_role("link", name="See it trained")
    link.click(trial=True)
    before = time.perf_counter()
    link.click()
    dialog = page.get_by_role("dialog")
    curves = dialog.locator('[aria-label="Losses of the trained model, epoch by epoch"] svg')
    expect(curves).to_be_visible()
    if classifies:
        expect(dialog.locator('[aria-label^="Confusion matrix"] svg')).to_be_visible()
        expect(dialog.locator(".lab-guess")).to_have_count(10)
    else:
        expect(dialog.locator(".lab-row figure")).to_have_count(10)
    promise(f"the trained model {id}, from the click to its pictures", time.perf_counter() - before, 1.0)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("model="))


def test_a_telephone_shows_the_same_without_scrolling_sideways(server: Server, open_learner):
    page = open_learner(viewport={"width": 390, "height": 844})
    for path in ("reports?report=R2", "reports?report=R4&study=6", "claims", "claims?claim=C16"):
        driver.open_page(page, f"{server.url}/{path}")
        inside = page.get_by_test_id("stMainBlockContainer")
        assert inside.evaluate("node => node.scrollWidth <= node.clientWidth"), path
