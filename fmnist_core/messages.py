"""What travels between the engine or `verify` and the workers: requests for time slices, results, answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fmnist_core.events import Epoch, Finished, Snapshot
from fmnist_core.sentences import Sentence

# Among what comes out of a network's layers, by their names: what goes in, what a pooling chooses from, and
# which values dropout lets through.
INPUT, BEFORE_POOLING, KEPT = "input", ".before_pooling", ".kept"
# The directions of a slice of the loss surface: random ones, or those of a run's own path.
RANDOM, PATH = "random", "path"


@dataclass(frozen=True)
class SliceRequest:
    """A time slice of a run on a worker, which writes what comes of it to the store at `store_url`.

    `time_slice` names it, so that it can be cut short. `seconds` of training, on `threads`, end earlier at
    batch `until_step`, its evaluation included. `epochs` in all, `learning_rate` (if given) and `stopping`
    say how things should be, not how they should change, so a request that comes twice does no harm; with
    `again`, training that was over goes on. `checkpoint` saves the state whatever its age, and `release`
    makes the worker forget it then. `full_data`: the full data is in use, not the sample.
    """

    time_slice: str
    store_url: str
    run_id: str
    lease: int
    threads: int
    seconds: float
    epochs: int
    full_data: bool
    until_step: int | None = None
    learning_rate: float | None = None
    again: bool = False
    stopping: bool = False
    checkpoint: bool = False
    release: bool = False


@dataclass(frozen=True)
class Replaying:
    """A run is trained again from batch `first` on, to be as it was at batch `goal`; it is at `step`."""

    first: int
    step: int
    goal: int

    @property
    def share(self) -> float:
        return (self.step - self.first) / max(1, self.goal - self.first)

    def in_words(self, is_branch: bool) -> Sentence:
        """For a branch, which waits for its parent, or for a run that goes on after its own end."""
        if is_branch:
            return Sentence(
                "The branch begins at batch {goal:,} of its parent, which is trained forward from batch "
                "{first:,} and has come to batch {step:,}.",
                **asdict(self),
            )
        return Sentence(
            "To go on as if it had never stopped, this run is trained again from batch {first:,} to batch "
            "{goal:,}; now {step:,}.",
            **asdict(self),
        )


@dataclass(frozen=True)
class SliceResult:
    """How a time slice ended, and where the run stands.

    "advanced": all is well. "ended": training is over, and what came of it is in the store. "lost": another
    worker has the run now, or it was deleted. "waiting": something that may pass stands in the way. "failed":
    the run itself is at fault. For both, `reason` says what it is; `error` names an unexpected one, the same
    each time that it comes. `reached` the request's `until_step`; `saved`: the store holds this very state.
    `seconds` of training in all. `replaying`: a branch is not at its start yet, because its parent is trained
    again up to there; nothing that was asked for has been done.
    """

    outcome: Literal["advanced", "ended", "lost", "waiting", "failed"]
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    reached: bool = False
    saved: bool = False
    replaying: Replaying | None = None
    end_reason: str | None = None
    reason: Sentence | None = None
    error: str | None = None


@dataclass(frozen=True)
class Answer:
    """`value`, or in `refusal` why there is none."""

    value: Any = None
    refusal: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class TrialStart:
    """Where a run for the evidence begins: its spec as JSON, a saved state, a trained encoder's weights."""

    spec: str
    checkpoint: bytes | None = None
    encoder: bytes | None = None


@dataclass(frozen=True)
class TrialRequest:
    """A time slice of a run for the evidence: `seconds` of training on `threads`, in the worker's memory.

    The worker that was given the run's `TrialStart` has its state under `lease`. `save` asks for that state
    as bytes, and `save_end` does once the run is over.
    """

    lease: str
    threads: int
    seconds: float
    full_data: bool
    save: bool = False
    save_end: bool = False


@dataclass(frozen=True)
class TrialResult:
    """What came of a time slice. "lost": the worker has no such run. "failed": `reason` says why.

    `first_step` is where the time slice began. `epochs` and `frames` are new (frames without their state),
    and `test_losses` has one for each of the epochs if there are no validation images. With `finished` come
    the final `weights`, SHA-256 fingerprints of them and of the encoder's at the start, and the test loss and
    accuracy with `dropout_on`.
    """

    outcome: Literal["advanced", "lost", "failed"]
    reason: Sentence | None = None
    first_step: int = 0
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    epochs: tuple[Epoch, ...] = ()
    test_losses: tuple[float, ...] = ()
    frames: tuple[Snapshot, ...] = ()
    state: bytes | None = None
    finished: Finished | None = None
    weights: bytes | None = None
    fingerprint: str = ""
    dropout_on: tuple[float, float | None] | None = None
    hardware: str = ""
    versions: Mapping[str, str] | None = None
