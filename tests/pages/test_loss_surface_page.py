"""The loss around the weights: both kinds of directions, any place, progress, both languages, bad links."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.engine.engine import Engine
from fmnist_core.nets.worker import network_at
from fmnist_core.nets.worker.loss_surface import query
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from pages.parts.base.services import store
from pages.parts.loss_surface import surface_part
from pages.parts.loss_surface.sliced import filled
from pages.parts.loss_surface.surface_chart import place_clicked, place_format
from tests.pages.inside_page import answer_here, html, spec_of, trained
from tests.pages.lab_page import page_text

PAGE = "pages/learn/training_step.py"
ROW, COLUMN = "loss_surface_row", "loss_surface_column"


@pytest.fixture(autouse=True)
def _without_workers(monkeypatch: pytest.MonkeyPatch):
    answer_here(monkeypatch)
    query.SLICES.clear()
    yield
    query.SLICES.clear()
    STATE_CACHE.clear()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "SECONDS", 60.0)


@pytest.mark.parametrize("width", [1e-9, 3e-4, 0.02, 1.0, 7.0, 4000.0])
def test_no_two_places_read_alike(width: float):
    along = np.linspace(-width, 0.3 * width, 21)
    written = [format(place, place_format(along)) for place in along]
    assert len(set(written)) == len(written)
    assert place_format(np.zeros(21)) == ".2f", "a path that does not move"


def charts(app: AppTest) -> list:
    return app.get("vega_lite_chart")


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", ["ff_autoencoder", "ff_classifier"])
def test_both_slices_are_drawn_with_a_place_to_choose(visit: Callable[..., AppTest], name: str, lang: str):
    app = visit(PAGE, network=trained(spec_of(name)), part="surface", lang=lang)
    for directions in ("random", "path"):
        app.segmented_control(key="directions").set_value(directions).run()
        assert not app.exception
        assert not app.error
        assert not app.info, page_text(app)
        assert app.query_params["directions"] == directions
        assert len(charts(app)) == 2
        assert ('<img src="' in html(app)) == (name == "ff_autoencoder"), "only an autoencoder draws garments"
        before = page_text(app)
        app.session_state[COLUMN] = 20  # AppTest cannot move a slider whose options are no texts
        app.run()
        assert not app.exception
        assert page_text(app) != before, "another loss"


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_the_loss_in_the_centre_is_the_runs_own(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    app = visit(PAGE, network=run_id, part="surface", loss_on="validation")
    last = store().epochs(run_id)[-1].validation_loss
    assert f"the network as it is: **{last:.4f}**" in page_text(app)
    assert f"at the cross: **{last:.4f}**" in page_text(app)


def test_a_slice_is_computed_while_the_page_asks_again(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(query, "SECONDS", 0.0)
    app = visit(PAGE, network=trained(spec_of("ff_classifier")), part="surface")
    assert len(app.get("progress")) == 1
    assert "not computed yet" not in page_text(app), "the centre comes first"
    app.session_state[COLUMN] = 20
    app.run()
    assert "not computed yet" in page_text(app)
    monkeypatch.setattr(query, "SECONDS", 60.0)
    app.run()
    assert not app.get("progress")
    assert "not computed yet" not in page_text(app)
    monkeypatch.setattr(Engine, "ask", None)
    app.run()
    assert not app.exception, "a whole slice is asked for once"


@pytest.mark.slow
def test_a_model_that_came_with_the_lab_has_random_directions_only(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(query, "SECONDS", 0.0)
    app = visit(PAGE, part="surface")
    assert not app.exception
    assert app.segmented_control(key="directions").options == ["Random directions"]
    assert len(charts(app)) == 2


def test_a_run_of_two_moments_has_no_path_and_is_asked_once(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    spec = spec_of("ff_classifier").changed(batch_size=300)
    app = visit(PAGE, network=trained(spec), part="surface", directions="path")
    assert not app.exception
    assert "A plane takes 3 moments" in page_text(app)
    monkeypatch.setattr(Engine, "ask", None)
    app.run()
    assert not app.exception
    assert "A plane takes 3 moments" in page_text(app)


def test_of_a_network_too_large_for_a_path_random_directions_are_left(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    spec = spec_of("ff_classifier")
    monkeypatch.setattr(surface_part, "MOST_NUMBERS", 3 * spec.parameter_count - 1)
    app = visit(PAGE, network=trained(spec), part="surface")
    assert app.segmented_control(key="directions").options == ["Random directions"]
    assert "too many to hold a path" in page_text(app)


def test_numbers_beyond_all_bounds_are_said(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    network_at.still(store().url, run_id).weights["hidden.0.bias"][2] = float("nan")
    app = visit(PAGE, network=run_id, part="surface")
    assert "beyond all bounds" in page_text(app)
    assert not charts(app)


@pytest.mark.slow
def test_a_link_that_asks_for_what_is_not_here_is_said_in_place(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(query, "SECONDS", 0.0)
    app = visit(PAGE, part="surface", directions="path", loss_on="test", drawn="9")
    assert "This link asks for “path”" in page_text(app), "a model that came with the lab has no path"
    assert "This link asks for “9”" in page_text(app)
    assert "This link asks for “test”" in page_text(app)
    assert not app.exception


@pytest.mark.parametrize(
    "sent",
    [
        None,
        3,
        {"selection": None},
        {"selection": {"place": 5}},
        {"selection": {"place": [{"row": "1", "column": 2}]}},
        {"selection": {"place": [{"row": 21, "column": 2}]}},
        {"selection": {"place": [{"row": True, "column": 2}]}},
    ],
)
def test_what_a_browser_sends_that_is_no_place_is_no_click(sent: object):
    assert place_clicked(sent, 21, 21) == (None, None)


def test_a_click_is_a_place():
    assert place_clicked({"selection": {"place": [{"row": 20, "column": 0}]}}, 21, 21) == (20, 0)


def test_a_coarse_picture_has_a_block_for_every_place_that_is_known():
    losses, known = np.full((21, 21), np.nan), np.zeros((21, 21), bool)
    losses[4, 7], known[4, 7] = 2.0, True
    losses[3, 6], known[3, 6] = 5.0, True
    shown = filled(losses, known)
    assert shown[3, 6] == 5
    shown[3, 6] = 2
    assert (shown[3:6, 6:9] == 2).all()
    assert np.isnan(shown).sum() == 21 * 21 - 9
