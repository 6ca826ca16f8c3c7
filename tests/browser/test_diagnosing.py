"""A run is told what ails it while it trains: the charts stay, and a click sets up the experiment."""

import re

from playwright.sync_api import expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious


def test_a_rate_too_high_is_named_while_the_run_trains_and_the_chart_stays(train):
    page = train("classifier", learning_rate=0.05, epochs=500)
    drawing = driver.chart(page, driver.LOSS_CHART).locator("svg")
    drawing.evaluate("node => { node.isTheSame = true }")
    panel = page.locator(".st-key-diagnosis")
    expect(panel.get_by_text("The learning rate is too high.")).to_be_visible()
    page.wait_for_timeout(2500)
    assert drawing.evaluate("node => node.isTheSame && node.isConnected")
    assert_nothing_serious(page, "light")
    panel.get_by_role("button", name="Try learning rate 0.005").click()
    expect(page.get_by_text("learning rate 0.005 instead of 0.05")).to_be_visible()
    expect(page).to_have_url(re.compile("run="))
    assert drawing.evaluate("node => node.isTheSame && node.isConnected")
