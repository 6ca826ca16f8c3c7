"""A network drawn layer by layer, from the image to the output: what is done, and the shape that comes out.

Words stand beside every picture, so nothing is lost to who cannot see it, and lines break on a narrow page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any, Literal
from urllib.parse import quote

import streamlit as st

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Linear,
    Placed,
    ReLUDropout,
    Shape,
    Sigmoid,
    Unflatten,
    layer_name,
)
from fmnist_core.architecture.networks import IMAGE, network_layers
from fmnist_core.own_report import pin
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import unbroken
from pages.parts.base.i18n import _, say
from pages.parts.base.pins import pin_button
from pages.parts.widgets.chart import NOTED

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
HEIGHT, MOST_SHEETS, STEP = 64, 4, 5
# In a report: operations a line, and letters in a line of their words; in pixels, the room of each.
A_LINE, LETTERS, WIDEST, LINE_HEIGHT, HEAD = 4, 14, 140, 190, 18
STYLES = Path(__file__).with_name("report.css")


@dataclass(frozen=True)
class Operation:
    """What comes out has `shape`: (channels, rows, columns), or (units,). A frozen one does not learn."""

    part: Part
    what: Sentence
    shape: Shape
    then: Sentence | None = None
    frozen: bool = False


@dataclass(frozen=True)
class Box:
    """A sheet of feature maps, or a bar of units, in pixels from the left and the top of its picture."""

    left: float
    top: float
    width: float
    height: float
    round: int


def network_drawing(spec: RunSpec, key: str) -> None:
    """The drawing, and under it how many weights there are to learn; it can be pinned."""
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
    caption = caption.format(count=spec.parameter_count)
    st.caption(caption)
    pin_button(lambda: network_chart(drawn), f"{whole}. {caption.removesuffix('.')}", key)


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


def begins(operation: Operation, before: Operation | None) -> bool:
    """Whether the name of its part stands above it."""
    return operation.part != "input" and (before is None or before.part != operation.part)


def _item(operation: Operation, before: Operation | None) -> str:
    then = [say(operation.then)] if operation.then else []
    if operation.frozen:
        then.append(_("frozen"))
    return (
        f"<li><i>{escape(say(PARTS[operation.part])) if begins(operation, before) else ''}</i>"
        f'<span class="lab-picture"><img alt="" src="{picture(operation)}"></span>'
        f"<b>{unbroken(shape_words(operation.shape))}</b><span>{escape(unbroken(say(operation.what)))}</span>"
        f"<small>{escape(', '.join(then))}</small></li>"
    )


def picture(operation: Operation) -> str:
    colour, drawn = COLOURS[operation.part], boxes(operation.shape)
    dash = ' stroke-dasharray="3 2"' if operation.frozen else ""
    style = f'fill="{colour}" fill-opacity=".22" stroke="{colour}" stroke-width="1.5"{dash}'
    shapes = "".join(
        f'<rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'rx="{box.round}" {style}/>'
        for box in drawn
    )
    width = max(box.left + box.width for box in drawn) + 1
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{HEIGHT}" '
        f'viewBox="0 0 {width:.1f} {HEIGHT}">{shapes}</svg>'
    )
    return f"data:image/svg+xml,{quote(drawing)}"


def boxes(shape: Shape) -> list[Box]:
    """Feature maps as sheets, one behind the other, units as a bar; larger where there is more."""
    if len(shape) == 1:
        tall = min(HEIGHT - 4, 12 + 5 * math.log2(shape[0]))
        return [Box(1, (HEIGHT - tall) / 2, 12, tall, 4)]
    channels, side = shape[0], 10 + 34 * shape[1] / IMAGE[1]
    sheets = 1 if channels == 1 else 2 if channels <= 16 else MOST_SHEETS - (channels <= 32)
    top = (HEIGHT - side - STEP * (sheets - 1)) / 2
    return [Box(1 + STEP * k, top + STEP * (sheets - 1 - k), side, side, 2) for k in reversed(range(sheets))]


def network_chart(drawn: Sequence[Operation]) -> pin.Content:
    """The same drawing as a chart, whose operations keep their places in lines as wide as there is room."""
    rows: list[dict[str, Any]] = []
    for k, operation in enumerate(drawn):
        top, column = LINE_HEIGHT * (k // A_LINE), k % A_LINE
        shapes = boxes(operation.shape)
        middle = max(box.left + box.width for box in shapes) / 2
        of = {"column": column, "part": say(PARTS[operation.part]), "frozen": operation.frozen}
        if begins(operation, drawn[k - 1] if k else None):
            rows.append({**of, "left": 0, "y": top, "words": say(PARTS[operation.part])})
        for box in shapes:
            left, y = box.left - middle, top + HEAD + box.top
            rows.append({**of, "left": left, "right": left + box.width, "y": y, "y2": y + box.height})
        then = [say(operation.then)] if operation.then else []
        then += [_("frozen")] * operation.frozen
        shape, what, behind = shape_words(operation.shape), say(operation.what), ", ".join(then)
        lines = [shape, *wrap(unbroken(what), LETTERS), *wrap(behind, LETTERS)]
        told = {"shape": shape, "what": what, "then": behind, "words": "\n".join(lines)}
        rows.append({**of, **told, "left": 0, "y": top + HEAD + HEIGHT + 8})
    colours = {say(PARTS[operation.part]): COLOURS[operation.part] for operation in drawn}
    lines_of_it = 1 + (len(drawn) - 1) // A_LINE
    names = dict.fromkeys(name for row in rows for name in row)
    rows = [{name: row.get(name) for name in names} for row in rows]
    return pin.chart(_chart_spec(colours, LINE_HEIGHT * lines_of_it), rows)


def _chart_spec(colours: dict[str, str], height: int) -> dict[str, Any]:
    """In Vega-Lite: rows with a right end are boxes, those with words are text."""

    def pixels(name: str) -> dict[str, Any]:
        return {"field": name, "type": "quantitative", "scale": None, "axis": None}

    def placed(name: str) -> dict[str, Any]:
        room = f"min(width / {A_LINE}, {WIDEST})"
        return {"calculate": f"(datum.column + 0.5) * {room} + datum.{name}", "as": name}

    def named(name: str, title: str) -> dict[str, Any]:
        return {"field": name, "type": "nominal", "title": title}

    part = named("part", _("Part of the network"))
    scale = {"domain": list(colours), "range": list(colours.values())}
    box = {
        "transform": [{"filter": "isValid(datum.right)"}, placed("left"), placed("right")],
        "mark": {"type": "rect", "fillOpacity": 0.22, "strokeWidth": 1.5, "cornerRadius": 2},
        "encoding": {
            "x": pixels("left"),
            "x2": {"field": "right"},
            "y": pixels("y"),
            "y2": {"field": "y2"},
            "fill": {**part, "scale": scale, "legend": None},
            "stroke": {**part, "scale": scale, "legend": None},
            "strokeDash": {"condition": {"test": "datum.frozen", "value": [3, 2]}, "value": [1, 0]},
        },
    }
    words = {
        "transform": [{"filter": "isValid(datum.words)"}, placed("left")],
        "mark": {"type": "text", "style": NOTED, "fontSize": 11, "baseline": "top", "lineBreak": "\n"},
        "encoding": {
            "x": pixels("left"),
            "y": pixels("y"),
            "text": {"field": "words", "type": "nominal"},
            "tooltip": [
                named("shape", _("Shape")),
                part,
                named("what", _("Layer")),
                named("then", _("What follows")),
            ],
        },
    }
    return {"layer": [box, words], "height": height, "config": {"view": {"stroke": None}}}
