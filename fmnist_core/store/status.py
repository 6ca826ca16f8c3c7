"""The statuses of a run, and which of them each way of ending leads to."""

from __future__ import annotations

from typing import Final, Literal, get_args

Status = Literal["queued", "running", "paused", "stopped", "finished", "failed"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
# The engine trains these runs, or will when a worker is free.
OPEN: Final[tuple[Status, ...]] = ("queued", "running")
# By `events.Finished.reason`.
END_STATUS: Final[dict[str, Status]] = {
    "epochs": "finished",
    "early_stopping": "finished",
    "stopped": "stopped",
    "diverged": "failed",
}
