"""What a learner waits for, measured in Chromium against a server of its own.

Medians of several goes, and the slowest, beside what is promised. Close everything else first.

    python benchmarks/browser.py --goes 5
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser import driver
from tests.browser.driver import PAGES, Server

RUN = {"train_size": 20_000, "validation_size": 5_000}
TOUR = {"The data": "The data", "Runs": "Runs", "Classifier": "Classifier", "Home": "Watch"}


def cold_starts(browser: Browser, goes: int) -> list[float]:
    taken = []
    for _go in range(goes):
        with tempfile.TemporaryDirectory() as home, driver.new_learner(browser) as learner:
            page = learner.new_page()
            with driver.serve(Path(home)) as server:
                taken.append(driver.first_paint(page, server))
    return taken


def steering(browser: Browser, server: Server, goes: int) -> dict[str, list[float]]:
    """A new learner each time trains, pauses, resumes and stops; the first go warms up and does not count."""
    taken: dict[str, list[float]] = {"click to first point": [], "pause": [], "stop": []}
    for go in range(goes + 1):
        with driver.new_learner(browser) as learner:
            page = learner.new_page()
            told = "&".join(f"ae_{name}={value}" for name, value in {**RUN, "epochs": 400}.items())
            driver.open_page(page, f"{server.url}/autoencoder?{told}")
            first = driver.seconds_to_first_point(page)
            driver.wait_for_points(page, more_than=driver.points(page))
            pause = driver.seconds_to_pause(page)
            driver.button(page, "bar_resume").click()
            driver.wait_for_points(page, more_than=driver.points(page))
            stop = driver.seconds_to_stop(page)
        if go:
            for name, seconds in zip(taken, (first, pause, stop), strict=True):
                taken[name].append(seconds)
    return taken


def page_changes(browser: Browser, server: Server, goes: int) -> list[float]:
    with driver.new_learner(browser) as learner:
        page: Page = learner.new_page()
        for hidden_sizes in (64, 128):
            driver.start_training(page, server.url, epochs=400, hidden_sizes=hidden_sizes, **RUN)
        return [
            driver.seconds_to_change_page(page, name, heading)
            for _go in range(goes)
            for name, heading in TOUR.items()
        ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--goes", type=int, default=5)
    goes = parser.parse_args().goes
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        browser = driver.launch(playwright)
        rows = [("cold start to first paint", cold_starts(browser, goes), 4.0)]
        with driver.serve(Path(home)) as server:
            with driver.new_learner(browser) as learner:
                page = learner.new_page()
                for path in PAGES:
                    driver.open_page(page, f"{server.url}/{path}")
            limits = {"click to first point": 1.5, "pause": 1.0, "stop": 1.0}
            steered = steering(browser, server, goes)
            rows += [(name, steered[name], limit) for name, limit in limits.items()]
            rows.append(("page change, two runs training", page_changes(browser, server, goes), 0.5))
            memory = server.memory()
        browser.close()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {goes} goes")
    print(f"{'':<34}{'median':>9}{'slowest':>9}{'promised':>10}")
    for name, taken, limit in rows:
        print(f"{name:<34}{median(taken):>7.2f} s{max(taken):>7.2f} s{limit:>8.1f} s")
    print(f"{'memory of the web process':<34}{memory:>6.0f} MB{'':>9}{300:>7} MB")


if __name__ == "__main__":
    main()
