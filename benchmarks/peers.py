"""The five networks in Keras on TensorFlow and in JAX, as a benchmark's contenders: `benchmarks/epoch.py`.

    python benchmarks/peers.py keras DATA.npz 2

Knows nothing of the lab, so that it runs where only they are installed. Reads one order a line, trains, and
answers with seconds. DATA.npz holds `pixels` float32 (n, 784) in [0, 1] and `labels` int32 (n,).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

Train = Callable[[int], int]


def keras_contender(spec: dict[str, Any], pixels: np.ndarray, labels: np.ndarray) -> Train:
    """`Model.fit` on arrays in memory, as Keras' own guides have it."""
    import keras
    from keras import layers, ops

    class Spread(layers.Layer):
        """Every pixel to every second place, zeros between: Keras has no dilation together with strides."""

        def call(self, x):
            _, height, width, channels = x.shape
            wide = ops.pad(ops.reshape(x, (-1, height, 1, width, 1, channels)), PADDED)
            return ops.reshape(wide, (-1, 2 * height, 2 * width, channels))[:, :-1, :-1]

    p, sizes = spec["dropout"], spec["hidden_sizes"]

    def hidden(size: int) -> list:
        return [layers.Dense(size, activation="relu"), layers.Dropout(p)]

    def convolution(channels: int, padding: str = "valid") -> list:
        return [
            layers.Conv2D(channels, 3, padding=padding, activation="relu"),
            layers.Dropout(p),
            layers.MaxPooling2D(2),
        ]

    flat = spec["architecture"].startswith("ff")
    parts: list = [keras.Input((784,))] if flat else [keras.Input((28, 28, 1))]
    match spec["architecture"]:
        case "ff_autoencoder":
            parts += [*hidden(sizes[0]), layers.Dense(784, activation="sigmoid")]
        case "ff_classifier":
            parts += [layer for size in sizes for layer in hidden(size)] + [layers.Dense(10)]
        case "conv_autoencoder":
            parts += [*convolution(16), *convolution(32), layers.Flatten(), *hidden(sizes[0]), *hidden(800)]
            parts += [layers.Reshape((5, 5, 32)), layers.ZeroPadding2D(3), layers.Conv2D(16, 5), Spread()]
            parts += [layers.ReLU(), layers.Dropout(p), layers.Conv2DTranspose(1, 6, strides=2)]
            parts += [layers.Cropping2D(1), layers.Activation("sigmoid")]
        case "conv_classifier":
            parts += [*convolution(32, "same"), *convolution(64), layers.Flatten()]
            parts += [layer for size in sizes for layer in hidden(size)] + [layers.Dense(10)]
    model = keras.Sequential(parts)
    rate = spec["learning_rate"]
    optimizer = keras.optimizers.SGD(rate) if spec["optimizer"] == "sgd" else keras.optimizers.Adam(rate)
    autoencoder = spec["architecture"].endswith("autoencoder")
    loss = "mse" if autoencoder else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss)
    images = pixels if flat else pixels.reshape(-1, 28, 28, 1)

    def train(count: int) -> int:
        seen = images[:count]
        model.fit(seen, seen if autoencoder else labels[:count], batch_size=spec["batch_size"], verbose=0)
        return len(seen)

    return train


def jax_contender(spec: dict[str, Any], pixels: np.ndarray, labels: np.ndarray) -> Train:
    """One compiled step, data on the device, Adam and SGD written out."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    p, sizes, random = spec["dropout"], spec["hidden_sizes"], np.random.default_rng(0)
    weights: list[Any] = []

    def parameter(*shape: int) -> int:
        """The place of a kernel and its bias."""
        fan_in = int(np.prod(shape[:-1]))
        weights.append(
            (random.normal(0, fan_in**-0.5, shape).astype(np.float32), np.zeros(shape[-1], np.float32))
        )
        return len(weights) - 1

    def dense(inputs: int, size: int) -> Callable:
        at = parameter(inputs, size)
        return lambda w, x, key: x @ w[at][0] + w[at][1]

    def relu_dropout(w: Any, x: Any, key: Any) -> Any:
        return jnp.where(jax.random.bernoulli(key, 1 - p, x.shape), jax.nn.relu(x) / (1 - p), 0)

    def convolution(k: int, inputs: int, channels: int, padding: int = 0, stride: int = 1, dilation: int = 1):
        at = parameter(k, k, inputs, channels)

        def apply(w: Any, x: Any, key: Any) -> Any:
            return w[at][1] + lax.conv_general_dilated(
                x,
                w[at][0],
                (1, 1),
                [(padding, padding)] * 2,
                lhs_dilation=(stride, stride),
                rhs_dilation=(dilation, dilation),
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
            )

        return apply

    def pool(w: Any, x: Any, key: Any) -> Any:
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def shaped(*shape: int) -> Callable:
        return lambda w, x, key: x.reshape(-1, *shape)

    def chain(inputs: int) -> list[Callable]:
        steps = []
        for size in sizes:
            steps += [dense(inputs, size), relu_dropout]
            inputs = size
        return steps

    image = shaped(28, 28, 1)
    match spec["architecture"]:
        case "ff_autoencoder":
            steps = [*chain(784), dense(sizes[-1], 784)]
        case "ff_classifier":
            steps = [*chain(784), dense(sizes[-1], 10)]
        case "conv_autoencoder":
            steps = [image, convolution(3, 1, 16), relu_dropout, pool]
            steps += [convolution(3, 16, 32), relu_dropout, pool, shaped(800), *chain(800)]
            steps += [dense(sizes[0], 800), relu_dropout, shaped(5, 5, 32)]
            steps += [convolution(5, 32, 16, padding=6, stride=2, dilation=2), relu_dropout]
            steps += [convolution(6, 16, 1, padding=4, stride=2), shaped(784)]
        case "conv_classifier":
            steps = [image, convolution(3, 1, 32, padding=1), relu_dropout, pool]
            steps += [convolution(3, 32, 64), relu_dropout, pool, shaped(2304), *chain(2304)]
            steps += [dense(sizes[-1], 10)]

    def loss_of(w: Any, images: Any, targets: Any, key: Any) -> Any:
        x = images
        for step, one in zip(steps, jax.random.split(key, len(steps)), strict=True):
            x = step(w, x, one)
        if spec["architecture"].endswith("autoencoder"):
            return jnp.mean((jax.nn.sigmoid(x) - images) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), targets[:, None], 1))

    rate, adam = spec["learning_rate"], spec["optimizer"] == "adam"

    @jax.jit
    def advance(state: Any, chosen: Any, key: Any) -> Any:
        w, first, second, count = state
        slope = jax.grad(loss_of)(w, device_pixels[chosen], device_labels[chosen], key)
        if not adam:
            return jax.tree.map(lambda a, g: a - rate * g, w, slope), first, second, count
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

    device_pixels, device_labels = jnp.asarray(pixels), jnp.asarray(labels)
    zeros = jax.tree.map(np.zeros_like, weights)
    memory = [(weights, zeros, zeros, 0.0), jax.random.key(0)]

    def train(count: int) -> int:
        state, key = memory
        order = random.permutation(len(pixels))[:count]
        size = spec["batch_size"]
        for start in range(0, count - size + 1, size):
            key, one = jax.random.split(key)
            state = advance(state, order[start : start + size], one)
        memory[:] = jax.block_until_ready(state), key
        return count // size * size

    return train


CONTENDERS = {"keras": keras_contender, "jax": jax_contender}
PADDED = ((0, 0), (0, 0), (0, 1), (0, 0), (0, 1), (0, 0))


def main() -> None:
    contender, file, threads = sys.argv[1:]
    os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    if contender == "keras":
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(int(threads))
    with np.load(file) as data:
        pixels, labels = data["pixels"], data["labels"]
    made: dict[str, Train] = {}
    for line in sys.stdin:
        spec, images = json.loads(line)
        name = json.dumps(spec)
        if name not in made:
            made[name] = CONTENDERS[contender](spec, pixels, labels)
            made[name](images)  # compiles
        made[name](images // 4)  # caches are others' after their turns
        began = time.perf_counter()
        seen = made[name](images)
        print(json.dumps((time.perf_counter() - began) * len(pixels) / seen), flush=True)


if __name__ == "__main__":
    main()
