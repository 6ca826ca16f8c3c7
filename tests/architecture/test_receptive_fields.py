"""Taps against PyTorch's own convolutions; receptive fields against which pixels have a gradient."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.architecture.layers import Conv2d, ConvTranspose2d
from fmnist_core.architecture.networks import network_layers
from fmnist_core.architecture.receptive_fields import Field, receptive_field, taps
from fmnist_core.nets.models import networks
from fmnist_core.spec import read_spec

SIDE = 7


def summed(layer, image, kernel, row, column):
    """The output at one place, from the taps alone."""
    return sum(
        image[:, tap.row, tap.column] @ kernel[:, tap.kernel_row, tap.kernel_column]
        for tap in taps(layer, image.shape, row, column)
    )


@given(kernel=st.integers(1, 5), padding=st.integers(0, 2), seed=st.integers(0, 9))
def test_a_convolutions_taps_add_up_to_its_output(kernel, padding, seed):
    random = np.random.default_rng(seed)
    image, weights = random.normal(size=(2, SIDE, SIDE)), random.normal(size=(2, kernel, kernel))
    expected = F.conv2d(torch.tensor(image)[None], torch.tensor(weights)[None], padding=padding)[0, 0].numpy()
    layer = Conv2d(1, kernel, padding)
    fields = [
        [summed(layer, image, weights, r, c) for c in range(len(expected))] for r in range(len(expected))
    ]
    np.testing.assert_allclose(np.array(fields, float), expected, atol=1e-12)


@given(
    kernel=st.integers(1, 6),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 3),
    seed=st.integers(0, 9),
)
def test_a_transposed_convolutions_taps_add_up_to_its_output(kernel, stride, padding, dilation, seed):
    layer = ConvTranspose2d(1, kernel, stride, padding, dilation)
    side = layer.output((2, SIDE, SIDE))[1]
    random = np.random.default_rng(seed)
    image, weights = random.normal(size=(2, SIDE, SIDE)), random.normal(size=(2, kernel, kernel))
    expected = F.conv_transpose2d(
        torch.tensor(image)[None],
        torch.tensor(weights)[:, None],
        stride=stride,
        padding=padding,
        dilation=dilation,
    )[0, 0].numpy()
    assert expected.shape == (side, side)
    fields = [[summed(layer, image, weights, r, c) for c in range(side)] for r in range(side)]
    np.testing.assert_allclose(np.array(fields, float), expected, atol=1e-12)


@pytest.mark.parametrize("pooling", [True, False])
@pytest.mark.parametrize("name", ["conv1", "activate1", "conv2", "activate2"])
def test_a_receptive_field_holds_exactly_the_pixels_that_can_change_the_value(name, pooling):
    spec = read_spec({"architecture": "conv_classifier", "pooling": pooling, "hidden_sizes": [8]})
    placed = network_layers(spec)
    layers = placed[: [layer.name for layer in placed].index(name) + 1]
    model = networks.build(spec).eval()
    row, column = layers[-1].behind[1] // 2, 0
    reached = np.zeros((28, 28), bool)
    for seed in range(8):  # a maximum lets one pixel through at a time
        image = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(seed)).requires_grad_()
        value = image
        for layer in layers:
            value = model.get_submodule(layer.name)(value)
        value[0, :, row, column].sum().backward()
        reached |= image.grad[0, 0].numpy() != 0
    field = receptive_field(layers, row, column)
    rows, columns = np.nonzero(reached)
    assert (rows.min(), columns.min(), rows.max(), columns.max()) == (
        field.top,
        field.left,
        field.bottom,
        field.right,
    )
    assert field.shape[0] >= field.shape[1]  # at the left edge there is less to see


def test_behind_a_linear_layer_everything_is_seen():
    spec = read_spec({"architecture": "conv_autoencoder"})
    assert receptive_field(network_layers(spec), 3, 3) == Field(0, 0, 27, 27)
