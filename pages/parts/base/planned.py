"""Where runs that were planned together are shown: sweeps, races and lessons, each on a page of its own."""

from __future__ import annotations

from fmnist_core.store.sweeps import Kind, Sweep, SweepOfRun
from pages.parts.base.routes import LESSONS, SWEEP, TRANSFER

SCRIPTS: dict[Kind, str] = {"sweep": SWEEP, "race": TRANSFER, "lesson": LESSONS}
PATHS: dict[Kind, str] = {"sweep": "sweep", "race": "transfer", "lesson": "lessons"}  # in addresses


def opening(planned: Sweep | SweepOfRun) -> dict[str, str]:
    """What the address of its page says to bring it into view; of a lesson, the step that trains."""
    if planned.kind == "lesson":
        return {"lesson": planned.varied, "step": "train"}
    return {planned.kind: planned.id}
