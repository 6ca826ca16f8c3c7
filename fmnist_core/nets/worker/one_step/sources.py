"""The source of what the lab runs in a step, as this very process has loaded it."""

from __future__ import annotations

import inspect
from textwrap import dedent

import numpy as np

from fmnist_core.architecture.layers import ReLUDropout
from fmnist_core.nets.models import layers
from fmnist_core.nets.training import optimizers
from fmnist_core.nets.training.step import GradientDescent
from fmnist_core.nets.worker.inspection import about_a_network
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep


@about_a_network
def step_source(network: Network, layer: str) -> dict[str, np.ndarray]:
    """Texts: of the "step" as a whole, the "loss", a "layer" that learns and the "activation" behind it, if
    one follows, "relu" and "dropout", and the optimizers "sgd" and "adam" with what calls them, "update"."""
    step = RecordedStep(network, 1, 1)
    placed = step.learning(layer)
    texts = {
        "step": inspect.getsource(GradientDescent.__call__),
        "loss": written(type(step.loss)),
        "layer": written(type(step.layers[layer].layer)),
        "relu": written(layers.ReLUDropout),
        "dropout": written(layers.Mask),
        "sgd": inspect.getsource(optimizers.sgd),
        "adam": inspect.getsource(optimizers.adam),
        "update": inspect.getsource(optimizers.Optimizer.update),
    }
    following = step.description[step.description.index(placed) + 1 :][:1]
    if following and isinstance(following[0].layer, ReLUDropout):
        kind = type(step.layers[following[0].name].layer)
        texts["activation"] = texts["relu"]
        if kind is not layers.ReLUDropout:
            texts["activation"] += "\n\n" + written(kind)
    return {name: np.asarray(dedent(text)) for name, text in texts.items()}


def written(kind: type) -> str:
    """A class, ahead of it those of the lab that it is made from."""
    own = [base for base in reversed(kind.__mro__) if base.__module__.startswith("fmnist_core.")]
    return "\n\n".join(inspect.getsource(base) for base in own if inspect.getdoc(base))
