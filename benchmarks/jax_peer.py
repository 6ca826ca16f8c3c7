"""The five networks in JAX: one compiled step, data on the device, Adam and SGD written out.

A layer is a function of all weights, a batch of images (n, height, width, channels) or vectors (n, size), and
a random key. Imported by `benchmarks/peers.py` alone, and only where JAX is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Layer = Callable[[Any, Any, Any], Any]


class Layers:
    """Makes layers, and keeps the kernel and the bias of each in `weights`."""

    def __init__(self, dropout: float, random: np.random.Generator) -> None:
        self.weights: list[tuple[np.ndarray, np.ndarray]] = []
        self.dropout, self.random = dropout, random

    def parameter(self, *shape: int) -> int:
        """The place of a new kernel and its bias."""
        fan_in = int(np.prod(shape[:-1]))
        kernel = self.random.normal(0, fan_in**-0.5, shape).astype(np.float32)
        self.weights.append((kernel, np.zeros(shape[-1], np.float32)))
        return len(self.weights) - 1

    def dense(self, inputs: int, size: int) -> Layer:
        at = self.parameter(inputs, size)
        return lambda w, x, key: x @ w[at][0] + w[at][1]

    def relu_dropout(self, w: Any, x: Any, key: Any) -> Any:
        keep = 1 - self.dropout
        return jnp.where(jax.random.bernoulli(key, keep, x.shape), jax.nn.relu(x) / keep, 0)

    def convolution(
        self, k: int, inputs: int, channels: int, padding: int = 0, stride: int = 1, dilation: int = 1
    ) -> Layer:
        at = self.parameter(k, k, inputs, channels)
        return lambda w, x, key: (
            w[at][1]
            + lax.conv_general_dilated(
                x,
                w[at][0],
                (1, 1),
                [(padding, padding)] * 2,
                lhs_dilation=(stride, stride),
                rhs_dilation=(dilation, dilation),
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
            )
        )

    def hidden(self, inputs: int, sizes: Sequence[int]) -> list[Layer]:
        steps: list[Layer] = []
        for size in sizes:
            steps += [self.dense(inputs, size), self.relu_dropout]
            inputs = size
        return steps


def pool(w: Any, x: Any, key: Any) -> Any:
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def shaped(*shape: int) -> Layer:
    return lambda w, x, key: x.reshape(-1, *shape)


def network(layers: Layers, architecture: str, sizes: Sequence[int]) -> list[Layer]:
    relu_dropout, image = layers.relu_dropout, shaped(28, 28, 1)
    match architecture:
        case "ff_autoencoder":
            return [*layers.hidden(784, sizes), layers.dense(sizes[-1], 784)]
        case "ff_classifier":
            return [*layers.hidden(784, sizes), layers.dense(sizes[-1], 10)]
        case "conv_autoencoder":
            steps = [image, layers.convolution(3, 1, 16), relu_dropout, pool]
            steps += [layers.convolution(3, 16, 32), relu_dropout, pool, shaped(800)]
            steps += [*layers.hidden(800, sizes), layers.dense(sizes[0], 800), relu_dropout, shaped(5, 5, 32)]
            steps += [layers.convolution(5, 32, 16, padding=6, stride=2, dilation=2), relu_dropout]
            return [*steps, layers.convolution(6, 16, 1, padding=4, stride=2), shaped(784)]
        case "conv_classifier":
            steps = [image, layers.convolution(3, 1, 32, padding=1), relu_dropout, pool]
            steps += [layers.convolution(3, 32, 64), relu_dropout, pool, shaped(2304)]
            return [*steps, *layers.hidden(2304, sizes), layers.dense(sizes[-1], 10)]
    raise ValueError(architecture)


def adam_step(rate: float, w: Any, first: Any, second: Any, count: Any, slope: Any) -> Any:
    count += 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
    w = jax.tree.map(
        lambda a, m, v: a - rate * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8),
        w,
        first,
        second,
    )
    return w, first, second, count


def contender(spec: dict[str, Any], pixels: np.ndarray, labels: np.ndarray) -> Callable[[int], int]:
    """Trains on so many images when called, and returns how many it took."""
    random = np.random.default_rng(0)
    layers = Layers(spec["dropout"], random)
    steps = network(layers, spec["architecture"], spec["hidden_sizes"])
    device_pixels, device_labels = jnp.asarray(pixels), jnp.asarray(labels)

    def loss_of(w: Any, images: Any, targets: Any, key: Any) -> Any:
        x = images
        for step, step_key in zip(steps, jax.random.split(key, len(steps)), strict=True):
            x = step(w, x, step_key)
        if spec["architecture"].endswith("autoencoder"):
            return jnp.mean((jax.nn.sigmoid(x) - images) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), targets[:, None], 1))

    rate, adam = spec["learning_rate"], spec["optimizer"] == "adam"

    @jax.jit
    def advance(state: Any, chosen: Any, key: Any) -> Any:
        w, first, second, count = state
        slope = jax.grad(loss_of)(w, device_pixels[chosen], device_labels[chosen], key)
        if adam:
            return adam_step(rate, w, first, second, count, slope)
        return jax.tree.map(lambda a, g: a - rate * g, w, slope), first, second, count

    zeros = jax.tree.map(np.zeros_like, layers.weights)
    memory = [(layers.weights, zeros, zeros, 0.0), jax.random.key(0)]

    def train(count: int) -> int:
        state, key = memory
        order = random.permutation(len(pixels))[:count]
        size = spec["batch_size"]
        for start in range(0, count - size + 1, size):
            key, step_key = jax.random.split(key)
            state = advance(state, order[start : start + size], step_key)
        memory[:] = jax.block_until_ready(state), key
        return count // size * size

    return train
