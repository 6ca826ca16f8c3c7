"""Up to four networks side by side, and what each makes of the image."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from pages.parts.base.attempt import held, say_error
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.routes import LAYERS
from pages.parts.base.services import engine
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.linked_choice import set_out, underway
from pages.parts.inside.answers import SECONDS
from pages.parts.inside.garment_choice import GARMENT
from pages.parts.inside.network_choice import NETWORK, Network, as_it_is, networks, say_hidden
from pages.parts.inside.own_garment import OWN
from pages.parts.results.shipped_models import shipped_specs
from pages.parts.try_it.picture import picture
from pages.parts.widgets import mosaics

KEY, ADDRESS = "tryit_networks", "networks"
NAMES = "tryit_names"  # of the networks that were chosen last
MOST = 4
AT_FIRST = ("conv_autoencoder", "r2-unpooled", "r5-1", "r3-2")
TILE = 64

Answers = dict[str, tuple[Network, dict[str, np.ndarray]]]  # the networks that answered, by name


def choose() -> dict[str, str]:
    """What they are called, by their words in the address, which is followed where it names others."""
    # What was just chosen may not have reached the browser's address yet.
    address = "" if underway(ADDRESS) else st.query_params.get(ADDRESS, "")
    linked = [name for name in dict.fromkeys(address.split(",")) if name]
    shown = st.session_state.get(KEY, [])  # a link may have brought runs of others, which stay
    options = networks(*linked[:MOST], *shown)
    for name in linked[:MOST]:
        if name in options or say_hidden(name):
            continue
        if name in st.session_state.get(NAMES, {}):
            said = _("“{name}” was deleted meanwhile.").format(name=as_typed(st.session_state[NAMES][name]))
            st.info(said, icon=":material/delete:")
            continue
        st.warning(_("This link asks for “{asked}”, which is not here.").format(asked=as_typed(name[:40])))
        break
    known = [name for name in linked if name in options][:MOST]
    at_first = [name for name in AT_FIRST if name in options]
    st.session_state[KEY] = known or [name for name in st.session_state.get(KEY, at_first) if name in options]
    chosen = st.multiselect(
        _("Networks, four at most"),
        list(options),
        format_func=lambda name: options.get(name, name),
        max_selections=MOST,
        key=KEY,
        persist_state="session",
        placeholder=_("Choose a network"),
        on_change=_choose,
    )[:MOST]
    st.query_params[ADDRESS] = ",".join(chosen)
    st.session_state[NAMES] = called = {name: options[name] for name in chosen}
    return called


def _choose() -> None:
    """Before the script runs again, or the address would still say the old choice."""
    st.query_params[ADDRESS] = ",".join(held(KEY))
    set_out(ADDRESS)


def side_by_side(chosen: dict[str, str], image: np.ndarray, is_own: bool) -> Answers:
    """Draws what each makes of the image, uint8 (28, 28), which a way leads to the layers with if it is one's
    own."""
    garment = {GARMENT: OWN} if is_own else {}
    answers: Answers = {}
    at_once = _shipped_ones(chosen, image)
    with st.grid(len(chosen), min_column_width=240):
        for name, words in chosen.items():
            with st.container(border=True, height="stretch", key=f"tryit_card_{name}"):
                st.markdown(f"**{as_typed(words)}**")
                try:
                    network = as_it_is(name)
                    made = at_once.get(name) or _made(network, image)
                except LabError as error:
                    say_error(error, f"tryit_{name}")
                    continue
                if not np.isfinite(made["output"]).all():
                    st.warning(_("The numbers in this network have grown beyond all bounds."))
                    continue
                answers[name] = network, made
                if network.spec.task == "autoencoder":
                    _reconstruction(image, made)
                else:
                    _classes(made["output"])
                st.page_link(
                    LAYERS,
                    label=_("Look inside"),
                    icon=":material/layers:",
                    query_params={NETWORK: name, **garment},
                )
    return answers


def _shipped_ones(chosen: dict[str, str], image: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """What the shipped models among them make of it; nothing if one is damaged: each is asked then."""
    models = [name for name in chosen if name in shipped_specs()]
    if len(models) < 2:
        return {}
    try:
        made: dict[str, dict[str, np.ndarray]] = engine().ask(
            "own_image_of_models", timeout=SECONDS, models=models, pixels=image.tobytes()
        )
    except LabError:
        return {}
    return made


def _made(network: Network, image: np.ndarray) -> dict[str, np.ndarray]:
    """Asked anew each time: of a learner's own image no answer is kept."""
    made: dict[str, np.ndarray] = engine().ask(
        "own_image", timeout=SECONDS, **network.asked, pixels=image.tobytes()
    )
    return made


def _reconstruction(image: np.ndarray, made: dict[str, np.ndarray]) -> None:
    drawn = np.rint(255 * made["output"]).astype(np.uint8)
    parts = (
        (image, _("Original")),
        (drawn, _("Reconstruction")),
        (mosaics.error_images(image[None], drawn[None])[0], _("Error")),
    )
    pictures = "".join(picture(pixels, words, TILE) for pixels, words in parts)
    st.html(f'<div class="lab-own">{pictures}</div>')
    st.caption(_("Original, reconstruction, error"))
    st.markdown(_("Mean squared error of a pixel: {error}").format(error=number(float(made["error"]))))


def _classes(chances: np.ndarray) -> None:
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    order = np.argsort(-chances, kind="stable")
    rows = "".join(mosaics.chance_bar(names[k], float(chances[k]), true=False) for k in order[:5])
    st.html(f'<div class="lab-chances">{rows}</div>')
    st.markdown(
        _("It says **{name}**, at {chance}.").format(
            name=names[order[0]], chance=percent(float(chances[order[0]]))
        )
    )
