"""The page of mistakes: cells, garments and pixels, what an address may say, and what cannot be shown."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.engine.engine import Engine, EngineError
from fmnist_core.nets.worker import network_at, slices
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec, read_spec
from pages.parts.base.services import store
from pages.parts.results.shipped_models import shipped_specs
from tests.nets.worker.slice_requests import request_for
from tests.pages.lab_page import page_text

PAGE = "pages/inside/mistakes.py"
SMALL = {"train_size": 300, "validation_size": 100, "epochs": 1, "batch_size": 50}


@pytest.fixture(autouse=True)
def _asks_this_process(monkeypatch: pytest.MonkeyPatch):
    """A worker's answers, without a worker."""
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))

    def ask(engine: Engine, query: str, timeout: float = 5.0, **arguments):
        if "run_id" in arguments:
            arguments["store_url"] = store().url
        try:
            return QUERIES[query](**arguments)
        except LabError as refused:
            raise EngineError(*refused.sentences) from refused

    monkeypatch.setattr(Engine, "ask", ask)
    yield
    STATE_CACHE.clear()


def trained(name: str, **settings) -> str:
    run_id = store().create_run(spec_of(name, **settings), "B" * 22)
    while slices.advance_slice(request_for(store(), run_id)).outcome == "advanced":
        pass
    return run_id


def spec_of(name: str, **settings) -> RunSpec:
    return read_spec({"architecture": name, **SMALL, "hidden_sizes": [12], **settings})


def wall_of(app: AppTest, key: str) -> dict:
    (component,) = [element for element in app.get("bidi_component") if element.key == f"{key}_garments"]
    return json.loads(component.proto.json)


def predictions(model: str) -> tuple[np.ndarray, np.ndarray]:
    answer = QUERIES["test_probabilities"](model=model, first=0, count=1000)["probabilities"]
    return answer, fashion_mnist.load().test_labels


def until(app: AppTest, words: str) -> AppTest:
    """As a browser would, look again while networks are asked."""
    for _ in range(100):
        if words in page_text(app):
            return app
        app.run()
    raise AssertionError(page_text(app))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("by", ["cells", "classes", "confidence", "labels"])
def test_a_run_is_seen_from_every_side(visit: Callable[..., AppTest], by: str, lang: str):
    app = visit(PAGE, network=trained("conv_classifier", loss="mse"), by=by, lang=lang)
    assert not app.error
    assert not app.warning
    assert not app.info
    assert app.segmented_control(key="by").value == by
    if by == "cells":
        for method in ("occlusion", "grad_cam"):
            app.segmented_control(key="method").set_value(method).run()
            assert not app.error
            assert not app.info


def test_a_cell_shows_its_garments_the_surest_first(visit: Callable[..., AppTest]):
    probabilities, labels = predictions("r3-1")
    app = visit(PAGE, network="r3-1")
    app.selectbox(key="is").set_value("6").run()
    app.selectbox(key="taken_for").set_value("0").run()
    assert app.query_params["is"] == "6"
    assert app.query_params["taken_for"] == "0"
    expected = np.flatnonzero((labels == 6) & (probabilities.argmax(1) == 0))
    shown = wall_of(app, "mistakes_6_0")["indices"]
    assert sorted(shown) == expected.tolist()
    assert (np.diff(probabilities[shown].max(1)) <= 0).all()
    assert app.query_params["garment"] == str(shown[0])
    assert f"{len(expected)}** garments are of the class **Shirt**" in page_text(app)


def test_at_first_it_is_the_mistake_made_most(visit: Callable[..., AppTest]):
    probabilities, labels = predictions("r3-1")
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, probabilities.argmax(1)), 1)
    np.fill_diagonal(counts, 0)
    app = visit(PAGE, network="r3-1")
    assert counts[int(app.query_params["is"]), int(app.query_params["taken_for"])] == counts.max()


def test_a_link_to_a_garment_opens_its_cell(visit: Callable[..., AppTest]):
    probabilities, labels = predictions("r3-1")
    app = visit(PAGE, network="r3-1", garment="321")
    assert app.query_params["garment"] == "321"
    assert app.query_params["is"] == str(labels[321])
    assert app.query_params["taken_for"] == str(probabilities[321].argmax())


def test_an_empty_cell_is_said(visit: Callable[..., AppTest]):
    app = visit(PAGE, **{"network": "r3-1", "is": "9", "taken_for": "1"})
    assert "No test garment of the class **Ankle boot** is taken for **Trouser**." in page_text(app)
    assert not [e for e in app.get("bidi_component") if "garments" in e.key]
    assert not app.error


def test_forged_picks_change_nothing(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="r3-1")
    before = dict(app.query_params)
    for forged in ("5", None, {"$": 1}, "-1", "99999999999999999999"):
        app.query_params["garment"] = str(forged)
        app.run()
        assert not app.error
        assert {k: app.query_params[k] for k in ("is", "taken_for")} == {
            k: before[k] for k in ("is", "taken_for")
        }


@pytest.mark.slow
def test_garments_that_most_networks_get_wrong(visit: Callable[..., AppTest]):
    mine = trained("ff_classifier")
    app = until(visit(PAGE, network=mine, by="hardest"), "by every one of them")
    names = list(shipped_specs("classifier"))
    wrong = sum((predictions(name)[0].argmax(1) != predictions(name)[1]).astype(int) for name in names)
    chosen = wall_of(app, "mistakes_hardest")["indices"]
    assert (np.diff(wrong[chosen]) <= 0).all(), "the learner's own run is another learner's here"
    assert f"more than half of {len(names)} networks" in page_text(app)


@pytest.mark.slow
def test_a_link_to_an_autoencoder_says_what_to_choose(visit: Callable[..., AppTest]):
    for name in ("r1-n64", trained("ff_autoencoder")):
        app = visit(PAGE, network=name)
        assert "is an autoencoder: it tells no classes apart. Choose a classifier here." in page_text(app)
        assert app.query_params["network"] != name
        assert not app.error


@pytest.mark.slow
def test_what_cannot_be_shown_is_said(visit: Callable[..., AppTest]):
    untrained = store().create_run(spec_of("ff_classifier"), "B" * 22, "Soon")
    assert "“Soon” has not trained yet." in page_text(visit(PAGE, network=untrained))
    run_id = trained("ff_classifier")
    assert "This link asks for “99”" in page_text(visit(PAGE, network=run_id, step="99"))
    app = visit(PAGE, network=run_id)
    store().delete(run_id)
    app.selectbox(key="is").set_value("3").run()
    assert not app.error
    assert f"This link asks for “{run_id}”" in page_text(app)
    assert "There is no test garment “10000”" in page_text(visit(PAGE, network="r3-1", garment="10000"))


@pytest.mark.slow
def test_a_run_that_trains_is_seen_at_one_step_until_the_learner_looks_again(visit: Callable[..., AppTest]):
    run_id = store().create_run(spec_of("ff_classifier", epochs=50), "B" * 22)
    slices.advance_slice(request_for(store(), run_id, seconds=0.02))
    app = visit(PAGE, network=run_id)
    first = next(element.value for element in app.caption if "The run trains" in element.value)
    slices.advance_slice(request_for(store(), run_id, seconds=0.02))
    app.run()
    assert first in page_text(app)
    app.button(key="mistakes_again").click().run()
    assert first not in page_text(app)
    assert "The run trains" in page_text(app)


@pytest.mark.slow
def test_numbers_beyond_all_bounds_are_said(visit: Callable[..., AppTest]):
    run_id = trained("ff_classifier")
    network_at.still(store().url, run_id).weights["hidden.0.bias"][2] = float("nan")
    assert "grown beyond all bounds" in page_text(visit(PAGE, network=run_id))
