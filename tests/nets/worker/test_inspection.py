"""What is shown of a network's inside, against hooks on the plain `torch.nn` network and its own training."""

import numpy as np
import pytest
import torch

from fmnist_core.architecture.layers import Conv2d, ConvTranspose2d
from fmnist_core.architecture.networks import ARCHITECTURES, network_layers, with_weights
from fmnist_core.architecture.receptive_fields import taps
from fmnist_core.data import fashion_mnist
from fmnist_core.messages import BEFORE_POOLING, KEPT
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker import inspection, network_at, queries
from fmnist_core.nets.worker.initial_state import first_state
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import past
from fmnist_core.store.runs import Store
from tests.nets.plain_networks import copy_weights, plain_network
from tests.nets.worker.inspected_runs import NETWORKS, SMALL, asked, by_hooks, plain_output, trained_run

pytestmark = pytest.mark.usefixtures("new_worker")

IMAGE = 7


@pytest.fixture(params=NETWORKS)
def spec(request) -> RunSpec:
    return read_spec({"architecture": request.param.split(",")[0], **SMALL, **NETWORKS[request.param]})


@pytest.mark.slow
def test_what_comes_out_of_each_layer_is_what_hooks_on_the_plain_network_see(store: Store, spec: RunSpec):
    run_id = trained_run(store, spec)
    state = loop.load(store.checkpoint(run_id))
    images, _labels = state.parts.test_images.take(torch.tensor([IMAGE]))
    expected = by_hooks(copy_weights(state.model, plain_network(spec)), state.parts.scaled(images))
    shown = asked("activations", store, run_id, image=IMAGE)
    np.testing.assert_array_equal(shown.pop("input"), state.parts.scaled(images)[0])
    if spec.task == "classifier":
        np.testing.assert_allclose(shown.pop("probabilities").sum(), 1, atol=1e-6)
    assert len(shown) == len(expected)
    for (name, values), plain in zip(shown.items(), expected, strict=True):
        np.testing.assert_allclose(values, plain, atol=1e-5, err_msg=name)


@pytest.mark.slow
def test_the_arithmetic_of_a_convolution_adds_up_to_what_comes_out(store: Store, spec: RunSpec):
    run_id = trained_run(store, spec)
    shown = asked("activations", store, run_id, image=IMAGE)
    before = shown["input"]
    checked = 0
    for placed in network_layers(spec):
        if isinstance(placed.layer, Conv2d | ConvTranspose2d):
            weights = asked("layer_weights", store, run_id, layer=placed.name)
            for channel, row, column in ((0, 0, 0), (-1, 5, 9), (0, placed.behind[1] - 1, 3)):
                total = weights["bias"][channel] + sum(
                    before[:, tap.row, tap.column]
                    @ weights["weight"][channel][:, tap.kernel_row, tap.kernel_column]
                    for tap in taps(placed.layer, placed.before, row, column)
                )
                assert total == pytest.approx(shown[placed.name][channel, row, column], abs=1e-5)
                checked += 1
        before = shown[placed.name]
    assert checked == (6 if spec.architecture == "conv_classifier" else 12 if spec.convolves else 0)


def test_the_weights_of_a_linear_layer_come_some_at_a_time_with_what_its_units_do(store: Store):
    spec = read_spec({"architecture": "ff_autoencoder", **SMALL, "hidden_sizes": [20]})
    run_id = trained_run(store, spec)
    weights = loop.read_weights(store.checkpoint(run_id))
    part = asked("layer_weights", store, run_id, layer="encoder.latent", first=16, count=64)
    np.testing.assert_array_equal(part["weight"], weights["encoder.latent.weight"][16:])
    np.testing.assert_array_equal(part["bias"], weights["encoder.latent.bias"][16:])
    np.testing.assert_array_equal(part["into"], weights["decoder.output.weight"][:, 16:])


def test_a_unit_that_never_reacts_is_counted_as_such(store: Store):
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6], "dropout": 0})
    run_id = trained_run(store, spec)
    cached = STATE_CACHE.get(run_id)
    state = loop.load(store.checkpoint(run_id)) if cached is None else cached.state
    with torch.no_grad():
        state.model.get_submodule("hidden.0").weight[2] = 0
        state.model.get_submodule("hidden.0").bias[2] = -1
        state.model.get_submodule("hidden.0").bias[4] = 1000
    network = network_at.Network(spec, dict(state.model.state_dict()), state.parts)
    use = inspection.use_of_units.__wrapped__(network, layer="hidden.1")
    assert (use["active"][2], use["mean"][2]) == (0, 0)
    assert use["active"][4] == 1
    assert use["mean"][4] > 500
    assert use["active"].shape == use["mean"].shape == (6,)


def test_dropout_is_drawn_anew_each_time_and_its_mean_is_the_network_without(store: Store):
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [30], "loss": "mse"})
    run_id = trained_run(store, spec)
    answer = asked("dropout_draws", store, run_id, image=IMAGE, seed=1)
    draws, kept = answer["outputs"], answer["hidden.1.kept"]
    assert draws.shape == (3, 10)
    (hidden,) = asked("activations", store, run_id, image=IMAGE)["hidden.1"][None]
    weight, bias = asked("layer_weights", store, run_id, layer="output").values()
    scores = (kept * hidden / (1 - spec.dropout)) @ weight.T + bias
    shares = scores.clip(0, 1) / scores.clip(0, 1).sum(1, keepdims=True)
    np.testing.assert_allclose(draws, shares, atol=1e-5, err_msg="what it says is kept makes the outputs")
    assert kept.shape == (3, 30)
    assert not np.array_equal(draws[0], draws[1])
    again = asked("dropout_draws", store, run_id, image=IMAGE, seed=1)["outputs"]
    np.testing.assert_array_equal(draws, again)
    network = network_at.of_run(store.url, run_id)
    x = inspection.test_images(network, slice(IMAGE, IMAGE + 1)).expand(4000, -1, -1, -1)
    generator = torch.Generator().manual_seed(0)
    drawn = dict(inspection.forward(network, x, generator))["hidden.1"].double()
    whole = dict(inspection.forward(network, x[:1]))["hidden.1"][0].double()
    error = drawn.std(0) / len(drawn) ** 0.5
    assert ((drawn.mean(0) - whole).abs() <= 5 * error + 1e-9).all()
    without = spec.changed(dropout=0.0)
    still = asked("dropout_draws", store, trained_run(store, without), image=IMAGE, seed=1)["outputs"]
    np.testing.assert_allclose(still[0], still[2], atol=1e-7)


@pytest.mark.parametrize("architecture", [name for name in ARCHITECTURES if name != "encoder_classifier"])
def test_every_dropout_of_every_network_is_drawn_and_told(architecture: str):
    spec = read_spec(
        {"architecture": architecture, "dropout": 0.5, "train_size": 300, "validation_size": 100}
    )
    state = loop.start(spec)
    network = network_at.Network(spec, dict(state.model.state_dict()), state.parts)
    x = inspection.test_images(network, slice(IMAGE, IMAGE + 1)).expand(2, -1, -1, -1)
    values = dict(inspection.forward(network, x, torch.Generator().manual_seed(0)))
    told = {name.removesuffix(KEPT) for name in values if name.endswith(KEPT)}
    assert told == {placed.name for placed in network_layers(spec) if getattr(placed.layer, "p", 0)}
    for name in told:
        kept = values[name + KEPT]
        assert 0.2 < kept.float().mean() < 0.8
        after = values.get(name + BEFORE_POOLING, values[name])
        assert (after[~kept] == 0).all()


def test_an_image_of_ones_own_goes_the_way_of_a_test_image(store: Store, spec: RunSpec):
    run_id = trained_run(store, spec)
    own = np.asarray(fashion_mnist.load().test_images[IMAGE]).tobytes()
    for query, arguments in (
        ("activations", {}),
        ("surgery", {"layer": network_layers(spec)[-1].name, "unit": 0, "factor": 0.5}),
        ("dropout_draws", {"seed": 3}),
    ):
        answer = asked(query, store, run_id, image=own, **arguments)
        expected = asked(query, store, run_id, image=IMAGE, **arguments)
        assert answer.keys() == expected.keys()
        for name, values in expected.items():
            np.testing.assert_array_equal(answer[name], values, err_msg=f"{query}: {name}")
    with pytest.raises(LabError, match="784 pixels"):
        asked("activations", store, run_id, image=own[:-1])


def test_the_start_and_kept_moments_can_be_had_and_others_are_refused_in_a_sentence(store: Store):
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6]})
    run_id = trained_run(store, spec)
    start = asked("layer_weights", store, run_id, step=0, layer="output")
    np.testing.assert_array_equal(
        start["weight"], loop.start(spec).model.get_submodule("output").weight.detach().numpy()
    )
    assert not np.array_equal(
        start["weight"], asked("layer_weights", store, run_id, layer="output")["weight"]
    )
    kept = past.kept_steps(store, run_id)
    at_a_kept_one = asked("activations", store, run_id, step=kept[0], image=0)
    state = loop.load(store.snapshot_state(run_id, kept[0]))
    np.testing.assert_allclose(at_a_kept_one["output"], plain_output(state, 0), atol=1e-5)
    given_up = next(step for step in range(1, spec.total_steps) if step not in kept)
    with pytest.raises(LabError, match="were not kept"):
        asked("activations", store, run_id, step=given_up, image=0)


@pytest.mark.slow
def test_surgery_at_full_strength_changes_nothing_and_silence_is_as_if_nothing_read_the_unit(
    store: Store, spec: RunSpec
):
    run_id = trained_run(store, spec)
    layer, following = {
        "ff_autoencoder": ("encoder.activate", "decoder.output"),
        "conv_autoencoder": ("encoder.activate", "decoder.hidden"),
        "ff_classifier": ("hidden.1", "hidden.2"),
        "conv_classifier": ("hidden.1", "output"),
    }[spec.architecture]
    whole = asked("surgery", store, run_id, image=IMAGE, layer=layer, unit=3, factor=1.0)
    for values in whole.values():
        np.testing.assert_array_equal(values[0], values[1])
    cut = asked("surgery", store, run_id, image=IMAGE, layer=layer, unit=3, factor=0.0)
    np.testing.assert_array_equal(cut["loss"][0], whole["loss"][0])
    state = loop.load(store.checkpoint(run_id))
    with torch.no_grad():
        state.model.get_submodule(following).weight[:, 3] = 0
    network = network_at.Network(spec, dict(state.model.state_dict()), state.parts)
    without = inspection.activations.__wrapped__(network, image=IMAGE)
    *_, reconstruction = without.values()
    expected = reconstruction[0] if spec.task == "autoencoder" else without["probabilities"]
    np.testing.assert_allclose(cut["output"][1], expected, atol=1e-6)
    if spec.task == "classifier":
        assert cut["confusion"].sum((1, 2)).tolist() == [1000, 1000]


def test_a_unit_that_is_not_there_cannot_be_operated_on(store: Store):
    run_id = trained_run(store, read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6]}))
    for layer, unit in (("hidden.1", 6), ("hidden.1", -1), ("nowhere", 0)):
        with pytest.raises(LabError, match="no unit"):
            asked("surgery", store, run_id, image=0, layer=layer, unit=unit, factor=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.0, 0.5, 3.0])
def test_a_branch_after_surgery_begins_as_what_surgery_showed(store: Store, spec: RunSpec, factor: float):
    run_id = trained_run(store, spec)
    step = store.run(run_id).step
    sources = {
        placed.name: with_weights(network_layers(spec), placed.name) for placed in network_layers(spec)
    }
    sources = {name: source for name, source in sources.items() if source is not None}
    assert len(sources) > len(set(sources.values())) > 1
    for name, source in sources.items():
        unit = min(2, source.behind[0] - 1)
        cut = {"layer": name, "unit": unit, "factor": factor}
        shown = asked("surgery", store, run_id, image=IMAGE, **cut)["output"][1]
        branch = spec.changed(branch={"run": run_id, "step": step, "surgery": cut})
        state = first_state(branch, fashion_mnist.load(), lambda: store, device="cpu")
        network = network_at.Network(branch, dict(state.model.state_dict()), state.parts)
        values = inspection.activations.__wrapped__(network, image=IMAGE)
        output = values["probabilities"] if spec.task == "classifier" else list(values.values())[-1][0]
        np.testing.assert_allclose(output, shown, atol=1e-5, err_msg=name)
        axis = 1 if isinstance(source.layer, ConvTranspose2d) else 0
        for what, memory in state.optimizer.memory.items():
            remembered = memory.views[f"{source.name}.weight"].movedim(axis, 0)
            assert remembered[unit].any() == (what == "exp_avg_sq"), "or its first steps would be too large"
            assert unit == 0 or remembered.any()


@pytest.mark.parametrize("name", ["activate1", "no such layer", "decoder"])
def test_a_layer_without_weights_is_refused(store: Store, name: str):
    run_id = trained_run(store, read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6]}))
    with pytest.raises(LabError, match="no layer"):
        asked("layer_weights", store, run_id, layer=name)


def test_an_image_that_is_not_there_and_a_run_not_trained_yet_are_refused(store: Store):
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6]})
    with pytest.raises(LabError, match="no weights of this run yet"):
        asked("activations", store, store.create_run(spec, "ana"), image=0)
    with pytest.raises(LabError, match="no test image"):
        asked("activations", store, trained_run(store, spec), image=10**6)


def test_a_shipped_model_is_looked_into_as_a_run_is():
    shown = queries.QUERIES["activations"](model="conv_autoencoder", image=3)
    assert shown["encoder.conv1"].shape == (16, 26, 26)
    assert shown["decoder.sigmoid"].shape == (1, 28, 28)
    assert 0 <= shown["decoder.sigmoid"].min() < shown["decoder.sigmoid"].max() <= 1
    with pytest.raises(LabError, match="ships no trained model"):
        queries.QUERIES["activations"](model="../secret", image=3)
    assert fashion_mnist.load().test_images.shape[1:] == shown["decoder.sigmoid"].shape[1:]


def test_a_shipped_models_numbers_are_turned_into_those_of_calculation_once():
    network = network_at.of_shipped_model("r3-2")
    assert {weight.dtype for weight in network.weights.values()} == {torch.float32}
    again = network_at.of_shipped_model("r3-2")
    assert all(again.weights[name] is weight for name, weight in network.weights.items())
