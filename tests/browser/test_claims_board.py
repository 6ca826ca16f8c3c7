"""The board of claims in a browser: find one, open it, go on to the lab."""

import re

from playwright.sync_api import Page, expect

from fmnist_core.replication.claims import CLAIMS
from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import Server


def cards(page: Page):
    return page.locator("a.card")


def test_the_board_and_its_filters(server: Server, page: Page, promise):
    driver.open_page(page, server.url)
    promise("the board of claims", driver.seconds_to_change_page(page, "Claims", "Claims"), 0.5)
    expect(cards(page)).to_have_count(len(CLAIMS))
    page.get_by_role("radio", name="R5", exact=True).click()
    expect(cards(page)).to_have_count(sum("R5" in claim.reports for claim in CLAIMS.values()))
    expect(page).to_have_url(re.compile("report=R5"))


def test_a_claim_opens_tells_its_rule_and_leads_to_the_lab(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/claims")
    cards(page).filter(has_text="Adam beats SGD").click()
    expect(page).to_have_url(re.compile("claim=C16"))
    expect(page.get_by_role("heading", name="At a learning rate of 0.001 Adam beats SGD.")).to_be_visible()
    expect(page.get_by_text("Adam must have the higher test accuracy.")).to_be_visible()
    page.go_back()
    expect(cards(page)).to_have_count(len(CLAIMS))
    page.go_forward()
    ours = page.locator("tbody").filter(has=page.get_by_role("rowheader", name="SGD", exact=True))
    ours.get_by_role("link", name="Open in the lab").click()
    expect(page.get_by_role("heading", name="Classifier", exact=True)).to_be_visible()
    expect(page.get_by_role("radio", name="SGD")).to_be_checked()
    expect(page.get_by_role("textbox", name="Epochs")).to_have_value("30")


def test_linear_beside_a_claim(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/claims?claim=C1")
    page.get_by_text("PCA with as many components").click()
    expect(page.get_by_text("Grey diamonds: what PCA")).to_be_visible(timeout=60_000)
    driver.open_page(page, f"{server.url}/claims?claim=C16")  # of classifiers
    expect(page.get_by_role("heading", name="At a learning rate of 0.001 Adam beats SGD.")).to_be_visible()
    expect(page.get_by_text("PCA with")).to_have_count(0)


def test_a_link_to_a_claim(server: Server, open_learner):
    page = open_learner(locale="es-AR")
    driver.open_page(page, f"{server.url}/claims?claim=C17")
    expect(page.get_by_role("heading", name="60 épocas no son mejores que 30.")).to_be_visible()
    driver.button(page, "claim_after").click()
    expect(page).to_have_url(re.compile("claim=C18"))
    driver.button(page, "claims_all").click()
    expect(cards(page)).to_have_count(len(CLAIMS))


def test_axe_finds_nothing_serious_on_a_claim(server: Server, open_learner):
    for scheme in ("light", "dark"):
        page = open_learner(color_scheme=scheme)
        driver.open_page(page, f"{server.url}/claims?claim=C16")
        assert_nothing_serious(page, scheme)
