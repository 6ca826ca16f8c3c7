"""A chart's figures as a table, for whoever reads by ear or wants the numbers: one keystroke after the chart.

The table is made from the spec and the rows of the chart itself, when somebody opens it and not before: what
the chart's tooltip shows of a row are its columns, with the titles and number formats that they have there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pyarrow as pa
import streamlit as st

from pages.parts.base.formatting import NONE

Spec = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]
Words = Callable[[float, str], str]  # a number in a d3 format, as the chart writes it


def figures_below(label: str, alt: str, key: str, html: Callable[[], str]) -> None:
    """What unfolds below the chart of this `key` and `alt`; `html` is called while it is open."""
    unfolded = st.expander(label, type="compact", key=f"{key}_figures", on_change="rerun")
    if unfolded.open:
        with unfolded:
            region = f'<div class="lab-figures" tabindex="0" role="region" aria-label="{escape(alt)}">'
            st.html(f"{region}{html()}</div>")


def table_of(spec: Spec, table: pa.Table, alt: str, written: Words) -> str:
    """HTML: the chart's rows, or one row an x and one column a curve where it draws curves."""
    shown = _tooltip(spec)
    names = [field for field in shown if not field["quantitative"]]
    numbers = [field for field in shown if field["quantitative"]]
    rows = [row for row in table.to_pylist() if row.get(shown[-1]["field"]) is not None] if shown else []
    if [field["field"] for field in numbers] == ["x", "y"]:
        x, y = numbers
        tables = _curves(rows, names, x, y, alt, written)
    else:
        body = [[_cell(row.get(field["field"]), field["format"], written) for field in shown] for row in rows]
        tables = html_table(alt, [field["title"] for field in shown], body)
    return tables + _notes(spec, table, written, numbers[-1]["format"] if numbers else "")


def html_table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column has the names of the rows. Nothing in it is HTML yet."""
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = ""
    for name, *values in rows:
        cells = "".join(f"<td>{escape(value)}</td>" for value in values)
        body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    top = f"<caption>{escape(caption)}</caption><thead><tr>{columns}</tr></thead>"
    return f"<table>{top}<tbody>{body}</tbody></table>"


def scrolled(table: str) -> str:
    """A table that is wider or longer than its place: reached, and moved, by the keyboard, too."""
    return f'<div class="lab-figures" tabindex="0">{table}</div>'


def number_in(value: float, d3_format: str, marks: Mapping[str, Any]) -> str:
    """The number as d3 writes it in this format, with the signs of a d3 number locale."""
    trims, plain = "~" in d3_format, d3_format.replace("~", "")
    if not plain or plain[-1] not in "fg%":
        plain, trims = f"{plain}.12g", True
    text = format(value, plain)
    if trims:
        text = re.sub(r"(\.\d*?)0+(?=%|$)", r"\1", text).replace(".%", "%").removesuffix(".")
    separators = {".": marks["decimal"], ",": marks["thousands"], "-": "−", "%": marks["percent"]}
    return "".join(separators.get(letter, letter) for letter in text)


def _tooltip(spec: Spec) -> list[dict[str, Any]]:
    """The fields of the longest tooltip in the spec: name, title, format, whether it is a number."""
    encodings = [part.get("encoding", {}) for part in (spec, *spec.get("layer", ()))]
    tooltips = [one["tooltip"] for one in encodings if isinstance(one.get("tooltip"), list)]
    return [
        {
            "field": shown["field"],
            "title": shown.get("title", "").strip(),
            "format": shown.get("format", ""),
            "quantitative": shown["type"] == "quantitative",
        }
        for shown in max(tooltips, key=len, default=[])
    ]


def _curves(
    rows: Rows, names: Rows, x: Mapping[str, Any], y: Mapping[str, Any], alt: str, written: Words
) -> str:
    """Curves with points at the same places stand side by side; the others have tables of their own."""
    by_curve: dict[str, dict[float, float]] = {}
    for row in rows:
        curve = ", ".join(str(row[name["field"]]) for name in names)
        by_curve.setdefault(curve, {})[row["x"]] = row["y"]
    # Curves over epochs may be of unequal length; those of batches lie between them.
    whole = {
        curve for curve, points in by_curve.items() if all(float(place).is_integer() for place in points)
    }
    groups = [[curve for curve in by_curve if curve in whole]]
    groups += [[curve] for curve in by_curve if curve not in whole]
    tables = []
    for group in filter(None, groups):
        places = sorted({place for curve in group for place in by_curve[curve]})
        body = [
            [
                written(place, x["format"]),
                *(_cell(by_curve[c].get(place), y["format"], written) for c in group),
            ]
            for place in places
        ]
        tables.append(html_table(f"{alt} ({y['title']})", [x["title"], *group], body))
    return "".join(tables)


def _notes(spec: Spec, table: pa.Table, written: Words, number_format: str) -> str:
    """What the chart says of lines across, and at places along x."""
    levels = [row for layer in spec.get("layer", ()) for row in layer.get("data", {}).get("values", ())]
    lines = [f"{row['words']}: {written(row['level'], number_format)}".removeprefix(": ") for row in levels]
    if "note" in table.column_names:
        lines += [f"{written(row['x'], '')}: {row['note']}" for row in table.to_pylist() if row["note"]]
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _cell(value: Any, number_format: str, written: Words) -> str:
    if value is None:
        return NONE
    return value if isinstance(value, str) else written(value, number_format)
