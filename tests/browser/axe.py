"""What axe-core says of a page, and the contrast of the words in its charts, which axe does not look at."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.driver import settle

# What fades in is paler for a moment than it is meant to be.
# What scrolling moves, and not time, is never over.
STILL = """() => document.getAnimations().every(
    one => one.playState !== 'running' || !(one.timeline instanceof DocumentTimeline)
)"""


def assert_nothing_serious(page: Page, scheme: str = "light") -> None:
    """Fails with every serious or critical violation on the page as it is once nothing moves.

    Of the dark scheme only contrasts are looked at: all else on the page is as in the light one.
    """
    page.mouse.move(0, 0)  # a tooltip that fades in under it has not yet its contrast
    page.wait_for_function(STILL)
    options = {"resultTypes": ["violations"]}
    if scheme == "dark":
        options["runOnly"] = ["color-contrast"]
    violations = Axe().run(page, options=options).response["violations"]
    serious = [
        f"{violation['id']}: {violation['help']}\n"
        + "\n".join(f"  {node['html'][:200]}" for node in violation["nodes"][:5])
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)


# Words on a mark of their own chart, as in a matrix, are judged from the spec: tests/pages/test_contrast.
CHART_WORDS = """() => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number);
    const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => [0.2126, 0.7152, 0.0722].reduce(
        (sum, weight, k) => sum + weight * linear([r, g, b][k] / 255), 0);
    const page = channels(getComputedStyle(document.querySelector('.stApp')).backgroundColor);
    const seen = [];
    for (const text of document.querySelectorAll('svg.marks text')) {
        const style = getComputedStyle(text);
        const chart = text.closest('svg.marks');
        const onMarks = text.closest('.mark-text.role-mark') && chart.querySelector('.mark-rect.role-mark');
        if (!text.textContent.trim() || onMarks || style.fill === 'none') continue;
        const [r, g, b, a = 1] = channels(style.fill);
        const alpha = a * style.opacity * style.fillOpacity;
        const ink = [r, g, b].map((value, k) => alpha * value + (1 - alpha) * page[k]);
        const [dark, light] = [luminance(ink), luminance(page)].sort((one, other) => one - other);
        seen.push([text.textContent, (light + 0.05) / (dark + 0.05)]);
    }
    return seen;
}"""


def assert_nothing_serious_in_either_theme(page: Page) -> None:
    """The same for the page as its address shows it, with its charts, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()
        settle(page)
        page.locator("svg.marks text").first.wait_for(state="attached")
        assert_nothing_serious(page)
        assert faint_chart_words(page) == []


def faint_chart_words(page: Page) -> list[tuple[str, float]]:
    """Axis titles, labels, legends and notes below 4.5 to 1, with their contrast."""
    words = page.evaluate(CHART_WORDS)
    return [(text, round(contrast, 2)) for text, contrast in words if contrast < 4.5]
