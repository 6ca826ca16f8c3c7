"""Rules on how far each step of gradient descent goes: the learning rate, and the batch that it is taken on.

A step that is too long overshoots the valley that it descends into, so that the loss jumps; one that is too
short leaves most of the descent undone (Goodfellow, Bengio and Courville, Deep Learning, 2016, sections 4.3
and 11.4.1; Smith, A disciplined approach to neural network hyper-parameters, 2018, arXiv:1803.09820).
"""

from __future__ import annotations

import numpy as np

from fmnist_core.diagnosis.curves import Curves, at_end, descent, rises
from fmnist_core.diagnosis.finding import Finding, Severity, batch, rate
from fmnist_core.sentences import Sentence, figure, loss_text, share_text

CLIMBED, STILL_ABOVE, JUMPED = 30.0, 1.2, 1.15  # times the loss at the start
LEAST_EPOCHS = 3
STUCK_LEVEL, STUCK_DESCENT = 0.85, 0.05
FAR_BELOW, LEAST_STEPS = 0.1, 50
FAR_ABOVE = 10.0  # times the usual rate, as FAR_BELOW
LOW_LEVEL, LOW_RISES = 0.6, 0.01
SMALL_BATCH, USUAL_BATCH = 8, 100
RISEN, KILLED = 0.02, 0.8  # the first an epoch
FEW_STEPS = 5  # an epoch


def divergence(curves: Curves) -> Finding | None:
    """The loss is not finite any more, or has been far above its start.

    Goodfellow, Bengio and Courville 2016, sections 4.3 and 8.2.4: each step overshoots further than the last.
    """
    numbers = np.concatenate([curves.losses, *_recorded(curves)])
    if curves.end_reason == "diverged" or not np.isfinite(numbers).all():
        evidence = Sentence("The loss is no longer a number after batch {step:,}.", step=_last_step(curves))
    elif curves.overshoot > CLIMBED:
        highest, step = curves.highest
        evidence = Sentence(
            "About batch {step:,} the loss was {highest}, {times} times that at the start ({start}).",
            step=step,
            highest=loss_text(highest),
            times=figure(curves.overshoot, ",.0f"),
            start=loss_text(curves.start),
        )
    elif at_end(curves.training) > STILL_ABOVE * curves.start:
        evidence = Sentence(
            "In epoch {epoch} the training loss is {loss}; at the start it was {start}.",
            epoch=curves.last,
            loss=loss_text(at_end(curves.training)),
            start=loss_text(curves.start),
        )
    else:
        return None
    what = Sentence("Training diverges.")
    return Finding("divergence", Severity.RUIN, what, evidence, rate(curves, 0.1))


def rate_too_high(curves: Curves) -> Finding | None:
    """The loss has jumped above its start, or stays near that of a constant answer at an unusually high rate.

    Smith 2018, section 3: too high a rate shows within the first epochs, as a bump of the loss or a loss that
    never falls. Batches of a few images jump by chance; `batch_too_small` speaks of those.
    """
    if curves.spec.batch_size <= SMALL_BATCH:
        return None
    if curves.overshoot > JUMPED:
        evidence = _jump(curves)
    elif _is_stuck(curves) and curves.times_usual_rate >= FAR_ABOVE:
        evidence = Sentence(
            "In epoch {epoch} the loss is still {loss}; the same answer for every image would give "
            "{constant}. The rate is {times} times the usual one.",
            epoch=curves.last,
            loss=loss_text(at_end(curves.training)),
            constant=loss_text(curves.constant_answer),
            times=figure(curves.times_usual_rate, ",.0f"),
        )
    else:
        return None
    what = Sentence("The learning rate is too high.")
    return Finding("rate_too_high", Severity.HARM, what, evidence, rate(curves, 0.1))


def rate_too_low(curves: Curves) -> Finding | None:
    """A loss that falls smoothly and slowly, and is still near that of a network without training.

    Goodfellow, Bengio and Courville 2016, section 11.4.1, and Smith 2018, section 3: at too low a rate the
    loss falls without noise, and training is a long way from its end.
    """
    falls_smoothly = descent(curves.training, share=0.5) > 0 and rises(curves.training) < LOW_RISES
    begun = len(curves.epochs) >= LEAST_EPOCHS and _last_step(curves) >= LEAST_STEPS
    is_branch = curves.spec.branch is not None
    if not (begun and falls_smoothly) or is_branch or curves.spec.steps_per_epoch <= FEW_STEPS:
        return None
    times = curves.times_usual_rate
    if not (
        (curves.level > LOW_LEVEL and times < 1) or (curves.level > LOW_LEVEL / 2 and times <= FAR_BELOW)
    ):
        return None
    evidence = Sentence(
        "After {steps:,} steps the loss is {loss}, of {start} at the start, and it has fallen by {share} "
        "in the second half of the epochs, hardly ever rising.",
        steps=_last_step(curves),
        loss=loss_text(at_end(curves.training)),
        start=loss_text(curves.start),
        share=share_text(descent(curves.training, share=0.5)),
    )
    what = Sentence("The learning rate is too low.")
    return Finding("rate_too_low", Severity.HARM, what, evidence, rate(curves, 10))


def batch_too_small(curves: Curves) -> Finding | None:
    """Batches of a few images, whose gradients point anywhere, with steps that are large for that.

    Masters and Luschi, Revisiting small batch training for deep neural networks, 2018, arXiv:1804.07612: the
    rate that a batch bears grows with its size.
    """
    spec = curves.spec
    climbs = rises(curves.training) / max(1, len(curves.epochs) - 1)
    if spec.batch_size > SMALL_BATCH:
        return None
    if curves.overshoot > JUMPED:
        evidence = _jump(curves)
    elif climbs > RISEN:
        evidence = Sentence(
            "With a batch of {batch} the loss of the training images does not fall evenly: its rises "
            "alone make {share} an epoch.",
            batch=spec.batch_size,
            share=share_text(climbs),
        )
    elif curves.dead_units > KILLED:
        evidence = Sentence(
            "With a batch of {batch}, {dead} of a hidden layer’s units have died by epoch {epoch}.",
            batch=spec.batch_size,
            dead=share_text(curves.dead_units, 0),
            epoch=curves.last,
        )
    else:
        return None
    what = Sentence("The batch is too small for this learning rate.")
    return Finding("batch_too_small", Severity.HARM, what, evidence, batch(spec, USUAL_BATCH))


def batch_too_large(curves: Curves) -> Finding | None:
    """So few steps an epoch that training has hardly begun when it ends.

    Masters and Luschi 2018; Smith 2018, section 4.2: a larger batch makes fewer steps an epoch, and only a
    higher rate makes up for that.
    """
    spec = curves.spec
    if spec.steps_per_epoch > FEW_STEPS or spec.batch_size <= USUAL_BATCH:
        return None
    if not (len(curves.epochs) >= LEAST_EPOCHS and descent(curves.training) > STUCK_DESCENT):
        return None
    evidence = Sentence(
        "Steps an epoch: {steps}. In the last quarter of the epochs the training loss still fell by "
        "{share}, to {loss}.",
        steps=spec.steps_per_epoch,
        share=share_text(descent(curves.training)),
        loss=loss_text(at_end(curves.training)),
    )
    what = Sentence("The batch is too large for this learning rate.")
    return Finding("batch_too_large", Severity.COST, what, evidence, batch(spec, USUAL_BATCH))


def _jump(curves: Curves) -> Sentence:
    highest, step = curves.highest
    return Sentence(
        "About batch {step:,} the loss was {highest}, above that at the start ({start}).",
        step=step,
        highest=loss_text(highest),
        start=loss_text(curves.start),
    )


def _is_stuck(curves: Curves) -> bool:
    return (
        len(curves.epochs) >= LEAST_EPOCHS
        and curves.level > STUCK_LEVEL
        and descent(curves.training, share=0.3) < STUCK_DESCENT
    )


def _last_step(curves: Curves) -> int:
    return int(curves.steps[-1]) if len(curves.steps) else 0


def _recorded(curves: Curves) -> list[np.ndarray]:
    return [
        np.array(
            [
                value
                for value in (epoch.train_loss, epoch.train_loss_eval, epoch.validation_loss)
                if value is not None
            ]
        )
        for epoch in curves.epochs
    ]
