"""Spanish for whoever's browser asks for it, everywhere; and the switch."""

import re
import string

import pytest
from playwright.sync_api import Page, expect

from pages.parts.base.i18n import catalogue_path, read_catalogue
from tests.browser import driver
from tests.browser.driver import PAGES, Server

# Streamlit's own, which it lets nobody set and which look like texts of ours.
NOT_OURS = {"Choose date"}
WORDS_SHOWN = """() => {
    const words = new Set();
    const add = text => text && text.split('\\n').forEach(line => line.trim() && words.add(line.trim()));
    const walk = node => {
        for (const name of ['aria-label', 'alt', 'placeholder', 'title']) add(node.getAttribute?.(name));
        if (node.nodeType === Node.TEXT_NODE) {
            if (node.parentElement?.checkVisibility?.()) add(node.textContent);
        } else if (!['STYLE', 'SCRIPT', 'PRE'].includes(node.nodeName)) {
            [...node.childNodes, ...(node.shadowRoot?.childNodes ?? [])].forEach(walk);
        }
    };
    walk(document.body);
    return [...words];
}"""


@pytest.fixture(scope="module")
def english() -> dict[str, re.Pattern]:
    """What English texts look like: every message that Spanish says otherwise, its blanks open."""
    patterns = {}
    for message in read_catalogue(catalogue_path("es"), "es"):
        ids, strings = (
            [text] if isinstance(text, str) else list(text) for text in (message.id, message.string)
        )
        for text in ids:
            pieces = [piece for piece, *_blank in string.Formatter().parse(text)]
            if text and text not in strings and sum(map(str.isalpha, "".join(pieces))) >= 4:
                patterns[text] = re.compile(
                    ".+?".join(map(re.escape, pieces)) + (".+" if text[-1] == "}" else "")
                )
    return patterns


@pytest.mark.parametrize("path", [*PAGES, "data?view=classes", "data?view=pixels", "data?view=split"])
def test_no_english_is_left(server: Server, open_learner, english, path: str):
    page = open_learner(locale="es-AR")
    driver.open_page(page, f"{server.url}/{path}")
    assert not english_left(page, english)


@pytest.mark.parametrize("task", ["autoencoder", "classifier"])
def test_no_english_is_left_around_a_run(server: Server, open_learner, english, finished, task: str):
    page = open_learner(locale="es-ES")
    driver.open_page(page, f"{server.url}/{task}?run={finished[task]}")
    expect(driver.keyed(page, "run_now")).to_contain_text("Terminada")
    assert not english_left(page, english)
    driver.open_page(page, f"{server.url}/runs?runs={','.join(finished.values())}")
    expect(page.get_by_text("Ajustes que difieren")).to_be_visible()
    assert not english_left(page, english)


def english_left(page: Page, english: dict[str, re.Pattern]) -> list[str]:
    shown = page.evaluate(WORDS_SHOWN)
    assert len(shown) > 10
    ours = [line for line in shown if line not in NOT_OURS]
    return [line for line in ours if any(looks.fullmatch(line) for looks in english.values())]


def test_the_check_sees_english(server: Server, page: Page, english):
    driver.open_page(page, server.url)
    assert "Train your first network" in english_left(page, english)


def test_the_switch_changes_the_language_and_keeps_it(server: Server, page: Page):
    driver.open_page(page, server.url)
    driver.keyed(page, "language_switch").get_by_role("radio", name="Español").click()
    expect(page.get_by_role("link", name="Corridas")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page).to_have_url(re.compile("lang=es"))
    driver.navigate(page, "Corridas")
    expect(page.get_by_role("heading", name="Corridas")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Corridas")).to_be_visible()
    driver.keyed(page, "language_switch").get_by_role("radio", name="English").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
