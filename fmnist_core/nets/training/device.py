"""The device that a run trains on, its name, the precision of its products, and whether its memory is full.

A processor calculates in float32, or in bfloat16 where a calibration finds that it gains by it.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch

from fmnist_core.nets.training import calibration
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec

PRECISIONS = ("tf32", "float32", "bfloat16")
GAIN = 1.5  # in products of matrices; casting and all that is no product eat up less

TOO_LITTLE_MEMORY = Sentence(
    "The GPU has too little memory for this run, so it trains on the processor: slower, and no less exact."
)


_PRODUCTS = threading.Lock()  # what PyTorch lets products be taken in holds for the whole process


class PrecisionError(LabError):
    """FMNIST_PRECISION names no precision."""


def preferred() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision() -> str:
    """How a GPU multiplies: FMNIST_PRECISION, one of `PRECISIONS`. Raises `PrecisionError`, in a sentence."""
    chosen = os.environ.get("FMNIST_PRECISION") or PRECISIONS[0]
    if chosen not in PRECISIONS:
        raise PrecisionError(
            Sentence(
                "FMNIST_PRECISION can be {choices}; it is “{given}”.",
                choices=", ".join(PRECISIONS),
                given=chosen,
            )
        )
    return chosen


def processor_precision() -> str:
    """How a processor calculates: as FMNIST_PRECISION says, else in bfloat16 if that is much the faster."""
    if os.environ.get("FMNIST_PRECISION"):
        return "bfloat16" if precision() == "bfloat16" else "float32"
    rates = calibration.rates()
    return "bfloat16" if rates["bfloat16"] > GAIN * rates["float32"] else "float32"


def prepare(device: torch.device) -> None:
    """Sets the chosen precision, and deterministic kernels, before anything is computed on the device."""
    if device.type == "cuda":
        coarse = precision() != "float32"
        with _PRODUCTS:
            _allow_tf32(coarse, coarse)
        torch.backends.cudnn.deterministic = True


@contextmanager
def products_in_float32() -> Iterator[None]:
    """Takes a GPU's products in float32 meanwhile, whatever training takes them in.

    For the thread that trains, and no other: a step beside it would be calculated otherwise.
    """
    with _PRODUCTS:
        before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
        _allow_tf32(False, False)
        try:
            yield
        finally:
            _allow_tf32(*before)


def _allow_tf32(in_products: bool, in_convolutions: bool) -> None:
    # PyTorch has two ways to say this, and fails where they disagree; the older one sets both.
    torch.backends.cuda.matmul.allow_tf32 = in_products
    torch.backends.cudnn.allow_tf32 = in_convolutions


def calculates_in(device: torch.device, spec: RunSpec) -> str:
    """The kind of number that a network's products are taken in, one of `PRECISIONS`.

    On a processor, small steps would lose by casting what they gain.
    """
    if device.type == "cuda":
        return precision()
    return "float32" if spec.is_small_step else processor_precision()


def works_in(device: torch.device, spec: RunSpec) -> torch.dtype:
    """The kind of number that a step's layers hold: bfloat16 where asked for, or calibrated as faster."""
    return torch.bfloat16 if calculates_in(device, spec) == "bfloat16" else torch.float32


def hardware(device: torch.device, spec: RunSpec, threads: int) -> str:
    """In words, such as "AMD EPYC, 1 thread, float32", with what it calculates in."""
    numbers = calculates_in(device, spec)
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, {numbers}"
    counted = f"{threads} thread" if threads == 1 else f"{threads} threads"
    return f"{_processor()}, {counted}, {numbers}"


@cache
def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def is_full(error: BaseException) -> bool:
    """Whether memory ran out, of the GPU or of the machine; some have no exception of their own for it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    signs = ("can't allocate memory", "CUDA error: out of memory", "STATUS_ALLOC_FAILED")
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in signs)
