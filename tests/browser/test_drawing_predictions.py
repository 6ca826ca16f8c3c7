"""A prediction of each form, by mouse and by keyboard, on a wide and on a narrow page."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import Server

PAGE = Path(__file__).with_name("predicting_page.py")


@pytest.fixture(scope="module")
def predictions(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    command = [sys.executable, "-m", "streamlit", "run", str(PAGE)]
    with driver.serve(tmp_path_factory.mktemp("lab"), command=command, PYTHONPATH=str(driver.ROOT)) as server:
        yield server


def said(page: Page) -> object:
    return json.loads(page.get_by_test_id("stText").inner_text())


def wait_until_said(page: Page, expected: object) -> None:
    expect(page.get_by_test_id("stText")).to_have_text(json.dumps(expected))


def stroke(page: Page, plot: Locator, *points: tuple[float, float]) -> None:
    """With the mouse held down through these points: shares of its width, and of its height from above."""
    box = plot.bounding_box()
    for k, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=1 if k == 0 else 10)
        if k == 0:
            page.mouse.down()
    page.mouse.up()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_learner_draws_ranks_and_chooses(predictions: Server, open_learner, width: int, scheme: str):
    page: Page = open_learner(viewport={"width": width, "height": 900}, color_scheme=scheme)
    draw_by_mouse(page, predictions.url)
    draw_by_keyboard(page, predictions.url)
    rank(page, predictions.url)
    assert_nothing_serious(page, scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def draw_by_mouse(page: Page, url: str) -> None:
    driver.open_page(page, f"{url}/?form=runs")
    plot = page.get_by_role("group", name="Draw.")
    told = page.get_by_role("status").filter(has_text="raw")
    expect(told).to_have_text("Draw a line through all the rings.")
    stroke(page, plot, (0.85, 0.75), (0.45, 0.5))  # to the left, and not to the end
    expect(told).to_have_text("Still to draw: 2 numbers.")
    stroke(page, plot, (0.1, 0.0), (0.2, 0.0))
    expect(page.get_by_text("The curve is whole.")).to_be_visible()
    expect(page.get_by_text("Right: from “2 numbers” to “32 numbers” it falls, as you drew.")).to_be_visible()
    drawn = said(page)
    assert drawn[0] == 0.1
    line = 0.1 * (1 - (0.75 - 0.25 * (0.85 - 0.5) / 0.4))  # where a straight line crosses the middle
    assert drawn[1] == pytest.approx(line, abs=0.001)
    assert_nothing_serious(page)
    page.get_by_role("button", name="Undo").click()
    wait_until_said(page, [None, *drawn[1:]])
    page.get_by_role("button", name="Clear").click()
    wait_until_said(page, None)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("es", exact=True).click()
    expect(page.get_by_text("Falta dibujar: 2 numbers.")).to_be_visible()
    wait_until_said(page, [None, *drawn[1:]])


def draw_by_keyboard(page: Page, url: str) -> None:
    driver.open_page(page, f"{url}/?form=epochs&stored={json.dumps([0.1] * 5 + [None] * 5)}")
    page.get_by_role("slider", name="1", exact=True).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    point = page.get_by_role("slider", name="6", exact=True)
    expect(point).to_be_focused()
    expect(point).to_have_attribute("aria-valuetext", "not drawn yet")
    page.keyboard.press("ArrowUp")
    expect(point).to_have_attribute("aria-valuetext", "0.100")
    for key in ("PageDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    expect(point).to_have_attribute("aria-valuetext", "0.078")
    for key in ("ArrowRight", "Home", "ArrowRight", "End", "Delete", "Control+z", "ArrowRight", "PageUp"):
        page.keyboard.press(key)
    wait_until_said(page, [*[0.1] * 5, 0.078, 0.0, 0.1, 0.1, None])
    expect(page.get_by_text("Still to draw: 10.")).to_be_visible()


def rank(page: Page, url: str) -> None:
    driver.open_page(page, f"{url}/?form=order")
    grips = page.locator("button.grip")
    wait_until_said(page, None)
    first, last = grips.nth(0).bounding_box(), grips.nth(2).bounding_box()
    page.mouse.move(first["x"] + 40, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + 40, last["y"] + 35, steps=10)
    page.mouse.up()
    wait_until_said(page, ["8 numbers", "32 numbers", "2 numbers"])
    grip = page.get_by_role("button", name="32 numbers, place 2 of 3")
    grip.press("ArrowUp")
    expect(page.get_by_role("button", name="32 numbers, place 1 of 3")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="place")).to_have_text("32 numbers, place 1 of 3")
    page.keyboard.press("ArrowUp")  # which leads nowhere
    wait_until_said(page, ["32 numbers", "8 numbers", "2 numbers"])
    expect(page.get_by_text("Your order is right.")).to_be_visible()
    page.get_by_role("button", name="8 numbers: down").click()
    wait_until_said(page, ["32 numbers", "2 numbers", "8 numbers"])
