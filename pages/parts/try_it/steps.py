"""Every step from a photo to 28 × 28 pixels as a picture, and a switch for each."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from fmnist_core.data.photo import Photo
from fmnist_core.data.preparation import STEPS, NothingSeen, Prepared, prepare
from fmnist_core.sentences import Sentence
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed
from pages.parts.try_it.picture import picture

KEY = "tryit_steps"
TILE = 96
NAMES = {
    "upright": Sentence("Turn upright"),
    "grey": Sentence("Turn grey"),
    "invert": Sentence("Invert"),
    "background": Sentence("Blacken the background"),
    "crop": Sentence("Crop"),
    "proportions": Sentence("Shrink"),
    "sharpen": Sentence("Sharpen"),
    "centre": Sentence("Centre"),
}
LEFT_OUT = {
    "upright": Sentence(
        "A camera held on its side stores the picture so, and notes in the file (EXIF) how it was held. "
        "Unread, the garment lies down, and no network here has seen one lying."
    ),
    "grey": Sentence(
        "Instead of the brightness that eyes see, the network gets the red channel alone: what is red looks "
        "white."
    ),
    "invert": Sentence(
        "In the data set the background is black and the garment bright. Where a photo is not inverted, the "
        "network sees a bright frame with a dark hole."
    ),
    "background": Sentence(
        "The shop's photos had a perfectly white background. A wall has shadows, and each pixel of them is "
        "something that the network tries to explain."
    ),
    "crop": Sentence("With the room around it the garment becomes tiny: few of the 784 pixels show it."),
    "proportions": Sentence("Both sides become 28 pixels long: trousers grow as wide as a pullover."),
    "sharpen": Sentence("Shrinking blurs seams and edges; the data set's images were sharpened after it."),
    "centre": Sentence(
        "The garment is at the top left. To a feed-forward network a shift makes other pixels of it, all new."
    ),
}


def steps(photo: Photo) -> np.ndarray | None:
    """The 28 × 28 pixels, by the steps switched on; `None`, with the reason, if there is nothing in it."""
    pictures = st.container()
    chosen = st.pills(
        _("Steps that are taken"),
        STEPS,
        selection_mode="multi",
        default=STEPS,
        format_func=lambda step: say(NAMES[step]),
        key=KEY,
        persist_state="session",
        help=_("Leave one out to see what it is for."),
        wrap=True,
    )
    without = [step for step in STEPS if step not in (chosen or ())]
    try:
        prepared = prepare(photo, without)
    except NothingSeen as empty:
        st.info(as_typed(say(empty)), icon=":material/visibility_off:")
        return None
    pictures.html(_row(prepared, without))
    for step in without:
        st.caption(_("Without “{step}”: {why}").format(step=say(NAMES[step]), why=say(LEFT_OUT[step])))
    if not prepared.was_light and "invert" not in without:
        st.caption(_("The background is dark already, so nothing had to be inverted."))
    return prepared.image


def _row(prepared: Prepared, without: list[str]) -> str:
    figures = ""
    for place, (step, pixels) in enumerate(prepared.stages.items(), 1):
        name = f"{place}. {say(NAMES[step])}"
        words = _("{step} (left out)").format(step=name) if step in without else name
        figures += (
            f"<figure{' class=lab-left-out' if step in without else ''}>"
            f"<span>{picture(_shown(pixels), words, TILE, TILE)}</span>"
            f"<figcaption>{escape(words)}</figcaption></figure>"
        )
    return f'<div class="lab-steps">{figures}</div>'


def _shown(pixels: np.ndarray) -> np.ndarray:
    """Not larger than it is seen on a fine screen; small ones enlarged so that their pixels are seen."""
    longest = max(pixels.shape[:2])
    if longest < TILE:
        times = -(-TILE // longest)
        return pixels.repeat(times, 0).repeat(times, 1)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((2 * TILE, 2 * TILE), Image.Resampling.BOX)
    return np.asarray(image)
