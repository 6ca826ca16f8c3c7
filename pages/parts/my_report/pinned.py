"""The pins of a section: what each shows, its caption, its place."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pyarrow as pa
import streamlit as st

from fmnist_core.own_report.markdown import refused_formulas, to_html
from fmnist_core.own_report.pin import DAMAGED, PinError
from fmnist_core.own_report.report import Pin, Report
from fmnist_core.own_report.sections import SECTIONS, TEMPLATES
from pages.parts.base.attempt import held
from pages.parts.base.i18n import _, current_language, say
from pages.parts.base.numerals import signs
from pages.parts.base.pins import own_report
from pages.parts.base.typed_text import as_typed
from pages.parts.my_report.change import change, keyed_by
from pages.parts.my_report.retold import retold_pin
from pages.parts.widgets import chart
from pages.parts.widgets.figures_table import html_table, scrolled

# `st.html` takes formulas out.
_with_formulas = st.components.v2.component(
    "written_with_formulas",
    js="export default ({ data, parentElement }) => { parentElement.innerHTML = data.html }",
    isolate_styles=False,
)
GARMENTS_WIDTH = 610  # pixels, as on the pages that they come from


def pinned(report: Report, section: str) -> None:
    pins = report.pins_of(section)
    for place, pin in enumerate(pins):
        with st.container(border=True, key=f"pin_{pin.id}"):
            told = _told(pin)
            _content(told)
            _caption(pin, told.caption)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                for by, icon, label, enabled in (
                    (-1, "arrow_upward", _("Up"), place > 0),
                    (1, "arrow_downward", _("Down"), place + 1 < len(pins)),
                ):
                    st.button(
                        label,
                        icon=f":material/{icon}:",
                        key=f"pin_{pin.id}_{by}",
                        type="tertiary",
                        disabled=not enabled,
                        on_click=change,
                        args=(lambda pin=pin, by=by: own_report().move_pin(pin.id, by),),
                    )
                _section(report, pin, section)
                st.button(
                    _("Delete"),
                    icon=":material/delete:",
                    key=f"pin_{pin.id}_delete",
                    type="tertiary",
                    on_click=change,
                    args=(lambda pin=pin: own_report().delete_pin(pin.id),),
                )


def pinned_content(pin: Pin) -> None:
    """What the pin shows, from its own data, and its caption, in the learner's language.

    Its runs may be gone.
    """
    told = _told(pin)
    _content(told)
    shown(told.caption, f"pin_{pin.id}")


def _content(pin: Pin) -> None:
    content = pin.content
    try:
        if content is None:
            raise PinError(DAMAGED)
        if content.kind == "chart":
            _chart(content.data, pin)
        elif content.kind == "table":
            table = html_table("", content.data["heads"], content.data["rows"])
            st.html(scrolled(table))
        else:
            _pictures(content.data, pin)
    except (PinError, pa.ArrowException):
        st.warning(say(DAMAGED), icon=":material/broken_image:")


def _told(pin: Pin) -> Pin:
    language = current_language()
    return retold_pin(pin, language, decimal_comma=signs(language).decimal == ",")


def shown(markdown: str, key: str) -> None:
    """What a learner wrote: no pictures and no HTML of theirs. A page may have one text more than once."""
    if not markdown.strip():
        return
    html = f'<div class="lab-written">{to_html(markdown)}</div>'
    if "<math" in html:
        # Streamlit refuses two underlines in a row, which a pin's id may have.
        _with_formulas(data={"html": html}, key=f"{key}_written".replace("_", "-"))
    else:
        st.html(html)


def say_refused_formulas(markdown: str) -> None:
    for error in refused_formulas(markdown):
        st.caption(f":material/function: {as_typed(say(error))}")


def _chart(data: Mapping[str, Any], pin: Pin) -> None:
    table = pa.Table.from_pylist(data["rows"])
    chart.draw(table, dict(data["spec"]), f"pinned_{pin.id}", pin.caption[:200])


def _pictures(data: Mapping[str, Any], pin: Pin) -> None:
    rows = ""
    for file, name in zip(data["png"], data["captions"], strict=True):
        picture = f'<img src="data:image/png;base64,{file}" alt="{escape(name)}" width="{GARMENTS_WIDTH}">'
        rows += f"<div><span>{escape(name)}</span></div>{picture}"
    label = escape(pin.caption[:80])
    region = f'<div style="overflow-x: auto" tabindex="0" role="region" aria-label="{label}">'
    st.html(f"{region}{rows}</div>")


def _caption(pin: Pin, caption: str) -> None:
    key = keyed_by(f"pin_{pin.id}_caption", caption)
    st.text_area(
        _("Caption"),
        caption,
        key=key,
        height="content",
        on_change=change,
        args=(lambda: own_report().describe_pin(pin.id, held(key), pin.caption),),
    )
    say_refused_formulas(caption)


def _section(report: Report, pin: Pin, section: str) -> None:
    key, sections = f"pin_{pin.id}_section", TEMPLATES[report.template]
    if len(sections) < 2:
        return
    st.selectbox(
        _("Section"),
        sections,
        index=sections.index(section),
        key=key,
        format_func=lambda name: say(SECTIONS[name]),
        label_visibility="collapsed",
        width=200,
        on_change=change,
        args=(lambda: own_report().place_pin(pin.id, held(key)),),
    )
