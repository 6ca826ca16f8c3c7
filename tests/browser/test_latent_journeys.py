"""Latent space: garments and places by click and by the keyboard, the film, and how soon all answers."""

import re
from functools import partial

from playwright.sync_api import Page, expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import Server

PLACE = """() => document.querySelector('img[alt="What lies at the place: what lies here"]')?.src"""


def on_map(page: Page, across: float, down: float) -> tuple[float, float]:
    """A point of the map in the browser's window, as shares of its canvas."""
    box = page.locator(".st-key-latent_chart_pca canvas").first.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def test_a_garment_is_clicked_on_a_place_is_reached_by_keys_and_the_film_plays(
    server: Server, page, finished
):
    driver.open_page(page, f"{server.url}/layers?network={finished['autoencoder']}")
    page.get_by_role("link", name="In latent space").click()
    expect(page.get_by_role("heading", name="Any place")).to_be_visible()
    expect(page.locator(".st-key-latent_chart_pca canvas").first).to_be_visible()
    assert_nothing_serious(page, "latent space")
    drawn = page.evaluate(PLACE)
    for name in ("From left to right", "From bottom to top"):
        page.get_by_role("slider", name=name).press("End")
    page.wait_for_function(f"before => ({PLACE})() !== before", arg=drawn)
    expect(page.get_by_text("This is an empty region")).to_be_visible()
    tip = page.locator("#vg-tooltip-element.visible img")
    for share in range(25, 75):  # until a garment lies under the pointer
        page.mouse.move(*on_map(page, share / 100, 0.3))
        page.wait_for_timeout(30)
        if tip.count():
            break
    expect(tip).to_have_js_property("naturalWidth", 84)
    index = re.search(r"garments/(\d+)\.png", tip.get_attribute("src"))[1]
    page.mouse.click(*on_map(page, share / 100, 0.3))
    expect(page).to_have_url(re.compile(rf"garment={index}\b"))
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text("before training: the neighbours’ vote")).to_be_visible()
    expect(page.get_by_role("slider", name="Moment of the film")).to_be_visible()


def test_any_place_is_decoded_soon_while_two_runs_train(server: Server, train, promise):
    train(epochs=500)
    page = train(epochs=500, hidden_sizes=128)
    run = page.url
    driver.open_page(page, f"{server.url}/latent_space?network=conv_autoencoder")
    page.locator(".st-key-latent_chart_pca canvas").first.wait_for()
    page.wait_for_function(PLACE)
    taken = []
    for k in range(20):  # in the upper right corner, where no garment is
        click = partial(page.mouse.click, *on_map(page, 0.95 - 0.05 * (k % 5), 0.04 + 0.04 * (k // 5)))
        taken.append(driver.seconds_until_changed(page, PLACE, click))
        page.wait_for_timeout(200)
    promise("a place in latent space decoded while two runs train, p95 of 20", sorted(taken)[-2], 0.5)
    driver.open_page(page, run)
