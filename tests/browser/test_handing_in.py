"""An assignment from the lecturer's file to the learner's list, and a claim stated before its sweep."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import driver
from tests.browser.axe import STILL, assert_nothing_serious
from tests.browser.driver import SMALL, Server

ASSIGNMENT = {
    "title": "Eight numbers",
    "text": "Squeeze each garment into $n = 8$ numbers.",
    "minutes": 30,
    "fixed": {"architecture": "ff_autoencoder", "epochs": 2, **SMALL},
    "runs": [{"title": "n = 8", "settings": {"hidden_sizes": [8]}}],
    "questions": ["What is lost?"],
}


@pytest.fixture
def link(server: Server, open_learner) -> str:
    """What a lecturer hands out, from the page."""
    page = open_learner()
    driver.open_page(page, f"{server.url}/assignments")
    page.get_by_text("Hand one out").click()
    driver.keyed(page, "assignment_view").get_by_text("JSON", exact=True).click()
    field = page.get_by_role("textbox", name="The assignment, as JSON")
    field.fill('{"title": "Eight numbers"}')
    field.blur()
    expect(page.get_by_text("The setting “text” is missing.")).to_be_visible()
    field.fill(json.dumps(ASSIGNMENT))
    field.blur()
    expect(page.get_by_role("heading", name="Eight numbers")).to_be_visible()
    driver.button(page, "assignment_hand_out").click()
    code = page.get_by_test_id("stCode")
    expect(code).to_contain_text("assignment=")
    assert_nothing_serious(page)
    return code.inner_text().strip()


def test_an_assignment_is_handed_out_taken_and_done_part_by_part(link: str, page: Page):
    driver.open_page(page, link)
    driver.button(page, "assignment_take").click()
    beside = driver.keyed(page, "assignment_beside")
    expect(beside).to_contain_text("0 of 2 parts done")
    page.get_by_role("textbox", name="Answer").fill("The pattern of the cloth.")
    page.get_by_role("textbox", name="Answer").blur()
    expect(beside).to_contain_text("1 of 2 parts done")
    assert_nothing_serious(page)
    page.get_by_role("link", name="Set it up in the lab").click()
    expect(page.get_by_text("Counts for the assignment: n = 8.")).to_be_visible()
    driver.button(page, "bar_train").click()
    driver.wait_for_status(page, "Finished")
    beside.get_by_role("link", name="Your assignment").click()
    expect(page.get_by_role("link", name="See it")).to_be_visible()
    expect(beside).to_contain_text("2 of 2 parts done")


def test_an_assignment_is_made_by_fields_alone_and_its_link_opened(server: Server, open_learner, page: Page):
    lecturer = open_learner(timezone_id="America/Argentina/Buenos_Aires")
    driver.open_page(lecturer, f"{server.url}/assignments")
    lecturer.get_by_text("Hand one out").click()
    write(lecturer, "Title", "")
    expect(lecturer.get_by_text("This is empty. Write something")).to_be_visible()
    expect(lecturer.get_by_text("1 field is not right yet.")).to_be_visible()
    write(lecturer, "Title", "Eight numbers")
    write(lecturer, "What to do", "Squeeze each garment into $n = 8$ numbers.")
    choose(lecturer, "Network", "Feed-forward autoencoder")
    write(lecturer, "Epochs", "2")
    lecturer.get_by_role("button", name=re.compile("Remove$")).first.click()
    expect(lecturer.get_by_role("textbox", name="Run 2: title")).to_have_count(0)
    expect(lecturer.get_by_role("combobox", name="Settings that differ")).to_have_count(1)
    write(lecturer, "Run 1: title", "n = 8")
    choose(lecturer, "Settings that differ", "Hidden size")
    write(lecturer, "Hidden sizes", "0")
    expect(lecturer.get_by_text("Hidden size must be at least 1; you gave 0.")).to_be_visible()
    write(lecturer, "Hidden sizes", "8")
    write(lecturer, "Seeds", "1")
    write(lecturer, "Question 1", "What is lost?")
    choose(lecturer, "Time zone", "As here (America/Argentina/Buenos_Aires)")
    expect(lecturer.get_by_text("23:59 (UTC-03:00)")).to_be_visible()
    assert_nothing_serious(lecturer)
    driver.button(lecturer, "assignment_hand_out").click()
    code = lecturer.get_by_test_id("stCode")
    expect(code).to_contain_text("assignment=")
    driver.open_page(page, code.inner_text().strip())
    expect(page.get_by_role("heading", name="Eight numbers")).to_be_visible()
    expect(page.get_by_text("Train: n = 8")).to_be_visible()
    driver.button(page, "assignment_take").click()
    expect(driver.keyed(page, "assignment_beside")).to_contain_text("Eight numbers")
    expect(page.get_by_text("What is lost?")).to_be_visible()


def write(page: Page, label: str, text: str) -> None:
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(text)
    field.blur()
    driver.settle(page)


def choose(page: Page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label)
    box.fill(option)
    box.press("Enter")
    box.press("Escape")
    driver.settle(page)


def test_a_claim_is_stated_its_sweep_trained_and_its_test_figures_opened(server: Server, page: Page):
    settings = "sa_train_size=500&sa_validation_size=200&sa_epochs=3&sa_values=2,64"
    driver.open_page(page, f"{server.url}/sweep?{settings}")
    expect(page.get_by_text("in all on this machine")).to_be_visible()
    page.get_by_text("State a claim first").click()
    page.wait_for_function(STILL)
    box = driver.keyed(page, "own_claim_relation").get_by_role("combobox")
    box.fill("Falls, value by value")
    box.press("Enter")
    driver.settle(page)
    driver.button(page, "bar_sweep").click()
    claim = driver.keyed(page, "own_claim")
    expect(claim).to_contain_text("Test error falls from each value to the next. Hidden size: 2 and 64.")
    expect(driver.button(page, "own_claim_open")).to_be_visible()
    expect(page.get_by_text("fair score")).to_have_count(0)
    driver.button(page, "own_claim_open").click()
    expect(claim).to_contain_text("opening number 1")
    expect(claim).to_contain_text("seed noise")
    expect(page.get_by_text("fair score")).to_be_visible()
    assert_nothing_serious(page)
