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
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Timer
from typing import Any

import numpy as np

from fmnist_core.sentences import LabError, Sentence

# Half of them with exaggerated attraction. For a shipped network the cost is 0.93 then, and 0.86 after 1,000,
# which take over twice as long.
ITERATIONS = 500
PERPLEXITY = 30.0
SEED = 0
MOST_KEPT = 64  # finished ones, of 16 kB each
MOST_WAITING = 8  # with the one in the making: each has its codes in memory
SECONDS = 60.0  # for a map, so that one that hangs does not block the line; most take ten
SAID = re.compile(r"\[t-SNE\] Iteration (\d+)")
WAITING_LINE = ThreadPoolExecutor(1, "t-SNE")
BROKEN = Sentence("t-SNE could not be computed on this worker. Its log says why.")
TOO_SLOW = Sentence(
    "t-SNE was stopped after {seconds} seconds: the machine has too much else to do. Try again when less "
    "trains.",
    seconds=round(SECONDS),
)


class NoMap(LabError):
    """t-SNE gives no map."""


@dataclass
class Progress:
    """`share` of the work that is done; then `places`, or why it `failed`."""

    share: float = 0.0
    places: np.ndarray | None = None
    failed: Sentence | None = None

    @property
    def finished(self) -> bool:
        return self.failed is not None or self.places is not None


MAPS: dict[str, Progress] = {}  # by the name that whoever asks gave to the codes; in the order of the line


def tsne(name: str, codes: np.ndarray | None = None) -> dict[str, Any] | None:
    """How far the map of the codes with this name is: "share", and at the end "places" (count, 2), float32.

    "ahead" is how many are made before it. Of a map that has no room in the line yet there is no more to say;
    otherwise `None` if this worker does not know the codes (count, n), which are then to be sent along.

    Raises `NoMap`, also of one that failed before, which begins anew if its codes are sent along.
    """
    progress = MAPS.get(name)
    if progress is None or (progress.failed is not None and codes is not None):
        waiting = _unfinished()
        if len(waiting) >= MOST_WAITING:
            return {"share": 0.0, "places": None, "ahead": len(waiting)}
        if codes is None:
            return None
        if (codes == codes[0]).all():  # scikit-learn divides by their spread
            raise NoMap(Sentence("The numbers are the same for every garment: t-SNE has nothing to map."))
        progress = _wait_in_line(name, codes)
    if progress.failed is not None:
        raise NoMap(progress.failed)
    ahead = 0 if progress.finished else _unfinished().index(name)
    return {"share": progress.share, "places": progress.places, "ahead": ahead}


def _unfinished() -> list[str]:
    return [name for name, progress in list(MAPS.items()) if not progress.finished]


def _wait_in_line(name: str, codes: np.ndarray) -> Progress:
    """At its end, also if it failed before."""
    MAPS.pop(name, None)
    finished = [name for name, progress in MAPS.items() if progress.finished]
    for oldest in finished[: max(0, len(finished) - MOST_KEPT + 1)]:
        del MAPS[oldest]
    MAPS[name] = Progress()
    WAITING_LINE.submit(_make, MAPS[name], codes)
    return MAPS[name]


def _make(progress: Progress, codes: np.ndarray) -> None:
    command = [sys.executable, "-u", "-m", "fmnist_core.nets.worker.tsne"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("GLIBC_TUNABLES", None)  # which make a trainer quick, and large
    file = io.BytesIO()
    np.save(file, codes)
    places, began = None, time.monotonic()
    try:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        ) as process:
            limit = Timer(SECONDS, process.kill)
            limit.start()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(file.getbuffer())
                process.stdin.close()
                for line in process.stdout:
                    if said := SAID.match(line.decode()):
                        progress.share = int(said[1]) / ITERATIONS
                    elif line.startswith(b"[["):
                        places = np.asarray(json.loads(line), np.float32)
            finally:
                limit.cancel()
        if places is None:
            raise RuntimeError(f"it ended with {process.returncode}, and no map")
        progress.places = places
    except Exception:
        logging.getLogger(__name__).exception("t-SNE failed")
        progress.failed = TOO_SLOW if time.monotonic() - began >= SECONDS else BROKEN


def main() -> None:
    """Codes from standard input; the iterations reached to standard output, and the map in the last line."""
    from sklearn.manifold import TSNE

    codes = np.load(io.BytesIO(sys.stdin.buffer.read()))
    perplexity = min(PERPLEXITY, (len(codes) - 1) / 3)
    made = TSNE(
        init="pca" if codes.shape[1] > 1 else "random",  # of one number there are no two components
        perplexity=perplexity,
        max_iter=ITERATIONS,
        random_state=SEED,
        verbose=2,
    ).fit_transform(codes)
    print(json.dumps(made.round(4).tolist()))


if __name__ == "__main__":
    main()
