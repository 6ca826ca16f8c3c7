"""Random bits for dropout: which values are dropped, decided by 16 bits for each."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from torch import Tensor

BITS = 2**16
PIECE = 2**16  # numbers: these stay in a core's cache until they are used; a cipher pays from so many on
ZEROS = bytes(2 * PIECE)


def drop_count(p: float) -> int:
    """How many of 2¹⁶ equally likely numbers stand for a value that is dropped."""
    return max(1, round(p * BITS))


def pieces(count: int, generator: torch.Generator | None, memory: Tensor) -> Iterator[Tensor]:
    """`count` independent int16 numbers, uniform over all 2¹⁶, on a CPU, `PIECE` at a time but for the last.

    Each piece lies in the same memory, int16 (`PIECE`,), or (`count`,) if that is less. Where one does not
    suffice, the generator draws the key of a cipher, AES in counter mode, and that makes the bits: processors
    have instructions for it, and it takes a quarter of the generator's own time.
    """
    if count < PIECE:
        words = torch.empty(-(-count // 4), dtype=torch.int64)  # one draw makes four
        yield words.random_(-(2**63), None, generator=generator).view(torch.int16)[:count]
        return
    key = torch.empty(2, dtype=torch.int64).random_(-(2**63), None, generator=generator)
    encryptor = Cipher(AES(key.numpy().tobytes()), CTR(bytes(16))).encryptor()
    for first in range(0, count, PIECE):
        piece = memory[: count - first]
        encryptor.update_into(ZEROS[: 2 * len(piece)], piece.numpy().data.cast("B"))
        yield piece
