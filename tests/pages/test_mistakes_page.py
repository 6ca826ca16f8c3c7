"""The page of mistakes: cells, garments and pixels, what an address may say, and what cannot be shown."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.nets.worker import network_at, slices
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.store import schema
from pages.parts.base.services import store
from pages.parts.mistakes import wall as walls
from pages.parts.mistakes.label_doubts import label_doubts
from pages.parts.results.shipped_models import shipped_specs
from tests.nets.worker.slice_requests import request_for
from tests.pages.inside_page import answer_here, spec_of, trained
from tests.pages.lab_page import page_text

PAGE = "pages/inside/mistakes.py"


@pytest.fixture(autouse=True)
def _asks_this_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    answer_here(monkeypatch)
    yield
    STATE_CACHE.clear()


def wall_of(app: AppTest, key: str) -> dict:
    (component,) = [element for element in app.get("bidi_component") if element.key == f"{key}_garments"]
    return json.loads(component.proto.json)


def page_control(asked: int | None, listed: list[int]) -> str:
    """The key of the one for these garments."""
    return f"mistakes_labels_page_{hash((asked, *listed))}"


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
    app = visit(PAGE, network=trained(spec_of("conv_classifier")), by=by, lang=lang)
    for _ in range(100):  # as a browser would, while the test garments go through the network
        if "by" not in {control.key for control in app.segmented_control}:
            app.run()
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
    assert wall_of(app, "mistakes_6_0")["picked"] == shown[0]
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


CELL = {"network": "r3-1", "is": "6", "taken_for": "0"}


def picked(monkeypatch: pytest.MonkeyPatch, app: AppTest, value: object) -> AppTest:
    """What a browser says was picked, as the component hands it on."""

    def pick(*_of_the_wall, key: str, on_pick: Callable[[], None], **_more) -> None:
        st.session_state[key] = SimpleNamespace(picked=value)
        on_pick()

    with monkeypatch.context() as patch:
        patch.setattr(walls, "pick_garment", pick)
        return app.run()


@pytest.mark.parametrize("forged", ["5", None, [], {"$": 1}, -1, 10**20, float("nan"), 0.5])
def test_forged_picks_change_nothing(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, forged: object
):
    app = visit(PAGE, **CELL)
    address = dict(app.query_params)
    picked(monkeypatch, app, forged)
    assert not app.error
    assert dict(app.query_params) == address


@pytest.mark.parametrize("kind", [int, float])
def test_a_garment_of_the_wall_is_picked(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, kind: type
):
    app = visit(PAGE, **CELL)
    another = wall_of(app, "mistakes_6_0")["indices"][3]
    picked(monkeypatch, app, kind(another))
    assert app.query_params["garment"] == str(another)


def test_a_page_of_the_wall_gives_way_to_another_garment_and_other_garments(visit: Callable[..., AppTest]):
    """The page shown and the one that the control names are the same, and hold what the link names."""
    app = visit(PAGE, network="r3-1", by="labels")
    listed = label_doubts(fashion_mnist.load().test_labels, predictions("r3-1")[0]).indices.tolist()
    assert len(listed) > 40
    app.session_state[page_control(None, listed)] = 2
    app.run()
    assert wall_of(app, "mistakes_labels")["indices"] == listed[40:80]
    app.query_params["garment"] = str(listed[3])
    app.run()
    assert wall_of(app, "mistakes_labels")["indices"] == listed[:40]
    assert app.session_state[page_control(listed[3], listed)] == 1
    app.session_state[page_control(listed[3], listed)] = 2
    app.run()
    until(app.selectbox(key="network").set_value("r5-1").run(), "labels are doubtful")
    wall = wall_of(app, "mistakes_labels")
    assert wall["picked"] in wall["indices"]


@pytest.mark.parametrize("by", ["labels", "cells"])
def test_to_look_picks_no_garment(visit: Callable[..., AppTest], by: str):
    elsewhere = int(np.flatnonzero(fashion_mnist.load().test_labels == 1)[0])
    app = visit(PAGE, **CELL, by=by, garment=str(elsewhere))
    assert app.query_params["garment"] == str(elsewhere)
    app = visit(PAGE, **CELL, by=by)
    assert "garment" not in app.query_params
    assert "inside_garment" not in app.session_state


def test_another_network_begins_with_a_method_that_it_has(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="r5-1", method="grad_cam")
    app.selectbox(key="network").set_value("r3-1").run()
    assert not app.warning
    assert app.segmented_control(key="method").value == "gradients"


@pytest.mark.slow
def test_garments_that_most_networks_get_wrong(visit: Callable[..., AppTest]):
    mine = trained(spec_of("ff_classifier"))
    app = until(visit(PAGE, network=mine, by="hardest"), "by every one of them")
    names = list(shipped_specs("classifier"))
    wrong = sum((predictions(name)[0].argmax(1) != predictions(name)[1]).astype(int) for name in names)
    chosen = wall_of(app, "mistakes_hardest")["indices"]
    assert (np.diff(wrong[chosen]) <= 0).all(), "the learner's own run is another learner's here"
    assert f"more than half of {len(names)} networks" in page_text(app)


@pytest.mark.slow
def test_a_link_to_an_autoencoder_says_what_to_choose(visit: Callable[..., AppTest]):
    for name in ("r1-n64", trained(spec_of("ff_autoencoder"))):
        app = visit(PAGE, network=name)
        assert "is an autoencoder: it tells no classes apart. Choose a classifier here." in page_text(app)
        assert app.query_params["network"] != name
        assert not app.error


@pytest.mark.slow
def test_what_cannot_be_shown_is_said(visit: Callable[..., AppTest]):
    untrained = store().create_run(spec_of("ff_classifier"), "B" * 22, "Soon")
    assert "“Soon” has not trained yet." in page_text(visit(PAGE, network=untrained))
    encoder = store().create_run(spec_of("ff_autoencoder"), "B" * 22, "Encoder")
    app = visit(PAGE, network=encoder)
    assert "“Encoder” is an autoencoder: it tells no classes apart." in page_text(app)
    assert "has not trained" not in page_text(app)
    run_id = trained(spec_of("ff_classifier"))
    assert "This link asks for “99”" in page_text(visit(PAGE, network=run_id, step="99"))
    app = visit(PAGE, network=run_id)
    store().delete(run_id)
    app.selectbox(key="is").set_value("3").run()
    assert not app.error
    assert "was deleted meanwhile. You see another network." in page_text(app)
    assert "There is no test garment “10000”" in page_text(visit(PAGE, network="r3-1", garment="10000"))


@pytest.mark.slow
def test_a_run_that_trains_is_seen_at_one_step_until_the_learner_looks_again(visit: Callable[..., AppTest]):
    run_id = store().create_run(spec_of("ff_classifier").changed(epochs=50), "B" * 22)
    slices.advance_slice(request_for(store(), run_id, seconds=0.02))
    app = visit(PAGE, network=run_id)
    first = next(element.value for element in app.caption if "The run trains" in element.value)
    slices.advance_slice(request_for(store(), run_id, seconds=0.02))
    app.run()
    assert first in page_text(app)
    app.button(key="inside_look_again").click().run()
    assert first not in page_text(app)
    assert "The run trains" in page_text(app)


@pytest.mark.slow
def test_numbers_beyond_all_bounds_are_said(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    network_at.still(store().url, run_id).weights["hidden.0.bias"][2] = float("nan")
    assert "grown beyond all bounds" in page_text(visit(PAGE, network=run_id))


@pytest.mark.slow
def test_a_run_whose_test_figures_a_claim_keeps_closed_shows_nothing_of_them(visit):
    run_id = trained(spec_of("ff_classifier"))
    with store().database.writing() as connection:
        connection.execute(update(schema.runs).where(schema.runs.c.id == run_id).values(closed=True))
    app = visit("pages/inside/mistakes.py", network=run_id)
    assert "what is seen here would open them" in app.info[0].value
