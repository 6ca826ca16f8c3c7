"""Quick to start, quick to react, light: the figures that the lab promises, measured where a learner sits."""

from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from tests.browser import driver
from tests.browser.driver import PAGES, Server

TOUR = [
    ("The data", "The data"),
    ("Runs", "Runs"),
    ("Classifier", "Classifier"),
    ("Home", "Watch"),
    ("Autoencoder", "Autoencoder"),
]


def test_from_the_click_on_train_to_the_first_point(server: Server, open_learner, promise, finished):
    page = open_learner()
    driver.open_page(page, f"{server.url}/autoencoder")
    promise("Train, from the click to the first point of the curve", driver.seconds_to_first_point(page), 1.5)
    driver.button(page, "bar_stop").click()
    driver.wait_for_status(page, "Stopped", "Finished")


def test_pages_change_quickly_while_two_runs_train(train, promise):
    page = train(epochs=500)
    train(page=page, epochs=500, hidden_sizes=128)
    taken = [driver.seconds_to_change_page(page, name, heading) for name, heading in TOUR]
    promise("another page while two runs train, median", median(taken), 0.5)
    promise("another page while two runs train, slowest", max(taken), 0.5)


def test_a_legend_and_the_film_answer_at_once_while_the_run_trains(train, promise):
    page = train(epochs=500)
    clicks = [driver.seconds_to_switch_curve(page) for _ in range(5)]
    promise("a click on a legend while the run trains, median", median(clicks), driver.ANSWER)
    promise("a click on a legend while the run trains, slowest", max(clicks), driver.ANSWER)
    promise("a scrub while the run trains", driver.seconds_to_scrub(page), driver.ANSWER)


def test_cold_start(full_data, open_learner, tmp_path: Path, promise):
    page = open_learner()
    with driver.serve(tmp_path, FMNIST_DATA=full_data.folder) as fresh:  # which is unpacked already
        promise("cold start, from the process to the first paint", driver.first_paint(page, fresh), 4.0)


def test_the_first_visit_of_all_may_come_by_a_link(full_data, open_learner, tmp_path: Path):
    page: Page = open_learner()
    with driver.serve(tmp_path) as fresh:
        driver.open_page(page, f"{fresh.url}/runs")
        assert page.locator("h1").inner_text() == "Runs"
        assert page.get_by_role("dialog").count() == 0


def test_the_web_process_stays_light_and_never_loads_torch(server: Server, page: Page, finished, promise):
    for path in (
        *PAGES,
        f"autoencoder?run={finished['autoencoder']}",
        f"runs?runs={','.join(finished.values())}",
    ):
        driver.open_page(page, f"{server.url}/{path}")
    libraries = server.loaded_libraries()
    assert "/numpy/" in libraries
    assert [name for name in ("torch", "sklearn", "pandas") if f"/{name}/" in libraries] == []
    promise("resident memory of the web process", server.memory(), 300, "MB")
    assert server.memory() < 300
