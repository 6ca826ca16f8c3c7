"""A learner who has only a keyboard: where the focus is, whether it can be seen, and what is read out."""

from playwright.sync_api import Page, expect

MOST_KEYS = 150
# The focused element, also inside of a component's shadow, and whether it or what wraps it has the ring.
FOCUSED = """() => {
    let element = document.activeElement;
    while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (element === document.body) return null;
    const ring = getComputedStyle(document.documentElement).getPropertyValue('--lab-focus').trim();
    const colour = Object.assign(document.createElement('i').style, { color: ring }).color;
    const ringed = node => {
        const style = node && getComputedStyle(node);
        return style && style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2
            && style.outlineColor === colour;
    };
    const box = element.getBoundingClientRect();
    // Streamlit's ticks and sliders hide their input: what is drawn in its place has the ring.
    const hidden = box.width < 5 || getComputedStyle(element).opacity === '0';
    const around = hidden ? [] : [element];
    for (let node = element.parentElement; node && around.length < 4; node = node.parentElement) {
        around.push(node);
    }
    return {
        html: element.outerHTML.slice(0, 200),
        seen: around.some(ringed),
        key: element.closest('[class*="st-key-"]')?.className.match(/st-key-(\\S+)/)?.[1] ?? '',
        // The main part of the page can be scrolled by keys, and holds everybody's words.
        name: element.matches('main') ? '' : element.getAttribute('aria-label') || element.innerText || '',
    };
}"""


def focused(page: Page) -> dict | None:
    """The element that has the focus: its html, name, the key around it, and whether its ring is seen."""
    return page.evaluate(FOCUSED)


def tab_to(page: Page, *, key: str = "", name: str = "") -> None:
    """Press Tab until the widget of this key, or what has this name, has the focus, which is always seen."""
    for _key in range(MOST_KEYS):
        page.keyboard.press("Tab")
        here = focused(page)
        if here is None:
            continue
        assert here["seen"], f"the focus cannot be seen on {here['html']}"
        if (key and here["key"] == key) or (name and name in here["name"]):
            return
    raise AssertionError(f"{MOST_KEYS} times Tab do not lead to {key or name}")


def walk(page: Page) -> set[str]:
    """Press Tab through the whole page; what has had the focus, which is always seen."""
    visited: set[str] = set()
    for _key in range(MOST_KEYS):
        page.keyboard.press("Tab")
        here = focused(page)
        if here is None and visited:
            return visited
        if here is not None:
            assert here["seen"], f"the focus cannot be seen on {here['html']}"
            visited.add(here["html"])
    return visited


def expect_read_out(page: Page, words: str) -> None:
    """The polite region says so, now or soon."""
    region = page.locator("#lab-announcement[role=status][aria-live=polite]")
    expect(region).to_contain_text(words)
