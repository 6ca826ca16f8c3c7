"""A network drawn layer by layer, from the image to the output: what is done, and the shape that comes out.

Words stand beside every picture, so nothing is lost to who cannot see it, and lines break on a narrow page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import streamlit as st

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Layer,
    Linear,
    Placed,
    ReLUDropout,
    Shape,
    Sigmoid,
    Unflatten,
)
from fmnist_core.architecture.networks import IMAGE, network_layers
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from pages.parts.base.i18n import _, say

Part = Literal["input", "convolutions", "encoder", "code", "decoder", "hidden", "output"]
PARTS: dict[Part, Sentence] = {
    "input": Sentence("Image"),
    "convolutions": Sentence("Convolutions"),
    "encoder": Sentence("Encoder"),
    "code": Sentence("Code"),
    "decoder": Sentence("Decoder"),
    "hidden": Sentence("Hidden layers"),
    "output": Sentence("Output"),
}
COLOURS: dict[Part, str] = {
    "input": "#7F8A96",
    "convolutions": "#0072B2",
    "encoder": "#0072B2",
    "code": "#E69F00",
    "decoder": "#009E73",
    "hidden": "#CC79A7",
    "output": "#D55E00",
}
HEIGHT, MOST_SHEETS = 64, 4
STYLES = Path(__file__).with_name("report.css")


@dataclass(frozen=True)
class Operation:
    """What comes out has `shape`: (channels, rows, columns), or (units,). A frozen one does not learn."""

    part: Part
    what: Sentence
    shape: Shape
    then: Sentence | None = None
    frozen: bool = False


def network_drawing(spec: RunSpec) -> None:
    """The drawing, and under it how many weights there are to learn."""
    drawn = operations(spec)
    whole = _("The network, from left to right: {shapes}").format(
        shapes=" → ".join(shape_words(operation.shape) for operation in drawn)
    )
    st.html(
        f'<ol class="lab-network" aria-label="{escape(whole)}">'
        + "".join(_item(operation, drawn[k - 1] if k else None) for k, operation in enumerate(drawn))
        + "</ol>"
    )
    caption = _("{count:,} parameters. Under each layer stands the shape of what comes out of it.")
    st.caption(caption.format(count=spec.parameter_count))


def operations(spec: RunSpec) -> list[Operation]:
    """From the image to the output, the image itself first.

    An activation is drawn with the layer ahead of it, pooling on its own.
    """
    drawn = [Operation("input", PARTS["input"], IMAGE)]
    network = network_layers(spec)
    output = [placed.name for placed in network if placed.parameters][-1]
    for placed in network:
        match placed.layer:
            case Linear() | Conv2d() | ConvTranspose2d() as layer:
                what = layer_name(layer)
            case ReLUDropout(p, pool):
                drawn[-1] = replace(drawn[-1], then=_activation(p))
                if pool:
                    what, shape = Sentence("Max pooling 2 × 2"), placed.behind
                    drawn.append(replace(drawn[-1], what=what, shape=shape, then=None))
                continue
            case Sigmoid():
                drawn[-1] = replace(drawn[-1], then=Sentence("sigmoid"))
                continue
            case Unflatten(shape):
                drawn[-1] = replace(drawn[-1], shape=shape)
                continue
            case _:
                continue
        part = _part(placed, output)
        frozen = part in ("encoder", "code") and spec.encoder is not None and spec.encoder.frozen
        drawn.append(Operation(part, what, placed.behind, None, frozen))
    if spec.task == "classifier":
        drawn[-1] = replace(drawn[-1], then=Sentence("a score for each class"))
    return drawn


def layer_name(layer: Layer) -> Sentence:
    """What a layer with weights is called."""
    match layer:
        case Conv2d(kernel=k):
            return Sentence("Convolution {k} × {k}", k=k)
        case ConvTranspose2d(kernel=k):
            return Sentence("Transposed convolution {k} × {k}", k=k)
        case _:
            return Sentence("Linear")


def _part(placed: Placed, output: str) -> Part:
    """By the names that the network's description gives: its groups, and the layer of the code."""
    if placed.name == output:
        return "output"
    if placed.name == "encoder.latent":
        return "code"
    for part in ("encoder", "decoder", "hidden"):
        if placed.name.startswith(f"{part}."):
            return part
    return "convolutions"


def _activation(p: float) -> Sentence:
    return Sentence("ReLU, dropout {p}", p=p) if p else Sentence("ReLU")


def shape_words(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _item(operation: Operation, before: Operation | None) -> str:
    begins = operation.part != "input" and (before is None or before.part != operation.part)
    then = [say(operation.then)] if operation.then else []
    if operation.frozen:
        then.append(_("frozen"))
    return (
        f"<li><i>{escape(say(PARTS[operation.part])) if begins else ''}</i>"
        f'<span class="lab-picture"><img alt="" src="{picture(operation)}"></span>'
        f"<b>{unbroken(shape_words(operation.shape))}</b><span>{escape(unbroken(say(operation.what)))}</span>"
        f"<small>{escape(', '.join(then))}</small></li>"
    )


def unbroken(text: str) -> str:
    """A kernel's size stays on one line."""
    return text.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")


def picture(operation: Operation) -> str:
    """Feature maps as sheets, one behind the other, units as a bar; larger where there is more."""
    colour = COLOURS[operation.part]
    dash = ' stroke-dasharray="3 2"' if operation.frozen else ""
    style = f'fill="{colour}" fill-opacity=".22" stroke="{colour}" stroke-width="1.5"{dash}'
    if len(operation.shape) == 3:
        channels, side = operation.shape[0], 10 + 34 * operation.shape[1] / IMAGE[1]
        sheets = 1 if channels == 1 else 2 if channels <= 16 else MOST_SHEETS - (channels <= 32)
        step = 5
        width = side + step * (sheets - 1)
        top = (HEIGHT - width) / 2
        shapes = "".join(
            f'<rect x="{1 + step * k:.1f}" y="{top + step * (sheets - 1 - k):.1f}" width="{side:.1f}" '
            f'height="{side:.1f}" rx="2" {style}/>'
            for k in reversed(range(sheets))
        )
    else:
        width, tall = 12, min(HEIGHT - 4, 12 + 5 * math.log2(operation.shape[0]))
        shapes = (
            f'<rect x="1" y="{(HEIGHT - tall) / 2:.1f}" width="{width}" height="{tall:.1f}" rx="4" {style}/>'
        )
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 2:.0f}" height="{HEIGHT}" '
        f'viewBox="0 0 {width + 2:.1f} {HEIGHT}">{shapes}</svg>'
    )
    return f"data:image/svg+xml,{quote(drawing)}"
