"""A race of four starts, trained for real in a browser: one chart, four matrices, a sentence."""

import re

from playwright.sync_api import Page, expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious_in_either_theme
from tests.browser.driver import Server

RACE = "Validation accuracy of the four cases, epoch by epoch"
OVER = "Test accuracy of the four cases against the number of labels, from all your races"
CASES = ("Pre-trained", "Pre-trained, frozen", "Random", "Random, frozen")
PATIENCE = 300_000


def test_a_race_runs_to_its_end(server: Server, page: Page):
    driver.open_page(page, f"{server.url}/transfer?tr_train_size=100&tr_epochs=8")
    driver.button(page, "bar_train").click()
    page.wait_for_url(re.compile("race=[A-Za-z0-9]{12}"))
    expect(driver.chart(page, RACE)).to_be_visible()
    driver.wait_for_status(page, "Training")
    expect(driver.keyed(page, "run_now")).to_contain_text("4 of 4 runs have ended", timeout=PATIENCE)
    sentence = page.get_by_text("On the test images: with everything trained")
    assert len(re.findall(r"\d\d\.\d\s%", sentence.inner_text())) == 4
    for case in CASES:
        expect(driver.chart(page, f"Confusion matrix of {case}")).to_be_visible()
    expect(driver.chart(page, OVER)).to_be_visible()
    assert_nothing_serious_in_either_theme(page)
    expect(sentence).to_be_visible()
    driver.open_page(page, f"{server.url}/transfer")
    expect(page.get_by_role("heading", name="Your race appears here")).to_be_visible()
    page.get_by_role("button", name="Earlier ones").click()
    page.get_by_role("button", name="100 labels").click()
    expect(sentence).to_be_visible()


def test_an_encoder_of_ones_own_and_one_that_is_gone(server: Server, page: Page):
    small = {"train_size": 500, "validation_size": 200, "epochs": 1, "hidden_sizes": 8}
    driver.start_training(page, server.url, architecture="conv_autoencoder", pooling="off", **small)
    driver.wait_for_status(page, "Finished")
    run = driver.run_in_view(page)
    driver.open_page(page, f"{server.url}/transfer?tr_encoder=run:{run}&tr_train_size=100&tr_epochs=1")
    expect(driver.keyed(page, "settings_side")).to_contain_text("Convolutional, hidden size 8")
    driver.button(page, "bar_train").click()
    expect(driver.keyed(page, "run_now")).to_contain_text("4 of 4 runs have ended", timeout=PATIENCE)
    driver.open_page(page, f"{server.url}/transfer?tr_encoder=run:gone")
    expect(page.get_by_text("There is no trained encoder “run:gone” here.")).to_be_visible()
    expect(driver.button(page, "bar_train")).to_be_enabled()
