"""The classifier's page: a run trained for real, its confusion matrix, encoders to start from."""

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from fmnist_core.spec import LIMITS, SpecError, read_spec
from pages.parts.base.numerals import exact
from pages.parts.base.services import store
from pages.parts.base.spec_words import words
from pages.parts.forms import url_state
from pages.parts.forms.form_values import ARCHITECTURES, DEFAULTS, choices, spec_of, values_of, with_network
from pages.parts.run.confusions import hardest
from tests.pages.lab_page import enabled_buttons, metric_value, page_text, watch_run

PAGE = "pages/lab/classifier.py"
ENCODER = read_spec({"architecture": "conv_autoencoder", "hidden_sizes": [32], "scaling": "symmetric"})


@pytest.mark.usefixtures("training")
def test_a_run_fills_its_confusion_matrix(visit: Callable[..., AppTest]):
    app = visit(
        PAGE,
        cl_hidden_sizes="32",
        cl_train_size="1000",
        cl_validation_size="500",
        cl_epochs="3",
        cl_dropout="0",
    )
    app.button(key="bar_train").click().run()
    run = watch_run(app, "finished")
    assert run.spec.hidden_sizes == (32,)
    assert metric_value(app, "Test accuracy") == f"{100 * run.test_accuracy:.1f}\N{NO-BREAK SPACE}%"
    assert int(np.trace(run.test_confusion)) == round(run.test_accuracy * 1000)
    assert re.search(rf"{np.trace(run.test_confusion):,} of 1,000 images are right", page_text(app))
    assert len(app.get("vega_lite_chart")) == 3  # losses, accuracies, the confusion matrix
    app.segmented_control(key=f"confusion_{run.id}_images").set_value("validation").run()
    matrix = store().confusion(run.id, 3)
    assert f"{np.trace(matrix):,} of 500 images are right" in page_text(app)
    (guesses,) = (
        element.value for element in app.get("html") if element.value.startswith('<div class="lab-guesses"')
    )
    assert guesses.count("<img") == 10


def test_an_encoder_of_ones_own_decides_sizes_and_pooling(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    mine = store().create_run(ENCODER, app.session_state["learner"], "My encoder", status="finished")
    store().create_run(ENCODER, "B" * 22, "Theirs", status="finished")
    app.segmented_control(key="cl_architecture").set_value("encoder_classifier").run()
    box = app.selectbox(key="cl_encoder")
    assert "My encoder" in box.options
    assert "Theirs" not in box.options
    box.set_value(f"run:{mine}").run()
    app.toggle(key="cl_frozen").set_value(True).run()
    assert "Convolutional, hidden size 32, inputs [−1, 1]" in page_text(app)
    assert app.query_params["cl_encoder"] == f"run:{mine}"
    app.button(key="bar_train").click().run()
    spec = store().run(app.query_params["run"]).spec
    assert spec.hidden_sizes == (32,)
    assert spec.encoder.model_dump() == {
        "architecture": "conv_autoencoder",
        "origin": "run",
        "id": mine,
        "frozen": True,
        "dropout": True,
    }


def test_a_frozen_encoder_may_rest(visit: Callable[..., AppTest]):
    app = visit(PAGE, cl_architecture="encoder_classifier")
    assert "Dropout in the frozen encoder" not in [toggle.label for toggle in app.toggle]
    app.toggle(key="cl_frozen").set_value(True).run()
    assert "switched off at random in each training step" in page_text(app)
    app.toggle(key="cl_encoder_dropout").set_value(False).run()
    assert "The frozen encoder rests" in page_text(app)
    assert app.query_params["cl_encoder_dropout"] == "off"
    app.button(key="bar_train").click().run()
    run = store().run(app.query_params["run"])
    assert (run.spec.encoder.frozen, run.spec.encoder.dropout) == (True, False)
    assert "untrained, frozen, without dropout" in words("encoder", run.spec.encoder)


def test_a_link_may_name_the_encoder_of_another_learner_but_not_one_that_is_gone(
    visit: Callable[..., AppTest],
):
    theirs = store().create_run(ENCODER, "B" * 22, "Theirs", status="finished")
    app = visit(PAGE, cl_architecture="encoder_classifier", cl_encoder=f"run:{theirs}")
    assert app.selectbox(key="cl_encoder").value == f"run:{theirs}"
    app = visit(PAGE, cl_architecture="encoder_classifier", cl_encoder="run:gone", cl_frozen="on")
    assert "“encoder” in the address was ignored." in page_text(app)
    assert app.selectbox(key="cl_encoder").value == "random"
    assert app.toggle(key="cl_frozen").value is True
    assert "bar_train" in enabled_buttons(app)


def test_spanish(visit: Callable[..., AppTest]):
    app = visit(PAGE, lang="es", cl_hidden_sizes="128,64,32,16,8")
    assert app.title[0].value == "Clasificador"
    assert "Se ignoró «hidden_sizes» de la dirección." in page_text(app)


def test_the_hardest_pairs_count_both_ways():
    names = [f"class {k}" for k in range(10)]
    matrix = 90 * np.eye(10, dtype=int)
    assert hardest(matrix, names) == "All 900 images are classified rightly."
    matrix[6, 0], matrix[0, 6], matrix[4, 2] = 7, 5, 11
    sentence = hardest(matrix, names)
    assert sentence.startswith("900 of 923 images are right.")
    assert sentence.endswith("class 0 and class 6 (12), class 2 and class 4 (11).")


@some.composite
def forms(draw):
    """The values of a form that make a spec, any of them."""
    task = draw(some.sampled_from(sorted(ARCHITECTURES)))
    architecture = draw(some.sampled_from(ARCHITECTURES[task]))
    values = with_network(DEFAULTS[task], architecture)
    most = 4 if architecture in ("ff_classifier", "conv_classifier") else 1
    sizes = draw(some.lists(some.integers(1, 300), min_size=1, max_size=most))
    values["hidden_sizes"] = ", ".join(map(str, sizes))
    for name, low, high in (("dropout", 0, 0.9), ("momentum", 0, 0.99)):
        values[name] = draw(some.floats(low, high))
    values["learning_rate"] = exact(draw(some.floats(*LIMITS["learning_rate"])))
    values["batch_size"] = str(draw(some.integers(1, 5000)))
    for name in ("epochs", "patience", "seed"):
        values[name] = str(draw(some.integers(*LIMITS[name])))
    values["train_size"] = str(draw(some.integers(5000, 40_000)))
    values["validation_size"] = str(draw(some.integers(1, 20_000)))
    values["optimizer"] = draw(some.sampled_from(["adam", "sgd"]))
    values["scaling"] = draw(some.sampled_from(["unit", "symmetric", "standard"]))
    for name in {"pooling", "early_stopping", "frozen", "encoder_dropout"} & values.keys():
        values[name] = draw(some.booleans())
    return task, values


@given(forms())
def test_a_form_and_its_spec_and_its_address_say_the_same(form):
    task, values = form
    try:
        spec = spec_of(task, values, {})
    except SpecError as error:
        assume("parameters; the limit is" not in str(error))
        raise
    assert spec_of(task, values_of(spec), {}) == spec
    given_address = {name: url_state.to_text(value) for name, value in values.items()}
    read, ignored = url_state.read(
        given_address, DEFAULTS[task], choices(task, ()), partial(spec_of, task, encoders={})
    )
    assert not ignored
    assert spec_of(task, read, {}) == spec
    assert read == values


@given(
    some.sampled_from(sorted(ARCHITECTURES)),
    some.dictionaries(some.sampled_from([*DEFAULTS["classifier"], "nonsense"]), some.text(max_size=30)),
)
def test_whatever_an_address_says_the_form_can_be_trained(task: str, given_address: dict[str, str]):
    read, ignored = url_state.read(
        given_address, DEFAULTS[task], choices(task, ()), partial(spec_of, task, encoders={})
    )
    spec_of(task, read, {})
    assert len(ignored) >= sum(name not in DEFAULTS[task] for name in given_address)
