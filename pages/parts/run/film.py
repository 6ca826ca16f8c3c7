"""The film of a run: ten test garments, one a class, as the network saw them at one moment after another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.own_report import pin
from fmnist_core.spec import snapshot_steps
from fmnist_core.store.runs import Run, SnapshotInfo
from fmnist_core.store.status import OPEN
from pages.parts.base.i18n import _, say
from pages.parts.base.pins import pin_button
from pages.parts.frame.frame import guard
from pages.parts.run.watched import Watched
from pages.parts.widgets import mosaics
from pages.parts.widgets.pinning.reading import content
from pages.parts.widgets.scrubber import place, scrub


def film(latest: Watched) -> None:
    """The ten garments at the frame chosen, over the scrubber that chooses it."""
    run, frames = latest.run, latest.snapshots
    steps = latest.once("moments", lambda: moments(run, frames))
    newest = frames[-1].step if frames else steps[0]
    shown = st.empty()
    words = latest.in_words("moment words", lambda: dict(zip(steps, moment_words(run, *steps), strict=True)))
    step = scrub(
        scrubber_key(run.id),
        _("Film"),
        steps,
        newest,
        words.__getitem__,
        help=_("Frames are close together at first, when most happens. Drag, or use the arrow keys."),
    )
    is_reached = any(frame.step == step for frame in frames)
    with shown.container(), guard():  # a damaged frame is named, and the scrubber leads to others
        if is_reached:
            st.html(latest.in_words(("garments", step), lambda: garments(run, latest.outputs(step))))
        else:
            not_reached(run, step if frames else None)
    if not is_reached:
        return
    if run.spec.task == "autoencoder":
        what = _("Original, reconstruction, error: {moment}").format(moment=words[step])
        pin_button(lambda: _pinned(latest.outputs(step)), what, "film")
    else:
        what = _("Ten test garments and the likeliest classes: {moment}").format(moment=words[step])
        pin_button(lambda: content(garments(run, latest.outputs(step))), what, "film")


def _pinned(outputs: np.ndarray) -> pin.Content:
    originals, _labels, _names = ten_garments()
    errors = mosaics.error_images(originals, outputs)
    return mosaics.content([(_("Original"), originals), (_("Reconstruction"), outputs), (_("Error"), errors)])


def garments(run: Run, outputs: np.ndarray) -> str:
    """The ten garments beside what the network made of them, images or probabilities, as HTML."""
    originals, labels, names = ten_garments()
    names = [say(name) for name in names]
    if run.spec.task == "autoencoder":
        return mosaics.triptychs(originals, outputs, names, alt=_("Original, reconstruction, error"))
    return mosaics.guesses(originals, outputs, labels, names, alt=_("Test garment"))


def not_reached(run: Run, step: int | None) -> None:
    """The originals, in the room that the frame will take, and when that will be; `None` is very soon."""
    originals, labels, names = ten_garments()
    names = [say(name) for name in names]
    if run.spec.task == "autoencoder":
        st.html(mosaics.waiting(originals, names, alt=_("Original; no reconstruction yet")))
    else:
        st.html(
            mosaics.guesses(originals, np.zeros((10, 10)), labels, names, alt=_("Test garment; no guess yet"))
        )
    if step is None:
        st.caption(_("The first pictures come in a moment."))
    else:
        message = _("This frame is taken at {moment}; training has come to {now}.")
        moment, now = moment_words(run, step, run.step)
        st.caption(message.format(moment=moment, now=now))


def moments(run: Run, frames: Sequence[SnapshotInfo]) -> tuple[int, ...]:
    """The steps at which the film has frames, or will have if training goes to its planned end."""
    taken = {frame.step for frame in frames}
    if run.status not in OPEN and run.status != "paused" and taken:
        return tuple(sorted(taken))
    first = min(taken, default=run.parent_step or 0)
    return tuple(sorted(taken | {step for step in snapshot_steps(run.spec) if step >= first}))


def moment_words(run: Run, *steps: int) -> list[str]:
    """What each moment of a run is called."""
    words, length = _("batch {step:,} (epoch {epoch:.3g})"), run.spec.steps_per_epoch
    return [words.format(step=step, epoch=step / length) for step in steps]


def scrubber_key(run_id: str) -> str:
    return f"film_{run_id}"


def frame_in_view(run_id: str) -> int | None:
    """The frame that this session looks at, or last did."""
    return place(scrubber_key(run_id))


@lru_cache(maxsize=2)
def _film_garments(dataset: fashion_mnist.Dataset) -> tuple[np.ndarray, np.ndarray]:
    indices = fashion_mnist.snapshot_indices(dataset)
    return np.asarray(dataset.test_images[indices]), np.asarray(dataset.test_labels[indices])


def ten_garments() -> tuple[np.ndarray, np.ndarray, Sequence]:
    """uint8 (10, 28, 28), labels (10,), and the classes' names."""
    return *_film_garments(fashion_mnist.load()), fashion_mnist.CLASS_NAMES
