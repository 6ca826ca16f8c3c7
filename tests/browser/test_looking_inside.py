"""Looking inside a run: from the lab to its layers, one value product by product, a unit silenced."""

import re
import time

from playwright.sync_api import expect

from tests.browser import driver
from tests.browser.axe import assert_nothing_serious, faint_chart_words
from tests.browser.driver import Server


def test_from_a_run_to_its_layers_and_back(server: Server, page, finished):
    run = finished["autoencoder"]
    driver.open_page(page, f"{server.url}/autoencoder?run={run}")
    page.get_by_role("link", name="Look inside").click()
    expect(page.get_by_role("heading", name="Layers", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"network={run}"))
    expect(page.get_by_role("heading", name="What each unit looks for")).to_be_visible()
    expect(page.locator(".lab-pictures img").nth(47)).to_be_attached()
    expect(page.get_by_text("plus the bias")).to_be_visible()
    page.get_by_role("radio", name="Output", exact=True).click()
    expect(page.get_by_text("The mean squared error of a pixel is")).to_be_visible()
    expect(page).to_have_url(re.compile("layer=result"))
    page.reload()
    expect(page.get_by_text("The mean squared error of a pixel is")).to_be_visible()


def test_the_menu_keeps_the_network_that_was_looked_at_last(server: Server, page, finished):
    driver.open_page(page, f"{server.url}/layers?network=r5-1&layer=conv2")
    driver.settle(page)
    for there in ("Latent space", "Mistakes", "Layers"):
        page.get_by_test_id("stSidebar").get_by_role("link", name=there, exact=True).click()
        expect(page.get_by_role("heading", name=there, exact=True)).to_be_visible()
        driver.settle(page)
        expect(page).to_have_url(re.compile("network=r5-1"))
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_silenced_map_is_worked_by_the_keyboard_and_says_what_it_costs(server: Server, page, finished):
    driver.open_page(page, f"{server.url}/layers?network=r5-1&layer=conv2")
    expect(page.get_by_role("heading", name="One value, product by product")).to_be_visible()
    slider = page.get_by_role("slider", name=re.compile("^Make map"))
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("Over 1,000 test garments the loss goes from")).to_be_visible()
    expect(page.get_by_text("The accuracy goes from")).to_be_visible()


def test_the_loss_around_a_runs_path_is_drawn_and_a_place_on_it_is_chosen(
    server: Server, open_learner, finished
):
    page = open_learner()
    address = f"training_step?part=surface&directions=path&network={finished['autoencoder']}"
    driver.open_page(page, f"{server.url}/{address}")
    expect(page.get_by_text("of the path’s movement")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    loss = page.get_by_text("Loss at the cross")
    centre = loss.inner_text()
    slider = page.get_by_role("slider", name="From left to right")
    slider.focus()
    page.keyboard.press("Home")
    expect(loss).not_to_have_text(centre)
    by_keyboard = loss.inner_text()
    surface = page.locator("canvas").first
    size = surface.bounding_box()
    surface.click(position={"x": size["width"] / 2, "y": size["height"] / 4})
    expect(loss).not_to_have_text(by_keyboard)
    assert_nothing_serious(page, "light")


def test_axe_finds_nothing_serious_in_layers(server: Server, open_learner, finished):
    for scheme, address in (("light", "layers?network=r5-1&layer=conv1"), ("dark", "layers?network=r1-n64")):
        page = open_learner(color_scheme=scheme)
        driver.open_page(page, f"{server.url}/{address}")
        page.locator(".lab-pictures img").first.wait_for()
        assert_nothing_serious(page, scheme)
    page.locator("svg.marks text").first.wait_for(state="attached")
    assert faint_chart_words(page) == []


def test_another_garment_goes_through_a_network_quickly_while_two_runs_train(server: Server, train, promise):
    train(epochs=500)
    page = train(epochs=500, hidden_sizes=128)
    run = page.url
    began = time.perf_counter()
    page.get_by_role("link", name="Layers", exact=True).click()
    page.locator(".lab-pictures img").first.wait_for()
    promise("inside a network, from the click to the first picture", time.perf_counter() - began, 1.0)
    driver.open_page(page, f"{server.url}/layers?network=conv_autoencoder&layer=encoder.conv1")
    taken = []
    for _ in range(8):
        shown = page.locator(".lab-pictures img").first.get_attribute("src")
        began = time.perf_counter()
        driver.button(page, "inside_another").click()
        page.wait_for_function(
            "shown => document.querySelector('.lab-pictures img').src !== shown", arg=shown, polling="raf"
        )
        taken.append(time.perf_counter() - began)
    promise("another garment through a network while two runs train, slowest of 8", max(taken), 0.5)
    driver.open_page(page, run)


def test_back_from_looking_inside_finds_the_page_as_it_was(server: Server, page):
    """Streamlit may write the settings of the page that is opened before it goes there."""
    driver.open_page(page, f"{server.url}/try_it?from=garment&garment=7&networks=r1-n64")
    driver.settle(page)
    left = page.url
    for _time in range(3):
        page.get_by_role("link", name="Look inside").click()
        expect(page.get_by_role("heading", name="Layers", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("/layers.*strength="))
        page.go_back()
        expect(page.get_by_role("heading", name="Try it", exact=True)).to_be_visible()
        expect(page.get_by_role("radio", name="A test garment")).to_be_checked()
        assert page.url == left


def test_what_is_written_ahead_of_a_page_is_taken_back(server: Server, page):
    driver.open_page(page, f"{server.url}/try_it?from=garment&garment=7&networks=r1-n64")
    driver.settle(page)
    write = "address => history.pushState({}, '', address)"
    page.evaluate(write, "?from=draw")
    page.get_by_role("heading", name="Try it", exact=True).click()
    for ahead in ("?network=r1-n64", "?network=r1-n64&layer=output", "/layers?network=r1-n64&layer=output"):
        page.evaluate(write, ahead)
    page.evaluate("history.back()")
    expect(page).to_have_url(re.compile(r"/try_it\?from=draw"))
    driver.settle(page)
    page.get_by_role("heading", name="Try it", exact=True).click()
    left = page.url
    for ahead in ("?lang=en", "?lang=en&run=x", "?lang=en&run=x&ae_epochs=3", "/autoencoder?lang=en&run=x"):
        page.evaluate(write, ahead)
    page.evaluate("history.back()")
    expect(page).to_have_url(left)


def test_back_leaves_the_page_and_does_not_undo_its_settings(server: Server, page):
    driver.open_page(page, server.url)
    page.get_by_role("link", name="Layers", exact=True).click()
    page.locator(".lab-pictures img").first.wait_for()
    for layer in (re.compile("^2\\."), "Output"):
        page.get_by_role("radio", name=layer, exact=True).click()
        expect(page).to_have_url(re.compile("layer="))
        driver.settle(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Watch a neural network learn")).to_be_visible()
