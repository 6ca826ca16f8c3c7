"""Which test garments a game shows: a seed decides, so that a whole class can play the same ones."""

from __future__ import annotations

import numpy as np

BLOCK = 20
HIGHEST_SEED = 9999


def deal(labels: np.ndarray, seed: int, count: int) -> np.ndarray:
    """`count` different test images, int64 indices into `labels` (n,); the same for the same data and seed.

    Every twenty hold each class at least once, and else whatever comes: who counts classes learns nothing of
    the last garments. A shorter game is the beginning of a longer one.

    Raises `ValueError` for a count that is no multiple of twenty, or where there are too few images.
    """
    if count % BLOCK or count > len(labels):
        raise ValueError(f"{count} of {len(labels)} garments, in blocks of {BLOCK}")
    generator = np.random.default_rng(seed)
    left = generator.permutation(len(labels))
    blocks: list[np.ndarray] = []
    for _block in range(count // BLOCK):
        _classes, first = np.unique(labels[left], return_index=True)
        others = np.setdiff1d(np.arange(len(left)), first)[: BLOCK - len(first)]
        places = np.concatenate([first, others])
        blocks.append(generator.permutation(left[places]))
        left = np.delete(left, places)
    return np.concatenate(blocks)
