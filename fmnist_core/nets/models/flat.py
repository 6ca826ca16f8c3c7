"""Tensors that lie one after the other in one piece of memory, so that one operation reaches all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

ALIGNED = 32  # numbers; each tensor begins where vector registers and cache lines do, behind zeros


@dataclass(frozen=True)
class Flat:
    """`whole` is one-dimensional; `views` are its tensors, by name."""

    whole: Tensor
    views: dict[str, Tensor]

    @classmethod
    def zeros(cls, like: Mapping[str, Tensor], dtype: torch.dtype, device: torch.device) -> Flat:
        """Tensors of these names and shapes."""
        room = {name: -(-tensor.numel() // ALIGNED) * ALIGNED for name, tensor in like.items()}
        whole, views, begin = torch.zeros(sum(room.values()), dtype=dtype, device=device), {}, 0
        for name, tensor in like.items():
            views[name] = whole[begin : begin + prod(tensor.shape)].view(tensor.shape)
            begin += room[name]
        return cls(whole, views)

    def alike(self, dtype: torch.dtype | None = None) -> Flat:
        """Zeros of the same names and shapes."""
        return Flat.zeros(self.views, dtype or self.whole.dtype, self.whole.device)
