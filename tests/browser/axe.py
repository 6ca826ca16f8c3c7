"""What axe-core says of a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What fades in is paler for a moment than it is meant to be.
STILL = "() => document.getAnimations().every(one => one.playState !== 'running')"


def assert_nothing_serious(page: Page) -> None:
    """Fails with every serious or critical violation on the page as it is once nothing moves."""
    page.wait_for_function(STILL)
    violations = Axe().run(page).response["violations"]
    serious = [
        f"{one['id']}: {one['help']}\n" + "\n".join(f"  {node['html'][:200]}" for node in one["nodes"][:5])
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)
