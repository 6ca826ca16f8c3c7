"""Why figures differ, in a browser: what was tried, from there to the lab, and the missing setting found."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import Server

STANDARD = "images went in with mean 0 and standard deviation 1, all 60,000 of them"


def row(page: Page, words: str):
    return page.locator("tbody").filter(has=page.get_by_role("rowheader", name=words, exact=True))


def test_what_was_tried_leads_to_the_lab(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/reports?report=R3")
    expect(page.get_by_text("4 figures below would all agree if images went in with mean 0")).to_be_visible()
    page.get_by_role("paragraph").filter(has_text="What was tried").click()
    expect(row(page, "Published")).to_contain_text("89.3 %")
    expect(row(page, "all was as we read the report")).to_contain_text("≠")
    assert_nothing_serious(page)
    row(page, STANDARD).get_by_role("link", name="Open in the lab").click()
    expect(page.get_by_role("heading", name="Classifier", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("scaling=standard"))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en-GB", "es-AR"])
def test_the_missing_setting_is_found(server: Server, open_learner, locale: str):
    page = open_learner(locale=locale)
    driver.open_page(page, f"{server.url}/missing_setting?case=r3-models")
    expect(driver.button(page, "missing_run")).to_be_disabled()
    for option, key in ((3, "missing_run"), (5, "missing_answer")):
        page.get_by_role("combobox").click()
        page.get_by_role("option").nth(option).click()
        expect(driver.button(page, key)).to_be_enabled()
        driver.button(page, key).click()
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    expect(page.locator("table.study tbody")).to_have_count(3)
    expect(page).to_have_url(re.compile("tried=.+said="))
    assert_nothing_serious(page)
    page.reload()
    expect(page.locator("table.study tbody")).to_have_count(3)
    driver.button(page, "missing_again").click()
    expect(driver.button(page, "missing_run")).to_be_disabled()
    expect(page.locator("table.study tbody")).to_have_count(2)
