"""Nothing serious for axe-core on any page, light or dark."""

import pytest

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import PAGES, Server


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path or "home")
def test_axe_finds_nothing_serious(server: Server, open_learner, path: str, scheme: str):
    page = open_learner(color_scheme=scheme)
    driver.open_page(page, f"{server.url}/{path}")
    assert_nothing_serious(page)
