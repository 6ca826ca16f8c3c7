"""A game against the network by keyboard alone, to its end and into the next one."""

import re

from playwright.sync_api import expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious, faint_chart_words
from tests.browser.driver import Server
from tests.browser.keyboard import tab_to

ANSWERS = "1234567890"


def test_a_game_is_played_by_keys(server: Server, open_learner):
    page = open_learner(color_scheme="dark")
    driver.open_page(page, f"{server.url}/against?seed=7&network=r5-1")
    tab_to(page, key="against_start")
    page.keyboard.press("Enter")
    for k in range(20):
        garment = page.get_by_role("img", name=f"Garment {k + 1} of 20")
        expect(garment).to_be_visible()
        if k == 3:
            assert_nothing_serious(page, "dark")
        page.keyboard.press("s" if k == 4 else ANSWERS[k % 10])
    expect(page.get_by_text("You answered 19 of 20 garments")).to_be_visible()
    expect(driver.metric(page, "You")).to_have_text(re.compile(r"\d+\.\d\s%"))
    expect(driver.metric(page, "A crowd")).to_have_text("83.5 %")
    expect(page.get_by_text("Of all 10,000 test images this network gets")).to_be_visible()
    expect(page.get_by_role("heading", name="Only you wrong")).to_be_visible()
    page.locator("svg.marks text").first.wait_for(state="attached")
    assert_nothing_serious(page, "dark")
    assert faint_chart_words(page) == []
    tab_to(page, key="against_same")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="Garment 1 of 20")).to_be_visible()
    page.reload()
    expect(page.get_by_text("so the game begins anew")).to_be_visible()
    expect(page).to_have_url(re.compile("seed=7"))
