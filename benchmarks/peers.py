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

    class Upsample(layers.Layer):
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
            parts += [layers.Reshape((5, 5, 32)), layers.ZeroPadding2D(3), layers.Conv2D(16, 5), Upsample()]
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
    import jax_peer  # beside this script

    return jax_peer.contender(spec, pixels, labels)


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
