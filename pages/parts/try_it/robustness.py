"""How well one network does on 1,000 test garments, the more they are disturbed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.data.disturbance import STRENGTHS
from fmnist_core.sentences import LabError, Sentence
from pages.parts.base import pins
from pages.parts.base.formatting import in_full, number, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.services import engine
from pages.parts.base.typed_text import as_typed
from pages.parts.frame.frame import guard
from pages.parts.inside.answers import SECONDS, answer
from pages.parts.inside.network_choice import Network, as_it_is
from pages.parts.widgets.curves import Lines, Series, curves

KINDS = {
    "noise": (Sentence("Noise"), Sentence("Standard deviation of the noise, in shares of white")),
    "blur": (Sentence("Blur"), Sentence("Standard deviation of the blur, in pixels")),
    "shift": (Sentence("Shift"), Sentence("Shift to the right, in pixels")),
    "rotation": (Sentence("Rotation"), Sentence("Rotation, in degrees")),
    "hidden": (Sentence("Hidden part"), Sentence("Side of the hidden square, in pixels")),
}
NETWORK, KIND, MEASURED = "tryit_robust_network", "tryit_robust_kind", "tryit_measured"


def robustness(chosen: dict[str, str]) -> None:
    """Drawn as a fragment: measuring leaves the rest of the page alone."""
    st.header(_("How much does it bear?"))
    st.markdown(_("The same disturbance on the first 1,000 test garments, stronger and stronger."))
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    if st.session_state.get(NETWORK) not in chosen:
        st.session_state[NETWORK] = next(iter(chosen))
    name = left.selectbox(_("Network"), list(chosen), format_func=chosen.get, key=NETWORK)
    kind = right.pills(
        _("Disturbance"),
        list(KINDS),
        format_func=lambda kind: say(KINDS[kind][0]),
        key=KIND,
        default="rotation",
        required=True,
        wrap=True,
    )
    scores = st.session_state.setdefault(MEASURED, {})
    pressed = st.button(_("Measure"), icon=":material/show_chart:", key="tryit_measure")
    with guard():
        try:
            network = as_it_is(name)
            if pressed:
                scores[name, kind] = network.asked, _measured(network, kind)
        except LabError as error:
            st.info(as_typed(say(error)), icon=":material/info:")
        else:
            if (name, kind) in scores:
                asked, measured = scores[name, kind]
                with pins.while_about(pins.of_names(name)):
                    _curve(network, name, kind, measured)
                _say_when(network, asked)


def _measured(network: Network, kind: str) -> list[float]:
    """The score at each of the kind's strengths, one question each, so that progress is seen."""
    strengths = STRENGTHS[kind]
    progress = st.progress(0.0, _("Measuring…"))
    scores = []
    try:
        for place, strength in enumerate(strengths, 1):
            scores.append(float(_asked(network, kind, strength)["score"]))
            progress.progress(place / len(strengths), _("Measuring…"))
    finally:
        progress.empty()
    return scores


def _asked(network: Network, kind: str, strength: float) -> dict[str, np.ndarray]:
    """What changes while it trains is asked anew. Raises `LabError`."""
    if network.training is None:
        return answer("robustness", network, kind=kind, strength=strength)
    latest: dict[str, np.ndarray] = engine().ask(
        "robustness", timeout=SECONDS, **network.asked, kind=kind, strength=strength
    )
    return latest


def _curve(network: Network, name: str, kind: str, scores: list[float]) -> None:
    is_classifier = network.spec.task == "classifier"
    y = _("Accuracy") if is_classifier else _("Error of the reconstruction")
    strengths = STRENGTHS[kind]
    curves(
        Lines.of([Series(y, strengths, scores)]),
        key=f"tryit_robustness_{name}_{kind}",
        x=say(KINDS[kind][1]),
        y=y,
        alt=_("How the network does, the stronger the disturbance"),
        y_format=".0~%" if is_classifier else ".3~f",
        height=260,
    )
    words = percent if is_classifier else number
    worst = int(np.argmin(scores) if is_classifier else np.argmax(scores))
    sentence = (
        _("Undisturbed it classifies {first} rightly; at worst, at {strength}, {worst}.")
        if is_classifier
        else _("Undisturbed its error is {first}; at worst, at {strength}, {worst}.")
    )
    st.markdown(
        sentence.format(
            first=words(scores[0]), strength=in_full(strengths[worst]), worst=words(scores[worst])
        )
    )


def _say_when(network: Network, asked: Mapping[str, Any]) -> None:
    """Where the network may no longer be the one that was `asked`."""
    if network.training is not None:
        st.caption(_("The run trains on; this is how it was when it was measured."))
    elif network.asked != asked:
        st.caption(_("This shows an earlier moment of the run. Measure again to see it as it is now."))
