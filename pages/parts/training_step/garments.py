"""The garments that take the step, numbered, and which batch they are from."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import count
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.training_step.step import Step
from pages.parts.widgets import pictures
from pages.parts.widgets.pinning.shown import shown

TILE = 76


def _images_in_batch(spec: RunSpec, batch: int) -> int:
    """Counted from 0; an epoch's last batch may be smaller."""
    first = batch % spec.steps_per_epoch * spec.batch_size
    return min(spec.batch_size, spec.train_size - first)


def garments(step: Step) -> None:
    made = step.answer("step_ahead")
    n = len(made["images"])
    words = ngettext("{n} training garment takes this step.", "{n} training garments take this step.", n)
    batch, spec = step.network.asked.get("step"), step.network.spec
    if batch is not None and n <= _images_in_batch(spec, batch):
        words = ngettext(
            "The first garment of the run’s next batch, number {batch}, takes this step.",
            "The first {n} garments of the run’s next batch, number {batch}, take this step.",
            n,
        )
    st.caption(words.format(n=count(n), batch=count((batch or 0) + 1)))
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    captions = [f"{place}. {names[label]}" for place, label in enumerate(made["labels"].tolist(), 1)]
    images = [np.rint(255 * image).astype(np.uint8) for image in made["images"]]
    html = pictures.garments(images, captions, alt=_("Garment"), tile=TILE)
    shown(html, _("The garments of the batch"), "step_garments")
