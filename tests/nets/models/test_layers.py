"""Each layer, forward and back, against autograd on torch.nn; and masks that are what they claim to be."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from fmnist_core.architecture import layers as described
from fmnist_core.architecture.layers import Layer, Placed, Shape
from fmnist_core.nets.models import convolutions, random_bits
from fmnist_core.nets.models.layers import Mask, Surroundings
from fmnist_core.nets.models.network import LAYERS
from fmnist_core.nets.models.networks import MODULES

CPU = torch.device("cpu")


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(*size: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(size, generator=seeded(seed), dtype=torch.float64)


def by_pixel(x: torch.Tensor) -> torch.Tensor:
    return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x


class Trial:
    """A layer as it is written out, beside torch.nn's with the same weights, in float64."""

    def __init__(self, layer: Layer, before: Shape, room: int) -> None:
        self.placed = Placed("it", layer, before, layer.output(before))
        self.module = MODULES[type(layer)](layer, before).double()
        weights = {f"it.{name}": weight.detach().clone() for name, weight in self.module.named_parameters()}
        self.gradients = {name: torch.full_like(weight, math.nan) for name, weight in weights.items()}
        around = Surroundings(room, weights, self.gradients, torch.float64, CPU, seeded())
        self.written = LAYERS[type(layer)](self.placed, around)

    def check(self, count: int) -> None:
        """Outputs, every gradient, and dx, of a batch of `count`."""
        x = noise(count, *self.placed.before, seed=count)
        plain = x.clone().requires_grad_()
        expected = self.module(plain)
        y = self.written.forward(by_pixel(x.clone()))
        close(y, expected)
        dy = noise(*expected.shape, seed=count + 1)
        self.module.zero_grad()
        expected.backward(dy)
        dy = by_pixel(dy)
        self.written.gradients(dy)
        for name, parameter in self.module.named_parameters():
            close(self.gradients[f"it.{name}"], parameter.grad)
        close(self.written.backward(dy), plain.grad)


def close(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


sizes = st.integers(1, 9)
batches = st.tuples(st.integers(1, 5), st.integers(1, 5)).map(sorted)


@given(inputs=sizes, units=sizes, batches=batches)
def test_a_linear_layer_is_autograds(inputs, units, batches):
    last, full = batches
    trial = Trial(described.Linear(units), (inputs,), full)
    for count in (full, last, full):
        trial.check(count)


@settings(max_examples=60)
@given(
    channels=st.integers(1, 4),
    outputs=st.integers(1, 4),
    kernel=st.integers(1, 4),
    padding=st.integers(0, 2),
    extra=st.integers(0, 5),
    batches=batches,
)
def test_a_convolution_is_autograds(channels, outputs, kernel, padding, extra, batches):
    last, full = batches
    side = max(1, kernel - 2 * padding) + extra
    trial = Trial(described.Conv2d(outputs, kernel, padding), (channels, side, side), full)
    for count in (full, last):
        trial.check(count)


@settings(max_examples=120)
@given(
    channels=st.integers(1, 4),
    outputs=st.integers(1, 3),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    padding=st.integers(0, 3),
    side=st.integers(2, 6),
    batches=batches,
)
def test_a_transposed_convolution_is_autograds(
    channels, outputs, kernel, stride, dilation, padding, side, batches
):
    """Of any geometry: some have a quicker way, which the next test names."""
    last, full = batches
    layer = described.ConvTranspose2d(outputs, kernel, stride, padding, dilation)
    if layer.output((channels, side, side))[1] < 1:
        return
    trial = Trial(layer, (channels, side, side), full)
    for count in (full, last):
        trial.check(count)


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (described.ConvTranspose2d(16, 5, stride=2, padding=2, dilation=2), convolutions.DottedConvolution),
        (described.ConvTranspose2d(1, 6, stride=2, padding=1), convolutions.PaintedConvolution),
        (described.ConvTranspose2d(1, 3), convolutions.PaintedConvolution),
        (described.ConvTranspose2d(16, 3), convolutions.Convolution),
        (described.ConvTranspose2d(1, 5, stride=2), convolutions.Convolution),
    ],
    ids=str,
)
def test_the_quick_ways_are_autograds_too(layer, kind):
    trial = Trial(layer, (4, 5, 5), 3)
    assert type(trial.written) is kind
    for count in (3, 1):
        trial.check(count)


@given(shape=st.tuples(sizes, sizes, sizes) | st.tuples(sizes), pool=st.booleans(), batches=batches)
def test_relu_and_pooling_are_autograds(shape, pool, batches):
    """Odd sides too, whose last pixel is left aside."""
    if pool and (len(shape) == 1 or min(shape[1:]) < 2):
        return
    last, full = batches
    trial = Trial(described.ReLUDropout(0.0, pool), shape, full)
    for count in (full, last):
        trial.check(count)


def test_of_equal_pixels_the_first_gets_the_gradient():
    trial = Trial(described.ReLUDropout(0.0, pool=True), (1, 2, 4), 1)
    trial.written.forward(
        torch.tensor([[1.0, 1.0, 0.5, 2.0], [1.0, 1.0, 2.0, 2.0]]).double().view(1, 1, 2, 4)
    )
    dx = trial.written.backward(torch.tensor([3.0, 5.0]).double().view(1, 1, 1, 2))
    assert dx.flatten().tolist() == [3, 0, 0, 5, 0, 0, 0, 0]


@given(shape=st.tuples(sizes, sizes, sizes), batches=batches)
def test_sigmoid_and_flattening_are_autograds(shape, batches):
    last, full = batches
    flat = math.prod(shape)
    for layer, before in (
        (described.Sigmoid(), (flat,)),
        (described.Flatten(), shape),
        (described.Unflatten(shape), (flat,)),
    ):
        trial = Trial(layer, before, full)
        for count in (full, last):
            trial.check(count)


@pytest.mark.parametrize(
    ("layer", "before"),
    [
        (described.Linear(3), (4,)),
        (described.Conv2d(2, 3, 1), (2, 5, 5)),
        (described.ConvTranspose2d(2, 3, 2, 2, 2), (2, 4, 4)),
        (described.ConvTranspose2d(1, 4, 2, 1), (2, 4, 4)),
        (described.ReLUDropout(0.0), (6,)),
        (described.ReLUDropout(0.0, pool=True), (2, 4, 5)),
        (described.Sigmoid(), (6,)),
    ],
    ids=str,
)
def test_gradients_are_the_slopes_that_finite_differences_find(layer, before):
    """Of L = Σ y · dy for a random dy, in a random direction of x and of each weight."""
    trial, x, step = Trial(layer, before, 2), noise(2, *before), 1e-6
    dy = noise(2, *trial.placed.behind, seed=2)

    def loss(at: torch.Tensor) -> float:
        return (trial.written.forward(by_pixel(at.clone())) * dy).sum().item()

    loss(x)
    trial.written.gradients(by_pixel(dy.clone()))
    dx = trial.written.backward(by_pixel(dy.clone())).clone()
    towards = noise(*x.shape, seed=3)
    slope = (loss(x + step * towards) - loss(x - step * towards)) / (2 * step)
    assert slope == pytest.approx((dx * towards).sum().item(), rel=1e-6)
    for name in ("weight", "bias") if trial.gradients else ():
        weight = getattr(trial.written, name)
        towards = noise(*weight.shape, seed=4)
        losses = []
        for move in (step, -2 * step):
            weight.add_(move * towards)
            losses.append(loss(x))
        weight.add_(step * towards)
        gradient = trial.gradients[f"it.{name}"]
        slope = (losses[0] - losses[1]) / (2 * step)
        assert slope == pytest.approx((gradient * towards).sum().item(), rel=1e-6)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float32, torch.float64])
def test_dropout_equals_the_plain_layers_for_the_same_mask(p, pool, kind):
    """x as it comes out of the mask is what torch.nn, without dropout, is given; what is kept is scaled."""
    shape, count = (5, 11, 13), 3
    layer = described.ReLUDropout(p, pool)
    placed = Placed("it", layer, shape, layer.output(shape))
    written = LAYERS[described.ReLUDropout](placed, Surroundings(4, {}, {}, kind, CPU, seeded()))
    x = by_pixel(noise(count, *shape).to(kind))
    masked = x.clone()
    Mask(p, Surroundings(4, {}, {}, kind, CPU, seeded()), shape).drop(masked)
    assert torch.equal(masked[masked != 0], x[masked != 0])
    plain = masked.double().contiguous().requires_grad_()
    module = nn.Sequential(nn.ReLU(), *([nn.MaxPool2d(2)] if pool else []))
    scale = 2**16 / (2**16 - round(p * 2**16))
    expected = module(plain) * scale
    tolerance = {torch.bfloat16: 2**-7, torch.float32: 1e-6, torch.float64: 1e-14}[kind]
    near = {"rtol": tolerance, "atol": 0, "check_dtype": False}
    torch.testing.assert_close(written.forward(x), expected, **near)
    dy = by_pixel(noise(*expected.shape, seed=2).to(kind))
    expected.backward(dy.double())
    torch.testing.assert_close(written.backward(dy), plain.grad, **near)


@pytest.mark.parametrize("p", [0.05, 0.1, 1 / 3, 0.9])
def test_of_all_bit_patterns_exactly_the_asked_share_is_dropped(p, monkeypatch):
    every = torch.arange(-(2**15), 2**15, dtype=torch.int16)
    monkeypatch.setattr("fmnist_core.nets.models.layers.pieces", lambda *_: iter([every]))
    for kind in (torch.float32, torch.bfloat16):
        x = torch.ones(1, 2**16, dtype=kind)
        Mask(p, Surroundings(1, {}, {}, kind, CPU, seeded()), (2**16,)).drop(x)
        assert abs((x == 0).double().mean().item() - p) <= 2**-17
        assert set(x.flatten().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("p", [0.05, 0.2, 0.5, 0.9])
def test_the_mask_that_a_gpu_draws_drops_as_many(p, kind):
    """Seen on a processor, to five standard deviations; what it keeps is left as it is."""
    count = 400_000
    mask = Mask(p, Surroundings(1, {}, {}, kind, CPU, seeded(1)), (count,))
    mask.on_cpu = False
    x = torch.full((1, count), 3.0, dtype=kind)
    mask.drop(x)
    assert set(x.flatten().tolist()) == {0.0, 3.0}
    assert abs((x == 0).double().mean().item() - p) < 5 * math.sqrt(p * (1 - p) / count)


@pytest.mark.parametrize("rows", [1000, 50])
def test_random_bits_are_uniform_and_independent(rows):
    """Many come from a cipher, few from the generator itself."""
    n = rows * 1000
    assert (n < random_bits.PIECE) == (rows == 50)
    memory = torch.empty(min(n, random_bits.PIECE), dtype=torch.int16)
    bits = torch.cat([piece.double() for piece in random_bits.pieces(n, seeded(), memory)])
    assert len(bits) == n
    assert bits.min() <= -(2**15) + 2**16 * 10 / n
    assert bits.max() >= 2**15 - 1 - 2**16 * 10 / n
    histogram = torch.bincount((bits.long() + 2**15) // 64, minlength=1024).double()
    chi_square = ((histogram - n / 1024) ** 2 / (n / 1024)).sum().item()
    assert abs(chi_square - 1023) < 5 * math.sqrt(2 * 1023)
    unit = (bits + 0.5) / math.sqrt(bits.square().mean())
    for lag in (1, 2, 3, 4, 1000, random_bits.PIECE):  # four share a 64-bit word; 1000 is the next row
        if lag >= n:
            continue
        correlation = (unit[lag:] * unit[:-lag]).mean().item()
        assert abs(correlation) < 5 / math.sqrt(n)


def test_two_batches_masks_are_independent_and_come_from_the_generator_given():
    before = torch.get_rng_state()
    n = 200_000
    first, second, again = (torch.ones(1, n) for _ in range(3))
    mask = Mask(0.5, Surroundings(1, {}, {}, torch.float32, CPU, seeded(3)), (n,))
    mask.drop(first)
    mask.drop(second)
    Mask(0.5, Surroundings(1, {}, {}, torch.float32, CPU, seeded(3)), (n,)).drop(again)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    both = (first * second).double().mean().item()
    assert abs(both - 0.25) < 5 * math.sqrt(0.25 * 0.75 / n)


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5])
def test_mean_and_variance_of_dropout_are_those_it_promises(p):
    n = 1_000_000
    placed = Placed("it", described.ReLUDropout(p), (n,), (n,))
    around = Surroundings(1, {}, {}, torch.float32, CPU, seeded(2))
    y = LAYERS[described.ReLUDropout](placed, around).forward(torch.ones(1, n)).double()
    variance = p / (1 - p)
    assert abs(y.mean().item() - 1) < 5 * math.sqrt(variance / n)
    assert abs(y.var().item() / variance - 1) < 0.01


@pytest.mark.parametrize("p", [0.1, 0.5])
@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float32, torch.float64])
def test_dropout_alone_multiplies_by_its_mask_on_both_ways(p, kind):
    """Of numbers of either sign; x is left as it was, since who made it needs it."""
    placed = Placed("it", described.Dropout(p), (400,), (400,))
    written = LAYERS[described.Dropout](placed, Surroundings(3, {}, {}, kind, CPU, seeded()))
    x, dy = noise(2, 400).to(kind), noise(2, 400, seed=2).to(kind)
    before = x.clone()
    y = written.forward(x).double()
    assert torch.equal(x, before)
    kept, scale = y != 0, 2**16 / (2**16 - round(p * 2**16))
    tolerance = {torch.bfloat16: 2**-7, torch.float32: 1e-6, torch.float64: 1e-14}[kind]
    torch.testing.assert_close(y, x.double() * kept * scale, rtol=tolerance, atol=0)
    assert abs(kept.double().mean().item() - (1 - p)) < 5 * math.sqrt(p * (1 - p) / 800)
    expected = dy.double() * kept * scale
    torch.testing.assert_close(written.backward(dy.clone()).double(), expected, rtol=tolerance, atol=0)


def test_dropout_alone_lets_all_through_without_a_generator():
    placed = Placed("it", described.Dropout(0.5), (6,), (6,))
    written = LAYERS[described.Dropout](placed, Surroundings(2, {}, {}, torch.float64, CPU))
    x = noise(2, 6)
    assert torch.equal(written.forward(x), x)
    assert torch.equal(written.backward(x), x)


def test_without_a_generator_nothing_is_dropped():
    for pool in (False, True):
        layer = described.ReLUDropout(0.5, pool)
        placed = Placed("it", layer, (3, 6, 6), layer.output((3, 6, 6)))
        written = LAYERS[described.ReLUDropout](placed, Surroundings(2, {}, {}, torch.float64, CPU))
        x = by_pixel(noise(2, 3, 6, 6))
        module = nn.Sequential(nn.ReLU(), *([nn.MaxPool2d(2)] if pool else []))
        expected = module(x.clone())
        assert torch.equal(written.forward(x), expected)


def test_every_layer_of_a_description_is_written_out():
    assert set(LAYERS) == set(MODULES)
