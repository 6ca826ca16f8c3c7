"""What the diagnosis says of the chosen runs, and of two of them whether their difference may be luck."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from fmnist_core.diagnosis.curves import Curves
from fmnist_core.diagnosis.finding import Finding
from fmnist_core.diagnosis.rules import diagnose, remarks
from fmnist_core.diagnosis.seeds import seed_noise
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from pages.parts.base.learner import learner_id
from pages.parts.base.services import store
from pages.parts.compare.comparison import Line
from pages.parts.diagnosis.panel import Said, panel
from pages.parts.run.past_epochs import past_epochs

MOST_RUNS = 64


def draw_diagnosis(runs: Sequence[Run], drawn: Sequence[Line]) -> None:
    """The worst three findings on all of the runs together; each says on which."""
    several = len(runs) > 1
    said = [
        Said(run, finding, line.name if several else "")
        for run, line in zip(runs, drawn, strict=True)
        for finding in _findings(run.id, run.epoch, run.status)
    ]
    if len(runs) == 2 and (noise := _luck(*runs)) is not None:
        said.append(Said(runs[0], noise))
    panel(runs, said)


@lru_cache(maxsize=MOST_RUNS)
def _findings(run_id: str, _epoch: int, _status: str) -> list[Finding]:
    """Made once for each epoch of the run."""
    run, (steps, losses) = store().run(run_id), store().batch_curve(run_id)
    curves = Curves(run.spec, past_epochs(run), steps, losses, run.end_reason)
    return diagnose(curves) or remarks(curves)


def _luck(one: Run, other: Run) -> Finding | None:
    """By the learner's runs of both settings, whatever their seed; `None` unless both runs have ended."""
    setting, others = _without_seed(one.spec), _without_seed(other.spec)
    comparable = one.spec.loss == other.spec.loss and setting != others
    if one.test_loss is None or other.test_loss is None or not comparable:
        return None
    repeats = [one, other, *store().runs(learner_id())]
    losses = [
        {
            run.spec.seed: run.test_loss
            for run in repeats
            if run.test_loss is not None and _without_seed(run.spec) == spec
        }
        for spec in (setting, others)
    ]
    return seed_noise(one.spec, *losses)


def _without_seed(spec: RunSpec) -> RunSpec:
    return spec.model_copy(update={"seed": 0})
