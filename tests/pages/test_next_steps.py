"""What a run that has ended is said to have shown, and the steps that are offered then."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.events import Epoch
from fmnist_core.spec import read_spec
from pages.parts.base.lesson import what_fell, what_stayed_blurred, what_stayed_confused
from pages.parts.base.services import store
from tests.pages.lab_page import page_text, watch_run

PAGE, CLASSIFIER = "pages/lab/autoencoder.py", "pages/lab/classifier.py"


def epochs(*losses: float | None, train: float = 0.03) -> list[Epoch]:
    """One for each validation loss."""
    return [
        Epoch(n, 10 * n, 0.2, train, loss, None, None, None, 0.001, 1.0) for n, loss in enumerate(losses, 1)
    ]


@pytest.mark.parametrize(
    ("losses", "first", "said"),
    [
        ((0.06, 0.04, 0.03), 0.17, "from 0.1700 at the start to 0.0300 after epoch 3, more than half"),
        ((0.16, 0.12, 0.08, 0.03), 0.17, "to 0.0300 after epoch 4, half of it by epoch 3."),
        ((0.06, 0.04, 0.05), 0.17, "to 0.0400 on validation images after epoch 2; then it rose to 0.0500"),
        ((0.06, 0.04, 0.0401), 0.17, "more than half of it within the first epoch."),
        (
            (0.06, 0.04, 0.18),
            0.17,
            "to 0.0400 on validation images after epoch 2; then it rose to 0.1800, as",
        ),
        ((0.3, 0.4), 0.17, "The loss did not fall: 0.1700 at the start, 0.4000 after epoch 2."),
        ((None, None), 0.17, "to 0.0300 after epoch 2"),
    ],
)
def test_what_fell_is_said_with_the_runs_own_figures(losses: tuple, first: float, said: str):
    assert said in str(what_fell(epochs(*losses), first))


def test_what_rises_on_training_images_too_was_not_learned_by_heart():
    fell, rose = epochs(0.06, 0.04, train=0.03), epochs(0.06, 0.04, 0.18, train=0.05)
    said = str(what_fell([*fell, rose[-1]], 0.17))
    assert "rose to 0.1800, and on training images it rose too" in said


@pytest.mark.parametrize(("losses", "first"), [((), 0.1), ((float("nan"),), 0.1), ((0.1,), float("inf"))])
def test_nothing_is_said_of_what_is_no_number(losses: tuple, first: float):
    assert what_fell(epochs(*losses), first) is None


def test_the_most_and_the_least_blurred_garment_are_named_with_the_error_that_the_loss_measures():
    originals = np.full((10, 28, 28), 255, np.uint8)
    outputs = np.full((10, 28, 28), 204, np.uint8)  # wrong by a fifth
    outputs[5], outputs[1] = 0, 255
    said = str(what_stayed_blurred(originals, outputs, CLASS_NAMES))
    assert said == (
        "Of the ten garments one stayed the most blurred: Sandal (error 1.0000). "
        "Best came back: Trouser (0.0000)."
    )


def test_the_pair_confused_most_is_counted_both_ways():
    matrix = np.diag(np.full(10, 90))
    matrix[0, 6], matrix[6, 0], matrix[2, 4] = 5, 4, 8
    said = str(what_stayed_confused(matrix, CLASS_NAMES))
    assert "98.1 % of the test images rightly" in said
    assert "T-shirt/top and Shirt (images: 9)" in said
    assert "Every test image" in str(what_stayed_confused(np.diag(np.full(10, 5)), CLASS_NAMES))


@pytest.mark.usefixtures("training")
def test_after_an_autoencoder_each_step_does_what_it_says(visit: Callable[..., AppTest]):
    sizes = {"ae_train_size": "500", "ae_validation_size": "200", "ae_epochs": "3"}
    app = visit(PAGE, ae_hidden_sizes="16", **sizes)
    assert "next_size" not in [one.key for one in app.button]
    app.button(key="bar_train").click().run()
    first = watch_run(app, "finished")
    text = page_text(app.run())  # as the page does by itself when it sees the end
    assert f"to {store().epochs(first.id)[-1].validation_loss:.4f} after epoch 3" in text
    assert "one stayed the most blurred" in text
    app.button(key="next_pca").click().run()
    assert app.toggle(key=f"pca_{first.id}").value
    assert "next_pca" not in [one.key for one in app.button]
    app.button(key="next_size").click().run()
    second = watch_run(app, "finished")
    assert second.spec == first.spec.changed(hidden_sizes=(8,))
    assert app.button(key="next_size").label == "Train it with 64 numbers"
    assert app.query_params["ae_hidden_sizes"] == "8"
    app.button(key="next_classifier").click().run()
    assert app.title[0].value == "Classifier"
    assert app.selectbox(key="cl_encoder").value == f"run:{second.id}"
    assert "bar_train" in [one.key for one in app.button if not one.disabled]


def test_after_a_classifier_a_step_starts_and_another_fills_the_form(visit: Callable[..., AppTest]):
    dataset = fashion_mnist.load()
    spec = read_spec({"architecture": "ff_classifier", "train_size": 2000, "validation_size": 500})
    run_id = store().create_run(spec, "B" * 22, status="running")
    events = epochs(0.5)
    store().write_slice(run_id, store().claim(run_id), events, step=20, epoch=1, seconds=1.0)
    store().set_status(run_id, "stopped")
    assert len(dataset.train_labels) > 2000
    app = visit(CLASSIFIER, run=run_id)
    app.button(key="next_conv").click().run()
    assert "network convolutional" in page_text(app)
    app.button(key="next_few").click().run()
    assert store().run(app.query_params["run"]).spec == spec.changed(train_size=1000)
