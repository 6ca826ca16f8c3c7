"""Fashion-MNIST, looked at from five sides, one at a time."""

import streamlit as st

from pages.parts.base import pins
from pages.parts.base.i18n import _
from pages.parts.dataset.classes import classes
from pages.parts.dataset.gallery import gallery
from pages.parts.dataset.garment import one_garment
from pages.parts.dataset.pixel_values import pixel_values
from pages.parts.dataset.split import split
from pages.parts.forms.address_choice import address_choice

VIEWS = {
    "gallery": gallery,
    "garment": one_garment,
    "classes": classes,
    "pixels": pixel_values,
    "split": split,
}

st.title(_("The data"))
st.markdown(
    _(
        "Fashion-MNIST: 70,000 real product photographs, shrunk to 28 × 28 grey pixels, in ten classes "
        "with 7,000 garments each. Small enough to train on while you wait, hard enough that networks "
        "still get it wrong."
    ),
    width=720,
)
view = address_choice(
    _("What to look at"),
    {
        "gallery": _("Gallery"),
        "garment": _("One garment"),
        "classes": _("Classes"),
        "pixels": _("Pixels"),
        "split": _("Split"),
    },
    key="view",
)
pins.about_runs(pins.of_data)
VIEWS[view]()
