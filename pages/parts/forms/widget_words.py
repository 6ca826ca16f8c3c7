"""What Streamlit's own widgets for files and for the camera say, in the learner's language.

Their words are English, and no parameter changes them: a style shows ours in their place, and a script tells
them to who hears the page, whatever the widget draws anew.
"""

from __future__ import annotations

import json

import streamlit as st

from pages.parts.base.i18n import _

NAME_BUTTONS = """<script>
{
    const widget = document.querySelector(".st-key-KEY"), parts = {childList: true, subtree: true}
    const name = () => {
        for (const [place, words] of Object.entries(JSON.parse(widget.dataset.words)))
            for (const node of widget.querySelectorAll(place))
                node.closest("button")?.setAttribute("aria-label", words)
    }
    if (widget) {
        if (!widget.dataset.words) new MutationObserver(name).observe(widget, parts)
        widget.dataset.words = JSON.stringify(WORDS)
        name()
    }
}
</script>"""


def file_words(key: str, takes: str, refused: str) -> None:
    """On the button of the widget of this key, and below it what it takes.

    Why a file was `refused` by its kind or size the browser alone knows, and says only where a pointer rests.
    """
    button = '[data-testid="stFileUploaderDropzone"] button :has(> p)'
    invalid = '[data-testid="stFileChip"][aria-invalid="true"]'
    _say(
        key,
        {button: _("Choose a file")},
        hidden=f'{button} > p, [data-testid="stFileUploaderDropzoneInstructions"], '
        f'{invalid} > [role="alert"], [data-testid="stTooltipErrorContent"]',
    )
    below = (
        f"<style>.stFileUploader:has({invalid})::after {{ content: {_quoted(refused)}; display: block; "
        "margin-top: 0.5rem; font-weight: 600; }</style>"
    )
    st.html(below)
    st.caption(takes)


def camera_words(key: str) -> None:
    camera, button = '[data-testid="stCameraInput"]', '[data-testid="stCameraInputButton"]'
    refused = '[data-testid="stCameraInputWebcamComponent"] :has(> a)'
    _say(
        key,
        {
            f"{camera}:not(:has(img)) {button}": _("Take the photo"),
            f"{camera}:has(img) {button}": _("Another photo"),
            refused: _("The browser has to allow this page the camera."),
        },
        hidden=f"{refused} > a",
    )


def _say(key: str, words: dict[str, str], hidden: str) -> None:
    rules = "".join(
        f"{place} {{ font-size: 0 !important; }}"
        f"{place}::after {{ content: {_quoted(text)}; font-size: 1rem; }}"
        for place, text in words.items()
    )
    styles = f"<style>{rules}{hidden} {{ display: none !important; }}</style>"
    st.html(styles)
    script = NAME_BUTTONS.replace("KEY", key).replace("WORDS", json.dumps(words))
    st.html(script, unsafe_allow_javascript=True)


def _quoted(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)
