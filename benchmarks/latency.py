"""How soon the lab answers: from Train to the first point in the store, pause, stop, questions, dead workers.

python -m benchmarks.latency [--rounds 5]. Everything runs on an embedded cluster, with a home of its own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from fmnist_core.engine.engine import Engine
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.runs import Store

NETWORKS = {
    "ff_autoencoder n 64": {"architecture": "ff_autoencoder"},
    "conv_autoencoder n 64": {"architecture": "conv_autoencoder"},
    "conv_autoencoder n 64, no pooling": {"architecture": "conv_autoencoder", "pooling": False},
    "conv_classifier": {"architecture": "conv_classifier"},
    "ff_classifier": {"architecture": "ff_classifier"},
    "ff_autoencoder n 512": {"architecture": "ff_autoencoder", "hidden_sizes": [512]},
}


def seconds_until(condition: Callable[[], object], limit: float = 60.0, every: float = 0.002) -> float:
    """Looks often, unless told otherwise: what is timed meanwhile shares the cores with the looking."""
    began = time.perf_counter()
    while not condition():
        if time.perf_counter() - began > limit:
            raise TimeoutError("what was waited for did not come")
        time.sleep(every)
    return time.perf_counter() - began


def first_point(lab: Engine, store: Store, spec: RunSpec) -> tuple[str, float]:
    began = time.perf_counter()
    run_id = lab.submit(spec, "ana")
    seconds_until(lambda: len(store.batch_curve(run_id)[0]))
    return run_id, time.perf_counter() - began


def pause(lab: Engine, store: Store, run_id: str) -> float:
    """Until the last batch was trained that still came after the click."""
    began = last = time.perf_counter()
    lab.pause(run_id, "ana")
    step = store.run(run_id).step
    while time.perf_counter() - last < 1.0:
        time.sleep(0.005)  # a look may not take the time of what it looks at
        if (now := store.run(run_id).step) != step:
            step, last = now, time.perf_counter()
    return last - began


def stop(lab: Engine, store: Store, run_id: str) -> tuple[float, float]:
    """Until the last batch, and until the test figures are there."""
    began = last = time.perf_counter()
    lab.stop(run_id, "ana")
    step = store.run(run_id).step
    while (run := store.run(run_id)).status != "stopped":
        time.sleep(0.005)  # as in `pause`
        if run.step != step:
            step, last = run.step, time.perf_counter()
    return last - began, time.perf_counter() - began


def query(lab: Engine, run_id: str) -> float:
    began = time.perf_counter()
    lab.ask("reconstruct", timeout=30, run_id=run_id, indices=list(range(10)))
    return time.perf_counter() - began


def images_per_second(lab: Engine, store: Store, specs: list[RunSpec], seconds: float) -> float:
    """Of all these runs together, trained at once by as many learners."""
    runs = [lab.submit(spec, f"learner {number}") for number, spec in enumerate(specs)]
    seconds_until(lambda: all(store.run(run_id).step for run_id in runs))
    before, began = [store.run(run_id).step for run_id in runs], time.perf_counter()
    time.sleep(seconds)  # for which their speed is measured
    after, took = [store.run(run_id).step for run_id in runs], time.perf_counter() - began
    for number, run_id in enumerate(runs):
        lab.delete(run_id, f"learner {number}")
    batches = zip(specs, before, after, strict=True)
    return sum((last - first) * spec.batch_size for spec, first, last in batches) / took


def recovery(lab: Engine, store: Store, spec: RunSpec) -> float:
    """From the death of every worker until the run's curve moves again."""
    run_id, _ = first_point(lab, store, spec)
    time.sleep(1)  # in the middle of training, not in its first moments
    mine = psutil.Process()
    for process in mine.children(recursive=True):
        if process.nice() > mine.nice():  # a worker
            process.kill()
    step = store.run(run_id).step
    took = seconds_until(lambda: store.run(run_id).step != step)
    lab.delete(run_id, "ana")
    return took


def forecast_error(lab: Engine, store: Store, spec: RunSpec) -> float:
    """How far the forecast of an epoch's seconds is from what the first epochs take."""
    seconds_until(lambda: lab.forecast(spec))
    forecast = lab.forecast(spec).seconds_per_epoch
    run_id = lab.submit(spec.changed(epochs=3), "ana")
    seconds_until(lambda: store.run(run_id).status == "finished", limit=600, every=1.0)  # as a page does
    truth = statistics.mean(epoch.seconds for epoch in store.epochs(run_id))
    return forecast / truth - 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home:
        os.environ["FMNIST_HOME"] = home
        store = Store(f"sqlite:///{Path(home) / 'lab.db'}")
        lab = Engine(store)
        began = time.perf_counter()
        lab.start()
        seconds_until(lambda: lab.state == "ready")
        print(f"cold start, until workers are ready: {time.perf_counter() - began:.1f} s")
        lab.ask("warm_up", timeout=60)
        try:
            measure(lab, store, rounds)
        finally:
            lab.close()
            store.close()


def measure(lab: Engine, store: Store, rounds: int) -> None:
    print(f"medians of {rounds}, seconds; load of the machine before: {os.getloadavg()[0]:.1f}")
    print(f"{'':36}first point   pause    stop   tested   question")
    for name, settings in NETWORKS.items():
        spec, rows = read_spec(settings), []
        for _ in range(rounds):
            run_id, first = first_point(lab, store, spec)
            time.sleep(1.5)  # a learner looks on for a moment before each click
            asked, paused = query(lab, run_id), pause(lab, store, run_id)
            lab.resume(run_id, "ana")
            time.sleep(1.0)  # the same
            rows.append((first, paused, *stop(lab, store, run_id), asked))
            lab.delete(run_id, "ana")
        medians = [statistics.median(column) for column in zip(*rows, strict=True)]
        print(f"{name:36}" + "".join(f"{seconds:9.2f}" for seconds in medians))
    spec = read_spec(NETWORKS["ff_autoencoder n 64"])
    print(f"first point while another run has every core: {beside_another(lab, store, spec):.2f} s")
    alone = images_per_second(lab, store, [spec], 5)
    both = images_per_second(lab, store, [spec, spec.changed(seed=1)], 5)
    print(f"two runs at once against one after the other: {both / alone:.2f} of the images a second")
    print(f"the curve moves again after every worker was killed: {recovery(lab, store, spec):.2f} s")
    for name, settings in NETWORKS.items():
        error = forecast_error(lab, store, read_spec({**settings, "train_size": 20_000}))
        print(f"forecast of an epoch's seconds, {name}: {error:+.0%}")


def beside_another(lab: Engine, store: Store, spec: RunSpec) -> float:
    other = lab.submit(spec, "ben")
    seconds_until(lambda: store.run(other).step)
    run_id, first = first_point(lab, store, spec)
    lab.delete(run_id, "ana")
    lab.delete(other, "ben")
    return first


if __name__ == "__main__":
    main()
