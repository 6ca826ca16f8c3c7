"""Rules on what the units still do: those that are dead, and outputs that say nothing of the image.

He and others, Delving deep into rectifiers, 2015, arXiv:1502.01852; Lu and others, Dying ReLU and
initialization, 2019, arXiv:1903.06733: a ReLU whose sum is negative for every image gets no gradient, so that
it stays so; a network all of whose units in a layer have died gives a constant, the mean of what it should.
"""

from __future__ import annotations

from fmnist_core.diagnosis.curves import Curves, at_end, descent, lowest_so_far
from fmnist_core.diagnosis.finding import Finding, Severity, rate, wider
from fmnist_core.sentences import Sentence, loss_text, share_text

MANY_DEAD = 0.69
SOME_DEAD = 0.25  # chosen, not measured: with fewer there is nothing to explain
LEAST_EPOCHS = 4
# A classifier that tells one class from the others and no more has a loss of 0.9 log 9, 0.86 of log 10.
NOTHING_LEARNED, NEAR_MEAN, FLAT = 0.86, 1.1, 0.05


def dead_units(curves: Curves) -> Finding | None:
    """Most units of a hidden layer stay at zero, whatever the image (Lu and others 2019)."""
    dead = curves.dead_units
    if not dead > MANY_DEAD:
        return None
    evidence = Sentence(
        "In epoch {epoch}, {share} of a hidden layer’s units gave zero for every training image looked at.",
        epoch=curves.last,
        share=share_text(dead, 0),
    )
    what = Sentence("Many units are dead.")
    return Finding("dead_units", Severity.COST, what, evidence, rate(curves, 0.1))


def some_dead_units(curves: Curves) -> Finding | None:
    """Too few for a trouble, and too many to say that all is well (Lu and others 2019)."""
    dead = curves.dead_units
    if not dead >= SOME_DEAD:
        return None
    evidence = Sentence(
        "In epoch {epoch}, {share} of a hidden layer’s units gave zero for every training image looked at: "
        "they take no part and learn nothing. The curves show no harm from it.",
        epoch=curves.last,
        share=share_text(dead, 0),
    )
    return Finding("some_dead_units", Severity.REMARK, Sentence("Some units are dead."), evidence)


def same_output(curves: Curves) -> Finding | None:
    """The loss stays at that of the best constant: the mean garment, or equal chances for all classes.

    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.2.1.2: what has the smallest mean squared
    error is the mean. Such losses jump at a high rate; what counts is whether they reach new lows. Once a
    whole layer is dead, nothing of the image gets through it (Lu and others 2019).
    """
    if len(curves.epochs) < LEAST_EPOCHS or not curves.level > NOTHING_LEARNED:
        return None
    losses = {
        "epoch": curves.last,
        "loss": loss_text(at_end(curves.training)),
        "constant": loss_text(curves.constant_answer),
    }
    if curves.dead_units == 1:
        evidence = Sentence(
            "In epoch {epoch} all units of a hidden layer gave zero for every training image looked at, and "
            "the training loss is {loss}; the best answer that is the same for every image gives {constant}.",
            **losses,
        )
    elif descent(lowest_so_far(curves.training), share=0.3) < FLAT:
        evidence = Sentence(
            "In epoch {epoch} the training loss is {loss}, and it no longer falls; the best answer that is "
            "the same for every image gives {constant}.",
            **losses,
        )
    else:
        return None
    what = Sentence("The network answers almost the same for all garments.")
    if curves.spec.task == "autoencoder" and curves.level < NEAR_MEAN:
        what = Sentence("The network draws almost the mean garment, whatever it is shown.")
    elif curves.spec.task == "autoencoder":
        what = Sentence("The network draws almost the same for all garments.")
    high = curves.times_usual_rate > 1
    if curves.dead_units > MANY_DEAD and not high:
        return Finding("same_output", Severity.RUIN, what, evidence, wider(curves.spec, 4))
    return Finding("same_output", Severity.RUIN, what, evidence, rate(curves, 0.1 if high else 10))
