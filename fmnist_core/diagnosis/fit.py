"""Rules on how well the network fits: training images, images held back, and what dropout does to both.

Goodfellow, Bengio and Courville, Deep Learning, 2016, section 5.2: a model underfits that does not reach a
low training loss, and overfits if the gap to the loss of unseen data is large. Srivastava and others,
Dropout: a simple way to prevent neural networks from overfitting, JMLR 15, 2014.
"""

from __future__ import annotations

import math

import numpy as np

from fmnist_core.diagnosis.curves import Curves, at_end, descent, ratio, smooth
from fmnist_core.diagnosis.finding import Finding, Severity, change, wider
from fmnist_core.sentences import Sentence, figure, loss_text, share_text

LEAST_EPOCHS = 5
HIGH_LEVEL = {"autoencoder": 0.45, "classifier": 0.3}
FLAT = 0.05
SMALL_GAP, LARGE_GAP = 1.15, 3.0  # validation loss in times the training loss
RISEN = 0.06
STRONG_DROPOUT, DROPOUT_COST = 0.6, 1.15
MILD_DROPOUT = 0.2
NOTICED_DROPOUT, BELOW = 0.25, 0.98


def underfitting(curves: Curves) -> Finding | None:
    """A training loss that stays high, and no gap to the validation loss: the network cannot do better.

    Goodfellow, Bengio and Courville 2016, section 5.2, on capacity.
    """
    gap = ratio(at_end(curves.validation), at_end(curves.training))
    if len(curves.epochs) < LEAST_EPOCHS or not curves.level > HIGH_LEVEL[curves.spec.task]:
        return None
    if not (descent(curves.training) < FLAT and gap <= SMALL_GAP):  # nor where no image was held back
        return None
    evidence = Sentence(
        "In epoch {epoch} the training loss is {loss}, {share} of what the same answer for every image "
        "gives, and in the last quarter of the epochs it fell by {fall}.",
        epoch=curves.last,
        loss=loss_text(at_end(curves.training)),
        share=share_text(curves.level, 0),
        fall=share_text(max(0.0, descent(curves.training))),
    )
    what = Sentence("The network underfits.")
    return Finding("underfitting", Severity.COST, what, evidence, wider(curves.spec, 4))


def overfitting(curves: Curves) -> Finding | None:
    """The validation loss has risen from its lowest, or is a multiple of the training loss.

    Prechelt, Early stopping – but when?, 1998: the generalisation loss, by which the validation loss exceeds
    its lowest so far. Goodfellow, Bengio and Courville 2016, section 5.2, on the gap.
    """
    validation, training = smooth(curves.validation), smooth(curves.training)
    if len(validation) < LEAST_EPOCHS or not np.isfinite(validation).all() or not np.isfinite(training).all():
        return None
    best, gaps = int(validation.argmin()), validation / training
    if validation[-1] > (1 + RISEN) * validation[best] and training[-1] < training[best]:
        since = curves.epochs[best].epoch
        evidence = Sentence(
            "Averaged over three epochs, the validation loss was lowest about epoch {since}, {lowest}; in "
            "the last epoch it is {now}, while the training loss has fallen to {training}.",
            since=since,
            lowest=loss_text(validation[best]),
            now=loss_text(at_end(curves.validation)),
            training=loss_text(at_end(curves.training)),
        )
    elif gaps[-1] > LARGE_GAP:
        since = curves.epochs[int((gaps > LARGE_GAP).argmax())].epoch
        evidence = Sentence(
            "Since about epoch {since} the validation loss is more than {gap} times the training loss; "
            "now it is {now}, against {training}.",
            since=since,
            gap=figure(LARGE_GAP, "g"),
            now=loss_text(at_end(curves.validation)),
            training=loss_text(at_end(curves.training)),
        )
    else:
        return None
    what = Sentence("The network overfits since about epoch {since}.", since=since)
    return Finding("overfitting", Severity.HARM, what, evidence, _against_overfitting(curves))


def dropout_too_strong(curves: Curves) -> Finding | None:
    """Much dropout, a loss far above that without it, and a network that does not fit well either way.

    Srivastava and others 2014, section 7.3 and figure 9: too few units are left, and the network underfits.
    """
    cost = ratio(at_end(curves.with_dropout), at_end(curves.training))
    if len(curves.epochs) < LEAST_EPOCHS or curves.dropout < STRONG_DROPOUT:
        return None
    high = HIGH_LEVEL[curves.spec.task]
    if not (curves.level > high or (curves.level > high / 2 and cost > DROPOUT_COST)):
        return None
    evidence = Sentence(
        "In epoch {epoch} the loss with dropout is {with_dropout}, {times} times that without "
        "({without}), and that is still {share} of what the same answer for every image gives.",
        epoch=curves.last,
        with_dropout=loss_text(at_end(curves.with_dropout)),
        times=figure(cost, ".1f"),
        without=loss_text(at_end(curves.training)),
        share=share_text(curves.level, 0),
    )
    what = Sentence("Dropout is too strong.")
    weaker = change(curves.spec, "dropout", MILD_DROPOUT)
    return Finding("dropout_too_strong", Severity.HARM, what, evidence, weaker)


def validation_below_training(curves: Curves) -> Finding | None:
    """The validation loss lies below that of the epoch's batches, since dropout is on for those only.

    Srivastava and others 2014, section 4: at test time nothing is dropped. The loss of the batches is also a
    mean over the epoch, while the weights were moving.
    """
    validation, dropped = at_end(curves.validation), at_end(curves.with_dropout)
    if not (
        curves.dropout >= NOTICED_DROPOUT
        and validation < BELOW * dropped
        and at_end(curves.training) < dropped
    ):
        return None
    if len(curves.epochs) < 2:
        return None
    evidence = Sentence(
        "In epoch {epoch}: {validation} on validation images, {dropped} on the batches with dropout, "
        "{training} on training images without.",
        epoch=curves.last,
        validation=loss_text(validation),
        dropped=loss_text(dropped),
        training=loss_text(at_end(curves.training)),
    )
    what = Sentence("The validation loss is the lower one because dropout acts in training only.")
    without = change(curves.spec, "dropout", 0.0)
    return Finding("validation_below_training", Severity.REMARK, what, evidence, without)


def _against_overfitting(curves: Curves) -> dict[str, object]:
    more = min(0.5, math.floor(10 * curves.dropout + 3) / 10)
    with_more = change(curves.spec, "dropout", more) if curves.dropout < 0.5 else {}
    return with_more or change(curves.spec, "patience", 3)
