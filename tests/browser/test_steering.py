"""The autoencoder's page: settings, a live curve, and a run that obeys its buttons."""

import re

from playwright.sync_api import Page, expect

from tests.browser import driver
from tests.browser.driver import Server
from tests.waiting import wait_for

STEPS_PER_EPOCH = 50
# The browser has one only if Streamlit goes to the page before it takes over what that page writes into the
# address; where both come at once it is the other way round, and Back leads home at the first press.
ENTRY_WITHOUT_SETTINGS = """() => {
    const withSettings = location.href
    history.replaceState(history.state, '', location.pathname)
    history.pushState(history.state, '', withSettings)
}"""
GARMENTS = "document.querySelector('[alt^=\"Original, reconstruction, error\"]')"
# Those of the horizontal axis.
TICKS = f"""() => [...document.querySelectorAll(
    '[aria-label="{driver.LOSS_CHART}"] .role-axis-label text[text-anchor="middle"]'
)].map(tick => tick.textContent).sort().join()"""


def choose(page: Page, label: str, value: str) -> None:
    """Type a value into one of the boxes that offer some and take any."""
    box = page.get_by_role("combobox", name=label)
    box.fill(value)
    box.press("Enter")
    box.press("Tab")
    driver.settle(page)


def turn_the_wheel(page: Page) -> str:
    """Zoom in by one turn, and return the ticks of the horizontal axis two pictures later."""
    page.mouse.wheel(0, -400)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate(TICKS)


def test_the_form_decides_what_is_trained(server: Server, page: Page, train):
    driver.open_page(
        page, f"{server.url}/autoencoder?ae_train_size=2000&ae_validation_size=1000&ae_epochs=500"
    )
    page.get_by_role("radio", name="Convolutional").click()
    driver.settle(page)
    choose(page, "Hidden size", "24")
    choose(page, "Learning rate", "0.002")
    dropout = page.get_by_role("slider", name="Dropout")
    dropout.press("ArrowRight")
    dropout.press("ArrowRight")
    driver.settle(page)
    driver.keyed(page, "ae_pooling").get_by_role("switch").press("Space")
    expect(driver.keyed(page, "ae_pooling").get_by_role("switch")).not_to_be_checked()
    driver.settle(page)
    driver.button(page, "bar_train").click()
    some = driver.wait_for_points(page)
    expect(driver.keyed(page, "run_side")).to_contain_text("no pooling · dropout 0.2 · Adam 0.002")
    driver.wait_for_points(page, more_than=some)
    driver.button(page, "bar_stop").click()
    driver.wait_for_status(page, "Stopped")


def test_pause_one_batch_one_epoch_resume_stop(train, promise):
    page = train(epochs=500)
    promise("Pause, from the click to “Paused”", driver.seconds_to_pause(page), 1.0)
    step = driver.step_at_rest(page)
    some = driver.wait_for_points(page)
    driver.button(page, "bar_batch").click()
    expect(driver.keyed(page, "run_now")).to_contain_text(f"batch {step + 1:,} of")
    driver.button(page, "bar_epoch").click()
    end = (
        (step // STEPS_PER_EPOCH + 1) * STEPS_PER_EPOCH
        if (step + 1) % STEPS_PER_EPOCH
        else step + 1 + STEPS_PER_EPOCH
    )
    expect(driver.keyed(page, "run_now")).to_contain_text(f"Paused after batch {end:,} of")
    assert driver.points(page) > some
    driver.button(page, "bar_resume").click()
    driver.wait_for_status(page, "Training")
    driver.wait_for_points(page, more_than=driver.points(page))
    promise("Stop, from the click to “Stopped”, test figures included", driver.seconds_to_stop(page), 1.0)
    expect(driver.metric(page, "Test loss")).to_have_text(re.compile(r"0\.\d{4}"))


def test_polls_never_embed_the_chart_anew_and_keep_its_zoom(train):
    page = train(epochs=500)
    driver.button(page, "bar_pause").click()
    driver.wait_for_status(page, "Paused")
    chart = driver.chart(page, driver.LOSS_CHART)
    drawing = chart.locator("svg")
    drawing.evaluate("node => { node.isTheSame = true }")
    before = page.evaluate(TICKS)
    chart.hover()
    page.keyboard.down("Shift")
    wait_for(lambda: turn_the_wheel(page) != before)  # a turn that comes while the chart is drawn is lost
    page.keyboard.up("Shift")
    zoomed = page.evaluate(TICKS)
    driver.button(page, "bar_resume").click()
    some = driver.points(page)
    for _poll in range(3):
        some = driver.wait_for_points(page, more_than=some)
    assert drawing.evaluate("node => node.isTheSame && node.isConnected")
    assert page.evaluate(TICKS) == zoomed


def test_the_film_stays_where_it_was_put_while_training_goes_on(train):
    page = train(epochs=500)
    knob = page.get_by_role("slider", name="Film")
    start = re.compile("batch 0 ")
    newest = garments(page)
    knob.press("Home")
    expect(knob).to_have_attribute("aria-valuetext", start)
    page.wait_for_function(f"newest => {GARMENTS}.src !== newest", arg=newest)
    first = garments(page)
    some = driver.points(page)
    for _poll in range(3):
        some = driver.wait_for_points(page, more_than=some)
    assert start.search(knob.get_attribute("aria-valuetext"))
    assert garments(page) == first
    driver.keyed(page, "run_in_view").get_by_role("switch", name="Follow").press("Space")
    expect(knob).not_to_have_attribute("aria-valuetext", start)


def garments(page: Page) -> str:
    return page.evaluate(f"() => {GARMENTS}.src")


def test_a_reload_and_a_link_bring_the_run_back(server: Server, train):
    page = train(epochs=500, hidden_sizes=12)
    run = driver.run_in_view(page)
    page.reload()
    driver.wait_for_points(page, more_than=driver.wait_for_points(page))
    assert driver.run_in_view(page) == run
    expect(page.get_by_role("combobox", name="Hidden size")).to_have_value("12")
    expect(driver.button(page, "bar_pause")).to_be_enabled()
    other = page.context.new_page()
    driver.open_page(other, f"{server.url}/autoencoder?run={run}")
    driver.wait_for_points(other)
    expect(driver.button(other, "bar_pause")).to_be_enabled()


def test_back_through_history_keeps_the_run_and_the_settings_that_the_page_was_found_with(train):
    page = train(epochs=500, hidden_sizes=48)
    driver.navigate(page, "Home")
    expect(page.get_by_role("heading", name="Watch a neural network learn")).to_be_visible()
    driver.navigate(page, "Autoencoder")
    run = driver.run_in_view(page)
    page.wait_for_url("**/autoencoder?**")
    page.evaluate(ENTRY_WITHOUT_SETTINGS)
    page.go_back()
    assert driver.run_in_view(page) == run
    driver.settle(page)
    driver.wait_for_points(page)
    expect(page.get_by_role("combobox", name="Hidden size")).to_have_value("48")
    for _entry in range(3):  # the page's own, with and without settings
        if "/autoencoder" in page.url:
            page.go_back()
            driver.settle(page)
    expect(page.get_by_role("heading", name="Watch a neural network learn")).to_be_visible()


def test_more_epochs_another_learning_rate_and_a_branch(train):
    page = train(epochs=1)
    driver.wait_for_status(page, "Finished")
    parent = driver.run_in_view(page)
    driver.button(page, "bar_extend").click()
    expect(driver.metric(page, "Epoch")).to_have_text("11 / 11")
    driver.wait_for_status(page, "Finished")
    driver.button(page, "bar_branch").click()
    driver.button(page, "bar_do_branch").click()
    page.wait_for_url(lambda url: "run=" in url and parent not in url)
    driver.wait_for_points(page)
    expect(driver.keyed(page, "run_side")).to_contain_text("Branched from “Feed-forward autoencoder")
    driver.wait_for_status(page, "Finished")


def test_a_change_of_learning_rate_on_the_way_is_recorded(train):
    page = train(epochs=500)
    driver.button(page, "bar_rate").click()
    choose(page, "From the next batch on", "0.01")
    driver.button(page, "bar_change_rate").click()
    expect(driver.keyed(page, "bar_rate")).to_contain_text("0.01")
    expect(driver.chart(page, driver.LOSS_CHART).get_by_text("rate 0.001 → 0.01", exact=True)).to_be_visible()
