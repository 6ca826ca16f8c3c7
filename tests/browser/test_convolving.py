"""Convolution by hand in a real browser: the filter slides by the keyboard, a bad cell loses nothing."""

import re

from playwright.sync_api import expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import Server


def test_the_example_is_worked_by_the_keyboard(server: Server, open_learner):
    page = open_learner()
    driver.open_page(page, f"{server.url}/convolution")
    expect(page.get_by_text("Row 1, column 1 of the result")).to_contain_text("= 4")
    slider = page.get_by_role("slider", name="Place of the window")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Row 1, column 2 of the result")).to_contain_text("= 3")
    picture = page.get_by_role("textbox", name="The picture")
    picture.fill("1 1 1\n0 x 1\n0 0 1")
    picture.press("Control+Enter")
    expect(page.get_by_text("stands “x”, which is no number")).to_be_visible()
    expect(picture).to_have_value("1 1 1\n0 x 1\n0 0 1")
    picture.fill("1 1 1\n0 1 1\n0 0 1")
    picture.press("Control+Enter")
    expect(page.get_by_text("Row 1, column 1 of the result")).to_contain_text("= 4")
    assert_nothing_serious(page, "light")
    page.get_by_role("radio", name="Pooling", exact=True).click()
    expect(page.get_by_text("pixels win somewhere")).to_be_visible()
    assert page.url.endswith("part=pooling") or "part=pooling&" in page.url


def test_the_browser_goes_back_to_the_settings_before(server: Server, open_learner):
    page = open_learner()
    driver.open_page(page, f"{server.url}/convolution?part=pooling")
    stride = page.get_by_role("textbox", name="Stride")
    stride.fill("3")
    stride.press("Enter")
    expect(page.get_by_text("What comes out is 9 × 9.")).to_be_visible()
    page.wait_for_url(re.compile("stride=3"))
    page.go_back()
    expect(page.get_by_text("What comes out is 14 × 14.")).to_be_visible()
    expect(stride).to_have_value("2")
    page.go_forward()
    expect(page.get_by_text("What comes out is 9 × 9.")).to_be_visible()
    expect(stride).to_have_value("3")
