"""`python -m fmnist_core train`: trains one network by its spec; what Ctrl-C breaks off can be resumed."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fmnist_core.cli.progress import Console, console
from fmnist_core.cli.signals import interruptions
from fmnist_core.compute import cluster
from fmnist_core.data import fashion_mnist
from fmnist_core.events import Finished
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import read_spec
from fmnist_core.store import run_folder
from fmnist_core.store.run_folder import RunFolder

if TYPE_CHECKING:
    from fmnist_core.nets.training.state import TrainState

SLICE_SECONDS = 0.5
SAVE_SECONDS = 5.0


def options(parser: argparse.ArgumentParser) -> None:
    begin = parser.add_mutually_exclusive_group(required=True)
    begin.add_argument(
        "spec", nargs="?", metavar="SPEC.json", help="the run's settings; - reads them from stdin"
    )
    begin.add_argument("--resume", type=Path, metavar="DIR", help="go on with the interrupted run in DIR")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the run in a new folder DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--threads", type=_count, metavar="N", help="processor threads to use (default: all)")
    parser.add_argument(
        "--data", metavar="FOLDER", help="the folder of Fashion-MNIST, in place of FMNIST_DATA"
    )
    parser.set_defaults(command=command)


def command(chosen: argparse.Namespace) -> int:
    """Exit code 0: trained to its end; 1: it diverged; 130: interrupted.

    Raises `LabError` for a spec, a folder or data that cannot be used.
    """
    if chosen.resume and chosen.out:
        raise LabError(Sentence("A run is resumed in its own folder: leave out --out."))
    if chosen.data:
        os.environ["FMNIST_DATA"] = chosen.data
    # Both are read when torch is imported, further down. Threads that spin for long while they wait for one
    # another make training ten times slower as soon as somebody else uses the same cores.
    os.environ.setdefault("GOMP_SPINCOUNT", cluster.ENVIRONMENT["GOMP_SPINCOUNT"])
    if chosen.threads:
        os.environ["OMP_NUM_THREADS"] = str(chosen.threads)
    checkpoint = run_folder.checkpoint(chosen.resume) if chosen.resume else b""
    spec = None if chosen.resume else read_spec(_content(chosen.spec))
    folder = run_folder.new(chosen.out) if chosen.out else None
    dataset = fashion_mnist.load(strict=True)
    if dataset.problem:
        print(dataset.problem, file=sys.stderr)
    if spec is not None:
        fashion_mnist.check(spec, dataset)

    # torch takes seconds to import: not before the spec is known to be good
    from fmnist_core.nets.training import loop
    from fmnist_core.nets.worker import initial_state, threads
    from fmnist_core.store.runs import Store

    if spec is None:
        state = loop.load(checkpoint, dataset)
        folder = run_folder.reopen(chosen.resume, state.step)
    else:
        state = initial_state.first_state(spec, dataset, Store)
    threads.use_threads(state.spec)
    terminal = console(state.spec, chosen.json, state.step)
    try:
        return _train(state, terminal, folder)
    finally:
        terminal.close()


def _train(state: TrainState, terminal: Console, folder: RunFolder | None) -> int:
    """Trains in short slices, between which the state is whole and can be saved."""
    from fmnist_core.nets.training import loop

    saved_at, finished = time.monotonic(), None
    with interruptions() as received:
        while not state.finished and not received:
            for event in loop.advance(state, loop.Budget(seconds=SLICE_SECONDS)):
                terminal.show(event)
                if folder:
                    folder.add(event)
                if isinstance(event, Finished):
                    finished = event
            if folder and not state.finished and (received or time.monotonic() - saved_at > SAVE_SECONDS):
                folder.save(state.spec, loop.save(state))
                saved_at = time.monotonic()
    if finished:
        if folder:
            folder.finish(state.spec, finished, loop.weights(state))
        return 1 if finished.reason == "diverged" else 0
    _show_interrupted(terminal, state, folder)
    return 130


def _content(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise LabError(
            Sentence("The spec {file} cannot be read ({reason}).", file=name, reason=error.strerror)
        ) from None


def _show_interrupted(terminal: Console, state: TrainState, folder: RunFolder | None) -> None:
    position = {"epoch": state.epoch, "epochs": state.spec.epochs, "step": state.step}
    if terminal.as_json:
        terminal.write(json.dumps({"event": "interrupted", **position}))
    under_way = min(state.epoch + 1, state.spec.epochs)  # past the last there is only the test
    print(
        f"Interrupted in epoch {under_way} of {state.spec.epochs}, after {state.step} batches.",
        file=sys.stderr,
    )
    if folder:
        line = shell_line([*_program(), "train", "--resume", str(folder.path.absolute())])
        print(f"Saved; go on with: {line}", file=sys.stderr)


def _program() -> list[str]:
    """The words that start this command line again from any folder in which it could be started."""
    on_path = shutil.which("python")
    same = on_path is not None and Path(on_path).absolute() == Path(sys.executable).absolute()
    return ["python" if same else sys.executable, "-m", "fmnist_core"]


def shell_line(words: Sequence[str]) -> str:
    """The words as one line that a shell of this system reads back as the same words."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count")
    return int(text)
