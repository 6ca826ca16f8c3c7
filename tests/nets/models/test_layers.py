"""The fast layers against torch.nn: same outputs, same gradients, masks that are what they claim to be."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from fmnist_core.nets.models import layers
from fmnist_core.nets.models.layers import (
    GridConvTranspose2d,
    PatchConv2d,
    PatchConvTranspose2d,
    ReLUDropout,
    gather_patches,
    random_bits,
    scatter_patches,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(*size: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(size, generator=seeded(1), dtype=dtype)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_relu_dropout_equals_the_plain_layers_for_the_same_mask(p, pool, layout):
    values = noise(3, 5, 11, 13).contiguous(memory_format=layout)
    layer = ReLUDropout(p, pool)
    layer.generator = seeded()
    fast = values.clone(memory_format=torch.preserve_format).requires_grad_()
    output = layer(fast)

    dropped = round(p * 2**16)
    mask = random_bits(values, seeded()) >= dropped - 2**15
    plain = values.clone().requires_grad_()
    expected = F.relu(plain) * mask * (2**16 / (2**16 - dropped))
    expected = F.max_pool2d(expected, 2) if pool else expected
    torch.testing.assert_close(output, expected, rtol=1e-14, atol=0)

    gradient = noise(*output.shape)
    output.backward(gradient)
    expected.backward(gradient)
    torch.testing.assert_close(fast.grad, plain.grad, rtol=1e-14, atol=0)


@pytest.mark.parametrize("p", [0.05, 0.1, 1 / 3, 0.9])
def test_of_all_bit_patterns_exactly_the_asked_share_is_dropped(p):
    every = torch.arange(-(2**15), 2**15, dtype=torch.int16)
    mask = layers._mask(every, round(p * 2**16))
    assert abs((mask == 0).double().mean().item() - p) <= 2**-17
    assert set(mask.tolist()) == {0, 1}


@pytest.mark.parametrize("rows", [1000, 50])
def test_random_bits_are_uniform_and_independent(rows):
    """Many come from a cipher, few from the generator itself."""
    assert (rows * 1001 < layers.SMALL) == (rows == 50)
    bits = random_bits(torch.empty(rows, 1001), seeded()).double()
    n = bits.numel()
    assert bits.min() <= -(2**15) + 2**16 * 10 / n
    assert bits.max() >= 2**15 - 1 - 2**16 * 10 / n
    histogram = torch.bincount((bits.flatten().long() + 2**15) // 64, minlength=1024).double()
    chi_square = ((histogram - n / 1024) ** 2 / (n / 1024)).sum().item()
    assert abs(chi_square - 1023) < 5 * math.sqrt(2 * 1023)
    unit = (bits + 0.5) / math.sqrt(bits.square().mean())
    for lag in (1, 2, 3, 4, 1001):  # four share a 64-bit word; 1001 is the next row
        correlation = (unit.flatten()[lag:] * unit.flatten()[:-lag]).mean().item()
        assert abs(correlation) < 5 / math.sqrt(n)


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5])
def test_mean_and_variance_of_the_mask_are_those_of_dropout(p):
    n = 1_000_000
    layer = ReLUDropout(p)
    layer.generator = seeded(2)
    mask = layer(torch.ones(n)).double()
    variance = p / (1 - p)
    assert abs(mask.mean().item() - 1) < 5 * math.sqrt(variance / n)
    assert abs(mask.var().item() / variance - 1) < 0.01


@pytest.mark.parametrize("pool", [False, True])
def test_without_training_or_with_p_0_nothing_is_dropped(pool):
    values = noise(2, 3, 6, 6)
    expected = F.max_pool2d(F.relu(values), 2) if pool else F.relu(values)
    assert torch.equal(ReLUDropout(0.5, pool).eval()(values), expected)
    assert torch.equal(ReLUDropout(0.0, pool)(values), expected)


def test_masks_come_from_the_generator_given_and_leave_the_global_one_alone():
    layer = ReLUDropout(0.5)
    layers.use_generator(nn.Sequential(nn.Linear(1, 1), layer), seeded(3))
    before = torch.get_rng_state()
    first, second = layer(torch.ones(1000)), layer(torch.ones(1000))
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, second)
    layers.use_generator(layer, seeded(3))
    assert torch.equal(layer(torch.ones(1000)), first)


@pytest.mark.parametrize(
    ("fast", "plain", "size"),
    [
        (PatchConv2d(1, 5, 3), nn.Conv2d(1, 5, 3), (3, 1, 9, 8)),
        (PatchConv2d(1, 5, 3, padding=1), nn.Conv2d(1, 5, 3, padding=1), (3, 1, 9, 8)),
        (
            GridConvTranspose2d(4, 3, 5, stride=2, padding=2, dilation=2),
            nn.ConvTranspose2d(4, 3, 5, stride=2, padding=2, dilation=2),
            (3, 4, 5, 6),
        ),
        (GridConvTranspose2d(4, 3, 3), nn.ConvTranspose2d(4, 3, 3), (3, 4, 5, 6)),
        (
            PatchConvTranspose2d(4, 1, 6, stride=2, padding=1),
            nn.ConvTranspose2d(4, 1, 6, stride=2, padding=1),
            (3, 4, 5, 6),
        ),
        (PatchConvTranspose2d(4, 1, 3), nn.ConvTranspose2d(4, 1, 3), (3, 4, 5, 6)),
    ],
    ids=str,
)
def test_convolutions_equal_the_plain_ones_with_all_gradients(fast, plain, size):
    fast, plain = fast.double(), plain.double()
    plain.load_state_dict(fast.state_dict())
    fast_input, plain_input = noise(*size).requires_grad_(), noise(*size).requires_grad_()
    output, expected = fast(fast_input), plain(plain_input)
    torch.testing.assert_close(output, expected)
    gradient = noise(*expected.shape)
    output.backward(gradient)
    expected.backward(gradient)
    torch.testing.assert_close(fast_input.grad, plain_input.grad)
    for ours, theirs in zip(fast.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)


def test_gathering_is_unfolding():
    images = noise(2, 17, 14)
    patches = gather_patches(images, 3)
    unfolded = F.unfold(images.unsqueeze(1), 3)
    assert torch.equal(patches.flatten(3).permute(2, 0, 1, 3).flatten(1, 2), unfolded)


@pytest.mark.parametrize(("k", "stride"), [(3, 1), (6, 2), (6, 3)])
def test_scattering_is_folding(k, stride):
    patches = noise(k, k, 2, 5, 4)
    scattered = scatter_patches(patches, stride)
    columns = patches.flatten(3).permute(2, 0, 1, 3).flatten(1, 2)
    folded = F.fold(columns, tuple(scattered.shape[1:]), k, stride=stride).squeeze(1)
    torch.testing.assert_close(scattered, folded)
