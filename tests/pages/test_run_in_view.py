"""The run in view and the form beside it: they agree, or the page says in what they differ; a run stays."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.spec import RunSpec, read_spec
from pages.parts.base.services import store
from pages.parts.base.spec_words import within
from pages.parts.widgets.share_link import MOST_CHARACTERS, qr_code
from tests.pages.lab_page import page_text

PAGE, CLASSIFIER = "pages/lab/autoencoder.py", "pages/lab/classifier.py"
SPEC = read_spec({"architecture": "ff_autoencoder", "hidden_sizes": [8], "dropout": 0.3, "epochs": 4})
DIFFERS = "**Train** starts another experiment than the run in view"


def mine(app: AppTest, spec: RunSpec = SPEC, name: str = "Eight") -> str:
    return store().create_run(spec, app.session_state["learner"], name, status="finished")


def test_the_form_shows_the_settings_of_the_run_in_view(visit: Callable[..., AppTest]):
    app = visit(PAGE, run=store().create_run(SPEC, "B" * 22, status="finished"))
    assert app.selectbox(key="ae_hidden_sizes_ff_autoencoder").value == "8"
    assert app.select_slider(key="ae_dropout").value == 0.3
    assert DIFFERS not in page_text(app)


def test_in_what_train_would_differ_is_said_beside_it_and_can_be_taken_back(visit: Callable[..., AppTest]):
    app = visit(PAGE, run=store().create_run(SPEC, "B" * 22, status="finished"))
    app.select_slider(key="ae_dropout").set_value(0.5).run()
    assert f"{DIFFERS}: dropout 0.5 instead of 0.3." in page_text(app)
    for name, value in (("train_size", 1000), ("seed", 4), ("epochs", 7)):
        app.text_input(key=f"ae_{name}").set_value(str(value)).run()
    assert "and 1 more." in page_text(app)
    app.button(key="use_settings").click().run()
    assert DIFFERS not in page_text(app)
    assert app.query_params["ae_dropout"] == "0.3"


@pytest.mark.parametrize(
    ("alone", "inside"),
    [
        ("Cross-entropy", "cross-entropy"),
        ("Época", "época"),
        ("SGD", "SGD"),
        ("Adam", "Adam"),
        ("0.3", "0.3"),
        ("", ""),
    ],
)
def test_within_a_sentence_only_names_have_a_capital(alone: str, inside: str):
    assert within(alone) == inside


def test_a_link_that_says_more_than_its_run_is_followed(visit: Callable[..., AppTest]):
    app = visit(PAGE, run=store().create_run(SPEC, "B" * 22, status="finished"), ae_hidden_sizes="32")
    assert app.selectbox(key="ae_hidden_sizes_ff_autoencoder").value == "32"
    assert "hidden size 32 instead of 8" in page_text(app)


@pytest.mark.parametrize("with_encoder_there", [True, False])
def test_a_classifier_on_an_encoder_of_somebody_else(visit: Callable[..., AppTest], with_encoder_there: bool):
    encoder = store().create_run(SPEC, "C" * 22, "Encoder", status="finished")
    source = {"architecture": "ff_autoencoder", "origin": "run", "id": encoder}
    spec = read_spec({"architecture": "encoder_classifier", "hidden_sizes": [8], "encoder": source})
    run_id = store().create_run(spec, "B" * 22, status="finished")
    if not with_encoder_there:
        store().delete(encoder)
    app = visit(CLASSIFIER, run=run_id)
    assert not app.exception
    gone = "This trained encoder is no longer there. Choose another one."
    assert (gone in page_text(app)) is not with_encoder_there
    assert DIFFERS not in page_text(app)


def test_a_page_without_a_run_offers_to_go_on_with_the_last(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    assert "go_on" not in [one.key for one in app.button]
    older, _newer = mine(app), mine(app, SPEC.changed(seed=1), "Newer")
    app.run()
    assert app.button(key="go_on").label == "Go on with “Newer”"
    app.query_params["run"] = older
    app.run()
    app.query_params.clear()  # as a click on the page that one is on does
    app.session_state["address_autoencoder"] = (app.session_state["address_autoencoder"][0], 0.0)
    app.run()
    assert app.button(key="go_on").label == "Go on with “Eight”"
    assert "ae_hidden_sizes" not in app.query_params
    app.button(key="go_on").click().run()
    assert app.query_params["run"] == older
    assert app.query_params["ae_hidden_sizes"] == "8"


def test_another_pages_run_is_not_offered(visit: Callable[..., AppTest]):
    app = visit(CLASSIFIER)
    mine(app)
    app.run()
    assert "go_on" not in [one.key for one in app.button]


def test_a_link_becomes_a_code_unless_it_is_too_long():
    code = qr_code("https://lab.example/autoencoder?run=abcdefghijkl")
    assert code is not None
    assert code.startswith("data:image/svg+xml")
    assert qr_code("x" * MOST_CHARACTERS) is not None
    assert qr_code("x" * (MOST_CHARACTERS + 1)) is None
    assert qr_code("") is None


def test_too_many_runs_for_a_code_are_said_and_their_link_stays(visit: Callable[..., AppTest]):
    ids = [store().create_run(SPEC, "B" * 22, status="finished") for _ in range(60)]
    app = visit("pages/results/runs.py", browser={"url": "http://lab.example/runs"}, runs=",".join(ids))
    assert "This link is too long for a QR code" in page_text(app)
    assert any(ids[-1] in one.value for one in app.code)
