"""The page of latent space: its map, any place, neighbours, a walk, sliders, film, and what goes wrong."""

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.engine.engine import Engine
from fmnist_core.nets.worker import latent_space, network_at, slices, tsne
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.store import past
from pages.parts.base.services import store
from pages.parts.inside import answers
from pages.parts.inside.network_choice import Network
from pages.parts.latent_space import latent_page, map_chart, movement
from pages.parts.latent_space.map_panel import _clicked
from pages.parts.latent_space.space import Space, space_of
from tests.nets.worker.slice_requests import request_for
from tests.pages.inside_page import answer_here, html, spec_of, trained
from tests.pages.lab_page import metric_value, page_text

PAGE = "pages/inside/latent_space.py"
FEW = 300


@pytest.fixture(autouse=True)
def _few_garments_and_no_workers(monkeypatch: pytest.MonkeyPatch):
    answer_here(monkeypatch)
    monkeypatch.setattr(latent_space, "GARMENTS", FEW)
    yield
    STATE_CACHE.clear()


def subheaders(app: AppTest) -> list[str]:
    return [element.value for element in app.subheader]


def sizes_of_charts(app: AppTest) -> list[int]:
    """What each chart sends to the browser, in bytes."""
    return [len(element.proto.SerializeToString()) for element in app.get("vega_lite_chart")]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", ["ff_autoencoder", "ff_classifier"])
def test_the_page_shows_what_the_network_can_do(visit: Callable[..., AppTest], name: str, lang: str):
    app = visit(PAGE, network=trained(spec_of(name)), lang=lang)
    assert not app.exception
    assert not app.error
    assert not app.info, page_text(app)
    assert len(subheaders(app)) == (5 if name == "ff_autoencoder" else 3), "only an autoencoder draws"
    assert ("no decoder" in page_text(app)) == (name == "ff_classifier" and lang == "en")


def test_the_whole_page_is_small_enough_for_a_slow_line(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(latent_space, "GARMENTS", 2000)
    app = visit(PAGE, network="conv_autoencoder")
    (chart,) = sizes_of_charts(app)
    assert 20_000 < chart < 300_000
    assert len(html(app)) < 300_000
    assert metric_value(app, "Neighbours agree").endswith("\N{NO-BREAK SPACE}%")


def test_where_no_two_garments_differ_nothing_is_said_of_shares(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    def collapsed(network: Network) -> Space:
        space = space_of(network)
        return replace(space, codes=0 * space.codes, shares=0 * space.shares)

    monkeypatch.setattr(latent_page, "space_of", collapsed)
    app = visit(PAGE, network="conv_autoencoder")
    assert not app.exception
    assert metric_value(app, "Variance in the plane") == "–"
    assert "No two garments differ here" in page_text(app)
    assert "hold 90 %" not in page_text(app)


def test_the_cross_moves_and_what_lies_there_is_drawn_anew(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="conv_autoencoder")
    before = html(app)
    app.slider(key="latent_across").set_value(95).run()
    app.slider(key="latent_up").set_value(95).run()
    assert html(app) != before
    assert "empty region" in page_text(app)


def test_a_click_chooses_a_garment_or_a_place(visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch):
    state: dict = {"chart": {"selection": {map_chart.CLICKED: [{"kind": "garment", "index": 41}]}}}
    shown: list[int] = []
    for module in (map_chart, __import__("pages.parts.latent_space.any_place", fromlist=["st"])):
        monkeypatch.setattr(module.st, "session_state", state)
    monkeypatch.setattr("pages.parts.latent_space.map_panel.show_garment", shown.append)
    _clicked("chart", 60, (0.0, 0.0, 10.0, 10.0))
    assert shown == [41]
    cell = {"kind": "cell", "index": -1, "x": 2.0, "x2": 4.0, "y": 7.0, "y2": 9.0}
    state["chart"]["selection"][map_chart.CLICKED] = [cell]
    _clicked("chart", 60, (0.0, 0.0, 10.0, 10.0))
    assert (state["latent_across"], state["latent_up"]) == (30, 80)
    for marks in ([], [{"kind": "circle", "index": -1}]):
        state["chart"]["selection"][map_chart.CLICKED] = marks
        _clicked("chart", 60, (0.0, 0.0, 10.0, 10.0))
    assert shown == [41]


CELL = {"kind": "cell", "x": 2.0, "x2": 4.0, "y": 7.0, "y2": 9.0}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        {"selection": []},
        {"selection": {map_chart.CLICKED: {"kind": "garment"}}},
        *(
            {"selection": {map_chart.CLICKED: [mark]}}
            for mark in (
                "cell",
                {},
                {"kind": "garment"},
                *(
                    {"kind": "garment", "index": index}
                    for index in ("x", -1, 60, 10**9, 1.5, None, float("nan"))
                ),
                {"kind": "cell"},
                *({**CELL, "x": x} for x in ("x", None, [2], float("nan"), float("inf"), 1e9, -1e9)),
            )
        ),
    ],
)
def test_a_forged_click_chooses_nothing(monkeypatch: pytest.MonkeyPatch, sent: object):
    monkeypatch.setattr(map_chart.st, "session_state", {"chart": sent})
    assert map_chart.clicked("chart", 60, (0.0, 0.0, 10.0, 10.0)) is None


def test_a_garment_that_the_data_have_not_is_not_shown(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="conv_autoencoder", garment="3")
    for index in (10**9, -1):
        app.session_state["inside_garment"] = index
        set_out_now(app)
        app.run()
        assert not app.exception
        assert not app.error, page_text(app)


def set_out_now(app: AppTest) -> None:
    """As after a click, whose garment the address has yet to learn."""
    app.session_state["garment_chosen_at"] = time.monotonic()


def test_neighbours_are_of_the_chosen_garment_and_it_is_none_of_them(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="conv_autoencoder", garment="9999")
    far_off = html(app)
    app = visit(PAGE, network="conv_autoencoder", garment="3")
    assert html(app) != far_off
    assert not app.exception
    counted = [int(n) for n in re.findall(r"(\d+) of 10 (?:is|are) of its own class", page_text(app))]
    images = fashion_mnist.load().test_images[:FEW].reshape(FEW, -1) / 255.0
    labels = fashion_mnist.load().test_labels
    order = np.linalg.norm(images - images[3], axis=1).argsort()[1:11]
    assert counted[1] == int((labels[order] == labels[3]).sum())


def test_a_latent_number_that_is_moved_changes_the_drawing_and_nothing_else_on_the_page(
    visit: Callable[..., AppTest],
):
    app = visit(PAGE, network="conv_autoencoder")
    sliders = [one for one in app.select_slider if one.key.startswith("latent_number_")]
    assert len(sliders) == 10
    assert "Ten at a time." in page_text(app)
    key = sliders[0].key
    with_own, again = drawings(app)
    assert with_own == again, "at first both are the same"
    low = QUERIES["latent_map"](model="conv_autoencoder")["codes"][:, int(key.split("_")[2])].min()
    app.session_state[key] = float(low)
    app.run()
    own, moved = drawings(app)
    assert own == with_own
    assert moved != with_own


def test_each_latent_number_has_a_slider_and_what_was_moved_stays_moved(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="conv_autoencoder")
    codes = QUERIES["latent_map"](model="conv_autoencoder")["codes"]
    varying = [int(k) for k in np.argsort(-codes.var(0), kind="stable") if codes[:, k].std() > 0]
    assert len(varying) > 10
    pager = f"latent_numbers_page_{len(varying)}"
    for first in range(0, len(varying), 10):
        app.session_state[pager] = first // 10 + 1
        app.run()
        sliders = [one for one in app.select_slider if one.key.startswith("latent_number_")]
        seen = {int(one.key.split("_")[2]) for one in sliders}
        assert seen == set(varying[first : first + 10]), "the largest variance first"
    key = sliders[-1].key
    with_own, again = drawings(app)
    assert with_own == again
    app.session_state[key] = float(codes[:, int(key.split("_")[2])].max())
    app.run()
    _own, moved = drawings(app)
    app.session_state[pager] = 1
    app.run()
    assert drawings(app) == [with_own, moved]


def drawings(app: AppTest) -> list[str]:
    return re.findall(r'<img src="([^"]*)" alt="Reconstruction of the garment', html(app))


def test_a_walk_ends_where_it_is_told_to(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="conv_autoencoder")
    steps = re.findall(r'<img src="([^"]*)" alt="A walk through latent space', html(app))
    assert len(steps) == 10
    app.selectbox(key="latent_walk_class").set_value(1).run()
    app.button(key="latent_walk_another").click().run()
    after = re.findall(r'<img src="([^"]*)" alt="A walk through latent space', html(app))
    assert after[0] == steps[0]
    assert after[-1] != steps[-1]
    assert fashion_mnist.load().test_labels[app.session_state["latent_walk_to"]] == 1


def test_t_sne_says_how_far_it_is_and_then_draws_its_map(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tsne.WAITING_LINE, "submit", lambda *work: None)
    monkeypatch.setattr(tsne, "MAPS", {})
    app = visit(PAGE, network="conv_autoencoder", map="tsne")
    assert "Any place" not in subheaders(app)
    (progress,) = tsne.MAPS.values()
    progress.share = 0.4
    app.run()
    assert app.get("progress")[0].proto.value == 40
    progress.places = np.random.default_rng(0).normal(size=(FEW, 2)).astype(np.float32)
    app.run()
    assert not app.exception
    assert "Any place" in subheaders(app)
    assert "t-SNE has no way back" in page_text(app)


def test_t_sne_that_fails_is_asked_for_again_only_by_the_button(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    queued: list = []
    monkeypatch.setattr(tsne.WAITING_LINE, "submit", lambda *work: queued.append(work))
    monkeypatch.setattr(tsne, "MAPS", {})
    app = visit(PAGE, network="conv_autoencoder", map="tsne")
    (progress,) = tsne.MAPS.values()
    progress.failed = tsne.BROKEN
    for _ in range(4):
        app.run()
    assert "t-SNE could not be computed" in page_text(app)
    assert len(queued) == 1
    app.button(key="latent_tsne_again_button").click().run()
    assert len(queued) == 2
    assert app.get("progress")
    assert not app.exception


def test_t_sne_says_how_many_are_made_before_and_waits(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    others = {str(k): tsne.Progress() for k in range(tsne.MOST_WAITING)}
    monkeypatch.setattr(tsne, "MAPS", dict(others))
    app = visit(PAGE, network="conv_autoencoder", map="tsne")
    for _ in range(3):
        app.run()
    assert app.get("progress")[0].proto.text == "8 other t-SNE maps are made before this one."
    assert others == tsne.MAPS


@pytest.mark.parametrize("most", [1, 100_000, 10**9])
def test_answers_that_sessions_share_are_kept_by_their_size(monkeypatch: pytest.MonkeyPatch, most: int):
    asked: list[int] = []
    monkeypatch.setattr(answers, "SHARED_BYTES", most)
    kept: answers.Answers = {}
    monkeypatch.setattr(answers, "_shared", lambda: kept)

    def ask(engine: Engine, query: str, timeout: float, k: int) -> dict[str, np.ndarray]:
        asked.append(k)
        return {"codes": np.zeros(10_000, np.uint8)}

    monkeypatch.setattr(Engine, "ask", ask)
    for k in [*range(60), *range(59, -1, -1)]:
        answers.shared_answer("any", k, k=k)
    room = min(60, max(1, most // 10_000))
    assert len(kept) == room
    assert len(asked) == 60 + 60 - room


@pytest.mark.slow
def test_the_scale_of_the_film_only_grows_and_nothing_is_outside_it(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    drawn: list[tuple[np.ndarray, np.ndarray]] = []

    def draw(places: np.ndarray, *_args, within=None, **_settings) -> None:
        drawn.append((places, np.array(within)))

    monkeypatch.setattr(movement, "garment_map", draw)
    run_id = trained(spec_of("ff_autoencoder"))
    honest = movement._places

    def places_of(network, space, step: int) -> dict[str, np.ndarray]:
        answered = honest(network, space, step)
        return {**answered, "places": answered["places"] * (1 if step in (0, 6) else 50)}

    monkeypatch.setattr(movement, "_places", places_of)
    app = visit(PAGE, network=run_id)
    drawn.clear()
    app.button(key="latent_play").click().run()
    for _ in range(40):
        if not app.session_state["latent_film"]["plays"]:
            break
        app.run()
    assert not app.exception
    assert len(drawn) > 3
    outwards = np.array([-1, -1, 1, 1])
    for (places, within), (_places, after) in itertools.pairwise(drawn):
        assert (within[:2] <= places.min(0)).all()
        assert (places.max(0) <= within[2:]).all()
        assert (outwards * after >= outwards * within).all(), "it never shrinks"


@pytest.mark.slow
def test_a_film_stops_when_another_network_is_looked_at(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_autoencoder"))
    app = visit(PAGE, network=run_id)
    app.button(key="latent_play").click().run()
    assert app.session_state["latent_film"]["plays"]
    for network in ("conv_autoencoder", run_id):
        app.query_params["network"] = network
        app.run()
    assert not app.session_state["latent_film"]["plays"]
    assert app.button(key="latent_play").label == "Play"


@pytest.mark.slow
def test_the_film_plays_from_the_start_to_the_end_and_stops_there(visit: Callable[..., AppTest]):
    app = visit(PAGE, network=trained(spec_of("ff_autoencoder")))
    assert "batch 6 (epoch 1)" in page_text(app)
    app.select_slider(key="latent_moment").set_value(0).run()
    assert "before training: the neighbours’ vote" in page_text(app)
    app.button(key="latent_play").click().run()
    for _ in range(40):
        if not app.session_state["latent_film"]["plays"]:
            break
        app.run()
    assert not app.exception
    assert "batch 6 (epoch 1): the neighbours’ vote" in page_text(app)
    assert app.button(key="latent_play").label == "Play"


@pytest.mark.slow
def test_every_moment_of_the_film_is_on_the_map_once_it_is_asked_for(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_autoencoder"))
    film = [snapshot.step for snapshot in store().snapshots(run_id)]
    assert len(past.kept_steps(store(), run_id)) + 2 < len(film)
    app = visit(PAGE, network=run_id)
    few = app.select_slider(key="latent_moment").options
    app.button(key="latent_all_moments_button").click().run()
    assert not app.exception
    assert not app.info
    assert len(few) < len(app.select_slider(key="latent_moment").options) == len(film)
    given_up = min(set(film) - set(past.kept_steps(store(), run_id)) - {0})
    app.select_slider(key="latent_moment").set_value(given_up).run()
    assert f"batch {given_up} (epoch " in page_text(app)
    assert not app.info
    network_at.forget(run_id)
    app.selectbox(key="step").set_value(str(given_up)).run()  # another plane, for which all are had again
    assert not app.exception
    assert not app.info
    assert len(app.select_slider(key="latent_moment").options) == len(film)


@pytest.mark.slow
def test_a_run_that_trains_is_looked_at_once_and_again_when_asked(visit: Callable[..., AppTest]):
    run_id = store().create_run(spec_of("ff_autoencoder").changed(epochs=50), "B" * 22)
    request = request_for(store(), run_id, full_data=True, seconds=0.02)
    slices.advance_slice(request)
    app = visit(PAGE, network=run_id)
    first = seen(app)
    slices.advance_slice(request)
    app.run()
    assert seen(app) == first, "what is looked at stands still"
    app.button(key="inside_look_again").click().run()
    assert seen(app) > first
    assert not app.info


def seen(app: AppTest) -> int:
    return int(re.search(r"you see it after batch ([\d,]+)", page_text(app))[1].replace(",", ""))


@pytest.mark.slow
def test_a_run_that_is_deleted_or_not_trained_and_a_moment_that_was_given_up_are_said(
    visit: Callable[..., AppTest],
):
    untrained = store().create_run(spec_of("ff_autoencoder"), "B" * 22, "Soon")
    assert "“Soon” has not trained yet." in page_text(visit(PAGE, network=untrained))
    run_id = trained(spec_of("ff_autoencoder"))
    assert "This link asks for “77”" in page_text(visit(PAGE, network=run_id, step="77"))
    app = visit(PAGE, network=run_id)
    STATE_CACHE.clear()
    store().delete(run_id)
    app.slider(key="latent_across").set_value(10).run()
    assert not app.exception
    assert not app.error
    assert "was deleted meanwhile. You see another network." in page_text(app)
