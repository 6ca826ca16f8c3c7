"""A network drawn layer by layer, from the image to the output: what is done, and the shape that comes out.

Words stand beside every picture, so nothing is lost to who cannot see it, and lines break on a narrow page.
"""

from __future__ import annotations

import math
from html import escape
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from fmnist_core.anatomy import PARTS, SIDE, Layer, layers
from fmnist_core.spec import RunSpec
from pages.parts.base.i18n import _, say

COLOURS = {
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


def network_drawing(spec: RunSpec) -> None:
    """The drawing, and under it how many weights there are to learn."""
    drawn = layers(spec)
    whole = _("The network, from left to right: {shapes}").format(
        shapes=" → ".join(shape_words(layer.shape) for layer in drawn)
    )
    st.html(
        f'<ol class="lab-network" aria-label="{escape(whole)}">'
        + "".join(_item(layer, drawn[k - 1] if k else None) for k, layer in enumerate(drawn))
        + "</ol>"
    )
    told = _("{count:,} parameters. Under each layer stands the shape of what comes out of it.")
    st.caption(told.format(count=spec.parameter_count))


def shape_words(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _item(layer: Layer, before: Layer | None) -> str:
    begins = layer.part != "input" and (before is None or before.part != layer.part)
    then = [say(layer.then)] if layer.then else []
    if layer.frozen:
        then.append(_("frozen"))
    return (
        f"<li><i>{escape(say(PARTS[layer.part])) if begins else ''}</i>"
        f'<span class="lab-picture"><img alt="" src="{picture(layer)}"></span>'
        f"<b>{unbroken(shape_words(layer.shape))}</b><span>{escape(unbroken(say(layer.operation)))}</span>"
        f"<small>{escape(', '.join(then))}</small></li>"
    )


def unbroken(text: str) -> str:
    """A kernel's size stays on one line."""
    return text.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")


def picture(layer: Layer) -> str:
    """Feature maps as sheets, one behind the other, units as a bar; larger where there is more."""
    colour = COLOURS[layer.part]
    dash = ' stroke-dasharray="3 2"' if layer.frozen else ""
    style = f'fill="{colour}" fill-opacity=".22" stroke="{colour}" stroke-width="1.5"{dash}'
    if len(layer.shape) == 3:
        channels, side = layer.shape[0], 10 + 34 * layer.shape[1] / SIDE
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
        width, tall = 12, min(HEIGHT - 4, 12 + 5 * math.log2(layer.shape[0]))
        shapes = (
            f'<rect x="1" y="{(HEIGHT - tall) / 2:.1f}" width="{width}" height="{tall:.1f}" rx="4" {style}/>'
        )
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 2:.0f}" height="{HEIGHT}" '
        f'viewBox="0 0 {width + 2:.1f} {HEIGHT}">{shapes}</svg>'
    )
    return f"data:image/svg+xml,{quote(drawing)}"
