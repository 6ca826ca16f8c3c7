"""The page of layers: each kind of layer, moments, garments, runs that train, what an address may say."""

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.architecture.layers import ReLUDropout
from fmnist_core.architecture.networks import network_layers
from fmnist_core.data import fashion_mnist
from fmnist_core.engine.engine import Engine, Unanswered
from fmnist_core.nets.worker import network_at, slices
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.sentences import Sentence
from fmnist_core.store import past
from pages.parts.base.services import store
from pages.parts.inside import moments
from tests.nets.worker.slice_requests import request_for
from tests.pages.inside_page import NETWORKS, answer_here, html, spec_of, trained
from tests.pages.lab_page import page_text

PAGE = "pages/inside/layers.py"
BOOT = 9


@pytest.fixture(autouse=True)
def _without_workers(monkeypatch: pytest.MonkeyPatch):
    answer_here(monkeypatch)
    yield
    STATE_CACHE.clear()


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_can_be_looked_at(visit: Callable[..., AppTest], name: str, lang: str):
    spec = spec_of(name)
    run_id = trained(spec)
    layers = [placed.name for placed in network_layers(spec) if placed.parameters]
    app = visit(PAGE, network=run_id, lang=lang)
    for layer in (*layers, "result"):
        app.pills(key="layer").set_value(layer).run()
        assert not app.exception
        assert not app.error
        assert not app.info, page_text(app)
        assert app.query_params["layer"] == layer
    assert app.query_params["network"] == run_id


def figures(text: str) -> list[float]:
    return [float(number.replace("−", "-")) for number in re.findall(r"[+−]?\d+\.\d+", text)]


@pytest.mark.slow
def test_the_products_shown_add_up_to_the_value_shown(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("conv_autoencoder"))
    app = visit(PAGE, network=run_id, layer="encoder.conv1")
    app.slider(key="inside_row_encoder.conv1").set_value(12).run()
    lines = next(element.value for element in app.markdown if "plus the bias" in element.value).splitlines()
    (products,) = figures(lines[0])
    bias, total = figures(lines[1])
    assert products + bias == pytest.approx(total, abs=0.0021), "three digits each"
    tables = re.findall(r"<table>.*?</table>", html(app))
    inputs, weights, shown = (figures(re.sub("<caption>.*</caption>", "", table)) for table in tables[-3:])
    assert len(inputs) == len(weights) == len(shown) == 9
    np.testing.assert_allclose(np.array(inputs) * weights, shown, atol=0.002)
    assert sum(shown) == pytest.approx(products, abs=0.005)


@pytest.mark.slow
def test_a_unit_of_a_linear_layer_adds_up(visit: Callable[..., AppTest]):
    app = visit(PAGE, network=trained(spec_of("ff_classifier")), layer="hidden.0")
    app.slider(key="unit").set_value(3).run()
    lines = next(element.value for element in app.markdown if "plus the bias" in element.value).splitlines()
    (plus, minus), (bias, total) = figures(lines[0]), figures(lines[1])
    assert plus + minus + bias == pytest.approx(total, abs=0.0021)


@pytest.mark.slow
@pytest.mark.parametrize(("unit", "said"), [("5", "1 to 48 of 64"), ("60", "49 to 64 of 64")])
def test_where_not_all_units_fit_it_is_said_which_are_shown(
    visit: Callable[..., AppTest], unit: str, said: str
):
    assert f"Units {said} are shown" in page_text(visit(PAGE, network="r1-n64", unit=unit))


@pytest.mark.slow
def test_a_unit_chosen_in_a_larger_network_is_none_too_far_in_a_smaller_one(visit: Callable[..., AppTest]):
    large, small = spec_of("ff_autoencoder"), spec_of("ff_autoencoder").changed(hidden_sizes=(2,))
    app = visit(PAGE, network=trained(large, "ana"), layer="encoder.latent")
    app.slider(key="unit").set_value(8).run()
    app.query_params["network"] = trained(small, "ana")
    app.run()
    assert not app.exception
    assert not app.error
    assert app.slider(key="unit").value == 2


@pytest.mark.slow
def test_the_start_and_now_are_moments_of_a_run(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_autoencoder"))
    app = visit(PAGE, network=run_id, layer="result")
    now = html(app)
    app.selectbox(key="step").set_value("0").run()
    assert app.query_params["step"] == "0"
    assert html(app) != now, "another reconstruction"
    app.selectbox(key="step").set_value("now").run()
    assert html(app) == now


@pytest.mark.slow
def test_every_moment_of_the_film_can_be_looked_into(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_autoencoder"))
    app = visit(PAGE, network=run_id, layer="result")
    choice = app.selectbox(key="step")
    kept = set(past.kept_steps(store(), run_id))
    film = {snapshot.step for snapshot in store().snapshots(run_id)}
    assert len(choice.options) == len(film) > len(kept) + 2
    given_up = min(film - kept - {0})
    choice.set_value(str(given_up)).run()
    assert not app.exception
    assert not app.info


@pytest.mark.slow
def test_the_film_plays_from_the_start_to_now_and_stops(visit: Callable[..., AppTest]):
    app = visit(PAGE, network=trained(spec_of("ff_classifier")), layer="result")
    app.button(key="inside_play").click().run()
    seen = [app.query_params["step"]]
    for _ in range(60):
        if moments.PLAYS not in app.session_state:
            break
        app.run()
        if app.query_params["step"] != seen[-1]:
            seen.append(app.query_params["step"])
    assert not app.exception
    assert seen[0] == "0"
    assert seen[-1] == "now"
    assert [int(step) for step in seen[:-1]] == sorted(map(int, seen[:-1]))
    assert len(seen) > 4


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_another_moment_or_network_stands_beside_this_one(visit: Callable[..., AppTest], name: str):
    spec = spec_of(name)
    run_id, other = trained(spec), trained(spec.changed(seed=1, dropout=0.5))
    wider = trained(spec.changed(hidden_sizes=[5] * len(spec.hidden_sizes)))
    app = visit(PAGE, network=run_id, beside=run_id)
    assert app.selectbox(key="beside_step").value == "0"
    app.selectbox(key="beside_step").set_value("now").run()
    assert wider not in app.selectbox(key="beside").options
    for layer in (placed.name for placed in network_layers(spec) if placed.parameters):
        app.pills(key="layer").set_value(layer).run()
        assert "differ by 0 on average" in page_text(app)
    app.selectbox(key="beside_step").set_value("0").run()
    assert "differ by 0 on average" not in page_text(app)
    app.selectbox(key="network").set_value("conv_autoencoder").run()
    assert not app.warning
    app = visit(PAGE, network=run_id, beside=other, layer="result")
    assert "the other" in html(app)
    assert app.query_params["beside"] == other
    assert not app.exception
    assert not app.info


@pytest.mark.parametrize(("layer", "all_are_shown"), [("hidden.0", False), ("output", True)])
def test_side_by_side_says_how_many_units_it_leaves_out(
    visit: Callable[..., AppTest], layer: str, all_are_shown: bool
):
    app = visit(PAGE, network="r3-2", beside="r3-3", layer=layer)
    assert not app.exception
    assert ("The first 48 of" in page_text(app)) != all_are_shown


def test_garments_are_chosen_by_class_and_one_after_the_other(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="conv_autoencoder")
    labels = fashion_mnist.load().test_labels
    assert int(labels[int(app.query_params["garment"])]) == BOOT
    app.selectbox(key="inside_class").set_value("5").run()
    first = int(app.query_params["garment"])
    app.button(key="inside_another").click().run()
    second = int(app.query_params["garment"])
    assert first < second
    assert labels[first] == labels[second] == 5


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"network": "xyz", "step": "40", "layer": "no"}, "This link asks for “xyz”, which is not here."),
        ({"network": "../../etc"}, "This link asks for “../../etc”, which is not here."),
        ({"layer": "encoder.conv9"}, "This link asks for “encoder.conv9”, which is not here."),
        ({"garment": "10000"}, "There is no test garment “10000”"),
        ({"garment": "-1"}, "There is no test garment “-1”"),
        ({"garment": "²"}, "There is no test garment “²”"),
        ({"garment": "9" * 5000}, "There is no test garment"),
        ({"garment": "0" * 5000}, "There is no test garment"),
        ({"garment": "000000000099999"}, "There is no test garment"),
    ],
)
def test_an_address_that_names_what_is_not_there_gets_a_sentence(
    visit: Callable[..., AppTest], address: dict[str, str], sentence: str
):
    app = visit(PAGE, **address)
    assert sentence in page_text(app)
    assert len(app.warning) == 1
    assert not app.error


@pytest.mark.slow
def test_a_moment_that_was_not_kept_and_a_run_without_a_first_batch(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    assert "This link asks for “4”" in page_text(visit(PAGE, network=run_id, step="4"))
    untrained = store().create_run(spec_of("ff_classifier"), "B" * 22, "Soon")
    app = visit(PAGE, network=untrained)
    assert "“Soon” has not trained yet." in page_text(app)
    assert not app.warning
    assert app.query_params["network"] == untrained, "the link stays what it was"
    slices.advance_slice(request_for(store(), untrained, full_data=True, seconds=0.02))
    app.run()
    assert "not trained" not in page_text(app)
    assert app.selectbox(key="network").value == untrained
    assert app.pills(key="layer").value


def test_a_run_that_was_stopped_before_its_first_batch_is_not_waited_for(visit: Callable[..., AppTest]):
    stopped = store().create_run(spec_of("ff_classifier"), "B" * 22, "Never")
    store().set_status(stopped, "stopped")
    app = visit(PAGE, network=stopped)
    assert "“Never” has not trained, so there is nothing to see. Train it on in the lab." in page_text(app)
    app.selectbox(key="network").set_value("r3-2").run()
    assert "not trained" not in page_text(app)
    assert app.query_params["network"] == "r3-2"


@pytest.mark.parametrize(
    ("address", "gone"),
    [
        ({"network": "r3-2", "step": "40"}, "step"),
        ({"network": "r3-2", "beside": "r3-3", "beside_step": "40"}, "beside_step"),
    ],
)
def test_a_moment_of_a_network_that_has_one_only_is_not_passed_over(
    visit: Callable[..., AppTest], address: dict[str, str], gone: str
):
    app = visit(PAGE, **address)
    assert "This link asks for the moment “40”; of this network the lab has one only." in page_text(app)
    assert gone not in app.query_params
    app.run()
    assert not app.warning


def test_a_network_of_other_layers_beside_this_one_is_no_bad_link(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="r3-2", beside="r1-n64")
    assert "has other layers: only networks of the same layers stand side by side." in page_text(app)
    assert not app.warning
    assert app.query_params["beside"] == "none"
    assert "This link asks for “xyz”" in page_text(visit(PAGE, network="r3-2", beside="xyz"))


def test_what_no_worker_answers_can_be_asked_again(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        ask_nobody(patch)
        app = visit(PAGE, network="r3-2")
        assert "did not answer in time" in page_text(app)
    app.button(key="inside_layer_refused").click().run()
    assert "did not answer" not in page_text(app)
    assert not [button for button in app.button if button.key == "inside_layer_refused"]


@pytest.mark.slow
def test_two_moments_that_no_worker_trains_again_can_each_be_asked_for_again(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    run_id = trained(spec_of("ff_classifier"))
    monkeypatch.setattr(moments, "_kept", lambda run: set())
    unanswered = ask_nobody(monkeypatch)
    app = visit(PAGE, network=run_id, beside=run_id, step="0", beside_step="0")
    assert unanswered
    keys = [button.key for button in app.button if button.label == "Try again"]
    assert len(keys) == len(set(keys)) >= 2
    assert not app.error


def ask_nobody(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No worker answers; what was asked."""
    asked = []

    def unanswered(engine: Engine, query: str, **_arguments):
        asked.append(query)
        raise Unanswered(Sentence("The workers did not answer in time."))

    monkeypatch.setattr(Engine, "ask", unanswered)
    return asked


@pytest.mark.parametrize(("network", "pages"), [("r3-2", 2), ("r1-n64", 1)])
def test_the_other_pages_of_inside_are_reached_with_network_and_garment(
    visit: Callable[..., AppTest], network: str, pages: int
):
    app = visit(PAGE, network=network, garment="25")
    links = {link.proto.label: link.proto.query_string for link in app.main.get("page_link")}
    assert links.pop("Your own") == f"networks={network}"
    assert list(links) == ["In latent space", "Mistakes"][:pages]
    assert set(links.values()) == {f"network={network}&garment=25"}


def test_a_layer_that_another_network_does_not_have_is_no_bad_link(visit: Callable[..., AppTest]):
    app = visit(PAGE, network="conv_autoencoder", layer="encoder.conv1")
    app.selectbox(key="network").set_value("r1-n64").run()
    assert not app.warning
    assert app.query_params["layer"] == "encoder.latent"


@pytest.mark.slow
def test_a_run_that_trains_is_seen_at_one_step_and_moves_on(visit: Callable[..., AppTest]):
    spec = spec_of("ff_classifier").changed(epochs=50)
    run_id = store().create_run(spec, "B" * 22)
    train = partial(slices.advance_slice, request_for(store(), run_id, full_data=True, seconds=0.02))
    train()
    app = visit(PAGE, network=run_id, layer="output")
    seen = [step_seen(app)]
    for _ in range(2):
        lines = next(
            element.value for element in app.markdown if "plus the bias" in element.value
        ).splitlines()
        (plus, minus), (bias, total) = figures(lines[0]), figures(lines[1])
        assert plus + minus + bias == pytest.approx(total, abs=0.0021)
        train()
        app.run()
        seen.append(step_seen(app))
    assert seen == sorted(set(seen)), "later weights at each look"


def step_seen(app: AppTest) -> int:
    return int(re.search(r"you see it after batch ([\d,]+)", page_text(app))[1].replace(",", ""))


@pytest.mark.slow
def test_numbers_beyond_all_bounds_are_said_and_nothing_is_explained_by_them(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    network = network_at.still(store().url, run_id)
    network.weights["hidden.0.bias"][2] = float("nan")
    assert "grown beyond all bounds" in page_text(visit(PAGE, network=run_id))


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["result", "hidden.0"])
def test_numbers_beyond_all_bounds_are_said_of_the_network_beside_too(
    visit: Callable[..., AppTest], layer: str
):
    run_id, diverged = trained(spec_of("ff_classifier")), trained(spec_of("ff_classifier").changed(seed=1))
    network = network_at.still(store().url, diverged)
    network.weights["hidden.0.bias"][2] = float("nan")
    app = visit(PAGE, network=run_id, beside=diverged, beside_step="now", layer=layer)
    assert "grown beyond all bounds" in page_text(app)
    assert "nan" not in page_text(app) + html(app)


@pytest.mark.slow
def test_a_run_that_is_deleted_while_it_trains_is_said(visit: Callable[..., AppTest]):
    run_id = store().create_run(spec_of("ff_classifier").changed(epochs=50), "B" * 22, "Gone")
    slices.advance_slice(request_for(store(), run_id, full_data=True, seconds=0.02))
    app = visit(PAGE, network=run_id, layer="output")
    assert step_seen(app)
    STATE_CACHE.clear()
    store().delete(run_id)
    app.run()
    assert "“Gone” was deleted meanwhile. You see another network." in page_text(app)
    assert not app.error


@pytest.mark.slow
def test_a_run_that_is_deleted_meanwhile_is_said(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    app = visit(PAGE, network=run_id)
    STATE_CACHE.clear()
    store().delete(run_id)
    app.selectbox(key="inside_class").set_value("2").run()
    assert not app.exception
    assert not app.error
    assert "was deleted meanwhile. You see another network." in page_text(app)
    assert not app.warning, "the learner has followed no link"
    app.run()
    assert "deleted" not in page_text(app)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "layer"), [("conv_classifier", "conv2"), ("ff_autoencoder", "encoder.latent")]
)
def test_surgery_says_what_it_costs_and_at_full_strength_asks_nothing(
    visit: Callable[..., AppTest], name: str, layer: str
):
    app = visit(PAGE, network=trained(spec_of(name)), layer=layer)
    slider = next(element for element in app.select_slider if element.label.startswith("Make "))
    assert slider.value == "1"
    assert "the loss goes from" not in page_text(app)
    slider.set_value("0").run()
    assert not app.exception
    assert "Over 1,000 test garments the loss goes from" in page_text(app)
    assert ("The accuracy goes from" in page_text(app)) == (name == "conv_classifier")


def test_a_link_leads_to_an_operation_which_another_unit_does_not_share(visit: Callable[..., AppTest]):
    where = {"network": trained(spec_of("ff_autoencoder")), "layer": "encoder.latent"}
    app = visit(PAGE, **where, unit="3", strength="0.5")
    slider = next(element for element in app.select_slider if element.label == "Make unit 3")
    assert slider.value == "0.5"
    assert "the loss goes from" in page_text(app)
    app.slider(key="unit").set_value(2).run()
    assert "the loss goes from" not in page_text(app)
    assert app.query_params["unit"] == "2"
    assert app.query_params["strength"] == "1"
    app = visit(PAGE, **where, unit="0", strength="0,5")
    assert not app.exception
    assert {"“0”", "“0,5”"} <= set(re.findall("“[^”]*”", page_text(app)))


def test_training_goes_on_from_surgery_as_a_branch(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_autoencoder"))
    app = visit(PAGE, network=run_id, layer="encoder.latent")
    slider = next(element for element in app.select_slider if element.label.startswith("Make "))
    slider.set_value("0").run()
    app.button(key="inside_train_on").click().run()
    assert not app.exception
    (branch,) = (run for run in store().runs(app.session_state["learner"]) if run.parent == run_id)
    assert branch.spec.branch.surgery.factor == 0
    assert branch.name.endswith("silent")
    assert "It began after surgery: unit " in page_text(app)
    assert "of layer “1. Linear”: silent." in page_text(app)
    assert app.query_params["run"] == branch.id


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ff_autoencoder", "conv_classifier"])
def test_what_dropout_removes_is_counted_and_drawn(visit: Callable[..., AppTest], name: str):
    spec = spec_of(name)
    app = visit(PAGE, network=trained(spec), layer="result")
    table = next(body for body in html(app).split("\n") if "Values that are removed" in body)
    counts = re.findall(r"([\d,]+) of ([\d,]+), ([\d,]+) of them on", table)
    dropped = [one for one in network_layers(spec) if isinstance(one.layer, ReLUDropout) and one.layer.p]
    assert len(counts) == 3 * len(dropped) > 0
    for gone, of_all, on in counts:
        gone, of_all, on = (int(number.replace(",", "")) for number in (gone, of_all, on))
        assert 0 <= on <= gone <= of_all
        assert of_all < 100 or 0.5 * spec.dropout < gone / of_all < 1.5 * spec.dropout
    assert "The units of “" in page_text(app)
    before = html(app)
    app.button(key="inside_redraw").click().run()
    assert html(app) != before


def test_units_that_are_dead_or_react_to_all_are_named(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    network = network_at.still(store().url, run_id)
    weights = network.weights["hidden.0.weight"]
    for unit, bias in ((2, -1.0), (4, 1.0)):
        weights[unit], network.weights["hidden.0.bias"][unit] = 0, bias
    text = page_text(visit(PAGE, network=run_id, layer="hidden.0"))
    assert re.search(r"Dead: (\d+, )*3\b", text)
    assert re.search(r"React to every one: (\d+, )*5\b", text)
