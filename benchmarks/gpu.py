"""Whole runs on a GPU, in seconds: training, evaluation after every epoch, film and test; the start left out.

Each is taken with the training step replayed from a CUDA graph and without, in TF32 and in bfloat16. A sweep
over sizes is four networks, one after the other or all at once, each on a stream and a thread of its own.

    python benchmarks/gpu.py --repeats 3 --save build/gpu.md
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from fmnist_core.data import fashion_mnist
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.loop import Budget, TrainState
from fmnist_core.spec import RunSpec, read_spec

CONV = {"architecture": "conv_autoencoder", "dropout": 0.2, "batch_size": 100, "epochs": 30}
R1 = {"architecture": "ff_autoencoder", "optimizer": "sgd", "learning_rate": 0.1, "dropout": 0.1}
R1 |= {"batch_size": 1000, "epochs": 200, "train_size": 60_000, "validation_size": 0}
SIZES = (64, 128, 256, 512)
WAYS = [(precision, graph) for precision in ("tf32", "bfloat16") for graph in (True, False)]


def begin(spec: RunSpec, graph: bool) -> TrainState:
    state = loop.start(spec, device="cuda")
    state.replays = graph
    return state


def alone(spec: RunSpec) -> Callable[[bool], Callable[[], None]]:
    return in_turn([spec])


def in_turn(specs: list[RunSpec]) -> Callable[[bool], Callable[[], None]]:
    def prepare(graph: bool) -> Callable[[], None]:
        states = [begin(spec, graph) for spec in specs]
        return lambda: [drain(state) for state in states]

    return prepare


def at_once(specs: list[RunSpec]) -> Callable[[bool], Callable[[], None]]:
    def prepare(graph: bool) -> Callable[[], None]:
        streams = [torch.cuda.Stream() for _ in specs]
        states = []
        for spec, stream in zip(specs, streams, strict=True):
            with torch.cuda.stream(stream):
                states.append(begin(spec, graph))

        def work(state: TrainState, stream: torch.cuda.Stream) -> None:
            with torch.cuda.stream(stream):
                drain(state)

        def run() -> None:
            for state, stream in zip(states, streams, strict=True):  # PyTorch records one at a time
                with torch.cuda.stream(stream):
                    drain(state, Budget(batches=1))
            threads = [threading.Thread(target=work, args=pair) for pair in zip(states, streams, strict=True)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        return run

    return prepare


def drain(state: TrainState, budget: Budget = loop.TO_THE_END) -> None:
    for _ in loop.advance(state, budget):
        pass


def sizes() -> list[RunSpec]:
    return [read_spec({**R1, "hidden_sizes": [n]}) for n in SIZES]


# What is run, and how many seconds it may take on one H200, where that was asked.
RUNS: dict[str, tuple[Callable[[bool], Callable[[], None]], float | None]] = {
    "conv_autoencoder n 64, batch 100, 30 epochs of 50,000": (alone(read_spec(CONV)), 5.0),
    "R1 n 64, batch 1000, 200 epochs of 60,000": (alone(read_spec(R1)), 3.0),
    "R1, the four sizes, one after the other": (in_turn(sizes()), 6.0),
    "R1, the four sizes at once": (at_once(sizes()), 6.0),
}


def measure(
    prepare: Callable[[bool], Callable[[], None]], precision: str, graph: bool, repeats: int
) -> list[float]:
    os.environ["FMNIST_PRECISION"] = precision
    taken = []
    for _ in range(repeats):
        run = prepare(graph)
        torch.cuda.synchronize()
        began = time.perf_counter()
        run()
        torch.cuda.synchronize()
        taken.append(time.perf_counter() - began)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--runs", nargs="*", default=list(RUNS), help="parts of their names")
    parser.add_argument("--save", type=Path, help="a file for the table")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("There is no GPU that this PyTorch can use, so there is nothing to measure.")
    if not fashion_mnist.load().is_full:
        sys.exit("The full data is not on this machine: python -m fmnist_core data")
    warm_up = {"train_size": 1000, "validation_size": 100, "epochs": 1}
    drain(begin(read_spec({**CONV, **warm_up}), True))
    lines = [
        f"{torch.cuda.get_device_name()}, torch {torch.__version__}; seconds, median of {options.repeats} "
        "[lowest, highest]",
        "",
        "| run | asked | " + " | ".join(f"{p}, {'graph' if g else 'no graph'}" for p, g in WAYS) + " |",
        "|---" * (2 + len(WAYS)) + "|",
    ]
    print("\n".join(lines), flush=True)
    for name, (prepare, asked) in RUNS.items():
        if any(part in name for part in options.runs):
            cells = []
            for precision, graph in WAYS:
                taken = measure(prepare, precision, graph, options.repeats)
                cells.append(f"{statistics.median(taken):.2f} [{min(taken):.2f}, {max(taken):.2f}]")
            limit = f"≤ {asked:.0f}" if asked else ""
            lines.append("| " + " | ".join([name, limit, *cells]) + " |")
            print(lines[-1], flush=True)
    if options.save:
        options.save.parent.mkdir(parents=True, exist_ok=True)
        options.save.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
