"""A link to copy, and the same as a QR code, which the telephones of a whole hall read off the wall."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import segno
import streamlit as st

from pages.parts.base.i18n import _

MOST_CHARACTERS = 500  # a code of more is so fine that no telephone reads it off a wall
QUIET = 4  # modules of white around it, by the standard
SIDE = 280  # pixels


def share_link(url: str) -> None:
    """Both, or the link alone and why there is no code."""
    st.code(url, language=None, wrap_lines=True)
    code = qr_code(url)
    if code is None:
        st.caption(
            _(
                "This link is too long for a QR code: it has {n:,} characters, and {most} can be read off a "
                "wall. Copy it, or choose fewer runs."
            ).format(n=len(url), most=MOST_CHARACTERS)
        )
    else:
        alt = escape(_("QR code of this link"))
        st.html(f'<img class="lab-qr" src="{code}" alt="{alt}" width="{SIDE}" height="{SIDE}">')


@lru_cache(maxsize=64)
def qr_code(text: str) -> str | None:
    """As the URI of a picture, black on white in any theme; `None` for what is too long, or nothing."""
    if not 0 < len(text) <= MOST_CHARACTERS:
        return None
    code = segno.make_qr(text, error="m")
    return str(code.svg_data_uri(border=QUIET, dark="#000", light="#fff", scale=4))
