"""Each described layer against PyTorch's own: the shape that comes out, the weights, the multiplications."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Layer,
    Linear,
    ReLUDropout,
    Shape,
    ShapeError,
    Sigmoid,
    Unflatten,
    placed,
    without_dropout,
)

CASES: list[tuple[Layer, Shape, nn.Module]] = [
    (Linear(5), (7,), nn.Linear(7, 5)),
    (Conv2d(6, 3), (2, 9, 9), nn.Conv2d(2, 6, 3)),
    (Conv2d(4, 5, padding=2), (3, 8, 8), nn.Conv2d(3, 4, 5, padding=2)),
    (ConvTranspose2d(4, 3), (2, 6, 6), nn.ConvTranspose2d(2, 4, 3)),
    (
        ConvTranspose2d(16, 5, stride=2, padding=2, dilation=2),
        (32, 5, 5),
        nn.ConvTranspose2d(32, 16, 5, stride=2, padding=2, dilation=2),
    ),
    (
        ConvTranspose2d(1, 6, stride=2, padding=1),
        (16, 13, 13),
        nn.ConvTranspose2d(16, 1, 6, stride=2, padding=1),
    ),
    (ReLUDropout(0.2), (3, 7, 7), nn.ReLU()),
    (ReLUDropout(0.2, pool=True), (3, 7, 7), nn.MaxPool2d(2)),
    (Sigmoid(), (4,), nn.Sigmoid()),
    (Flatten(), (2, 3, 4), nn.Flatten()),
    (Unflatten((2, 3, 4)), (24,), nn.Unflatten(1, (2, 3, 4))),
]


@pytest.mark.parametrize(("layer", "shape", "module"), CASES, ids=lambda value: str(value)[:40])
def test_a_layer_is_described_as_pytorch_has_it(layer: Layer, shape: Shape, module: nn.Module):
    counted = FlopCounterMode(display=False)
    with counted:
        output = module(torch.zeros(1, *shape))
    assert layer.output(shape) == tuple(output.shape[1:])
    assert layer.parameters(shape) == sum(weight.numel() for weight in module.parameters())
    assert layer.multiplications(shape) == counted.get_total_flops() / 2


@pytest.mark.parametrize(
    ("layer", "shape", "remedy"),
    [
        (Linear(5), (1, 28, 28), "put a Flatten before it"),
        (Conv2d(5, 3), (784,), "put an Unflatten before it"),
        (ConvTranspose2d(5, 3), (784,), "put an Unflatten before it"),
        (ReLUDropout(0.1, pool=True), (784,), "pool images only"),
        (Conv2d(5, 9), (1, 8, 8), "does not fit into"),
        (Unflatten((1, 28, 28)), (100,), "cannot be made of"),
    ],
    ids=str,
)
def test_a_layer_where_it_does_not_fit_says_so(layer: Layer, shape: Shape, remedy: str):
    with pytest.raises(ShapeError, match=remedy):
        list(placed({"first": layer}, shape))


def test_layers_are_placed_in_order_with_their_full_names():
    layers = {"encoder": {"flatten": Flatten(), "latent": Linear(2)}, "output": Linear(3)}
    shapes = [(layer.name, layer.before, layer.behind) for layer in placed(layers, (1, 2, 2))]
    assert shapes == [
        ("encoder.flatten", (1, 2, 2), (4,)),
        ("encoder.latent", (4,), (2,)),
        ("output", (2,), (3,)),
    ]


def test_without_dropout_only_the_dropout_is_gone():
    layers = {"part": {"activate": ReLUDropout(0.3, pool=True)}, "output": Linear(3)}
    assert without_dropout(layers) == {"part": {"activate": ReLUDropout(0.0, pool=True)}, "output": Linear(3)}
