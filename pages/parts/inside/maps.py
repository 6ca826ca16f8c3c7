"""A convolution, or a transposed one: feature maps, filters, and one value of a map, product by product."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from fmnist_core.architecture.layers import Conv2d, ConvTranspose2d, Placed
from fmnist_core.architecture.receptive_fields import Tap, receptive_field, taps
from pages.parts.base.formatting import figure
from pages.parts.base.i18n import _, ngettext
from pages.parts.inside.answers import answer
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.network_choice import Network
from pages.parts.inside.operation import surgery
from pages.parts.inside.place import linked_unit, nth
from pages.parts.inside.values import Around, activation_words, around
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

MAP_TILE, FILTER_TILE, LARGE = 64, 40, 252
DIGITS = "+.3f"


def convolution(network: Network, garment: Garment, placed: Placed, values: dict[str, np.ndarray]) -> None:
    layer = placed.layer
    assert isinstance(layer, Conv2d | ConvTranspose2d)
    here = around(network.spec, placed, values)
    weights = answer("layer_weights", network, layer=placed.name, count=layer.channels)
    strongest = int(here.activated.reshape(layer.channels, -1).max(1).argmax())
    chosen = linked_unit(_("Feature map"), layer.channels, strongest)
    _maps(here, chosen)
    _filters(weights["weight"][chosen], chosen)
    st.subheader(_("One value, product by product"), anchor=False)
    rows, columns = here.sums.shape[1:]
    brightest = divmod(int(here.activated[chosen].argmax()), columns)
    left, right = st.columns([2, 3], gap="large")
    with left:
        row = nth(_("Row"), rows, f"inside_row_{placed.name}", brightest[0])
        column = nth(_("Column"), columns, f"inside_column_{placed.name}", brightest[1])
        _where(garment, here, chosen, row, column)
    with right:
        _products(placed, here, weights, chosen, row, column)
    if here.behind is not None:
        surgery(network, garment, here.behind, chosen, _("map {map}").format(map=chosen + 1))


def _maps(here: Around, chosen: int) -> None:
    maps = here.activated
    most = float(maps.max(initial=0.0))
    html = pictures.grid(
        [pictures.bright(one, most) for one in maps],
        [str(k + 1) for k in range(len(maps))],
        alt=_("Feature map"),
        tile=MAP_TILE if len(maps) > 1 else LARGE,
        chosen=chosen if len(maps) > 1 else None,
    )
    shown(html, _("The feature maps of the layer"), "maps")
    silent = int((maps.reshape(len(maps), -1).max(1) <= 0).sum())
    words = _("Black is zero, bright is strong: the largest value is {most}.").format(
        most=figure(most, ".3g")
    )
    if silent and not here.ends_in_sigmoid:
        words += " " + ngettext(
            "{n} map is silent at this garment.", "{n} maps are silent at this garment.", silent
        ).format(n=silent)
    st.caption(words)


def _filters(kernels: np.ndarray, chosen: int) -> None:
    """The kernels of one map, one an input channel."""
    st.markdown(
        ngettext(
            "The filter of map {map}: one kernel.",
            "The filter of map {map}: {n} kernels, one for each map that comes in.",
            len(kernels),
        ).format(map=chosen + 1, n=len(kernels))
    )
    most = float(np.abs(kernels).max())
    html = pictures.grid(
        [pictures.signed(kernel, most) for kernel in kernels],
        [str(k + 1) for k in range(len(kernels))],
        alt=_("Kernel for the map that comes in"),
        tile=FILTER_TILE if len(kernels) > 1 else 2 * FILTER_TILE,
    )
    shown(html, _("The kernels of map {map}").format(map=chosen + 1), "kernels")
    st.caption(
        _("Orange weighs for, blue against, pale is nothing; full colour is ±{most}.").format(
            most=figure(most, ".3g")
        )
    )


def _where(garment: Garment, here: Around, chosen: int, row: int, column: int) -> None:
    """The value in its map, and the pixels of the garment that reach it."""
    field = receptive_field(here.layers, row, column)
    sees = _("it sees {rows} × {columns} pixels").format(rows=field.shape[0], columns=field.shape[1])
    grey = np.repeat(garment.image[..., None], 3, -1)
    html = (
        '<div class="lab-beside">'
        + _captioned(
            pictures.framed(
                pictures.bright(here.activated[chosen]),
                row,
                column,
                row,
                column,
                180,
                alt=_("The chosen map, with the chosen place framed"),
            ),
            _("map {map}, row {row}, column {column}").format(map=chosen + 1, row=row + 1, column=column + 1),
        )
        + _captioned(
            pictures.framed(
                grey,
                field.top,
                field.left,
                field.bottom,
                field.right,
                180,
                alt=_("The garment, with what this value sees framed"),
            ),
            sees,
        )
        + "</div>"
    )
    what = _("The chosen map, with the chosen place framed")
    shown(html, f"{what}; {_('The garment, with what this value sees framed')}", "place")


def _captioned(picture: str, words: str) -> str:
    return f"<figure>{picture}<figcaption>{escape(words)}</figcaption></figure>"


def _products(
    placed: Placed, here: Around, weights: dict[str, np.ndarray], chosen: int, row: int, column: int
) -> None:
    """Input × weight, for one input channel in full and for all others as their sums."""
    layer = placed.layer
    assert isinstance(layer, Conv2d | ConvTranspose2d)
    used = taps(layer, placed.before, row, column)
    kernel = weights["weight"][chosen]
    sums = np.array(
        [sum(_product(here.before[c], kernel[c], tap) for tap in used) for c in range(len(kernel))]
    )
    channel = 0
    if len(kernel) > 1:
        key = f"inside_channel_{placed.name}"
        channel = nth(_("Map that comes in"), len(kernel), key, int(np.abs(sums).argmax()))
    if not used:
        st.caption(_("Nothing that comes in reaches this place: it is the bias alone."))
    else:
        html = _table(layer, here.before[channel], kernel[channel], used)
        shown(html, _("One value, product by product"), "products")
    _addition(here, sums, channel, float(weights["bias"][chosen]), chosen, row, column)


def _product(values: np.ndarray, kernel: np.ndarray, tap: Tap) -> float:
    return float(values[tap.row, tap.column] * kernel[tap.kernel_row, tap.kernel_column])


def _table(layer: Conv2d | ConvTranspose2d, values: np.ndarray, kernel: np.ndarray, used: list[Tap]) -> str:
    """By place of the kernel: the value under it, the weight, the product; a dash where nothing lies."""
    by_place = {(tap.kernel_row, tap.kernel_column): tap for tap in used}
    heads = (_("what comes in"), _("weights"), _("products"))
    tables = []
    for k, head in enumerate(heads):
        body = ""
        for i in range(layer.kernel):
            cells = ""
            for j in range(layer.kernel):
                tap = by_place.get((i, j))
                if k == 1:
                    text = figure(float(kernel[i, j]), DIGITS)
                elif tap is None:
                    text = "–"
                elif k == 0:
                    text = figure(float(values[tap.row, tap.column]), ".3f")
                else:
                    text = figure(_product(values, kernel, tap), DIGITS)
                cells += f"<td>{text}</td>"
            body += f"<tr>{cells}</tr>"
        tables.append(f"<table><caption>{escape(head)}</caption>{body}</table>")
    signs = "<b>×</b>", "<b>=</b>"
    inner = tables[0] + signs[0] + tables[1] + signs[1] + tables[2]
    return f'<div class="lab-products" tabindex="0">{inner}</div>'


def _addition(
    here: Around, sums: np.ndarray, channel: int, bias: float, chosen: int, row: int, column: int
) -> None:
    total = float(here.sums[chosen, row, column])
    lines = [_("Sum of these products: {sum}").format(sum=figure(float(sums[channel]), DIGITS))]
    if len(sums) > 1:
        lines.append(
            _("with the sums of the other {n} maps: {sum}").format(
                n=len(sums) - 1, sum=figure(float(sums.sum()), DIGITS)
            )
        )
    lines.append(
        _("plus the bias {bias}: {total}").format(bias=figure(bias, DIGITS), total=figure(total, DIGITS))
    )
    lines += activation_words(here, total, float(here.activated[chosen, row, column]))
    if here.pooled is not None:
        lines.append(_pooling(here, chosen, row, column))
    st.markdown("\n".join(f"- {line}" for line in lines))


def _pooling(here: Around, chosen: int, row: int, column: int) -> str:
    """What max pooling makes of the four values that this one stands among."""
    assert here.pooled is not None
    top, left = row // 2 * 2, column // 2 * 2
    if row // 2 >= here.pooled.shape[1] or column // 2 >= here.pooled.shape[2]:
        return _("pooling leaves this last row or column out")
    four = here.activated[chosen, top : top + 2, left : left + 2]
    words = "; ".join(figure(float(value), ".3f") for value in four.ravel())
    kept = figure(float(here.pooled[chosen, row // 2, column // 2]), ".3f")
    return _("pooling keeps the largest of four ({values}): {kept}").format(values=words, kept=kept)
