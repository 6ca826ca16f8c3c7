"""The device that a run trains on: which, how exactly it calculates, and when its memory is full.

Knows nothing of networks. What is set here concerns GPUs; a CPU is left as it is.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from fmnist_core.sentences import LabError, Sentence

PRECISIONS = ("tf32", "float32", "bfloat16")

TOO_LITTLE_MEMORY = Sentence(
    "The GPU has too little memory for this run, so it trains on the processor: slower, and no less exact."
)


class PrecisionError(LabError):
    """FMNIST_PRECISION names none that there is."""


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


def prepare(device: torch.device) -> None:
    """Before anything is computed there: the chosen precision, and sums that come out the same every time."""
    if device.type == "cuda":
        # PyTorch has two ways to say this, and fails where they disagree; the older one sets both.
        torch.backends.cuda.matmul.allow_tf32 = precision() != "float32"
        torch.backends.cudnn.allow_tf32 = precision() != "float32"
        torch.backends.cudnn.deterministic = True


def autocast(device: torch.device) -> AbstractContextManager:
    """Around a network's way forward and its loss: bfloat16 on a GPU, if that is wished."""
    if device.type != "cuda" or precision() != "bfloat16":
        return nullcontext()
    # A recorded step must cast the weights anew each time, so the casts are not kept.
    return torch.autocast(device.type, torch.bfloat16, cache_enabled=False)


def is_full(error: BaseException) -> bool:
    """Whether memory ran out, of the GPU or of the machine; some have no exception of their own for it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    signs = ("can't allocate memory", "CUDA error: out of memory", "STATUS_ALLOC_FAILED")
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in signs)
