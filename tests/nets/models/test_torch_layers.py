"""The networks in PyTorch's own layers compute what ours compute, with the very same weights."""

import copy

import pytest
import torch

from fmnist_core.nets.models import networks, torch_layers
from fmnist_core.nets.models.layers import ReLUDropout, use_generator
from fmnist_core.nets.models.torch_layers import PlainReLUDropout, bernoulli_mask, draw_mask, standard
from tests.nets.short_runs import FAMILIES, short

EVERY = [{**settings, "pooling": pooling} for settings in FAMILIES for pooling in (True, False)]


@pytest.mark.parametrize("settings", EVERY, ids=lambda s: f"{s['architecture']}-{s['pooling']}")
def test_standard_layers_compute_the_same(settings, monkeypatch):
    """Outputs and gradients with the same dropout, and outputs without; in float64, so that no rounding
    decides which of two pixels is the larger.
    """
    model = networks.build(short(**settings)).double()
    plain = standard(copy.deepcopy(model))
    use_generator(model, torch.Generator().manual_seed(3))
    assert list(plain.state_dict()) == list(model.state_dict())
    assert {type(layer).__module__ for layer in plain.modules()} <= {
        *(f"torch.nn.modules.{part}" for part in ("activation", "container", "conv", "flatten", "linear")),
        PlainReLUDropout.__module__,
    }
    random = torch.Generator().manual_seed(8)
    images = torch.rand(5, 1, 28, 28, generator=random, dtype=torch.float64)
    generator, masks = torch.Generator().manual_seed(3), []

    def keep_mask(layer: ReLUDropout, inputs: tuple[torch.Tensor]) -> None:
        masks.append(draw_mask(inputs[0].detach(), layer.p, generator))

    for layer in model.modules():
        if isinstance(layer, ReLUDropout):
            layer.register_forward_pre_hook(keep_mask)
    ours = model(images)
    monkeypatch.setattr(torch_layers, "draw_mask", lambda *_: masks.pop(0))
    theirs = plain(images)
    assert masks == []
    towards = torch.randn(ours.shape, generator=random, dtype=torch.float64)
    for network, outputs in ((model, ours), (plain, theirs)):
        outputs.backward(towards)
        assert all(weight.grad is not None for weight in network.parameters())
    for mine, other in zip(model.parameters(), plain.parameters(), strict=True):
        assert (mine.grad - other.grad).norm() <= 1e-12 * other.grad.norm()
    torch.testing.assert_close(model.eval()(images), plain.eval()(images), rtol=1e-12, atol=1e-12)


def test_the_weights_are_shared_not_copied():
    model = networks.build(short(architecture="conv_autoencoder"))
    weights = dict(model.named_parameters())
    assert all(weight is weights[name] for name, weight in standard(model).named_parameters())


def test_to_change_the_layers_draws_nothing():
    model, before = networks.build(short(architecture="conv_classifier")), torch.get_rng_state()
    standard(model)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("p", [0.05, 0.2, 0.5, 0.9])
def test_a_bernoulli_mask_has_mean_one(p, kind):
    """Two values; what is kept and how it is scaled fit each other exactly, to five standard deviations."""
    count = 400_000
    mask = bernoulli_mask(torch.empty(count, dtype=kind), p, torch.Generator().manual_seed(1)).double()
    scales = mask[mask > 0]
    assert scales.unique().numel() == 1
    scale = scales[0].item()
    assert scale == pytest.approx(1 / (1 - p), rel=2**-8 if kind == torch.bfloat16 else 1e-7)
    assert abs(mask.mean().item() - 1) < 5 * ((scale - 1) / count) ** 0.5
