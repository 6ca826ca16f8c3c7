"""A network as PyTorch code: nested `nn.Sequential`, which draws its first weights in the lab's own order."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Linear,
    Placed,
    ReLUDropout,
    Sigmoid,
    Unflatten,
)
from fmnist_core.architecture.networks import network_layers
from fmnist_core.spec import RunSpec


def network_code(spec: RunSpec) -> str:
    """`model = …`, whose weights have the names that the lab gives them."""
    tree: dict[str, Any] = {}
    for placed in network_layers(spec):
        *groups, name = placed.name.split(".")
        part = tree
        for group in groups:
            part = part.setdefault(group, {})
        part[name] = _module(placed)
    return f"model = {_sequential(tree)}"


def _sequential(tree: Mapping[str, Any]) -> str:
    parts = {name: _sequential(part) if isinstance(part, Mapping) else part for name, part in tree.items()}
    if list(parts) == [str(k) for k in range(len(parts))]:  # as PyTorch names them by itself
        inner = textwrap.indent("\n".join(f"{part}," for part in parts.values()), "    ")
        return f"nn.Sequential(\n{inner}\n)"
    inner = textwrap.indent("\n".join(f"{name}={part}," for name, part in parts.items()), "        ")
    return f"nn.Sequential(\n    OrderedDict(\n{inner}\n    )\n)"


def _module(placed: Placed) -> str:
    before = placed.before[0]
    match placed.layer:
        case Linear(units=units):
            return f"nn.Linear({before}, {units})"
        case Conv2d(channels=channels, kernel=kernel, padding=padding):
            return f"nn.Conv2d({before}, {channels}, {kernel}{_unless(padding=(padding, 0))})"
        case ConvTranspose2d() as layer:
            options = _unless(
                stride=(layer.stride, 1), padding=(layer.padding, 0), dilation=(layer.dilation, 1)
            )
            return f"nn.ConvTranspose2d({before}, {layer.channels}, {layer.kernel}{options})"
        case ReLUDropout(p=p, pool=pool):
            steps = ["nn.ReLU()"]
            steps += [f"nn.Dropout({p!r})"] if p else []
            steps += ["nn.MaxPool2d(2)"] if pool else []
            return steps[0] if len(steps) == 1 else f"nn.Sequential({', '.join(steps)})"
        case Dropout(p=p):
            return f"nn.Dropout({p!r})"
        case Sigmoid():
            return "nn.Sigmoid()"
        case Flatten():
            return "nn.Flatten()"
        case Unflatten(shape=shape):
            return f"nn.Unflatten(1, {shape!r})"
    raise NotImplementedError(f"say here which PyTorch module {placed.layer} is")


def _unless(**options: tuple[int, int]) -> str:
    """Arguments that are not what PyTorch takes them for anyway."""
    return "".join(f", {name}={value}" for name, (value, usual) in options.items() if value != usual)
