"""Where a picture comes from: drawn, sent as a file, taken by the camera, or one of the test garments.

Of a file the server keeps nothing: it is cut down to a small picture at once, which this session holds until
another takes its place.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fmnist_core.data import fashion_mnist, photo
from fmnist_core.data.photo import Photo, PhotoError
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.widget_words import camera_words, file_words
from pages.parts.inside.garment_choice import choose_garment
from pages.parts.try_it.canvas import canvas
from pages.parts.try_it.picture import picture

TYPES = ("jpg", "jpeg", "png", "gif", "webp", "bmp")
WIDTH = 480
CANVAS, FILE, CAMERA = "tryit_canvas", "tryit_file", "tryit_camera"


def drawing() -> Photo | None:
    drawn = canvas(CANVAS)
    return photo.read(drawn) if drawn else None


def file() -> Photo | None:
    st.file_uploader(_("A photo of a garment"), type=TYPES, key=FILE, width=WIDTH)
    file_words(
        FILE,
        _("JPEG, PNG, GIF, WebP or BMP, {most} MB at most; or drop it here.").format(
            most=photo.MOST_BYTES >> 20
        ),
        _(
            "A file was not taken: it is of another kind, or too large. Save the picture as a JPEG, and send "
            "that."
        ),
    )
    return _kept(FILE)


def camera() -> Photo | None:
    st.camera_input(_("A garment in front of the camera"), key=CAMERA, width=WIDTH)
    camera_words(CAMERA)
    return _kept(CAMERA)


def test_garment() -> np.ndarray:
    """uint8 (28, 28), which needs no preparation."""
    garment = choose_garment()
    name = say(fashion_mnist.CLASS_NAMES[garment.label])
    st.html(f'<div class="lab-own">{picture(garment.image, name, 196)}</div>')
    st.caption(_("A garment of the test set has 28 × 28 pixels already: it needs none of the steps."))
    return garment.image


SOURCES: dict[str, Callable[[], Photo | np.ndarray | None]] = {
    "draw": drawing,
    "file": file,
    "camera": camera,
    "garment": test_garment,
}


def source(name: str) -> Photo | np.ndarray | None:
    """The photo or the 28 × 28 pixels of one of `SOURCES`; `None`, with the reason said, if there is none."""
    try:
        return SOURCES[name]()
    except PhotoError as refused:
        st.error(as_typed(say(refused)), icon=":material/broken_image:")
        return None


def _kept(widget: str) -> Photo | None:
    """What was made of the widget's file when it came. Raises `PhotoError` as then."""
    kept = f"{widget}_photo"
    value = st.session_state.get(widget)
    if value is None:  # nothing chosen yet, or taken away
        st.session_state.pop(kept, None)
        return None
    if isinstance(value, UploadedFile):
        try:
            st.session_state[kept] = photo.read(value.getvalue())
        except PhotoError as refused:
            st.session_state[kept] = refused
        finally:
            _let_go(value)
    made = st.session_state.get(kept)
    if isinstance(made, PhotoError):
        raise made
    return made


def _let_go(sent: UploadedFile) -> None:
    """The widget goes on showing the file's name; its content leaves the server's memory."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_file(context.session_id, sent.file_id)  # type: ignore[attr-defined]
