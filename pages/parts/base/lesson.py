"""What a run has shown, in two sentences from its recorded figures: what fell, and what stayed blurred."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from fmnist_core.events import Epoch
from fmnist_core.sentences import Sentence, loss_text, share_text

WORSE = 1.02  # a validation loss so many times its lowest has risen, and not just trembled


def what_fell(epochs: Sequence[Epoch], start: float) -> Sentence | None:
    """How far the loss fell from the start on, and when it had fallen half of that.

    `start` is the loss of the first batch, or of the first few of a long run. Validation losses if there are
    any, else those of training images. `None` if a loss is no number, or none is there.
    """
    validated = bool(epochs) and epochs[-1].validation_loss is not None
    losses = [epoch.validation_loss if validated else epoch.train_loss_eval for epoch in epochs]
    curve = [loss for loss in losses if loss is not None and isfinite(loss)]
    if not curve or len(curve) < len(epochs) or not isfinite(start):
        return None
    values = {"first": loss_text(start), "last": loss_text(curve[-1]), "epoch": epochs[-1].epoch}
    lowest = min(curve)
    if validated and lowest < start and curve[-1] > WORSE * lowest:
        return _fell_and_rose(epochs[curve.index(lowest)], epochs[-1], values)
    if curve[-1] >= start:
        return Sentence(
            "The loss did not fall: {first} at the start, {last} after epoch {epoch}. A smaller learning "
            "rate may help.",
            **values,
        )
    half = (start + curve[-1]) / 2
    halfway = next(epoch.epoch for epoch, loss in zip(epochs, curve, strict=True) if loss <= half)
    if halfway == 1:
        return Sentence(
            "The loss fell from {first} at the start to {last} after epoch {epoch}, more than half of "
            "it within the first epoch.",
            **values,
        )
    return Sentence(
        "The loss fell from {first} at the start to {last} after epoch {epoch}, half of it by epoch "
        "{halfway}.",
        **values,
        halfway=halfway,
    )


def _fell_and_rose(best: Epoch, last: Epoch, values: dict[str, Any]) -> Sentence:
    """On validation images; why, training images tell."""
    values = {**values, "lowest": loss_text(best.validation_loss or 0.0), "best": best.epoch}
    if last.train_loss_eval <= best.train_loss_eval:
        return Sentence(
            "The loss fell from {first} at the start to {lowest} on validation images after epoch {best}; "
            "then it rose to {last}, as the network learned its training images by heart.",
            **values,
        )
    return Sentence(
        "The loss fell from {first} at the start to {lowest} on validation images after epoch {best}; then "
        "it rose to {last}, and on training images it rose too. A smaller learning rate may help.",
        **values,
    )


def what_stayed_blurred(originals: np.ndarray, outputs: np.ndarray, names: Sequence[Sentence]) -> Sentence:
    """The garment that came back least like its original, and the one most like it.

    Both are uint8 (n, 28, 28); an error is the mean squared one of a pixel between 0 and 1, as the loss is.
    """
    errors = np.square((originals.astype(np.float64) - outputs) / 255).mean(axis=(1, 2))
    worst, best = int(errors.argmax()), int(errors.argmin())
    return Sentence(
        "Of the ten garments one stayed the most blurred: {worst} (error {most}). Best came back: {best} "
        "({least}).",
        worst=names[worst],
        most=loss_text(errors[worst]),
        best=names[best],
        least=loss_text(errors[best]),
    )


def what_stayed_confused(matrix: np.ndarray, names: Sequence[Sentence]) -> Sentence:
    """How many of the test images are classified rightly, and which two classes are confused most.

    `matrix` holds counts, (n, n), rows true and columns predicted class.
    """
    right = np.trace(matrix) / matrix.sum()
    both = np.triu(matrix + matrix.T, 1)
    one, other = np.unravel_index(int(both.argmax()), both.shape)
    if not both.any():
        return Sentence("Every test image is classified rightly.")
    return Sentence(
        "It classifies {right} of the test images rightly; most often confused: {one} and {other} (images: "
        "{n:,}).",
        right=share_text(float(right)),
        one=names[one],
        other=names[other],
        n=int(both.max()),
    )
