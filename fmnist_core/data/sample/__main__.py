"""Builds the sample anew from the full data: `python -m fmnist_core.data.sample`.

It takes the first 700 training and the first 100 test images of each class, in their order. So the first
garment of each class is the same in the sample's test set as in the full one.
"""

import gzip
from pathlib import Path

import numpy as np

from fmnist_core.data import fashion_mnist


def first_of_each_class(labels: np.ndarray, count: int) -> np.ndarray:
    """Indices, ascending, of the first `count` labels of each class."""
    return np.sort(
        np.concatenate([np.flatnonzero(labels == k)[:count] for k in range(len(fashion_mnist.CLASSES))])
    )


def build(full: fashion_mnist.Dataset) -> dict[str, bytes]:
    """The content of the sample's four IDX files by name, unpacked."""
    train = first_of_each_class(full.train_labels, 700)
    test = first_of_each_class(full.test_labels, 100)
    arrays = {
        "train_images": full.train_images[train],
        "train_labels": full.train_labels[train],
        "test_images": full.test_images[test],
        "test_labels": full.test_labels[test],
    }
    return {file.name: file.header + arrays[part].tobytes() for part, file in fashion_mnist.SAMPLE.items()}


def main() -> None:
    full = fashion_mnist.load(strict=True)
    if not full.is_full:
        raise SystemExit("The full data is needed: python -m fmnist_core data")
    for name, content in build(full).items():
        packed = Path(__file__).with_name(f"{name}.gz")
        packed.write_bytes(gzip.compress(content, 9, mtime=0))


if __name__ == "__main__":
    main()
