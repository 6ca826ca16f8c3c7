"""Seconds for one epoch of 50,000 images, training steps only: the lab against what learners use instead.

Contenders on the same data, networks, batches and threads: the loop of PyTorch's tutorials (DataLoader,
ToTensor), a plain loop over tensors in memory, the lab, and, after `make peers`, Keras on TensorFlow and JAX.
They take turns, so that other work on the machine falls on all of them; read the ratios. The lab runs as its
workers do, in the cluster's environment; each other kind runs in a process of its own, as it would be found,
and every network in new ones, so that none finds the memory as another has left it.
Beside the times: how fast this machine multiplies matrices, and which share of that the lab reaches.

    python benchmarks/epoch.py --repeats 5 --images 10000 --networks conv_autoencoder
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))

EPOCH_IMAGES = 50_000
NETWORKS = {
    "ff_autoencoder n 64, batch 1000, SGD": {
        "architecture": "ff_autoencoder",
        "batch_size": 1000,
        "optimizer": "sgd",
        "learning_rate": 0.1,
    },
    "ff_autoencoder n 512, batch 100, SGD": {
        "architecture": "ff_autoencoder",
        "hidden_sizes": [512],
        "optimizer": "sgd",
        "learning_rate": 0.1,
    },
    "ff_classifier 128-64, batch 100, Adam": {"architecture": "ff_classifier", "dropout": 0.2},
    "conv_autoencoder n 64, batch 100, Adam": {"architecture": "conv_autoencoder", "dropout": 0.2},
    "conv_classifier (R5), batch 64, Adam": {
        "architecture": "conv_classifier",
        "dropout": 0.25,
        "batch_size": 64,
    },
}
CONTENDERS = {
    "tutorial": "tutorial loop",
    "plain": "tensors in memory",
    "keras": "Keras, TensorFlow",
    "jax": "JAX",
    "lab": "lab",
}
ROOT = Path(__file__).parents[1]
PEERS_PYTHON = ROOT / ".venv-peers/bin/python"
PEERS = ("keras", "jax")


def main() -> None:
    options = arguments()
    if options.serve:
        return serve(options)
    from fmnist_core.compute import cluster

    names = [name for name in NETWORKS if not options.networks or name.split()[0] in options.networks]
    seconds: dict[tuple[str, str], list[float]] = {}
    work: dict[str, float] = {}
    kinds: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            workers = {"torch": worker(options, {}), "lab": worker(options, cluster.ENVIRONMENT)}
            workers |= peer_workers(options, Path(folder))
            for repeat in range(options.repeats + 1):
                for contender in CONTENDERS:
                    if contender in PEERS and contender not in workers:
                        continue
                    taken = ask(workers.get(contender, workers["torch"]), contender, name, options)
                    if repeat > 0:  # the first warms up
                        seconds.setdefault((name, contender), []).append(taken)
            work[name] = ask(workers["torch"], "work", name, options)
            kinds[name] = ask(workers["lab"], "kind", name, options)
            end(workers)
    alone = worker(options, {})
    roof = {kind: ask(alone, "roof", kind, options) for kind in ("float32", "bfloat16")}
    end({"torch": alone})
    report = "\n".join([table(names, seconds, options), "", roof_table(names, seconds, roof, work, kinds)])
    print(report)
    if options.save:
        Path(options.save).write_text(f"{report}\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--images", type=int, default=EPOCH_IMAGES, help="time so many, and scale up")
    parser.add_argument("--networks", nargs="*", choices=sorted({name.split()[0] for name in NETWORKS}))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument(
        "--cpu-time", action="store_true", help="seconds of work, not of the wall: busy machines"
    )
    parser.add_argument("--save", help="write the tables here too")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def worker(options: argparse.Namespace, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--serve", f"--images={options.images}"]
    command += [f"--threads={options.threads}", *(["--cpu-time"] if options.cpu_time else [])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env={**os.environ, **environment}, **pipes)


def peer_workers(options: argparse.Namespace, folder: Path) -> dict[str, subprocess.Popen[str]]:
    """Those of Keras and JAX that are there. They are measured by the wall only."""
    if not PEERS_PYTHON.exists() or options.cpu_time:
        return {}
    from fmnist_core.data import fashion_mnist

    dataset, file = fashion_mnist.load(), folder / "data.npz"
    pixels = (dataset.train_images[:EPOCH_IMAGES].reshape(-1, 784) / np.float32(255)).astype(np.float32)
    np.savez(file, pixels=pixels, labels=dataset.train_labels[:EPOCH_IMAGES].astype(np.int32))
    script = str(Path(__file__).with_name("peers.py"))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return {
        peer: subprocess.Popen([PEERS_PYTHON, script, peer, file, str(options.threads)], **pipes)
        for peer in PEERS
        if subprocess.run([PEERS_PYTHON, "-c", f"import {peer}"], capture_output=True).returncode == 0
    }


def ask(process: subprocess.Popen[str], contender: str, name: str, options: argparse.Namespace) -> Any:
    order = [contender, name]
    if contender in PEERS:
        from fmnist_core.spec import read_spec

        order = [read_spec(NETWORKS[name]).model_dump(mode="json"), options.images]
    process.send_signal(signal.SIGCONT)
    print(json.dumps(order), file=process.stdin, flush=True)
    answer = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGSTOP)  # threads of some spin long after their work, and it is others' turn
    return answer


def end(workers: dict[str, subprocess.Popen[str]]) -> None:
    for process in workers.values():
        process.send_signal(signal.SIGCONT)
        process.stdin.close()
        process.wait()


def serve(options: argparse.Namespace) -> None:
    """Reads one order a line, trains, and answers with the seconds that an epoch would take."""
    import torch

    torch.set_num_threads(options.threads)
    clock = time.process_time if options.cpu_time else time.perf_counter
    made: dict[str, Callable[[int], int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            contender, name = json.loads(line)
            if contender in ONCE:
                print(json.dumps(ONCE[contender](name)), flush=True)
                continue
            if line not in made:
                made[line] = MAKERS[contender](NETWORKS[name], Path(folder))
            made[line](options.images // 4)  # caches are others' after their turns
            began = clock()
            images = made[line](options.images)
            print(json.dumps((clock() - began) * EPOCH_IMAGES / images), flush=True)


def lab(settings: dict, folder: Path) -> Callable[[int], int]:
    import torch

    from fmnist_core.nets.training import loop
    from fmnist_core.nets.worker.threads import use_threads
    from fmnist_core.spec import read_spec

    importlib.import_module("fmnist_core.nets.worker.preload")  # as every worker begins
    threads = torch.get_num_threads()
    spec = read_spec({**settings, "epochs": 500})
    state = loop.start(spec, device="cpu")
    state.position.snapshot_taken, state.snapshot_steps = 0, frozenset()

    def train(images: int) -> int:
        use_threads(spec, threads)
        steps = -(-images // spec.batch_size)
        for _ in range(steps):
            loop.train_batch(state)
            if state.evaluation is not None:
                state.evaluation, state.position.epoch_losses = None, []
        loop.tell_losses(state)
        return steps * spec.batch_size

    return train


def peer(settings: dict, batches: Callable) -> Callable[[int], int]:
    """A plain network and the loop that every tutorial has."""
    import torch
    import torch.nn.functional as F

    from fmnist_core.spec import read_spec
    from tests.nets.plain_networks import plain_network

    spec = read_spec(settings)
    model = plain_network(spec)
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[spec.optimizer]
    optimizer = kind(model.parameters(), lr=spec.learning_rate)
    autoencoder = spec.task == "autoencoder"

    def train(images: int) -> int:
        seen = 0
        for pixels, labels in batches(spec.batch_size):
            outputs = model(pixels)
            loss = F.mse_loss(outputs, pixels) if autoencoder else F.cross_entropy(outputs, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()
            seen += len(pixels)
            if seen >= images:
                break
        return seen

    return train


def tutorial(settings: dict, folder: Path) -> Callable[[int], int]:
    from torch.utils.data import DataLoader, Subset

    from fmnist_core.data import fashion_mnist
    from fmnist_core.nets.tools.torchvision_import import datasets

    raw = folder / "FashionMNIST/raw"
    if not raw.exists():
        raw.mkdir(parents=True)
        dataset = fashion_mnist.load()
        for part, file in fashion_mnist.FULL.items():
            (raw / file.name).write_bytes(file.header + vars(dataset)[part].tobytes())
    from torchvision.transforms import ToTensor

    images = datasets.FashionMNIST(folder, train=True, transform=ToTensor())
    part = Subset(images, range(EPOCH_IMAGES))
    return peer(settings, lambda size: DataLoader(part, batch_size=size, shuffle=True))


def plain(settings: dict, folder: Path) -> Callable[[int], int]:
    import torch

    pixels, labels = tensors()

    def batches(size: int):
        for chosen in torch.randperm(len(pixels)).split(size):
            yield pixels[chosen], labels[chosen]

    return peer(settings, batches)


@lru_cache
def tensors() -> tuple[Tensor, Tensor]:
    import torch

    from fmnist_core.data import fashion_mnist

    dataset = fashion_mnist.load()
    pixels = torch.tensor(dataset.train_images[:EPOCH_IMAGES]).unsqueeze(1) / 255
    return pixels, torch.tensor(dataset.train_labels[:EPOCH_IMAGES]).long()


def matrix_rate(kind: str) -> float:
    """GFLOP/s of large matrix products; smaller ones where a processor only emulates that kind of number."""
    import torch

    from fmnist_core.nets.training import calibration

    number = getattr(torch, kind)
    return calibration.rate(number, 1536 if calibration.rate(number) > 20 else 256)


def work_of(name: str) -> float:
    """GFLOP of an epoch's matrix products and convolutions, forward and backward, counted by PyTorch."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from fmnist_core.spec import read_spec
    from tests.nets.plain_networks import plain_network

    model = plain_network(read_spec(NETWORKS[name]))
    with FlopCounterMode(display=False) as counter:
        model(torch.rand(10, 1, 28, 28)).sum().backward()
    return counter.get_total_flops() / 10 * EPOCH_IMAGES / 1e9


def kind_of(name: str) -> str:
    """The kind of number that the lab takes products in; all others take float32."""
    import torch

    from fmnist_core.nets.training.device import calculates_in
    from fmnist_core.spec import read_spec

    return calculates_in(torch.device("cpu"), read_spec(NETWORKS[name]))


ONCE = {"roof": matrix_rate, "work": work_of, "kind": kind_of}
MAKERS = {"tutorial": tutorial, "plain": plain, "lab": lab}


def table(names: list[str], seconds: dict[tuple[str, str], list[float]], options: argparse.Namespace) -> str:
    """Medians with lowest and highest, and how many times faster than the tutorial, repeat by repeat."""
    measured = [contender for contender in CONTENDERS if (names[0], contender) in seconds]
    rows = []
    for name in names:
        base = seconds[name, "tutorial"]
        ratios = {
            contender: [slow / fast for slow, fast in zip(base, seconds[name, contender], strict=True)]
            for contender in measured[1:]
        }
        rows.append(
            [name]
            + [median_and_range(seconds[name, contender], "{:.2f}") for contender in measured]
            + [f"{statistics.median(r):.1f} ±{(max(r) - min(r)) / 2:.1f}" for r in ratios.values()]
        )
    heads = ["network", *(CONTENDERS[contender] for contender in measured)]
    heads += [f"{CONTENDERS[contender]} ×" for contender in measured[1:]]
    return (
        f"{processor()}, {options.threads} threads, Python {platform.python_version()}; "
        f"{'CPU ' if options.cpu_time else ''}seconds per epoch of {EPOCH_IMAGES:,} images, median of "
        f"{options.repeats} turns of {options.images:,} images [lowest, highest]; "
        "×: times faster than the tutorial loop, repeat by repeat\n\n" + markdown(heads, rows)
    )


def roof_table(names: list[str], seconds: dict, roof: dict, work: dict, kinds: dict) -> str:
    """The lab's share of what the machine can do in the kind of number that the lab chose for the network."""
    rates = ", ".join(f"{rate:,.0f} GFLOP/s in {kind}" for kind, rate in roof.items())
    rows = []
    for name in names:
        reached = work[name] / statistics.median(seconds[name, "lab"])
        share = reached / roof[kinds[name]]
        rows.append([name, f"{work[name]:,.0f}", kinds[name], f"{reached:,.0f}", f"{share:.0%}"])
    heads = ["network", "GFLOP an epoch", "the lab takes products in", "GFLOP/s", "of that roof"]
    return f"Matrix products on this machine: {rates}.\n\n" + markdown(heads, rows)


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")


def median_and_range(values: list[float], form: str) -> str:
    return (
        f"{form.format(statistics.median(values))} [{form.format(min(values))}, {form.format(max(values))}]"
    )


if __name__ == "__main__":
    main()
