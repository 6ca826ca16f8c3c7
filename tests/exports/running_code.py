"""Runs exported code on the sample, as torchvision would find it on disk."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.exports.exported_run import ExportedRun
from fmnist_core.exports.pytorch_code import START, cells
from fmnist_core.nets.tools import torchvision_import

# The code imports torchvision, which beside this build of torch takes that.
IMPORTABLE = f"import {torchvision_import.__name__}"
TINY = {"train_size": 300, "validation_size": 100, "epochs": 2, "batch_size": 50, "dropout": 0.0, "seed": 3}
RAW = {
    "train-images-idx3-ubyte": "train_images",
    "train-labels-idx1-ubyte": "train_labels",
    "t10k-images-idx3-ubyte": "test_images",
    "t10k-labels-idx1-ubyte": "test_labels",
}


def as_torchvision_has_it(folder: Path, dataset: Dataset) -> Path:
    """The data in the four files that `FashionMNIST(folder)` reads and then does not fetch."""
    raw = folder / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name, field in RAW.items():
        array = np.asarray(getattr(dataset, field), np.uint8)
        head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        (raw / name).write_bytes(head + array.tobytes())
    return folder


def run_code(run: ExportedRun, data: Path, folder: Path, monkeypatch, say=str) -> dict[str, Any]:
    """All names when every cell has run, and "drawn": the first weights, by name."""
    monkeypatch.setenv("FASHION_MNIST", str(data))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(folder)
    if run.start is not None:
        (folder / START).write_bytes(run.start)
    names: dict[str, Any] = {}
    threads = torch.get_num_threads()
    try:
        for cell in cells(run, say):
            if cell.kind == "code":
                exec(compile(cell.text, "a cell", "exec"), names)
            if "model" in names and "drawn" not in names:
                names["drawn"] = {name: w.clone() for name, w in names["model"].state_dict().items()}
    finally:
        torch.set_num_threads(threads)
        names["plt"].close("all")
    return names
