"""Looking at a classifier's mistakes: a cell by click and by keys, which pixels mattered, and how soon."""

import re
import time

from playwright.sync_api import expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious, faint_chart_words
from tests.browser.driver import Server

MATRIX = "Confusion matrix: true classes in rows, predicted classes in columns"
SHIRT_FOR_COAT = 10 * 6 + 4
# How far the widest figure of a matrix reaches beyond its cell, in pixels.
BEYOND = """chart => {
    const width = one => one.getBoundingClientRect().width
    const widths = where => [...chart.querySelectorAll(where)].map(width)
    const figures = widths("g.mark-text.role-mark text")
    return Math.max(...figures) - Math.min(...widths("g.mark-rect.role-mark path"))
}"""


def test_on_a_telephone_no_figure_of_the_matrix_lies_on_the_next_cell(server: Server, open_learner):
    page = open_learner(viewport={"width": 390, "height": 800})
    driver.open_page(page, f"{server.url}/mistakes?network=r3-1")
    expect(page.get_by_text("Similarity to the picture of a random network")).to_be_visible()
    matrix = driver.chart(page, MATRIX)
    expect(matrix.locator("g.mark-text text").first).to_be_attached()
    assert matrix.evaluate(BEYOND) < 1


def test_a_cell_is_chosen_by_click_and_by_keys_and_a_garment_is_explained(server: Server, open_learner):
    page = open_learner(color_scheme="dark")
    driver.open_page(page, f"{server.url}/mistakes?network=r3-1")
    cells = driver.chart(page, MATRIX).locator("g.mark-rect path")
    cells.nth(SHIRT_FOR_COAT).click(force=True)  # the number stands on the cell
    expect(page).to_have_url(re.compile(r"is=6&taken_for=4"))
    expect(page.get_by_text("garments are of the class Shirt and are taken for Coat")).to_be_visible()
    taken_for = page.get_by_role("combobox", name=re.compile("What it is taken for"))
    taken_for.focus()
    page.keyboard.type("Dress")
    page.keyboard.press("Enter")
    expect(page.get_by_text("garments are of the class Shirt and are taken for Dress")).to_be_visible()
    for _ in range(2):  # the second time it is chosen already, and stays so
        cells.nth(SHIRT_FOR_COAT).click(force=True)
        expect(page.get_by_text("garments are of the class Shirt and are taken for Coat")).to_be_visible()
    expect(page.get_by_text("Similarity to the picture of a random network")).to_be_visible()
    garments = page.get_by_role("group", name="Garments").get_by_role("button")
    expect(garments.first).to_have_attribute("aria-pressed", "true")
    garments.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(garments.nth(1)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("radio", name="Occlusion").click()
    expect(page.get_by_text("A square of 6 × 6 pixels is blackened")).to_be_visible()
    assert_nothing_serious(page, "dark")
    assert faint_chart_words(page) == []
    page.emulate_media(color_scheme="light")
    driver.open_page(page, f"{server.url}/mistakes?network=r3-1&by=confidence")
    expect(page.get_by_text("Expected calibration error")).to_be_visible()
    assert_nothing_serious(page)
    assert faint_chart_words(page) == []


def test_another_garment_is_explained_quickly_while_two_runs_train(server: Server, train, promise):
    train(epochs=500)
    page = train(epochs=500, hidden_sizes=128)
    run = page.url
    driver.open_page(page, f"{server.url}/mistakes?network=r5-1&is=6&taken_for=0")
    garments = page.get_by_role("group", name="Garments").get_by_role("button")
    pictures = page.locator(".lab-pictures img")
    pictures.nth(2).wait_for()
    taken = []
    for k in range(1, 21):
        shown = pictures.nth(1).get_attribute("src")
        index = re.search(r"\d+(,\d{3})*", garments.nth(k).get_attribute("aria-label"))[0]
        began = time.perf_counter()
        garments.nth(k).click()
        # The heading stands above the probabilities, which are drawn before the picture is asked for.
        page.wait_for_function(
            "([shown, title]) => { const images = document.querySelectorAll('.lab-pictures img');"
            " return images.length >= 2 && images[1].src !== shown"
            " && [...document.querySelectorAll('h3')].some(h => h.innerText.trim() === title); }",
            arg=[shown, f"Test garment {index}"],
            polling="raf",
        )
        taken.append(time.perf_counter() - began)
        pictures.nth(2).wait_for()
    assert "torch" not in server.loaded_libraries()
    # A worker's first answer, for which it imports captum, is one of them.
    promise("which pixels of another garment mattered, while two runs train, p95", sorted(taken)[-2], 0.5)
    driver.open_page(page, run)
