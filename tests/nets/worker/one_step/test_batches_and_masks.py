"""What else is shown of a step: its batch, its loss, gradients garment by garment, masks, and the source."""

import inspect

import numpy as np
import pytest
import torch

from fmnist_core.architecture.layers import ReLUDropout
from fmnist_core.architecture.networks import learning_layers, network_layers
from fmnist_core.nets.models import convolutions, layers
from fmnist_core.nets.training import optimizers
from fmnist_core.nets.training.batches import shuffled
from fmnist_core.nets.worker.one_step import ahead, chain, masks, scatter, sources
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep, batch
from fmnist_core.sentences import LabError
from tests.nets.worker.one_step.stepping import EACH_FAMILY, by_autograd, network_of, spec_of

pytestmark = pytest.mark.usefixtures("new_worker")


@pytest.mark.parametrize("step", [0, 4, 6, 13])
def test_the_images_are_the_first_of_the_runs_next_batch(step: int):
    network = network_of(spec_of("ff_classifier"), step=step)
    epoch, number = divmod(step, 6)
    order = shuffled(network.parts.train, network.spec.seed, epoch)
    assert batch(network, 5).tolist() == order[50 * number : 50 * number + 5].tolist()
    assert batch(network, 5, -5).tolist() == order.roll(5)[50 * number : 50 * number + 5].tolist()


@pytest.mark.parametrize("name", EACH_FAMILY)
def test_the_loss_is_the_mean_of_its_garments(name: str):
    shown = ahead.step_ahead.__wrapped__(network_of(spec_of(name)), count=4, draw=2)
    assert shown["errors"].shape == (4,)
    assert float(shown["loss"]) == pytest.approx(shown["errors"].mean(), rel=1e-6)
    if "probabilities" in shown:
        np.testing.assert_allclose(shown["probabilities"].sum(1), 1)


@pytest.mark.parametrize("name", EACH_FAMILY)
def test_a_value_is_its_products_and_the_bias_and_what_the_activation_makes_of_it(name: str):
    network = network_of(spec_of(name), step=1)
    with torch.inference_mode():
        step = RecordedStep(network, 2, 3)
        step.forward()
    layers = network_layers(network.spec)
    for placed in learning_layers(network.spec):
        for unit in (0, placed.behind[0] - 1):
            with torch.inference_mode():
                value = ahead.value_ahead.__wrapped__(network, 2, 3, placed.name, unit, 0)
            shown = step.layers[placed.name].y[0]
            assert float(value["value"]) == float(shown[unit].max())
            assert float(value["sum.total"] + value["bias"]) == pytest.approx(
                float(value["value"]), abs=1e-12
            )
            largest = (value["sum.errors"] * value["sum.factors"]).sum()
            assert float(largest + value["sum.rest"]) == pytest.approx(float(value["sum.total"]), abs=1e-12)
            inputs = step.layers[placed.name].x[0]
            for at, of_input in zip(value["sum.places"], value["sum.errors"], strict=True):
                assert float(inputs[tuple(at[1:])]) == of_input
            following = layers[layers.index(placed) + 1 :][:1]
            assert ("activated" in value) == bool(following and isinstance(following[0].layer, ReLUDropout))
            if "activated" in value and not following[0].layer.pool:
                after = step.layers[following[0].name].y[0]
                assert float(value["activated"]) == pytest.approx(
                    float(after[tuple(value["place"])]), abs=1e-12
                )


@pytest.mark.parametrize("name", ["ff_classifier, squares", "conv_autoencoder, no pooling, no dropout"])
def test_gradients_garment_by_garment_have_the_batchs_as_their_mean(name: str):
    network = network_of(spec_of(name), step=2)
    layer = learning_layers(network.spec)[0].name
    clear = chain.clear_weight.__wrapped__(network, 8, 1, layer)
    where = {"layer": layer, "unit": int(clear["unit"]), "weight": int(clear["weight"])}
    alone = scatter.gradient_scatter.__wrapped__(network, count=40, draw=1, **where)["gradients"]
    together = chain.weight_gradient.__wrapped__(network, count=8, draw=1, **where)["gradient"]
    assert alone.shape == (40,)
    assert alone[:8].mean() == pytest.approx(float(together), rel=1e-9)
    with torch.inference_mode():
        step = RecordedStep(network, 8, 1)
        step.take(-4)
        step.forward()
    _loss, gradients = by_autograd(network, step)
    expected = chain.by_unit(learning_layers(network.spec)[0], gradients[f"{layer}.weight"])
    assert alone[32:].mean() == pytest.approx(
        float(expected[where["unit"]].flatten()[where["weight"]]), rel=1e-9
    )


@pytest.mark.parametrize("name", ["ff_classifier", "conv_classifier", "encoder_classifier, frozen"])
def test_nothing_comes_back_through_what_rests(name: str):
    spec = spec_of(name)
    network = network_of(spec)
    dropping = [placed for placed in network_layers(spec) if getattr(placed.layer, "p", 0)]
    assert dropping
    shares = []
    for placed in dropping:
        with torch.inference_mode():
            mask, again, other = (
                masks.dropout_mask.__wrapped__(network, count=2, draw=draw, layer=placed.name)
                for draw in (1, 1, 2)
            )
        np.testing.assert_array_equal(mask["kept"], again["kept"])
        assert (mask["kept"] != other["kept"]).any()
        assert mask["kept"].shape == placed.before
        assert float(mask["scale"]) == pytest.approx(1 / (1 - spec.dropout), rel=1e-4)
        shares.append((mask["kept"].mean(), mask["kept"].size))
        if spec.encoder is not None and spec.encoder.frozen:
            assert "errors" not in mask
            continue
        assert not mask["errors"][mask["kept"] == 0].any()
        assert not mask["errors"][mask["inputs"] <= 0].any()
        assert mask["errors"].any()
    share = sum(mean * size for mean, size in shares) / sum(size for _mean, size in shares)
    size = sum(size for _mean, size in shares)
    assert abs(share - 0.7) < 4 * (0.21 / size) ** 0.5


def test_where_nothing_is_dropped_there_is_no_mask():
    for name, layer in (("ff_classifier, squares", "hidden.1"), ("ff_classifier", "hidden.0")):
        with pytest.raises(LabError, match="no dropout"):
            masks.dropout_mask.__wrapped__(network_of(spec_of(name)), count=1, draw=1, layer=layer)


@pytest.mark.parametrize(
    ("name", "layer", "kind"),
    [
        ("ff_classifier", "hidden.0", layers.Linear),
        ("conv_autoencoder", "encoder.conv1", convolutions.Convolution),
        ("conv_autoencoder", "decoder.up1", convolutions.DottedConvolution),
        ("conv_autoencoder", "decoder.up2", convolutions.PaintedConvolution),
    ],
)
def test_the_source_is_that_of_the_code_that_runs(name: str, layer: str, kind: type):
    texts = sources.step_source.__wrapped__(network_of(spec_of(name)), layer)
    assert inspect.getsource(kind).strip() in str(texts["layer"])
    assert str(texts["adam"]).strip() == inspect.getsource(optimizers.adam).strip()
    assert "self.network.backward(self.loss.backward())" in str(texts["step"])
    assert ("activation" in texts) == (layer != "decoder.up2")
    for text in texts.values():
        compile(str(text), "shown", "exec")
