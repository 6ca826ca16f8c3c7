"""What all charts share: how a spec reaches the page with its data, and the parts that several of them have.

Altair builds each spec once, and it is kept as a dict; only data moves, so a live chart keeps its zoom.
Colours come from the theme (`.streamlit/config.toml`: Okabe–Ito, and one sequential map), so nothing here
knows light from dark. Every series has its own dash and marker besides. Titles and names arrive translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar

import altair
import pyarrow as pa
import streamlit as st

from fmnist_core.own_report import pin
from pages.parts.base.i18n import _, current_language
from pages.parts.base.numerals import signs
from pages.parts.base.pins import are_offered, pin_button
from pages.parts.widgets.figures_table import figures_below, number_in, table_of

altair.theme.enable("none")  # the page has a theme
altair.data_transformers.enable(consolidate_datasets=False)

DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 2, 1, 2], [3, 5], [1, 3])
MARKERS = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "stroke")
GREY = "#808890"  # of what is said within a chart, or drawn to compare with
# An axis of names: each beside its row, none left out.
NAMES: dict[str, Any] = {"ticks": False, "domain": False, "labelOverlap": False, "labelFlush": False}
NOTE: dict[str, Any] = {"aria": False, "clip": True, "color": GREY}
LEVEL_DASH = [6, 4]
# Of text, by the kind of theme: the ground is nearly white or nearly black.
INKS = {"light": "#1B2330", "dark": "#E6EBF1"}
QUIET_INKS = {"light": "#56606E", "dark": "#AEB7C2"}
# In a chart that fills the screen its text grows with it; no chart within a page is as high.
LARGE_TEXT, TALL, LOW = 20, 520, 180
TEXT_SIZE = {"expr": f"height > {TALL} ? {LARGE_TEXT} : 12"}
Spec = dict[str, Any]
SEVERAL_VIEWS = ("facet", "repeat", "concat", "hconcat", "vconcat")  # which have no height of their own
NOTED = "noted"  # the style of text within a chart
ROWS = {"name": "rows"}

Levels = Sequence[tuple[float, str]]
Channel = TypeVar("Channel", altair.Color, altair.Shape, altair.StrokeDash)


def draw(
    table: pa.Table,
    spec: Spec,
    key: str,
    alt: str,
    zoom: bool = False,
    figures: tuple[str, Callable[[], str]] | None = None,
    large: bool = False,
    chosen: tuple[Sequence[str], Callable[[], None]] | None = None,
) -> None:
    """Any spec without data, with its data, in the theme and with the numbers of the learner's language.

    Its figures unfold below it as a table. `figures` replaces that by what else it is called and holds. A
    `large` one fills its container, with text to be read from afar. `chosen` names the selections that can be
    made in it, and is called when one has been: it finds them in the session, under the `key`.
    """
    height: Literal["stretch", "content"] = "stretch" if large else "content"
    select: dict[str, Any] = {"on_select": "rerun", "selection_mode": "zoom"} if zoom else {}
    if chosen is not None:
        select = {"selection_mode": list(chosen[0]), "on_select": chosen[1]}
    config = {**_text(spec, large), "locale": {"number": number_locale(current_language())}}
    st.vega_lite_chart(
        table, {**spec, "config": config}, key=key, alt=alt, width="stretch", height=height, **select
    )
    label, html = figures or (_("Figures as a table"), lambda: table_of(spec, table, alt, written))
    if large or not are_offered():
        figures_below(label, alt, key, html)
        return
    with st.container(horizontal=True, gap="small"):  # on the right the chart has its own buttons
        pin_button(lambda: _pinned(spec, table), alt, key)
        figures_below(label, alt, key, html)


def _pinned(spec: Spec, table: pa.Table) -> pin.Content:
    """The chart for a report: in the theme's colours, with the numbers of the language."""
    sequential = st.get_option("theme.light.chartSequentialColors")
    colours = {"category": st.get_option("theme.chartCategoricalColors")}
    colours |= dict.fromkeys(("heatmap", "ramp", "ordinal"), sequential)
    locale = {"number": number_locale(current_language())}
    config = {**spec.get("config", {}), "range": colours, "locale": locale}
    return pin.chart({**spec, "config": config}, table.to_pylist())


def written(value: float, number_format: str) -> str:
    """A number as charts write it in the learner's language, in one of d3's formats."""
    return number_in(value, number_format, number_locale(current_language()))


def _text(spec: Spec, large: bool) -> dict[str, Any]:
    """The spec's own config, with text that can be read on the theme's ground, and grows in full screen."""
    config: dict[str, Any] = spec.get("config", {})
    ink = by_theme(INKS if large else QUIET_INKS)
    text: dict[str, Any] = {"labelColor": ink, "titleColor": ink}
    noted: dict[str, Any] = {"color": ink}  # not fill, before which a text's default colour goes
    if not any(kind in spec for kind in SEVERAL_VIEWS) and "row" not in spec.get("encoding", {}):
        size = LARGE_TEXT if large else TEXT_SIZE
        text |= {"labelFontSize": size, "titleFontSize": size}
        noted["fontSize"] = size
    if large:  # a title longer than its axis would take the plot's room
        config = {**config, "axisY": {"titleFontSize": {"expr": f"height < {LOW} ? 0 : {LARGE_TEXT}"}}}
    described = {part: {**text, **config.get(part, {})} for part in ("axis", "legend", "header")}
    for part in ("axis", "legend"):
        described[part]["aria"] = False  # what Vega tells of them is English; `alt` and the table say it all
    return {**config, **described, "style": {NOTED: noted}}


def by_theme(colours: Mapping[str, str]) -> Spec:
    """One of the colours for "light" and "dark", chosen by the browser as it draws the chart.

    The server knows only the theme of the last look, and the browser's may change while a page is open.
    """
    return {"expr": f"luminance(background) > 0.5 ? '{colours['light']}' : '{colours['dark']}'"}


@cache
def number_locale(language: str) -> dict[str, Any]:
    """What d3 has to know to write numbers, and shares of one, as the texts do."""
    mine = signs(language)
    return {
        "decimal": mine.decimal,
        "thousands": mine.group,
        "grouping": [3],
        "currency": ["", ""],
        "percent": "\N{NO-BREAK SPACE}%",
    }


def of_rows() -> altair.Chart:
    """A chart of the rows that `draw` brings."""
    return altair.Chart(altair.NamedData(**ROWS))


def spec(drawn: altair.Chart | altair.LayerChart) -> Spec:
    """As a dict, for `draw`, which brings the rows; layers with data of their own keep it."""
    built = drawn.to_dict()
    del built["$schema"]
    for part in (built, *built.get("layer", ())):
        if part.get("data") == ROWS:
            del part["data"]
    return built


def along_epochs(title: str, number_format: str = ".6~g") -> altair.X:
    """The x axis of curves; its field is called x."""
    x = altair.X("x:Q").title(title).scale(zero=False, nice=False, padding=6)
    return x.axis(grid=False, tickMinStep=1, format=number_format, labelFlush=False)


def measured(field: str, title: str | None, number_format: str, padding: int = 5) -> altair.Y:
    """A y axis of figures, which need not begin at zero.

    Of `number_format` it takes the kind. Without a number of digits Vega writes as many as tell ticks apart.
    """
    y = altair.Y(field).title(title).scale(zero=False, padding=padding)
    return y.axis(tickCount=5, format=re.sub(r"\.\d+~?", "", number_format))


def styled(channel: Channel, names: Sequence[str], styles: Sequence[Any]) -> Channel:
    """A channel in which every name has its own of the styles, which begin anew when there are too few."""
    return channel.scale(domain=list(names), range=[styles[k % len(styles)] for k in range(len(names))])


def zoom() -> altair.Parameter:
    """Moving and zooming with the pointer; without Shift the wheel must go on scrolling the page."""
    return altair.selection_interval(name="zoom", bind="scales", zoom="wheel![event.shiftKey]")


def hover(chart: altair.Chart, names: Sequence[str], x: str, y: str, y_format: str) -> altair.Chart:
    """A layer that shows the point nearest to the pointer, and tells the fields `names` and its numbers."""
    nearest = altair.selection_point(name="nearest", on="pointerover", nearest=True, clear="pointerout")
    tooltip = [
        *(altair.Tooltip(f"{name}:N").title(" ") for name in names),
        altair.Tooltip("x:Q").title(x).format(",.6~g"),  # batches lie at thirds of an epoch
        altair.Tooltip("y:Q").title(y).format(y_format),
    ]
    shown = altair.when(nearest, empty=False).then(altair.value(1)).otherwise(altair.value(0))
    points = chart.mark_point(filled=True, size=90, clip=True).encode(opacity=shown, tooltip=tooltip)
    return points.add_params(nearest)


def across(levels: Levels, y: altair.Y) -> list[altair.Chart]:
    """Layers of dashed lines across the axis `y`, with their own data; a legend has their words."""
    if not levels:
        return []
    values = [{"level": place, "words": words} for place, words in levels]
    at = y.copy()
    at.shorthand = "level:Q"
    base = altair.Chart(altair.Data(values=values)).encode(y=at)
    return [base.mark_rule(**NOTE, strokeDash=LEVEL_DASH, strokeWidth=1.5)]
