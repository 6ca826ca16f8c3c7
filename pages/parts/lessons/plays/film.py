"""A run of the lesson to look at moment by moment: ten garments and what the network made of them."""

from __future__ import annotations

import streamlit as st

from fmnist_core.lessons.plays import OfRun
from pages.parts.base.i18n import _, lesson_text
from pages.parts.base.typed_text import as_typed
from pages.parts.lessons.plays.trained import Trained, name_of, not_trained
from pages.parts.run.film import film as garments_by_moment
from pages.parts.run.watched import watched


def film(settings: OfRun, trained: Trained) -> None:
    name = name_of(settings, trained)
    if name not in trained.runs:
        not_trained(name)
        return
    st.caption(
        _("The run “{name}”: move through its training, and see what it draws.").format(
            name=as_typed(lesson_text(name))
        )
    )
    garments_by_moment(watched(trained.runs[name].id))
