"""What the lab is, something trained at once, and one click to a training of one's own."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec, read_spec
from pages.parts.base import services
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import AUTOENCODER, CLASSIFIER, DATA
from pages.parts.base.typed_text import as_typed
from pages.parts.frame.frame import guard
from pages.parts.results.first_models import first_models
from pages.parts.results.shipped_models import Trained, first_trained
from pages.parts.run.recent import recent_runs
from pages.parts.widgets import mosaics


def first_spec(dataset: fashion_mnist.Dataset) -> RunSpec:
    """Small enough to be over within seconds, and to fit into the sample."""
    sizes = (20_000, 2_000) if dataset.is_full else (6_000, 1_000)
    return read_spec(
        {
            "architecture": "ff_autoencoder",
            "hidden_sizes": [64],
            "dropout": 0.05,
            "epochs": 8,
            "train_size": sizes[0],
            "validation_size": sizes[1],
        }
    )


def introduction() -> None:
    st.title(_("Watch a neural network learn"))
    st.markdown(
        _(
            "Train real networks on 70,000 pictures of clothes, live, in your browser. Set the size of a "
            "hidden layer, the dropout, the learning rate; press Train; see the loss fall and the garments "
            "take shape. Pause, look closer, change your mind, try again."
        ),
        width=720,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            _("Train your first network"), type="primary", icon=":material/play_arrow:", key="train_first"
        )
        st.caption(_("A small autoencoder. It takes a few seconds, and you see every one of them."))
    if pressed:
        train_first()


def train_first() -> None:
    try:
        run_id = services.engine().submit(
            first_spec(fashion_mnist.load()), learner_id(), name=_("My first network")
        )
    except LabError as error:
        st.error(as_typed(say(error)))
    else:
        st.switch_page(AUTOENCODER, query_params={"run": run_id})


def entries(trained: Trained | None) -> None:
    dataset = fashion_mnist.load()
    tshirt, trouser, _pullover, dress, _coat, sandal, shirt, sneaker, bag, boot = dataset.test_images[
        fashion_mnist.snapshot_indices(dataset)
    ]
    drawn = [] if trained is None else [trained.outputs[-1][9]]
    st.header(_("Three ways in"))
    with st.grid(3, min_column_width=240):
        entry(
            [tshirt, trouser, dress, sneaker, bag, sandal],
            _("Look at the data"),
            _("Ten classes of clothes, 28 × 28 pixels each. Leaf through them, and see why a shirt is hard."),
            DATA,
            _("Open the data"),
            ":material/grid_view:",
        )
        entry(
            [boot, _("→ 64 numbers →"), *drawn],
            _("Build an autoencoder"),
            _("How few numbers does it take to draw a garment again? Set the hidden size, and see."),
            AUTOENCODER,
            _("Open the autoencoder"),
            ":material/compress:",
        )
        entry(
            [shirt, _("→ a shirt, or a coat?")],
            _("Build a classifier"),
            _("Teach a network to tell ten classes apart, and find out which ones it confuses."),
            CLASSIFIER,
            _("Open the classifier"),
            ":material/category:",
        )


def entry(
    picture: Sequence[np.ndarray | str], title: str, text: str, page: str, link: str, icon: str
) -> None:
    with st.container(border=True, height="stretch"):
        st.html(mosaics.flow(picture, alt=title))
        st.subheader(title, anchor=False)
        st.markdown(text)
        st.page_link(page, label=link, icon=icon)


introduction()
shipped = None
with guard():  # a damaged model is named, and the page goes on without it
    shipped = first_trained()
if shipped is not None:
    first_models(shipped)
entries(shipped)
recent_runs()
