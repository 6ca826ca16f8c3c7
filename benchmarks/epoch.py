"""Seconds for one epoch of 50,000 images, training steps only: the lab against what learners use instead.

Three contenders on the same data, networks, batches and threads: the loop of PyTorch's tutorials
(DataLoader, ToTensor), a plain loop over tensors in memory, and the lab. They take turns, so that other work
on the machine falls on all of them; read the ratios. The lab runs as its workers do, with glibc told to keep
memory; the other two run in a process of their own, as they would be found.

    python benchmarks/epoch.py --repeats 5 --images 10000 --networks conv_autoencoder
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))

EPOCH_IMAGES = 50_000
GLIBC = (
    "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=4294967295:"
    "glibc.malloc.arena_max=1:glibc.malloc.top_pad=268435456"
)
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
CONTENDERS = ("tutorial", "plain", "lab")


def main() -> None:
    options = arguments()
    if options.serve:
        return serve(options)
    names = [name for name in NETWORKS if not options.networks or name.split()[0] in options.networks]
    workers = {"peers": worker(options, {}), "lab": worker(options, {"GLIBC_TUNABLES": GLIBC})}
    seconds: dict[tuple[str, str], list[float]] = {}
    for turn in range(options.repeats + 1):
        for name in names:
            for contender in CONTENDERS:
                process = workers["lab" if contender == "lab" else "peers"]
                print(json.dumps([contender, name]), file=process.stdin, flush=True)
                taken = json.loads(process.stdout.readline())
                if turn > 0:  # the first turn warms up
                    seconds.setdefault((name, contender), []).append(taken)
    for process in workers.values():
        process.stdin.close()
        process.wait()
    print(table(names, seconds, options))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--images", type=int, default=EPOCH_IMAGES, help="time so many, and scale up")
    parser.add_argument("--networks", nargs="*", choices=sorted({name.split()[0] for name in NETWORKS}))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument(
        "--cpu-time", action="store_true", help="seconds of work, not of the wall: busy machines"
    )
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def worker(options: argparse.Namespace, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--serve", f"--images={options.images}"]
    command += [f"--threads={options.threads}", *(["--cpu-time"] if options.cpu_time else [])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env={**os.environ, **environment}, **pipes)


def serve(options: argparse.Namespace) -> None:
    """Reads one order a line, trains, and answers with the seconds that an epoch would take."""
    import torch

    torch.set_num_threads(options.threads)
    clock = time.process_time if options.cpu_time else time.perf_counter
    made: dict[str, Callable[[int], int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            contender, name = json.loads(line)
            if line not in made:
                made[line] = MAKERS[contender](NETWORKS[name], Path(folder))
            began = clock()
            images = made[line](options.images)
            print(json.dumps((clock() - began) * EPOCH_IMAGES / images), flush=True)


def lab(settings: dict, folder: Path) -> Callable[[int], int]:
    from fmnist_core.nets import training
    from fmnist_core.spec import read_spec

    spec = read_spec({**settings, "epochs": 500})
    state = training.start(spec, device="cpu")
    state.position.filmed, state.film_steps = 0, frozenset()

    def train(images: int) -> int:
        steps = -(-images // spec.batch_size)
        for _ in range(steps):
            training.train_batch(state)
            if state.evaluation is not None:
                state.evaluation, state.position.epoch_losses = None, []
        training.tell_losses(state)
        return steps * spec.batch_size

    return train


def peer(settings: dict, batches: Callable) -> Callable[[int], int]:
    """A plain network and the loop that every tutorial has."""
    import torch
    import torch.nn.functional as F

    sys.path.insert(0, str(Path(__file__).parents[1] / "tests/nets"))
    from plain_networks import plain_network

    from fmnist_core.spec import read_spec

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

    from fmnist_core import data
    from fmnist_core.nets.torchvision_import import datasets

    raw = folder / "FashionMNIST/raw"
    if not raw.exists():
        raw.mkdir(parents=True)
        dataset = data.load()
        for part, file in data.FULL.items():
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

    from fmnist_core import data

    dataset = data.load()
    pixels = torch.tensor(dataset.train_images[:EPOCH_IMAGES]).unsqueeze(1) / 255
    return pixels, torch.tensor(dataset.train_labels[:EPOCH_IMAGES]).long()


MAKERS = {"tutorial": tutorial, "plain": plain, "lab": lab}


def table(names: list[str], seconds: dict[tuple[str, str], list[float]], options: argparse.Namespace) -> str:
    """Medians with lowest and highest, and how many times faster than the tutorial, turn by turn."""
    lines = [
        f"{platform.processor() or platform.machine()}, {options.threads} threads, Python "
        f"{platform.python_version()}; {'CPU ' if options.cpu_time else ''}seconds per epoch of "
        f"{EPOCH_IMAGES:,} images, median of {options.repeats} turns of {options.images:,} images "
        "[lowest, highest]",
        "",
        f"| {'network':38} | {'tutorial loop':21} | {'tensors in memory':21} | {'lab':21} "
        f"| {'plain ×':11} | {'lab ×':11} |",
        f"|{'-' * 40}|{'-' * 23}|{'-' * 23}|{'-' * 23}|{'-' * 13}|{'-' * 13}|",
    ]
    for name in names:
        cells = [spread(seconds[name, contender], "{:6.2f}") for contender in CONTENDERS]
        base = seconds[name, "tutorial"]
        for contender in CONTENDERS[1:]:
            ratios = [slow / fast for slow, fast in zip(base, seconds[name, contender], strict=True)]
            cells.append(f"{statistics.median(ratios):4.1f} ±{(max(ratios) - min(ratios)) / 2:4.1f} ")
        lines.append(f"| {name:38} | {' | '.join(cells)} |")
    return "\n".join(lines)


def spread(values: list[float], form: str) -> str:
    return f"{form.format(statistics.median(values))} [{min(values):5.2f},{max(values):6.2f}]"


if __name__ == "__main__":
    main()
