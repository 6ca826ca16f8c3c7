"""How often the diagnosis of runs is right: runs made to show each trouble, and healthy ones.

    python -m benchmarks.diagnosis --save benchmarks/diagnosis.md

Trains on the sample, on one thread. Every run is written to a file as it ends, so that the command goes on
where it was stopped, and rules can be judged again without training anything. A hash of a run's spec says
whether thresholds may be chosen by it; the figures that count are those of the other half.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.diagnosed_runs import (
    ALIKE,
    FIRST_SEED,
    HEALTHY,
    SEEDS,
    TROUBLES,
    UNLIKE,
    Case,
    all_specs,
    cases,
    halves,
    pairs,
    spec_of,
)
from benchmarks.epoch import markdown
from fmnist_core.data import fashion_mnist
from fmnist_core.diagnosis.curves import Curves
from fmnist_core.diagnosis.rules import EXPLAINED_BY, diagnose, fired
from fmnist_core.diagnosis.seeds import seed_noise
from fmnist_core.events import Batches, Epoch, Finished
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.loss_curve import empty

FILE = Path("build/diagnosis.jsonl")
HEADING = """\
Runs trained: {runs:,}, on the sample, with seeds from {seed} on; the rules were written by runs with others.
*Shown*: among the three findings on the run, or one that explains it. A *false alarm* is what a rule finds in
a healthy run, at its end or at an epoch on the way. Both halves hold the same few small networks, so these
figures say how the rules fare on runs like them."""


def train(file: Path, specs: list[RunSpec]) -> None:
    """Those that the file does not hold yet; each is written as it ends."""
    import torch

    from fmnist_core.nets.training import loop

    torch.set_num_threads(1)
    known = {line["spec"] for line in read_lines(file)}
    missing = [spec for spec in specs if spec.model_dump_json() not in known]
    file.parent.mkdir(exist_ok=True)
    for number, spec in enumerate(missing, 1):
        epochs: list[Epoch] = []
        curve, reason = empty(1), ""
        for event in loop.advance(loop.start(spec)):
            match event:
                case Batches():
                    curve = curve.added(event.first_step, event.losses)
                case Epoch():
                    epochs.append(event)
                case Finished():
                    reason = event.reason
        steps, losses = curve.points(500)
        line = {
            "spec": spec.model_dump_json(),
            "reason": reason,
            "epochs": [asdict(replace(epoch, confusion=None)) for epoch in epochs],
            "steps": steps.tolist(),
            "losses": losses.tolist(),
        }
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
        print(f"\r{number} of {len(missing)} runs trained", end="", flush=True)


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def recorded(file: Path) -> dict[RunSpec, Curves]:
    """The curves of every run in the file, as the store would give them."""
    wanted = set(all_specs())
    runs = {}
    for line in read_lines(file):
        spec = read_spec(line["spec"])
        epochs = [Epoch(**epoch) for epoch in line["epochs"]]
        steps, losses = np.array(line["steps"]), np.array(line["losses"], np.float32)
        if spec in wanted:
            runs[spec] = Curves(spec, epochs, steps, losses, line["reason"])
    return runs


def while_training(curves: Curves) -> Iterator[Curves]:
    """The run as it was seen at each epoch's end."""
    for count in range(1, len(curves.epochs) + 1):
        seen = curves.steps <= curves.epochs[count - 1].step
        yield replace(
            curves,
            epochs=curves.epochs[:count],
            steps=curves.steps[seen],
            losses=curves.losses[seen],
            end_reason=None,
        )


def compared(runs: dict[RunSpec, Curves], pair: Case) -> bool:
    """Whether the difference between two settings, half of the case each, is said to be luck."""
    sides = [pair[: len(SEEDS)], pair[len(SEEDS) :]]
    losses = [{spec.seed: runs[spec].epochs[-1].validation_loss or nan for spec in side} for side in sides]
    return seed_noise(pair[0], *losses) is not None


def share(count: int, of: int) -> str:
    return f"{count} of {of} ({100 * count / of:.0f} %)" if of else "-"


def report(runs: dict[RunSpec, Curves]) -> str:
    """A table of hits and false alarms for each half, and what else was found in runs made for a trouble."""
    parts = [HEADING.format(runs=len(runs), seed=FIRST_SEED)]
    found = {spec: set(fired(curves)) for spec, curves in runs.items()}
    shown = {spec: {finding.kind for finding in diagnose(curves)} for spec, curves in runs.items()}
    on_the_way = {
        spec: set().union(*(fired(seen) for seen in while_training(runs[spec])))
        for spec in map(spec_of, HEALTHY)
    }
    for half, title in ((1, "The half set aside"), (0, "The half by which thresholds were chosen")):
        healthy = [spec for (spec,) in halves(cases(HEALTHY))[half]]
        rows = []
        for name, settings in TROUBLES.items():
            made = [spec for (spec,) in halves(cases(settings))[half]]
            rows.append(
                [
                    name,
                    share(sum(name in found[spec] for spec in made), len(made)),
                    share(
                        sum(bool({name, *EXPLAINED_BY.get(name, ())} & shown[spec]) for spec in made),
                        len(made),
                    ),
                    share(sum(name in found[spec] for spec in healthy), len(healthy)),
                    share(sum(name in on_the_way[spec] for spec in healthy), len(healthy)),
                ]
            )
        alike, unlike = halves(pairs(ALIKE))[half], halves(pairs(UNLIKE))[half]
        hits, alarms = (sum(compared(runs, pair) for pair in some) for some in (alike, unlike))
        rows.append(["seed_noise", share(hits, len(alike)), "-", share(alarms, len(unlike)), "-"])
        heads = [
            "rule",
            "hits",
            "shown",
            "false alarms",
            "on the way",
        ]
        any_shown = sum(bool(shown[spec]) for spec in healthy)
        quiet = f"Healthy runs of which anything is said at their end: {share(any_shown, len(healthy))}."
        parts.append(f"{title}\n\n{markdown(heads, rows)}\n\n{quiet}")
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.diagnosis", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--file", type=Path, default=FILE, help="where runs are kept")
    parser.add_argument("--save", help="write the table here too")
    options = parser.parse_args()
    os.environ["FMNIST_DATA"] = str(fashion_mnist.SAMPLE_FOLDER)
    train(options.file, all_specs())
    text = report(recorded(options.file))
    print(text)
    if options.save:
        Path(options.save).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
