"""A weight's gradient along its paths, against autograd on plain `torch.nn` and finite differences."""

import numpy as np
import pytest
import torch

from fmnist_core.architecture.layers import Flatten, ReLUDropout, Sigmoid, Unflatten
from fmnist_core.architecture.networks import learning_layers, network_layers
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step import chain
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep
from fmnist_core.sentences import LabError
from tests.nets.worker.one_step.stepping import EACH_FAMILY, by_autograd, network_of, spec_of

pytestmark = pytest.mark.usefixtures("new_worker")
COUNT, DRAW = 3, 5


@pytest.fixture(params=EACH_FAMILY)
def network(request) -> Network:
    return network_of(spec_of(request.param), step=4)


def done(network: Network) -> tuple[RecordedStep, float]:
    """And its loss."""
    with torch.inference_mode():
        step = RecordedStep(network, COUNT, DRAW)
        loss = step.forward()
        step.backward()
    return step, loss


def test_the_step_is_that_of_autograd(network: Network):
    step, shown = done(network)
    loss, gradients = by_autograd(network, step)
    assert shown == pytest.approx(loss, rel=1e-12)
    learning = {placed.name for placed in learning_layers(network.spec)}
    assert {name.rsplit(".", 1)[0] for name in step.gradients.views} == learning
    for name, gradient in step.gradients.views.items():
        scale = gradients[name].abs().max()
        torch.testing.assert_close(gradient, gradients[name], rtol=1e-9, atol=float(1e-10 * scale))


def weights_of(network: Network, layer: str) -> list[tuple[int, int]]:
    """The clear one, and some others."""
    clear = chain.clear_weight.__wrapped__(network, COUNT, DRAW, layer)
    weight = chain.by_unit(
        next(p for p in learning_layers(network.spec) if p.name == layer), network.weights[f"{layer}.weight"]
    )
    draw = np.random.default_rng(1)
    others = [(int(draw.integers(len(weight))), int(draw.integers(weight[0].numel()))) for _ in range(4)]
    return [(int(clear["unit"]), int(clear["weight"])), *others]


def test_every_gradient_shown_adds_up_along_its_paths_and_is_that_of_autograd(network: Network):
    _loss, gradients = by_autograd(network, done(network)[0])
    checked = 0
    for placed in learning_layers(network.spec):
        expected = chain.by_unit(placed, gradients[f"{placed.name}.weight"]).flatten(1)
        for unit, weight in weights_of(network, placed.name):
            with torch.inference_mode():
                answer = chain.weight_gradient.__wrapped__(network, COUNT, DRAW, placed.name, unit, weight)
            shown = float(answer["gradient"])
            assert shown == pytest.approx(float(expected[unit, weight]), rel=1e-5, abs=1e-14)
            rounding = 4e-16 * max(1.0, float(answer["loss"])) / float(answer["nudge"])
            assert float(answer["difference"]) == pytest.approx(shown, rel=1e-5, abs=4 * rounding)
            np.testing.assert_allclose(answer["row"].ravel(), expected[unit], rtol=1e-5, atol=1e-14)
            follow(network, placed, answer)
            checked += shown != 0
    assert checked > len(learning_layers(network.spec))


def test_a_difference_over_a_kink_is_said_to_be_one(network: Network, monkeypatch: pytest.MonkeyPatch):
    """With a nudge so large that ReLUs open and close in between; then there is no rounding to blame."""
    placed = learning_layers(network.spec)[0]
    layers = network_layers(network.spec)
    bends = any(isinstance(behind.layer, ReLUDropout) for behind in layers[layers.index(placed) + 1 :])
    unit, weight = weights_of(network, placed.name)[0]
    for nudges, smooth in (((50.0,), not bends), (chain.NUDGES, True)):
        monkeypatch.setattr(chain, "NUDGES", nudges)
        with torch.inference_mode():
            answer = chain.weight_gradient.__wrapped__(network, COUNT, DRAW, placed.name, unit, weight)
        assert bool(answer["smooth"]) is smooth


def follow(network: Network, placed, answer: dict[str, np.ndarray]) -> None:
    """Each sum adds up to the error that the sum before took from it, as far as to the loss."""
    layers = network_layers(network.spec)
    owed = answer["gradient"]
    for here in layers[layers.index(placed) :]:
        if isinstance(here.layer, Flatten | Unflatten):
            continue
        if isinstance(here.layer, ReLUDropout | Sigmoid):
            factor, error = answer[f"{here.name}.factor"], answer[f"{here.name}.error"]
            assert float(factor * error) == pytest.approx(float(owed), rel=1e-9)
            if factor == 0:
                assert "loss.error" not in answer
                return
            owed = error
            continue
        errors, factors = answer[f"{here.name}.errors"], answer[f"{here.name}.factors"]
        total = float(answer[f"{here.name}.total"])
        assert total == pytest.approx(float(owed), rel=1e-9, abs=1e-18)
        assert float((errors * factors).sum() + answer[f"{here.name}.rest"]) == pytest.approx(total, rel=1e-9)
        assert len(errors) == min(chain.SHOWN, answer[f"{here.name}.count"])
        assert (np.diff(np.abs(errors * factors)) <= 0).all()
        if not len(errors):
            assert total == 0
            return
        owed = errors[0]
    assert float(answer["loss.error"]) == pytest.approx(float(owed), rel=1e-9)


def test_what_is_no_weight_is_refused_in_a_sentence():
    network = network_of(spec_of("ff_classifier"))
    for unit, weight in ((12, 0), (-1, 0), (0, 784), (0, -1)):
        with pytest.raises(LabError, match="no such weight"):
            chain.weight_gradient.__wrapped__(network, 1, 1, "hidden.0", unit, weight)
    for layer in ("hidden.1", "nothing"):
        with pytest.raises(LabError, match="that learns"):
            chain.clear_weight.__wrapped__(network, 1, 1, layer)
    with pytest.raises(LabError, match=r"encoder\.conv1.*that learns"):
        chain.clear_weight.__wrapped__(
            network_of(spec_of("encoder_classifier, frozen")), 1, 1, "encoder.conv1"
        )
