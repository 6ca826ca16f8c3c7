"""Settings in words: the names of their values, and which of them differ between specs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fmnist_core.architecture.layers import Linear, layer_name
from fmnist_core.architecture.networks import ARCHITECTURES, network_layers, with_weights
from fmnist_core.sentences import Sentence
from fmnist_core.spec import LABELS, RunSpec
from pages.parts.base.formatting import NONE, in_full, listed, unbroken
from pages.parts.base.i18n import _, ngettext, say

WORDS: dict[str, Sentence] = {
    "mse": Sentence("Mean squared error"),
    "cross_entropy": Sentence("Cross-entropy"),
    "adam": Sentence("Adam"),
    "sgd": Sentence("SGD"),
    "unit": Sentence("0 to 1"),
    "symmetric": Sentence("−1 to 1"),
    "standard": Sentence("Standardised"),
}


QUANTITIES: dict[str, Sentence] = {
    "validation_loss": Sentence("Validation loss"),
    "train_loss_eval": Sentence("Training loss"),
    "validation_accuracy": Sentence("Validation accuracy"),
}


STRENGTHS: dict[float, Sentence] = {  # of a unit after surgery
    0.0: Sentence("silent"),
    0.5: Sentence("half"),
    1.0: Sentence("as it is"),
    2.0: Sentence("twice as strong"),
    3.0: Sentence("three times"),
}
NAMES = ("Adam",)  # which keep their capital
MOST_RATES = 3


def rates_in_words(rates: Sequence[float]) -> str:
    """ "0.001 → 0.01"; of many, only the first and the last."""
    shown = [in_full(rate) for rate in rates]
    return " → ".join(shown if len(shown) <= MOST_RATES else [shown[0], "…", shown[-1]])


def learning_rates(spec: RunSpec) -> list[float]:
    """The first, and those that it was changed to on the way."""
    changes = sorted(spec.learning_rate_changes, key=lambda change: change.step)
    return [spec.learning_rate, *(change.learning_rate for change in changes)]


def differing(specs: Sequence[RunSpec]) -> dict[str, list[Any]]:
    """The settings whose values are not all equal, by name in the order of `LABELS`, one value a spec.

    The task is left out, since the network decides it, and so is what none of them has.
    """
    values = [dict(spec) for spec in specs]
    left_out = {"task", *frozenset.intersection(*(spec.lacks for spec in specs))} if specs else {"task"}
    return {
        name: [spec[name] for spec in values]
        for name in LABELS
        if name not in left_out and any(spec[name] != values[0][name] for spec in values)
    }


def numbered_layers(spec: RunSpec) -> dict[str, str]:
    """What the layers with weights are called, "2. Linear", by their names in the network, in order."""
    layers = [placed for placed in network_layers(spec) if placed.parameters]
    return {
        placed.name: f"{k}. {unbroken(say(layer_name(placed.layer)))}" for k, placed in enumerate(layers, 1)
    }


def strength_words(factor: float) -> str:
    """Of a unit whose values are `factor` times as large as they were."""
    return say(STRENGTHS[factor]) if factor in STRENGTHS else f"× {in_full(factor)}"


def surgery_words(spec: RunSpec) -> str | None:
    """With which surgery a branch began, if with any."""
    operation = spec.branch.surgery if spec.branch else None
    source = with_weights(network_layers(spec), operation.layer) if operation else None
    if operation is None or source is None:
        return None
    unit = _("unit {unit}") if isinstance(source.layer, Linear) else _("map {map}")
    return _("{unit} of layer “{layer}”: {strength}").format(
        unit=unit.format(unit=operation.unit + 1, map=operation.unit + 1),
        layer=numbered_layers(spec)[source.name],
        strength=strength_words(operation.factor),
    )


def network_name(architecture: str) -> str:
    return say(ARCHITECTURES[architecture].label)


def within(text: str) -> str:
    """A label or value as it stands within a sentence, without the capital with which it would open one."""
    return text if text in NAMES or text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def setting(name: str, value: Any) -> str:
    """A setting and its value within a sentence: "hidden size 64", "8 epochs"."""
    if name == "epochs":
        return ngettext("{n} epoch", "{n} epochs", value).format(n=words(name, value))
    return f"{within(say(LABELS[name]))} {within(words(name, value))}"


def words(name: str, value: Any) -> str:
    """A setting's value as a learner reads it."""
    match name, value:
        case ("pooling", True):
            return _("on")
        case ("pooling", False) | ("patience", None):
            return _("off")
        case ("architecture", architecture):
            return network_name(architecture)
        case ("hidden_sizes", sizes):
            return " – ".join(map(str, sizes))
        case ("learning_rate_changes", changes):
            changed = [
                _("{rate} from batch {step:,}").format(rate=in_full(c.learning_rate), step=c.step)
                for c in changes
            ]
            return listed(changed) or _("none")
        case ("encoder", None) | ("branch", None):
            return NONE
        case ("encoder", source):
            origin = _("untrained") if source.origin == "random" else _("trained")
            held = _("frozen") if source.dropout else _("frozen, without dropout")
            return f"{origin}, {held}" if source.frozen else origin
        case ("branch", point):
            parent = _("another run, at batch {step:,}").format(step=point.step)
            return parent if point.surgery is None else _("{parent}, with surgery").format(parent=parent)
        case (_name, str()):
            return say(WORDS[value])
        case (_name, float()):
            return in_full(value)
        case (_name, int()):
            return _("{n:,}").format(n=value)
    return str(value)
