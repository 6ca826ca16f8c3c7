"""The lab without a browser: `python -m fmnist_core` with data, train SPEC.json, recipes, or verify.

Exit codes: 0 done, 1 refused or failed (said in a sentence on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fmnist_core.cli import verify
from fmnist_core.cli.progress import Console, console
from fmnist_core.cli.signals import interruptions
from fmnist_core.compute import cluster
from fmnist_core.data import fashion_mnist, folders
from fmnist_core.events import Finished
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import read_spec
from fmnist_core.store import run_folder
from fmnist_core.store.run_folder import RunFolder

SLICE_SECONDS = 0.5
SAVE_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        chosen = _parser().parse_args(arguments)
        code = chosen.command(chosen)
        sys.stdout.flush()
        return code
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read stdout has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def show_data(chosen: argparse.Namespace) -> int:
    dataset = fashion_mnist.load(strict=True)
    if not dataset.is_full and chosen.download:
        from fmnist_core.nets.tools import download  # torchvision and torch, which nothing else here needs

        print("Only the sample is here; fetching the full data.", file=sys.stderr)
        try:
            download.fetch(folders.cache_folder())
        finally:
            _say_which(fashion_mnist.load(strict=True))
        return 0
    _say_which(dataset)
    return 0


def _say_which(dataset: fashion_mnist.Dataset) -> None:
    name = "Fashion-MNIST" if dataset.is_full else "The sample of Fashion-MNIST"
    counts = f"{len(dataset.train_labels):,} training and {len(dataset.test_labels):,} test images"
    print(f"{name}: {counts}, from {dataset.folder} ({dataset.source})")
    if dataset.problem:
        print(dataset.problem, file=sys.stderr)


def train(chosen: argparse.Namespace) -> int:
    if chosen.resume and chosen.out:
        raise LabError(Sentence("A run is resumed in its own folder: leave out --out."))
    if chosen.data:
        os.environ["FMNIST_DATA"] = chosen.data
    # Both are read when torch is imported, further down. Threads that spin for long while they wait for one
    # another make training ten times slower as soon as somebody else uses the same cores.
    os.environ.setdefault("GOMP_SPINCOUNT", cluster.ENVIRONMENT["GOMP_SPINCOUNT"])
    if chosen.threads:
        os.environ["OMP_NUM_THREADS"] = str(chosen.threads)
    blob = run_folder.checkpoint(chosen.resume) if chosen.resume else None
    spec = None if chosen.resume else read_spec(_text_of(chosen.spec))
    files = run_folder.new(chosen.out) if chosen.out else None
    dataset = fashion_mnist.load(strict=True)
    if dataset.problem:
        print(dataset.problem, file=sys.stderr)
    if spec is not None:
        fashion_mnist.check(spec, dataset)

    # torch takes seconds to import: not before the spec is known to be good
    from fmnist_core.nets.training import loop
    from fmnist_core.nets.worker import initial_state, threads
    from fmnist_core.store.runs import Store

    if blob is not None:
        state = loop.load(blob, dataset)
        files = run_folder.reopen(chosen.resume, state.step)
    else:
        state = initial_state.first_state(spec, dataset, Store)
    threads.use_threads(state.spec)
    terminal = console(state.spec, chosen.json, state.step)
    try:
        return _train(state, terminal, files)
    finally:
        terminal.close()


def _train(state: Any, terminal: Console, files: RunFolder | None) -> int:
    """Trains in short slices, between which the state is whole and can be saved."""
    from fmnist_core.nets.training import loop

    saved, finished = time.monotonic(), None
    with interruptions() as received:
        while not state.finished and not received:
            for event in loop.advance(state, loop.Budget(seconds=SLICE_SECONDS)):
                terminal.tell(event)
                if files:
                    files.add(event)
                if isinstance(event, Finished):
                    finished = event
            if files and not state.finished and (received or time.monotonic() - saved > SAVE_SECONDS):
                files.save(state.spec, loop.save(state))
                saved = time.monotonic()
    if finished:
        if files:
            files.finish(state.spec, finished, loop.weights(state))
        return 1 if finished.reason == "diverged" else 0
    _say_interrupted(terminal, state, files)
    return 130


def show_recipes(chosen: argparse.Namespace) -> int:
    if chosen.id is not None:
        if chosen.id not in EXPERIMENTS:
            raise LabError(
                Sentence(
                    "There is no recipe “{id}”. All of them: python -m fmnist_core recipes", id=chosen.id
                )
            )
        print(EXPERIMENTS[chosen.id].spec.to_json())
        return 0
    for report in REPORTS.values():
        print(f"{report.id}  {report.title}")
        for experiment in report.experiments:
            spec = experiment.spec
            print(f"  {experiment.id:26} {spec.architecture}, {spec.epochs} epochs")
    return 0


def _text_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise LabError(
            Sentence("The spec {file} cannot be read ({reason}).", file=name, reason=error.strerror)
        ) from None


def _say_interrupted(terminal: Console, state: Any, files: RunFolder | None) -> None:
    where = {"epoch": state.epoch, "epochs": state.spec.epochs, "step": state.step}
    if terminal.as_json:
        terminal.say(json.dumps({"event": "interrupted", **where}))
    said = "Interrupted in epoch {epoch} of {epochs}, after {step} batches."
    under_way = min(state.epoch + 1, state.spec.epochs)  # past the last there is only the test
    print(said.format(**where | {"epoch": under_way}), file=sys.stderr)
    if files:
        print(f"Saved; go on with: python -m fmnist_core train --resume {files.path}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fmnist_core", description="FMNIST Lab without a browser."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    parts = commands.add_parser(
        "data", help="say which data is in use, and fetch it if only the sample is here"
    )
    parts.add_argument("--no-download", dest="download", action="store_false", help="only say it")
    parts.set_defaults(command=show_data)

    parts = commands.add_parser("train", help="train a network by its spec")
    begin = parts.add_mutually_exclusive_group(required=True)
    begin.add_argument(
        "spec", nargs="?", metavar="SPEC.json", help="the run's settings; - reads them from stdin"
    )
    begin.add_argument("--resume", type=Path, metavar="DIR", help="go on with the interrupted run in DIR")
    parts.add_argument("--out", type=Path, metavar="DIR", help="keep the run in a new folder DIR")
    parts.add_argument("--json", action="store_true", help="print one JSON object a line")
    parts.add_argument("--threads", type=_count, metavar="N", help="processor threads to use (default: all)")
    parts.add_argument(
        "--data", metavar="FOLDER", help="the folder of Fashion-MNIST, in place of FMNIST_DATA"
    )
    parts.set_defaults(command=train)

    parts = commands.add_parser("recipes", help="list the reports' experiments, or print one's spec")
    parts.add_argument("id", nargs="?", metavar="ID", help="an experiment, such as r1-n64")
    parts.set_defaults(command=show_recipes)

    verify.options(
        commands.add_parser("verify", help="train what is missing of the evidence for the reports' claims")
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a count")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
