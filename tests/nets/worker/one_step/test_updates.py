"""The same step under three optimizers, against `torch.optim` on autograd's gradients."""

import numpy as np
import pytest
import torch

from fmnist_core.architecture.networks import learning_layers
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step import chain, updates
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep
from fmnist_core.sentences import LabError
from tests.nets.worker.one_step.stepping import by_autograd, network_of, spec_of

pytestmark = pytest.mark.usefixtures("new_worker")
COUNT, DRAW = 2, 3
MOMENTUM, BEFORE = 0.8, 3


def oracle(kind: str, weight: torch.Tensor, rate: float) -> torch.optim.Optimizer:
    if kind == "adam":
        return torch.optim.Adam([weight], lr=rate)
    return torch.optim.SGD([weight], lr=rate, momentum=MOMENTUM if kind == "momentum" else 0.0)


def gradients(network: Network, name: str, back: int) -> tuple[RecordedStep, torch.Tensor]:
    """Autograd's, of the batch `back` so many steps."""
    with torch.inference_mode():
        step = RecordedStep(network, COUNT, DRAW)
        step.take(back)
        step.forward()
    return step, by_autograd(network, step)[1][name]


@pytest.mark.parametrize("family", ["ff_classifier", "conv_autoencoder"])
def test_each_optimizer_moves_the_weight_as_torch_optim_does(family: str):
    network = network_of(spec_of(family), step=7)
    placed = learning_layers(network.spec)[-2]
    name, rate = f"{placed.name}.weight", 0.03
    clear = chain.clear_weight.__wrapped__(network, COUNT, DRAW, placed.name)
    unit, weight = int(clear["unit"]), int(clear["weight"])
    with torch.inference_mode():
        answer = updates.step_updates.__wrapped__(
            network, COUNT, DRAW, placed.name, unit, weight, rate, MOMENTUM, BEFORE
        )
    for kind in updates.OPTIMIZERS:
        plain = network.weights[name].double().clone().requires_grad_()
        moving = oracle(kind, plain, 0.0)
        seen = []
        for back in range(BEFORE, -1, -1):
            _step, plain.grad = gradients(network, name, back)
            seen.append(float(chain.by_unit(placed, plain.grad)[unit].flatten()[weight]))
            moving.param_groups[0]["lr"] = 0.0 if back else rate
            moving.step()
        moved = float(chain.by_unit(placed, plain.detach())[unit].flatten()[weight])
        assert float(answer[f"{kind}.value"]) == pytest.approx(moved, rel=1e-9)
        np.testing.assert_allclose(answer["seen"], seen[:-1], rtol=1e-9)
        assert float(answer["gradient"]) == pytest.approx(seen[-1], rel=1e-9)
    assert len({float(answer[f"{kind}.value"]) for kind in updates.OPTIMIZERS}) == 3


def test_the_loss_after_the_step_is_that_of_the_weights_moved_by_hand():
    network = network_of(spec_of("ff_classifier", dropout=0.0))
    rate = 0.02
    with torch.inference_mode():
        answer = updates.step_updates.__wrapped__(network, COUNT, DRAW, "output", 0, 0, rate, 0.9, 0)
        step = RecordedStep(network, COUNT, DRAW)
        loss = step.forward()
    _loss, slopes = by_autograd(network, step)
    moved = {name: weight.double() - rate * slopes[name] for name, weight in network.weights.items()}
    with torch.inference_mode():
        behind = RecordedStep(Network(network.spec, moved, network.parts), COUNT, DRAW).forward()
    assert float(answer["loss"]) == pytest.approx(loss, rel=1e-12)
    assert float(answer["sgd.loss"]) == pytest.approx(behind, rel=1e-9)
    assert float(answer["sgd.loss"]) < loss


def test_losses_by_rate_are_those_of_steps_with_these_rates():
    network = network_of(spec_of("ff_classifier"), step=3)
    with torch.inference_mode():
        curves = updates.losses_by_rate.__wrapped__(network, COUNT, DRAW, MOMENTUM, BEFORE)
        for place in (2, 7, 9):
            rate = float(curves["rates"][place])
            one = updates.step_updates.__wrapped__(
                network, COUNT, DRAW, "output", 0, 0, rate, MOMENTUM, BEFORE
            )
            assert float(curves["loss"]) == float(one["loss"])
            for kind in updates.OPTIMIZERS:
                assert curves[kind][place] == pytest.approx(float(one[f"{kind}.loss"]), rel=1e-6)


def test_a_rate_that_no_run_may_have_is_refused_in_a_sentence():
    network = network_of(spec_of("ff_classifier"))
    for rate in (0.0, -1.0, 11.0, float("nan")):
        with pytest.raises(LabError, match="Learning rate"):
            updates.step_updates.__wrapped__(network, 1, 1, "output", 0, 0, rate, 0.9, 0)
