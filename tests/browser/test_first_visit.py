"""Home shows something trained at once, and one click shows a network learning."""

import re

from playwright.sync_api import expect

from tests.browser import driver
from tests.browser.driver import Server


def test_home_shows_a_trained_network_to_play_with(server: Server, page):
    driver.open_page(page, server.url)
    garments = page.get_by_alt_text("Original, reconstruction and error")
    expect(garments.first).to_be_visible()
    shown = garments.first.get_attribute("src")
    page.get_by_role("slider", name="Moment of the training").press("Home")
    expect(garments.first).not_to_have_attribute("src", shown)


def test_one_click_on_home_starts_a_live_curve(server: Server, open_learner, promise, finished):
    page = open_learner()
    driver.open_page(page, server.url)
    seconds = driver.seconds_to_first_point(page, "train_first")
    promise("Home, from the click to the first point of the curve", seconds, 1.5)
    assert "/autoencoder" in page.url
    some = driver.points(page)
    driver.wait_for_points(page, more_than=some)
    driver.wait_for_status(page, "Finished")
    expect(driver.metric(page, "Test loss")).to_have_text(re.compile(r"0\.0\d{3}"))
