"""What Streamlit's own widgets for files and for the camera say, in the learner's language."""

from __future__ import annotations

import json

import streamlit as st

from pages.parts.base.i18n import _


def file_words(takes: str, refused: str) -> None:
    """On the button, and below the widget what it takes, of which its own words are English.

    Why a file was `refused` by its kind or size the browser alone knows, and says only where a pointer rests.
    """
    around = '[data-testid="stFileUploaderDropzone"] button :has(> p)'
    invalid = '[data-testid="stFileChip"][aria-invalid="true"]'
    _say(
        {around: _("Choose a file")},
        hidden=f'[data-testid="stFileUploaderDropzoneInstructions"], '
        f'{invalid} > [role="alert"], [data-testid="stTooltipErrorContent"]',
    )
    # The button's own word stays for who hears it: a name that a style gives is no name to every reader.
    below = (
        f"<style>{around} > p {{ position: absolute; font-size: 0 !important; }} "
        f".stFileUploader:has({invalid})::after {{ content: {_quoted(refused)}; display: block; "
        "margin-top: 0.5rem; font-weight: 600; }</style>"
    )
    st.html(below)
    st.caption(takes)


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
        f"{place}::after {{ content: {_quoted(text)}; font-size: 1rem; }}"
        for place, text in words.items()
    )
    styles = f"<style>{rules}{hidden} {{ display: none !important; }}</style>"
    st.html(styles)


def _quoted(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)
