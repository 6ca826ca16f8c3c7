"""Makes a run's events: losses, snapshots, the figures of an epoch, the test, and how it ended.

Whatever is decided here is decided at steps that the spec fixes, so it does not depend on slices.
"""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from fmnist_core.events import Batches, Epoch, Event, Finished, Notice, Snapshot
from fmnist_core.nets.training.checkpoint import fingerprint, save
from fmnist_core.nets.training.device import products_in_float32
from fmnist_core.nets.training.evaluation import UNIT_IMAGES, Tally, add_chunk, predictor, snapshot_outputs
from fmnist_core.nets.training.health import LOOK_EVERY, OVERFLOW
from fmnist_core.nets.training.state import EPOCH_END, TEST, Best, Evaluation, TrainState


def report(state: TrainState) -> list[Event]:
    """The events after a batch: losses and their health now and then, a snapshot; begins evaluations."""
    snapshot_due = state.step in state.snapshot_steps
    if not (snapshot_due or state.at_epoch_end or state.step % LOOK_EVERY == 0):
        return []
    state.collect_losses()
    if state.health.overflowed():
        return overflow(state)
    events: list[Event] = [*state.health.judge_losses(state.step, state.spec)]
    if state.at_epoch_end:
        parts = ["train_eval", "validation"] if state.spec.validation_size else ["train_eval"]
        state.evaluation = Evaluation(EPOCH_END, {part: Tally() for part in parts})
    if snapshot_due:
        events.append(take_snapshot(state))
    return [*tell_losses(state), *events] if events else []


def tell_losses(state: TrainState) -> list[Batches]:
    """The losses that no event has carried yet, as one event, if there are any."""
    state.collect_losses()
    losses, state.unreported = state.unreported, []
    return [Batches(state.step - len(losses) + 1, np.array(losses, np.float32))] if losses else []


def take_snapshot(state: TrainState) -> Snapshot:
    predict = predictor(state.spec, state.model.state_dict())
    with products_in_float32():
        outputs = snapshot_outputs(state.spec, predict, state.parts)
    state.position.snapshot_taken = state.step
    epoch = state.step / state.spec.steps_per_epoch
    return Snapshot(state.step, epoch, outputs, save(state), fingerprint(state))


def evaluate(state: TrainState, evaluation: Evaluation) -> list[Event]:
    """Evaluates the next chunk; when all are done, the events of the epoch's end or of the test."""
    parts = state.parts
    for part, tally in evaluation.tallies.items():
        if tally.seen < len(parts.of(part)[1]):
            if evaluation.predict is None:
                evaluation.predict = predictor(state.spec, _evaluated_weights(state, evaluation))
            unit_images = UNIT_IMAGES - tally.seen if part == "train_eval" else 0
            with products_in_float32():
                add_chunk(tally, state.spec, evaluation.predict, parts, part)
            if unit_images > 0:
                tally.see_units(evaluation.predict.active_units(unit_images))
            return []
    state.evaluation = None
    if not all(math.isfinite(tally.loss) for tally in evaluation.tallies.values()):
        return overflow(state)
    if evaluation.kind == TEST:
        return finish(state, evaluation.tallies["test"])
    return end_epoch(state, evaluation.tallies["train_eval"], evaluation.tallies.get("validation"))


def end_epoch(state: TrainState, train_eval: Tally, validation: Tally | None) -> list[Event]:
    spec, position = state.spec, state.position
    sizes = np.full(spec.steps_per_epoch, spec.batch_size)
    sizes[-1] = spec.train_size - sizes[:-1].sum()
    classifier = spec.task == "classifier"
    epoch = Epoch(
        epoch=state.epoch,
        step=state.step,
        train_loss=math.fsum(position.epoch_losses * sizes) / spec.train_size,
        train_loss_eval=train_eval.loss,
        validation_loss=validation.loss if validation else None,
        train_accuracy=train_eval.accuracy if classifier else None,
        validation_accuracy=validation.accuracy if classifier and validation else None,
        confusion=validation.counts if classifier and validation else None,
        learning_rate=spec.learning_rate_at(state.step - 1),
        seconds=position.seconds - position.epoch_began,
        dead_units=train_eval.dead_units,
    )
    position.epoch_losses, position.epoch_began = [], position.seconds
    if spec.patience is not None and validation is not None:
        watch_for_early_stopping(state, validation.loss, spec.patience)
    if position.reason is None and state.epoch >= spec.epochs:
        position.reason = "epochs"
    if position.reason is not None:
        begin_test(state)
    return [*tell_losses(state), epoch, *state.health.judge_outputs(state.step, spec, train_eval)]


def watch_for_early_stopping(state: TrainState, validation_loss: float, patience: int) -> None:
    """Keeps the weights of the lowest validation loss; ends training after `patience` epochs without one."""
    if state.best is None or validation_loss < state.best.loss:
        weights = {name: weight.clone() for name, weight in state.model.state_dict().items()}
        state.best = Best(state.epoch, validation_loss, weights)
    waited = state.epoch - max(state.best.epoch, state.position.patience_from)
    if state.position.reason is None and waited >= patience:
        state.position.reason = "early_stopping"


def begin_test(state: TrainState) -> None:
    state.evaluation = Evaluation(TEST, {"test": Tally()})


def finish(state: TrainState, test: Tally) -> list[Event]:
    events: list[Event] = [*tell_losses(state)]
    if state.position.snapshot_taken != state.step:
        events.append(take_snapshot(state))
    state.position.finished = True
    assert state.position.reason is not None
    classifier = state.spec.task == "classifier"
    finished = Finished(
        step=state.step,
        epoch=state.epoch,
        reason=state.position.reason,
        test_loss=test.loss,
        test_accuracy=test.accuracy if classifier else None,
        test_confusion=test.counts if classifier else None,
        best_epoch=state.best.epoch if state.best else None,
    )
    return [*events, finished]


def overflow(state: TrainState) -> list[Event]:
    """The end of a run whose numbers are no longer finite: there is nothing left to evaluate."""
    state.evaluation = None
    state.position.reason, state.position.finished = "diverged", True
    best_epoch = state.best.epoch if state.best else None
    return [
        *tell_losses(state),
        Notice(state.step, "divergence", OVERFLOW),
        Finished(state.step, state.epoch, "diverged", None, None, None, best_epoch),
    ]


def _evaluated_weights(state: TrainState, evaluation: Evaluation) -> dict[str, Tensor]:
    """Those of now; in the test, the best if early stopping kept them."""
    if evaluation.kind == TEST and state.best is not None:
        return state.best.weights
    return state.model.state_dict()
