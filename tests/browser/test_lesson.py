"""A first network and what follows it, in both languages; its chart's switches; the same on the wall."""

import pytest
from playwright.sync_api import expect

from tests.browser import driver
from tests.browser.driver import SMALL, Server

CHART_TEXT = """() => Math.min(...[...document.querySelectorAll('[data-testid="stVegaLiteChart"] svg text')]
    .filter(text => text.textContent).map(text => parseFloat(getComputedStyle(text).fontSize))
    .filter(size => size > 0))"""
LOWEST = """() => Math.max(...[...document.querySelectorAll(
    '.st-key-lecture img, .st-key-lecture figcaption, .st-key-lecture svg'
)].map(one => one.getBoundingClientRect().bottom))"""


@pytest.mark.parametrize(
    ("locale", "fell", "blurred"),
    [
        ("en-GB", "The loss fell from", "stayed the most blurred"),
        ("es-AR", "La pérdida bajó de", "quedó como la más borrosa"),
    ],
)
def test_after_the_first_network_its_lesson_and_the_next_steps(
    server: Server, open_learner, locale: str, fell: str, blurred: str
):
    page = open_learner(locale=locale)
    driver.open_lab(page, server.url, **SMALL, epochs=2, hidden_sizes=32)
    driver.button(page, "bar_train").click()
    steps = driver.keyed(page, "next_steps")
    expect(steps).to_contain_text(fell)
    expect(steps).to_contain_text(blurred)
    first = driver.run_in_view(page)
    driver.button(page, "next_size").click()
    page.wait_for_url(lambda url: "run=" in url and first not in url and "ae_hidden_sizes=8" in url)
    expect(driver.keyed(page, "another_experiment")).to_have_count(0)
    expect(driver.button(page, "next_classifier")).to_be_visible()
    second = driver.run_in_view(page)
    driver.button(page, "next_classifier").click()
    page.wait_for_url(lambda url: "/classifier" in url and second in url)
    expect(driver.button(page, "bar_train")).to_be_enabled()


def test_the_page_that_one_is_on_brings_the_last_run_back(server: Server, open_learner):
    page = open_learner()
    driver.start_training(page, server.url, **SMALL, epochs=1, hidden_sizes=12)
    run = driver.run_in_view(page)
    driver.wait_for_status(page, "Finished")
    page.wait_for_timeout(2500)  # until what the page wrote into its address is old
    driver.navigate(page, "Autoencoder")
    driver.button(page, "go_on").click()
    page.wait_for_url(lambda url: run in url)
    expect(page.get_by_role("combobox", name="Hidden size")).to_have_value("12")
    driver.button(page, "run_share").click()
    expect(page.get_by_alt_text("QR code of this link")).to_be_visible()
    expect(page.get_by_test_id("stCode").last).to_contain_text(f"/autoencoder?run={run}")


def test_the_chart_and_the_film_answer_at_once_and_are_remembered(
    server: Server, open_learner, finished, promise
):
    page = open_learner()
    driver.open_page(page, f"{server.url}/autoencoder?run={finished['autoencoder']}")
    driver.wait_for_points(page)
    promise(
        "a click on a legend, until the curve is gone", driver.seconds_to_switch_curve(page), driver.ANSWER
    )
    promise("a scrub, until the garments have changed", driver.seconds_to_scrub(page), driver.ANSWER)
    page.wait_for_timeout(500)
    page.reload()
    driver.wait_for_points(page)
    pressed = driver.keyed(page, "curves_shown").locator('[aria-checked="true"], [aria-pressed="true"]')
    expect(pressed).to_have_count(3)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
@pytest.mark.parametrize("task", ["autoencoder", "classifier"])
def test_on_the_wall_all_is_seen_without_scrolling_and_keys_steer(
    server: Server, open_learner, finished, task: str, size: tuple[int, int]
):
    page = open_learner(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{server.url}/{task}?run={finished[task]}&projector=1")
    driver.wait_for_points(page)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    assert page.evaluate(LOWEST) <= size[1]
    assert page.evaluate(CHART_TEXT) >= 20
    if task == "autoencoder":
        driver.seconds_until_changed(page, driver.GARMENT, lambda: page.keyboard.press("ArrowLeft"))
    page.keyboard.press("q")
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
