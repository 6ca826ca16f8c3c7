"""`python -m fmnist_core data`: says which data is in use, and fetches the rest where only the sample is."""

from __future__ import annotations

import argparse
import sys

from fmnist_core.data import fashion_mnist, folders


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-download", dest="download", action="store_false", help="only say it")
    parser.set_defaults(command=command)


def command(chosen: argparse.Namespace) -> int:
    """Raises `LabError` if FMNIST_DATA names a folder without the data, or the download fails."""
    dataset = fashion_mnist.load(strict=True)
    if not dataset.is_full and chosen.download:
        from fmnist_core.nets.tools import download  # torchvision and torch, which nothing else here needs

        print("Only the sample is here; fetching the full data.", file=sys.stderr)
        try:
            download.fetch(folders.cache_folder())
        finally:
            _describe(fashion_mnist.load(strict=True))
        return 0
    _describe(dataset)
    return 0


def _describe(dataset: fashion_mnist.Dataset) -> None:
    name = "Fashion-MNIST" if dataset.is_full else "The sample of Fashion-MNIST"
    counts = f"{len(dataset.train_labels):,} training and {len(dataset.test_labels):,} test images"
    print(f"{name}: {counts}, from {dataset.folder} ({dataset.source})")
    if dataset.problem:
        print(dataset.problem, file=sys.stderr)
