"""The page of one training step: its parts for every network, its sums, and what its address may hold."""

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.architecture.networks import learning_layers
from fmnist_core.engine.engine import Engine, EngineError
from fmnist_core.nets.worker import network_at, slices
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.sentences import Sentence
from fmnist_core.spec import read_spec
from pages.parts.base.services import store
from pages.parts.training_step.batch_size import batch_gradients
from pages.parts.training_step.numbers import tex, words
from pages.parts.training_step.page import PARTS
from pages.parts.training_step.place_words import input_words, output_words
from pages.parts.training_step.rate_chart import valley
from tests.nets.worker.slice_requests import request_for
from tests.pages.inside_page import NETWORKS, SMALL, answer_here, html, spec_of, trained
from tests.pages.lab_page import page_text

PAGE = "pages/learn/training_step.py"
FROZEN = {
    "architecture": "encoder_classifier",
    **SMALL,
    "hidden_sizes": [6],
    "encoder": {"architecture": "ff_autoencoder", "frozen": True},
}


@pytest.fixture(autouse=True)
def _without_workers(monkeypatch: pytest.MonkeyPatch):
    answer_here(monkeypatch)
    yield
    STATE_CACHE.clear()


def formulas(app: AppTest) -> str:
    return "\n".join(element.value for element in app.latex)


def figures(text: str) -> list[float]:
    return [float(number.replace("−", "-")) for number in re.findall(r"[−-]?\d+\.\d+", text)]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_drawn_and_has_an_address(visit: Callable[..., AppTest], part: str, lang: str):
    app = visit(PAGE, part=part, lang=lang)
    assert not app.error
    assert not app.info
    assert not app.warning, page_text(app)
    assert app.query_params["part"] in (part, [part])
    paragraphs = [element.value for element in (*app.markdown, *app.caption) if "·" not in element.value]
    assert [text for text in paragraphs if len(text.split()) > 60] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*NETWORKS, "frozen encoder"])
def test_every_layer_of_ones_own_network_can_be_stepped(visit: Callable[..., AppTest], name: str):
    spec = read_spec(FROZEN) if name == "frozen encoder" else spec_of(name)
    run_id = trained(spec)
    layers = [placed.name for placed in learning_layers(spec)]
    app = visit(PAGE, network=run_id, part="gradient", batch="2")
    assert f"next batch, number {spec.total_steps + 1}," in page_text(app)
    assert ("encoder is frozen" in page_text(app)) == (name == "frozen encoder")
    for layer in layers:
        app.selectbox(key="layer").set_value(layer).run()
        assert not app.exception
        assert not app.error
        assert not app.info, page_text(app)
        assert app.query_params["layer"] in (layer, [layer])
    for part in ("forward", "update", "batches", "dropout"):
        app.segmented_control(key="part").set_value(part).run()
        assert not app.exception
        assert not app.error
        assert not app.warning
    assert ("This network has no dropout" in page_text(app)) == (spec.dropout == 0)


def test_the_gradient_is_explained_link_by_link_to_the_loss(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="gradient", network="r3-1", batch="2")
    titles = [expander.label for expander in app.expander]
    assert titles[:3] == [
        "1. At the weight",
        "2. Through ReLU and dropout",
        "3. Through the next layer: Linear",
    ]
    assert titles[3] == "4. At the loss"
    value = re.search(r"gradient \*\*(\S+)\*\*", page_text(app))[1]
    path = next(line for line in page_text(app).splitlines() if line.startswith("The strongest path"))
    factors = [float(number.replace("−", "-")) for number in re.findall(r"([−\d.]+) \(", path)]
    assert len(factors) == 4
    assert np.prod(factors) == pytest.approx(figures(path)[-1], rel=0.01), "four digits each"
    (difference,) = (formula for formula in formulas(app).splitlines() if "L_+" in formula)
    by_trying = float(re.search(r"= (\S+)\\end", difference)[1])
    assert by_trying == pytest.approx(figures(value)[0], rel=1e-3)
    assert f"By the chain rule: {value[:5]}" in page_text(app)


def test_another_weight_is_chosen_by_sliders_and_a_clear_one_by_a_click(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="gradient", network="r3-1")
    clear = app.slider(key="unit").value, app.slider(key="weight").value
    app.slider(key="weight").set_value(1 + clear[1] % 100).run()
    app.slider(key="unit").set_value(1 + clear[0] % 60).run()
    assert app.slider(key="unit").value == 1 + clear[0] % 60
    assert app.query_params["unit"] in (str(1 + clear[0] % 60), [str(1 + clear[0] % 60)])
    app.button(key="step_clear").click().run()
    assert (app.slider(key="unit").value, app.slider(key="weight").value) == clear
    app.selectbox(key="layer").set_value("hidden.0").run()
    assert not app.warning
    assert "for pixel in row" in page_text(app)


def test_the_update_is_its_formula(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="update", network="r3-1", rate="0.5", momentum="0.8", before="2")
    shown = formulas(app)
    w, g = (float(number) for number in re.findall(r"\{l\}w = (\S+) \\\\ g = (\S+) ", shown)[0])
    new = [figures(line)[0] for line in page_text(app).splitlines() if "New weight:" in line]
    moved = [figures(line)[1] for line in page_text(app).splitlines() if "New weight:" in line]
    assert new[0] == pytest.approx(w - 0.5 * g, abs=1e-5)
    seen = next(line for line in page_text(app).splitlines() if "at the 2 batches before" in line)
    first, second = figures(seen.replace(" 0;", " 0.0;"))
    memory = 0.8 * (0.8 * first + second) + g
    assert moved[1] == pytest.approx(-0.5 * memory, rel=0.02)
    m, v = 0.0, 0.0
    for slope in (first, second, g):
        m, v = 0.9 * m + 0.1 * slope, 0.999 * v + 0.001 * slope**2
    expected = -0.5 * (m / (1 - 0.9**3)) / ((v / (1 - 0.999**3)) ** 0.5 + 1e-8)
    assert moved[2] == pytest.approx(expected, rel=0.02)


BAD_ADDRESSES = [
    ({"part": "gradient", "unit": "65"}, "This link asks for “65”"),
    ({"part": "gradient", "unit": "x"}, "This link asks for “x”"),
    ({"part": "gradient", "weight": "129"}, "This link asks for “129”"),
    ({"part": "gradient", "weight": "-1"}, "This link asks for “-1”"),
    ({"part": "gradient", "layer": "hidden.9"}, "This link asks for “hidden.9”"),
    ({"part": "update", "rate": "0"}, "A learning rate must lie between 0.000001 and 10; “0” does not."),
    ({"part": "update", "rate": "fast"}, "“fast” does not"),
    ({"part": "update", "rate": "nan"}, "“nan” does not"),
    ({"part": "update", "rate": "11"}, "“11” does not"),
    ({"part": "update", "momentum": "1"}, "This link asks for “1”"),
    ({"part": "update", "before": "many"}, "This link asks for “many”"),
    ({"part": "forward", "batch": "3"}, "This link asks for “3”"),
    ({"part": "dropout", "draw": "0"}, "drawing “0”: they are numbered from 1 to 999"),
    ({"part": "dropout", "dropout": "hidden.0"}, "This link asks for “hidden.0”"),
    ({"part": "everything"}, "This link asks for “everything”"),
]


@pytest.mark.parametrize("part", ["gradient", "update", "forward", "dropout", "everything"])
def test_what_an_address_may_not_ask_gets_a_sentence(visit: Callable[..., AppTest], part: str):
    app = visit(PAGE, network="r3-1", part=part if part in PARTS else "forward")
    for address, sentence in [bad for bad in BAD_ADDRESSES if bad[0]["part"] == part]:
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.error
        assert len(app.warning) == 1
        assert sentence in page_text(app)
        app.run()
        assert not app.warning, "it is said once"


def test_any_learning_rate_that_a_run_may_have_can_stand_in_the_address(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="update", network="r3-1", rate="0,0123")
    assert not app.warning
    assert app.select_slider(key="rate").value == "0.0123"
    assert r"\eta = 0.0123" in formulas(app)


def test_dropout_draws_anew_and_a_link_shows_the_same_mask(visit: Callable[..., AppTest]):
    app = visit(PAGE, part="dropout", network="r3-1")
    first = html(app)
    assert "The largest error that comes back through a value at rest: 0." in page_text(app)
    app.button(key="step_draw").click().run()
    assert html(app) != first
    assert app.query_params["draw"] in ("2", ["2"])
    assert html(visit(PAGE, part="dropout", network="r3-1", draw="2")) == html(app)


def test_what_there_is_too_little_of_is_not_made_up(visit: Callable[..., AppTest]):
    """Of 100 garments 64 make one batch, which has no scatter; a batch of two has no four garments."""
    spec = spec_of("ff_classifier").changed(train_size=100, batch_size=2)
    app = visit(PAGE, network=trained(spec), part="batches")
    assert not app.exception
    assert "Here 100 training garments" in page_text(app)
    assert "nan" not in html(app)
    app = visit(PAGE, network=trained(spec), part="forward", batch="4")
    assert "4 training garments take this step." in page_text(app)
    app = visit(PAGE, network=trained(spec), part="forward", batch="1")
    assert "The first garment of the run’s next batch" in page_text(app)


def test_a_hidden_unit_is_no_pixel_though_there_are_as_many(visit: Callable[..., AppTest]):
    spec = spec_of("ff_classifier").changed(hidden_sizes=(784, 8))
    app = visit(PAGE, network=trained(spec), part="gradient", layer="hidden.2", unit="3")
    assert not app.exception
    assert "each where its pixel lies" not in page_text(app)
    first, second, *_ = learning_layers(spec)
    assert output_words(spec, first, (5,)) == "unit 6"
    assert input_words(spec, first, (5,)) == "pixel in row 1, column 6"
    assert input_words(spec, second, (5,)) == "unit 6"


def test_the_scatter_is_that_of_batches_of_single_garments():
    gradients = np.random.default_rng(0).normal(size=70)
    for size in (1, 4, 16, 64):
        batches = batch_gradients(gradients, size)
        assert len(batches) == 70 // size
        assert batches[-1] == pytest.approx(gradients[size * (len(batches) - 1) : size * len(batches)].mean())


@pytest.mark.parametrize(
    ("losses", "place"),
    [([0.9, 0.5, 0.7, 3.0, 0.1], 1), ([0.9, 0.8, 0.7], 2), ([1.0, 0.2], None), ([0.9, 0.5, 1.0], 1)],
)
def test_the_valley_ends_where_the_loss_first_grows(losses: list[float], place: int | None):
    assert valley(np.array(losses), 1.0) == place


@pytest.mark.slow
def test_a_run_that_trains_is_seen_at_one_step_until_one_looks_again(visit: Callable[..., AppTest]):
    spec = spec_of("ff_classifier").changed(epochs=50)
    run_id = store().create_run(spec, "B" * 22)
    train = partial(slices.advance_slice, request_for(store(), run_id, full_data=True, seconds=0.02))
    train()
    app = visit(PAGE, network=run_id, part="gradient")
    before = page_text(app)
    train()
    app.run()
    assert page_text(app) == before
    app.button(key="inside_look_again").click().run()
    assert not app.info
    assert page_text(app) != before


@pytest.mark.slow
def test_a_run_of_which_a_number_is_none_and_one_that_is_deleted(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    network_at.still(store().url, run_id).weights["hidden.0.bias"][2] = float("nan")
    app = visit(PAGE, network=run_id)
    for part in PARTS:
        app.segmented_control(key="part").set_value(part).run()
        assert not app.error
        assert "grown beyond all bounds" in page_text(app), part
    network_at.forget(run_id)
    STATE_CACHE.clear()
    store().delete(run_id)
    app.run()
    assert not app.error
    assert "was deleted meanwhile. You see another network." in page_text(app)


def test_without_a_worker_the_page_says_so(visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch):
    def refuse(engine: Engine, query: str, timeout: float = 5.0, **arguments: object) -> None:
        raise EngineError(Sentence("Training is starting. This takes a few seconds."))

    monkeypatch.setattr(Engine, "ask", refuse)
    app = visit(PAGE, part="gradient")
    assert not app.error
    assert "Training is starting." in page_text(app)


@pytest.mark.parametrize(
    ("value", "text", "formula"),
    [
        (0.125, "0.125", "0.125"),
        (-0.0, "0", "0"),
        (-1.25e-7, "−1.25 × 10⁻⁷", r"-1.25\cdot 10^{-7}"),
        (3e21, "3 × 10²¹", r"3\cdot 10^{21}"),
    ],
)
def test_numbers_of_a_step(value: float, text: str, formula: str):
    assert words(value) == text
    assert tex(value) == formula
