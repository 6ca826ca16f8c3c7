"""Nothing serious for axe-core on any page, light or dark; and the keyboard gets where the mouse does."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import driver
from tests.browser.driver import PAGES, Server

# What fades in is paler for a moment than it is meant to be.
STILL = "() => document.getAnimations().every(one => one.playState !== 'running')"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path or "home")
def test_axe_finds_nothing_serious(server: Server, open_learner, path: str, scheme: str):
    page = open_learner(color_scheme=scheme)
    driver.open_page(page, f"{server.url}/{path}")
    page.wait_for_function(STILL)
    assert_nothing_serious(page)


def assert_nothing_serious(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    serious = [
        f"{one['id']}: {one['help']}\n" + "\n".join(f"  {node['html'][:200]}" for node in one["nodes"][:5])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)
