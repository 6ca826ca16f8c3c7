"""Random bits for dropout: which values are dropped, decided by 16 bits for each."""

from __future__ import annotations

from functools import lru_cache

import torch
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from torch import Tensor

BITS = 2**16
MANY = 2**16  # values; for fewer, starting the cipher costs more than the generator takes


def drop_count(p: float) -> int:
    """How many of 2¹⁶ equally likely numbers stand for a value that is dropped."""
    return max(1, round(p * BITS))


def fill(bits: Tensor, generator: torch.Generator | None) -> None:
    """Fills a one-dimensional int16 tensor with independent numbers, uniform over all 2¹⁶, on a CPU.

    Where many are asked for, the generator draws the key of a cipher, AES in counter mode, and that makes the
    bits: processors have instructions for it, and it takes a quarter of the generator's own time.
    """
    count = bits.numel()
    if count >= MANY:
        key = torch.empty(2, dtype=torch.int64).random_(-(2**63), None, generator=generator)
        encryptor = Cipher(AES(key.numpy().tobytes()), CTR(bytes(16))).encryptor()
        encryptor.update_into(_zeros(2 * count), bits.numpy().data.cast("B"))
        return
    left = count % 4  # one 64-bit draw makes four
    bits[: count - left].view(torch.int64).random_(-(2**63), None, generator=generator)
    if left:
        last = torch.empty(1, dtype=torch.int64).random_(-(2**63), None, generator=generator)
        bits[-left:] = last.view(torch.int16)[:left]


@lru_cache(maxsize=16)
def _zeros(count: int) -> bytes:
    return bytes(count)
