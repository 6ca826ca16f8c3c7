"""What the lab is, three ways into it, and something trained to play with at once."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.lessons.progress import ProgressInLessons
from fmnist_core.lessons.reading import all_lessons
from fmnist_core.replication.claims import CLAIMS as ALL_CLAIMS
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec, read_spec
from pages.parts.base import services
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import AUTOENCODER, CLAIMS, CLASSIFIER, LESSONS, REPORTS
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


def ways_in(trained: Trained | None) -> None:
    """One for who is new, one for who wants to train, one for who came for the reports."""
    dataset = fashion_mnist.load()
    _tshirt, trouser, _pullover, dress, _coat, _sandal, shirt, sneaker, _bag, boot = dataset.test_images[
        fashion_mnist.snapshot_indices(dataset)
    ]
    drawn = [] if trained is None else [trained.outputs[-1][9]]
    with st.grid(3, min_column_width=240):
        way_in(
            [shirt, _("→ a shirt, or a coat?")],
            _("I am new here"),
            _("Short lessons: a question, your guess, a network that you watch learn, and what it means."),
            lesson_links,
        )
        way_in(
            [boot, _("→ 64 numbers →"), *drawn],
            _("I want to train"),
            _("Set hidden size, dropout, learning rate; press Train; see the loss fall, garment by garment."),
            training_links,
        )
        way_in(
            [trouser, dress, sneaker],
            _("I came for the reports"),
            _(
                "Five course reports and their {n} claims: published figures beside ours, and a verdict over "
                "several seeds."
            ).format(n=len(ALL_CLAIMS)),
            report_links,
        )


def way_in(picture: Sequence[np.ndarray | str], title: str, text: str, links: Callable[[], None]) -> None:
    with st.container(border=True, height="stretch"):
        st.html(mosaics.flow(picture, alt=title))
        st.subheader(title, anchor=False)
        st.markdown(text)
        links()


def lesson_links() -> None:
    """To the first lesson, or to the one that the learner worked at last."""
    lessons = all_lessons()
    begun = ProgressInLessons(services.store(), learner_id()).all()
    slug = next((slug for slug in begun if lessons.of(slug)), None)
    label = _("Start lesson 1") if slug is None else _("Go on with my lesson")
    if st.button(label, type="primary", icon=":material/school:", key="lesson_begin"):
        address = {} if not lessons.lessons else {"lesson": slug or lessons.lessons[0].slug}
        st.switch_page(LESSONS, query_params=address)
    st.page_link(LESSONS, label=_("All lessons"), icon=":material/list:")


def training_links() -> None:
    pressed = st.button(
        _("Train your first network"),
        icon=":material/play_arrow:",
        key="train_first",
        help=_("A small autoencoder. It takes a few seconds, and you see every one of them."),
    )
    if pressed:
        train_first()
    with st.container(horizontal=True, gap="medium"):
        st.page_link(AUTOENCODER, label=_("Autoencoder"), icon=":material/compress:")
        st.page_link(CLASSIFIER, label=_("Classifier"), icon=":material/category:")


def report_links() -> None:
    st.page_link(REPORTS, label=_("Open the reports"), icon=":material/menu_book:")
    st.page_link(CLAIMS, label=_("Open the claims"), icon=":material/fact_check:")


def train_first() -> None:
    try:
        run_id = services.engine().submit(
            first_spec(fashion_mnist.load()), learner_id(), name=_("My first network")
        )
    except LabError as error:
        st.error(as_typed(say(error)))
    else:
        st.switch_page(AUTOENCODER, query_params={"run": run_id})


st.title(_("Watch a neural network learn"))
st.markdown(
    _("Train real networks on pictures of clothes, live, in your browser. Where would you like to begin?"),
    width=720,
)
model = None
with guard():  # a damaged model is named, and the page goes on without it
    model = first_trained()
ways_in(model)
recent_runs()
if model is not None:
    first_models(model)
