"""What a learner waits for, measured in a real Chromium, with the medians and the worst of several tries.

    python -m benchmarks.browser --rounds 5

A server of its own with a store of its own; the data is unpacked before. Run it on a machine that has nothing
else to do: the browser draws with the processor, and takes its share.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from fmnist_core.data import fashion_mnist
from tests.browser import driver
from tests.browser.driver import PAGES, Server

NETWORKS = {
    "ff_autoencoder n 64": ("autoencoder", {}),
    "conv_autoencoder n 64": ("autoencoder", {"architecture": "conv_autoencoder"}),
    "ff_classifier 128-64": ("classifier", {}),
    "conv_classifier": ("classifier", {"architecture": "conv_classifier"}),
}
TOUR = [("The data", "The data"), ("Runs", "Runs"), ("Classifier", "Classifier"), ("Home", "Watch")]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    fashion_mnist.load()
    print(f"seconds: median (worst) of {rounds}; load of the machine before: {os.getloadavg()[0]:.1f}")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = driver.launch(playwright)
        tell("cold start, from the process to the first paint", cold_starts(browser, Path(folder), rounds), 4)
        with driver.serve(Path(folder) / "lab", FMNIST_DATA=fashion_mnist.load().folder) as server:
            visit(browser, server)
            for name, (task, settings) in NETWORKS.items():
                with driver.new_learner(browser) as context:
                    page = context.new_page()
                    taken = [train(page, server, task, settings) for _ in range(rounds + 1)]
                firsts, pauses, stops = zip(*taken, strict=True)
                tell(f"{name}: Train, to the first point", firsts[1:], 1.5)
                print(f"{'    of the first chart that this browser ever drew':56} {firsts[0]:6.2f}")
                tell(f"{name}: Pause", pauses, 1)
                tell(f"{name}: Stop", stops, 1)
            tell("another page while two runs train", page_changes(browser, server, rounds), 0.5)
            print(f"{'web process after every page, MB':56} {server.memory():6.0f}   (at most 300)")
            print(f"{'torch in the web process':56} {'torch' in server.loaded_libraries()!s:>6}")
        browser.close()


def tell(what: str, seconds: list[float], limit: float) -> None:
    print(
        f"{what:56} {statistics.median(seconds):6.2f} ({max(seconds):.2f})   (at most {limit:g})", flush=True
    )


def cold_starts(browser: Browser, folder: Path, rounds: int) -> list[float]:
    """The first of all servers on this machine unpacks the data; these find it unpacked."""
    taken = []
    for k in range(rounds):
        context = driver.new_learner(browser)
        with driver.serve(folder / f"cold {k}", FMNIST_DATA=fashion_mnist.load().folder) as server:
            taken.append(driver.first_paint(context.new_page(), server))
        context.close()
    return taken


def visit(browser: Browser, server: Server) -> None:
    """Every page and every view once, which is also the warm-up; until the workers are ready."""
    context = driver.new_learner(browser)
    page = context.new_page()
    for path in (*PAGES, "data?view=classes", "data?view=pixels", "data?view=split"):
        driver.open_page(page, f"{server.url}/{path}")
    driver.start_training(page, server.url, epochs=1)
    driver.wait_for_status(page, "Finished")
    context.close()


def train(page: Page, server: Server, task: str, settings: dict) -> tuple[float, float, float]:
    """The learner trains, lets it run for a while, pauses, resumes, stops."""
    driver.open_lab(page, server.url, task, **settings)
    first = driver.seconds_to_first_point(page)
    page.wait_for_timeout(2000)
    paused = driver.seconds_to_pause(page)
    driver.button(page, "bar_resume").click()
    driver.wait_for_status(page, "Training")
    page.wait_for_timeout(1000)
    stopped = driver.seconds_to_stop(page)
    page.wait_for_timeout(3000)  # the test of the slowest network goes on for so long
    return first, paused, stopped


def page_changes(browser: Browser, server: Server, rounds: int) -> list[float]:
    context = driver.new_learner(browser)
    page = context.new_page()
    for size in (64, 128):
        driver.start_training(page, server.url, epochs=500, hidden_sizes=size)
    taken = []
    for _ in range(rounds):
        taken += [driver.seconds_to_change_page(page, name, heading) for name, heading in TOUR]
        page.wait_for_timeout(500)
    context.close()
    return taken


if __name__ == "__main__":
    main()
