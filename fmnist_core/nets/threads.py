"""How many processor threads a run trains on."""

from __future__ import annotations

import torch

from fmnist_core.spec import RunSpec

SMALL_STEP = 16e6  # multiplications on the way forward
CONVOLUTIONS = 1.2e6  # multiplications an image, at the least


def use_threads(spec: RunSpec, most: int | None = None) -> None:
    """One for steps so small that more would mostly wait for each other, else `most`, or all there are.

    Found by measuring: two threads train the smallest networks at the speed of one, and at half of it while
    somebody else uses the machine; from this size on they are half as fast again.
    """
    convolves = "conv" in (spec.encoder.architecture if spec.encoder else spec.architecture)
    multiplications = spec.batch_size * (CONVOLUTIONS if convolves else spec.parameter_count)
    torch.set_num_threads(1 if multiplications < SMALL_STEP else most or torch.get_num_threads())
