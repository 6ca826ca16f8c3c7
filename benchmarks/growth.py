"""How the lab's time grows: with hidden size, batch size, training images and runs at once; and its memory.

    python -m benchmarks.growth --repeats 5

Everything runs in a lab of its own: an engine with its workers, and for the memory a server and a browser.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.browser import visit
from benchmarks.epoch import EPOCH_IMAGES, markdown, processor, spread
from benchmarks.latency import images_per_second, seconds_until
from benchmarks.load.figures import workers
from fmnist_core.data import fashion_mnist
from fmnist_core.engine.engine import Engine
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.runs import Store
from tests.browser import driver

FAMILIES = ("ff_autoencoder", "conv_autoencoder")
SIZES = {
    "hidden_size": (16, 64, 256, 1024),
    "batch_size": (10, 100, 1000),
    "train_size": (1000, 10_000, 50_000),
}
AT_ONCE = {
    "ff_autoencoder n 64": {"architecture": "ff_autoencoder"},
    "ff_autoencoder n 512": {
        "architecture": "ff_autoencoder",
        "hidden_sizes": [512],
        "optimizer": "sgd",
        "learning_rate": 0.1,
    },
    "conv_autoencoder n 64": {"architecture": "conv_autoencoder"},
}
SECONDS = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--save", help="write the tables here too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["FMNIST_HOME"] = home
        store = Store(f"sqlite:///{Path(home) / 'lab.db'}")
        lab = Engine(store)
        lab.start()
        try:
            seconds_until(lambda: lab.state == "ready")
            lab.ask("warm_up", timeout=60)
            parts = [growth(lab, store, options.repeats), at_once(lab, store, options.repeats), memory(home)]
        finally:
            lab.close()
            store.close()
    report = f"{processor()}, {os.cpu_count()} cores; median of {options.repeats} [lowest, highest]\n\n"
    report += "\n\n".join(parts)
    print(report)
    if options.save:
        Path(options.save).write_text(f"{report}\n")


def growth(lab: Engine, store: Store, repeats: int) -> str:
    """Seconds an epoch of 50,000 images, or of as many as the run has, training steps only."""
    rows = []
    for family in FAMILIES:
        for name, values in SIZES.items():
            for value in values:
                varied = {"hidden_sizes": [value]} if name == "hidden_size" else {name: value}
                spec = read_spec({"architecture": family, "epochs": 500, "validation_size": 0, **varied})
                images = spec.train_size if name == "train_size" else EPOCH_IMAGES
                taken = [images / rate for rate in repeated(repeats, lab, store, [spec])]
                rows.append([family, f"{name.replace('_', ' ')} {value:,}", spread(taken, "{:.2f}")])
    heading = (
        "Seconds an epoch at the speed of a run's first seconds, film and checkpoints included; "
        "all else at its default."
    )
    return f"{heading}\n\n" + markdown(["network", "run", "seconds"], rows)


def at_once(lab: Engine, store: Store, repeats: int) -> str:
    """Images a second of all runs together, and against one run alone in the same turn."""
    rows = []
    for name, settings in AT_ONCE.items():
        spec = read_spec({**settings, "epochs": 500, "validation_size": 0})
        rates: dict[int, list[float]] = {}
        for _turn in range(repeats):
            for count in (1, 2, 4, 8):
                specs = [spec.changed(seed=seed) for seed in range(count)]
                rates.setdefault(count, []).append(images_per_second(lab, store, specs, SECONDS))
        for count, of_all in rates.items():
            ratios = [many / alone for many, alone in zip(of_all, rates[1], strict=True)]
            rows.append([name, str(count), spread(of_all, "{:,.0f}"), spread(ratios, "{:.2f}")])
    heads = ["network", "runs at once", "images a second, together", "times one run alone"]
    return "Runs at once, as many learners.\n\n" + markdown(heads, rows)


def memory(home: str) -> str:
    """Resident MB: of the workers that have just trained all this, and of a web process after every page."""
    largest = max(worker.memory_info().rss for worker in workers(os.getpid()))
    rows = [["a worker, after all the runs above", f"{largest / 1e6:,.0f}"]]
    with sync_playwright() as playwright:
        browser = driver.launch(playwright)
        with driver.serve(Path(home) / "web", FMNIST_DATA=fashion_mnist.load().folder) as server:
            visit(browser, server)
            rows.append(["the web process, after every page", f"{server.memory():,.0f}"])
        browser.close()
    return "Memory.\n\n" + markdown(["process", "MB"], rows)


def repeated(repeats: int, lab: Engine, store: Store, specs: list[RunSpec]) -> list[float]:
    return [images_per_second(lab, store, specs, SECONDS / 2) for _ in range(repeats)]


if __name__ == "__main__":
    main()
