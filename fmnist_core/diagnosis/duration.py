"""Rules on how long a run trains: one that ends too early, and one that goes on for nothing.

Prechelt, Early stopping – but when?, 1998, in Neural networks: tricks of the trade.
"""

from __future__ import annotations

import numpy as np

from fmnist_core.diagnosis.curves import Curves, at_end, descent, smooth
from fmnist_core.diagnosis.finding import Finding, Severity, change, epochs
from fmnist_core.sentences import Sentence, loss_text, share_text

STILL_FALLS = 0.14
LEAST_EPOCHS = 12
STANDS = 0.03
LONG = 0.5  # of the epochs
PATIENCE = 5


def still_improving(curves: Curves) -> Finding | None:
    """The run has used up its epochs while its loss on unseen images was falling.

    Prechelt 1998: training goes on as long as the validation loss makes progress.
    """
    unseen = smooth(unseen_losses(curves))
    fall = descent(unseen, share=LONG)
    if curves.end_reason != "epochs" or not fall > STILL_FALLS:
        return None
    evidence = Sentence(
        "In the second half of its epochs the loss still fell by {share}, to {loss}.",
        share=share_text(fall),
        loss=loss_text(at_end(unseen_losses(curves))),
    )
    what = Sentence("The run ended while it was still improving.")
    return Finding(
        "still_improving", Severity.COST, what, evidence, epochs(curves.spec, 3 * curves.spec.epochs)
    )


def plateau(curves: Curves) -> Finding | None:
    """For half of the epochs or more the loss on unseen images has not become lower worth mentioning.

    Prechelt 1998: a strip of epochs without progress is the time to stop.
    """
    unseen = smooth(unseen_losses(curves))
    if len(unseen) < LEAST_EPOCHS or not np.isfinite(unseen).all():
        return None
    middle = round((1 - LONG) * len(unseen))
    before, after = float(unseen[:middle].min()), float(unseen[middle:].min())
    if not after > (1 - STANDS) * before:
        return None
    since = curves.epochs[int((unseen <= (1 + STANDS) * min(before, after)).argmax())].epoch
    evidence = Sentence(
        "About epoch {since} the loss was {then}; in epoch {epoch} it is {now}.",
        since=since,
        then=loss_text(before),
        epoch=curves.last,
        now=loss_text(at_end(unseen_losses(curves))),
    )
    what = Sentence("Nothing has improved since about epoch {since}.", since=since)
    spec = curves.spec
    sooner = change(spec, "patience", PATIENCE) if spec.validation_size else epochs(spec, since)
    return Finding("plateau", Severity.WASTE, what, evidence, sooner)


def unseen_losses(curves: Curves) -> np.ndarray:
    """Of validation images; of training images where none were held back."""
    return curves.validation if curves.spec.validation_size else curves.training
