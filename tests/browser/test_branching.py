"""A branch from a batch that was typed, numbers typed wrongly, and the table of runs, in both languages."""

import re

import pytest
from playwright.sync_api import expect

from pages.parts.base.i18n import phrase
from tests.browser import driver
from tests.browser.axe import faint_chart_words
from tests.browser.driver import Server


@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("es-AR", "es")])
def test_a_branch_and_its_parent_among_the_runs(server: Server, open_learner, locale: str, language: str):
    def says(text: str) -> re.Pattern:
        return re.compile(re.sub(r"\\\{.*?\\\}", ".+", re.escape(phrase(text, language))))

    page = open_learner(locale=locale, color_scheme="dark")
    page.goto(f"{server.url}/autoencoder?ae_epochs=2&ae_train_size=5000&ae_validation_size=1000")
    driver.settle(page)
    epochs = driver.keyed(page, "ae_epochs").get_by_role("textbox")
    epochs.fill("1,5")
    epochs.press("Tab")
    expect(driver.keyed(page, "settings_side")).to_contain_text("1,5")
    expect(driver.button(page, "bar_train")).to_be_disabled()
    expect(epochs).to_have_value("1,5")
    epochs.fill("2")
    epochs.press("Tab")
    driver.button(page, "bar_train").click()
    expect(driver.keyed(page, "run_now")).to_contain_text(says("Finished"))
    parent = driver.run_in_view(page)

    driver.button(page, "bar_branch").click()
    batch = page.get_by_role("textbox", name=says("After batch"))
    expect(batch).to_have_value("100")
    for wrong in ("101", "1,5"):
        batch.fill(wrong)
        batch.press("Tab")
        expect(driver.button(page, "bar_do_branch")).to_be_disabled()
    batch.fill("37")
    batch.press("Tab")
    expect(driver.button(page, "bar_do_branch")).to_be_enabled()
    expect(page.get_by_test_id("stPopoverBody")).to_contain_text(
        says(
            "From {moment}. Those weights are trained forward from batch {first:,}, the same bit for bit: "
            "about {time}."
        )
    )
    driver.button(page, "bar_do_branch").click()
    page.wait_for_url(lambda url: "run=" in url and parent not in url)
    expect(driver.keyed(page, "run_now")).to_contain_text(says("Finished"))
    expect(driver.button(page, "to_parent")).to_contain_text("37")
    losses = driver.chart(page, phrase(driver.LOSS_CHART, language))
    expect(losses.get_by_text("↳")).to_be_visible()
    assert faint_chart_words(page) == []

    driver.open_page(page, f"{server.url}/runs")
    rows = page.locator("tr[data-run]")
    expect(rows).to_have_count(2)
    search = page.get_by_role("searchbox")
    for nothing in ("%", "🧑‍🔬", ".*", "<b>"):
        search.fill(nothing)
        expect(rows).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text=says("No run matches this."))).to_be_visible()
    search.fill("branch" if language == "en" else "rama")
    expect(rows).to_have_count(1)
    search.fill("")
    expect(rows).to_have_count(2)
    rows.nth(0).get_by_role("checkbox").click()
    driver.settle(page)
    expect(page.get_by_role("region", name=says("The chosen run"))).to_contain_text(says("Input scaling"))
