"""The lab by keyboard and by ear, in both languages: train, pause, look at the figures, go to the runs."""

import re

import pytest
from playwright.sync_api import expect

from pages.parts.base.i18n import phrase
from tests.browser import driver
from tests.browser.driver import SMALL, Server
from tests.browser.keyboard import expect_read_out, focused, tab_to, walk


@pytest.mark.parametrize(("language", "locale"), [("en", "en-GB"), ("es", "es-AR")])
def test_train_pause_and_go_to_the_runs_without_a_mouse(
    server: Server, open_learner, language: str, locale: str
):
    page = open_learner(locale=locale)
    driver.open_lab(page, server.url, epochs=500, **SMALL)
    tab_to(page, key="bar_train")
    page.keyboard.press("Enter")
    expect_read_out(page, phrase("Training has begun.", language))
    tab_to(page, key="bar_pause")
    page.keyboard.press("Enter")
    driver.wait_for_status(page, phrase("Paused", language))
    expect_read_out(page, phrase("Paused", language))
    tab_to(page, key="bar_stop")
    page.keyboard.press("Enter")
    driver.wait_for_status(page, phrase("Stopped", language))
    expect_read_out(page, phrase("Stopped", language))
    page.reload()
    driver.settle(page)
    tab_to(page, name=phrase("Runs", language))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=phrase("Runs", language), level=1)).to_be_visible()


CONTROLS = (
    "autoencoder?run={autoencoder}",
    "classifier?run={classifier}",
    "runs?runs={autoencoder},{classifier}",
)


@pytest.mark.parametrize(
    "path",
    [*CONTROLS, "data", "reports?report=R1", "layers?network=r1-n64", "convolution"],
    ids=lambda path: path.split("?")[0],
)
def test_the_focus_is_seen_on_every_control(server: Server, open_learner, finished, path: str):
    for scheme in ("light", "dark"):
        page = open_learner(color_scheme=scheme)
        driver.open_page(page, f"{server.url}/{path.format(**finished)}")
        assert len(walk(page)) > 15


def test_the_focus_is_seen_in_the_table_of_runs(server: Server, train):
    page = train(epochs=1)
    driver.wait_for_status(page, "Finished")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        driver.open_page(page, f"{server.url}/runs")
        assert any("checkbox" in control and "Choose" in control for control in walk(page))


@pytest.mark.parametrize("task", ["autoencoder", "classifier"])
def test_the_figures_of_a_chart_are_two_keys_away(server: Server, page, finished, task: str):
    driver.open_page(page, f"{server.url}/{task}?run={finished[task]}")
    charts = page.get_by_test_id("stVegaLiteChart")
    expect(charts.first).to_be_visible()
    page.wait_for_timeout(1000)
    for k in range(charts.count()):
        alt = charts.nth(k).get_attribute("aria-label")
        charts.nth(k).evaluate("chart => { chart.tabIndex = -1; chart.focus({ preventScroll: true }) }")
        page.keyboard.press("Tab")
        while not focused(page)["html"].startswith("<summary"):  # past the chart's own button
            page.keyboard.press("Tab")
            assert "Full" in focused(page)["html"] or focused(page)["html"].startswith("<summary")
        page.keyboard.press("Enter")
        table = page.get_by_role("region", name=alt).get_by_role("table").last
        expect(table).to_be_visible()
        assert table.get_by_role("row").count() > 1
    # Streamlit's own table has raw names of columns, and English around them.
    assert page.get_by_role("button", name=re.compile("^(Show data|Copy Vega-Lite)")).count() == 0
    assert page.get_by_role("button", name=re.compile("^Fullscreen")).count() == charts.count()


def test_the_end_of_a_run_is_read_out_with_its_figure(server: Server, page):
    driver.start_training(page, server.url, **SMALL, epochs=3)
    expect_read_out(page, "Finished all 3 epochs. Test loss: 0.0")
