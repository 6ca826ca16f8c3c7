"""One training step in a real browser: a worker's gradient, a weight by the keyboard, three optimizers."""

import re

from playwright.sync_api import expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import Server


def test_a_step_is_followed_from_the_loss_to_the_weight(server: Server, open_learner):
    page = open_learner()
    server.wait_for_engine()
    driver.open_page(page, f"{server.url}/training_step?network=r3-1&part=gradient")
    expect(page.get_by_text("4. At the loss")).to_be_visible()
    expect(page.get_by_text("class Linear")).to_be_visible()
    chosen = page.get_by_text(re.compile(r"for unit \d+ of the layer before"))
    before = int(re.search(r"for unit (\d+)", chosen.inner_text())[1])
    page.get_by_role("slider", name="Weight into it").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(f"for unit {before - 1} of the layer before")).to_be_visible()
    page.get_by_role("button", name="Largest gradient").click()
    expect(page.get_by_text(f"for unit {before} of the layer before")).to_be_visible()
    assert_nothing_serious(page, "light")
    page.get_by_role("radio", name="Update", exact=True).click()
    expect(page.get_by_text("New weight:")).to_have_count(3)
    assert_nothing_serious(page, "light")
    page.get_by_role("radio", name="Dropout", exact=True).click()
    expect(page.get_by_text("The largest error that comes back through a value at rest: 0.")).to_be_visible()
    page.get_by_role("button", name="Draw again").click()
    page.wait_for_url("**draw=2**")


def test_no_formula_is_cut_off_on_a_phone(server: Server, open_learner):
    page = open_learner(locale="es-AR", viewport={"width": 390, "height": 844})
    server.wait_for_engine()
    for part, formulas in (("forward", 2), ("gradient", 3), ("update", 9)):
        driver.open_page(page, f"{server.url}/training_step?network=r3-1&part={part}")
        drawn = page.locator(".katex-display:visible")
        expect(drawn.nth(formulas - 1)).to_be_visible()
        for formula in drawn.all():
            rooms = formula.evaluate(
                "it => [it.scrollWidth - it.clientWidth, it.scrollHeight - it.clientHeight]"
            )
            assert rooms == [0, 0], formula.inner_text()
