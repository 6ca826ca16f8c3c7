"""Nothing serious for axe-core on any page, empty or filled, light or dark; words in charts can be read."""

import pytest

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious, faint_chart_words
from tests.browser.driver import PAGES, Server


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path or "home")
def test_axe_finds_nothing_serious(server: Server, open_learner, path: str, scheme: str):
    page = open_learner(color_scheme=scheme)
    driver.open_page(page, f"{server.url}/{path}")
    assert_nothing_serious(page, scheme)
    assert faint_chart_words(page) == []


FILLED = (
    "autoencoder?run={autoencoder}",
    "classifier?run={classifier}",
    "runs?runs={autoencoder},{classifier}",
    "data?view=pixels",
    "data?view=split",
    "reports?report=R4",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", FILLED, ids=lambda path: path.split("{")[0])
def test_axe_finds_nothing_serious_on_a_filled_page(server: Server, open_learner, finished, path, scheme):
    page = open_learner(color_scheme=scheme)
    driver.open_page(page, f"{server.url}/{path.format(**finished)}")
    page.locator("svg.marks text").first.wait_for(state="attached")
    assert_nothing_serious(page, scheme)
    assert faint_chart_words(page) == []


GROUND = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"


@pytest.mark.parametrize("path", ["classifier?run={classifier}", "data?view=pixels"])
def test_words_in_charts_follow_a_theme_that_changes_while_the_page_is_open(
    server: Server, open_learner, finished, path: str
):
    """A system goes dark in the evening, and nothing asks the server for the page again."""
    page = open_learner(color_scheme="light")
    driver.open_page(page, f"{server.url}/{path.format(**finished)}")
    page.locator("svg.marks text").first.wait_for(state="attached")
    for scheme in ("dark", "light"):
        before = page.evaluate(GROUND)
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"before => ({GROUND})() !== before", arg=before)
        assert faint_chart_words(page) == []
