"""t-SNE of a network's codes, in a process of its own that gives its memory back: scikit-learn takes 150 MB.

A worker makes one map at a time and keeps the latest. Whoever asks is told how far it has come, at once.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.sentences import LabError, Sentence

# Half of them with exaggerated attraction. For a shipped network the cost is 0.93 then, and 0.86 after 1,000,
# which take over twice as long.
ITERATIONS = 500
PERPLEXITY = 30.0
SEED = 0
MOST_KEPT = 8
SAID = re.compile(r"\[t-SNE\] Iteration (\d+)")
WAITING_LINE = ThreadPoolExecutor(1, "t-SNE")


class NoMap(LabError):
    """t-SNE gave no map."""


@dataclass
class Progress:
    """`share` of the work that is done; then `places`, or that it failed."""

    share: float = 0.0
    places: np.ndarray | None = None
    failed: bool = False


MAPS: dict[str, Progress] = {}  # by the name that whoever asks gave to the codes


def tsne(name: str, codes: np.ndarray | None = None) -> dict[str, Any] | None:
    """How far the map of the codes with this name is: "share", and at the end "places" (count, 2), float32.

    `None` if this worker does not know the codes (count, n), which are then to be sent along. Raises `NoMap`.
    """
    if name not in MAPS:
        if codes is None:
            return None
        while len(MAPS) >= MOST_KEPT:
            del MAPS[next(iter(MAPS))]
        MAPS[name] = Progress()
        WAITING_LINE.submit(_make, MAPS[name], codes)
    progress = MAPS[name]
    if progress.failed:
        del MAPS[name]  # who asks again may have more luck
        raise NoMap(Sentence("t-SNE could not be computed on this worker. Its log says why."))
    return {"share": progress.share, "places": progress.places}


def _make(progress: Progress, codes: np.ndarray) -> None:
    command = [sys.executable, "-u", "-m", "fmnist_core.nets.worker.tsne"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("GLIBC_TUNABLES", None)  # which make a trainer quick, and large
    file = io.BytesIO()
    np.save(file, codes)
    try:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(file.getbuffer())
            process.stdin.close()
            for line in process.stdout:
                if said := SAID.match(line.decode()):
                    progress.share = int(said[1]) / ITERATIONS
                elif line.startswith(b"[["):
                    progress.places = np.asarray(json.loads(line), np.float32)
        if progress.places is None:
            raise RuntimeError(f"it ended with {process.returncode}, and no map")
    except Exception:
        logging.getLogger(__name__).exception("t-SNE failed")
        progress.failed = True


def main() -> None:
    """Codes from standard input; the iterations reached to standard output, and the map in the last line."""
    from sklearn.manifold import TSNE

    codes = np.load(io.BytesIO(sys.stdin.buffer.read()))
    perplexity = min(PERPLEXITY, (len(codes) - 1) / 3)
    made = TSNE(
        init="pca", perplexity=perplexity, max_iter=ITERATIONS, random_state=SEED, verbose=2
    ).fit_transform(codes)
    print(json.dumps(made.round(4).tolist()))


if __name__ == "__main__":
    main()
