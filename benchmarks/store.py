"""How long pages wait for the store: a poll's reads, alone and while thirty learners poll and two runs train.

python benchmarks/store.py [DATABASE_URL]
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable

import numpy as np

from fmnist_core.events import Batches, Epoch, Snapshot
from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store

BATCHES, EPOCHS, RUNS, LEARNERS, SECONDS = 100_000, 300, 200, 30, 5
SPEC = read_spec({"architecture": "ff_classifier", "epochs": EPOCHS})
MATRIX = np.full((10, 10), 100)


def long_run(store: Store) -> str:
    """A run of 100,000 batches in slices of ten, 300 epochs and a film of two dozen frames."""
    run_id = store.create_run(SPEC, "learner 0")
    lease, random, per_epoch = store.claim(run_id), np.random.default_rng(0), BATCHES // EPOCHS
    for step in range(10, BATCHES + 1, 10):
        events = [Batches(step - 9, random.random(10, dtype=np.float32))]
        if step // per_epoch > (step - 10) // per_epoch and step // per_epoch <= EPOCHS:
            events.append(Epoch(step // per_epoch, step, 0.3, 0.3, 0.3, 0.9, 0.9, MATRIX, 0.001, 2.0))
        if step % 4000 == 0:
            events.append(
                Snapshot(step, step / per_epoch, np.zeros((10, 28, 28), np.uint8), bytes(1_300_000))
            )
        store.write_slice(run_id, lease, events, step=step, epoch=step // per_epoch, seconds=step / 100)
    return run_id


def milliseconds(call: Callable[[], object], times: int = 200) -> str:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        spent.append(1000 * (time.perf_counter() - start))
    return f"{np.median(spent):7.2f} {np.percentile(spent, 95):7.2f}"


def class_of_thirty(store: Store, run_id: str) -> tuple[list[float], list[float]]:
    """Milliseconds of each poll, and of each slice written meanwhile with a checkpoint of 2 MB."""
    polls: list[float] = []
    slices: list[float] = []
    end = time.monotonic() + SECONDS

    def poll(number: int) -> None:
        time.sleep(number / LEARNERS)  # tabs look once a second, not all in the same moment
        while time.monotonic() < end:
            start = time.perf_counter()
            (
                store.run(run_id),
                store.epochs(run_id, confusion=False),
                store.batch_curve(run_id),
                store.snapshots(run_id),
            )
            polls.append(1000 * (time.perf_counter() - start))
            time.sleep(max(0.0, 1 - polls[-1] / 1000))

    def train() -> None:
        training, step = store.create_run(SPEC, "learner 1"), 0
        lease = store.claim(training)
        while time.monotonic() < end:
            step += 100
            start = time.perf_counter()
            losses = [Batches(step - 99, np.ones(100, np.float32))]
            store.write_slice(
                training, lease, losses, step=step, epoch=0, seconds=0.0, checkpoint=bytes(2_000_000)
            )
            slices.append(1000 * (time.perf_counter() - start))
            time.sleep(0.25)  # four slices a second, as a run writes

    threads = [threading.Thread(target=poll, args=[number]) for number in range(LEARNERS)]
    threads += [threading.Thread(target=train) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return polls, slices


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/lab.db")
        start = time.perf_counter()
        run_id = long_run(store)
        milliseconds = 1000 * (time.perf_counter() - start) / (BATCHES / 10)
        for _ in range(RUNS - 1):
            store.create_run(SPEC, "learner 0")
        print(
            f"a run of {BATCHES:,} batches, {EPOCHS} epochs, among {RUNS} runs; "
            f"{milliseconds:.2f} ms a small slice"
        )
        print("milliseconds            median    95 %")
        reads = {
            "run": lambda: store.run(run_id),
            "epochs, no matrices": lambda: store.epochs(run_id, confusion=False),
            "epochs": lambda: store.epochs(run_id),
            "one confusion": lambda: store.confusion(run_id, 100),
            "batch_curve": lambda: store.batch_curve(run_id),
            "film": lambda: store.snapshots(run_id),
            "frame": lambda: store.snapshot_outputs(run_id, 4000),
            f"runs ({RUNS})": lambda: store.runs("learner 0"),
            "every loss": lambda: store.batch_curve(run_id, BATCHES),
        }
        for name, call in reads.items():
            print(f"{name:20} {milliseconds(call)}")
        polls, slices = class_of_thirty(store, run_id)
        print(f"{len(polls)} polls by {LEARNERS} learners in {SECONDS} s, two runs writing meanwhile")
        for name, spent in {"a whole poll": polls, "a slice, 2 MB": slices}.items():
            print(f"{name:20} {np.median(spent):7.2f} {np.percentile(spent, 95):7.2f}")
        store.close()


if __name__ == "__main__":
    main()
