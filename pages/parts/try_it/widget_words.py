"""What Streamlit's own widgets for files and for the camera say, in the learner's language."""

from __future__ import annotations

import json

import streamlit as st

from fmnist_core.data.photo import MOST_BYTES
from pages.parts.base.i18n import _


def file_words() -> None:
    """On the button, and below the widget what it takes, of which its own words are English."""
    around = '[data-testid="stFileUploaderDropzone"] button :has(> p)'  # whose own words a reader would hear
    _say(
        {around: _("Choose a file")},
        hidden=f'[data-testid="stFileUploaderDropzoneInstructions"], {around} > p',
    )
    st.caption(
        _("JPEG, PNG, GIF, WebP or BMP, {most} MB at most; or drop it here.").format(most=MOST_BYTES >> 20)
    )


def camera_words() -> None:
    camera = '[data-testid="stCameraInput"]'
    _say(
        {
            f'{camera}:not(:has(img)) [data-testid="stCameraInputButton"]': _("Take the photo"),
            f'{camera}:has(img) [data-testid="stCameraInputButton"]': _("Another photo"),
            f'{camera} [data-testid="stCameraInputWebcamComponent"] :has(> a)': _(
                "The browser has to allow this page the camera."
            ),
        },
        hidden=f"{camera} :has(> a) > a",
    )


def _say(words: dict[str, str], hidden: str) -> None:
    rules = "".join(
        f"{place} {{ font-size: 0 !important; }}"
        f"{place}::after {{ content: {json.dumps(str(text), ensure_ascii=False)}; font-size: 1rem; }}"
        for place, text in words.items()
    )
    styles = f"<style>{rules}{hidden} {{ display: none !important; }}</style>"
    st.html(styles)
