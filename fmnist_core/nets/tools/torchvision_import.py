"""torchvision, importable beside any build of torch: import its `datasets` from here.

Its wheel on PyPI is built against CUDA. Beside a CPU build of torch its compiled operators cannot load, and
the import fails because two of them (`nms` and `qnms`, which prune bounding boxes) are looked up by name.
Nothing here uses them, so where they are missing they are declared, without a body.
"""

import torch

SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

try:
    from torchvision import datasets
except RuntimeError as error:
    if "torchvision::nms" not in str(error):
        raise
    for operator in ("nms", "qnms"):
        torch.library.define(f"torchvision::{operator}", SCHEMA)
    from torchvision import datasets

__all__ = ["datasets"]
