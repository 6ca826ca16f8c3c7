"""A network layer by layer, with the shapes that its images take, read off its spec.

By arithmetic, so that a page can draw a network without building it; a test holds it to the built ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fmnist_core.sentences import Sentence
from fmnist_core.spec import CLASSES, RunSpec

Part = Literal["input", "convolutions", "encoder", "code", "decoder", "hidden", "output"]
SIDE = 28
PARTS: dict[Part, Sentence] = {
    "input": Sentence("Image"),
    "convolutions": Sentence("Convolutions"),
    "encoder": Sentence("Encoder"),
    "code": Sentence("Code"),
    "decoder": Sentence("Decoder"),
    "hidden": Sentence("Hidden layers"),
    "output": Sentence("Output"),
}
LINEAR = Sentence("Linear")
POOLING = Sentence("Max pooling 2 × 2")
SIGMOID, SCORES = Sentence("sigmoid"), Sentence("a score for each class")


@dataclass(frozen=True)
class Layer:
    """What comes out has `shape`: (channels, rows, columns), or (units,). A frozen layer does not learn."""

    part: Part
    operation: Sentence
    shape: tuple[int, ...]
    then: Sentence | None = None
    frozen: bool = False


def layers(spec: RunSpec) -> list[Layer]:
    """From the image to the output, the image itself first."""
    first = Layer("input", PARTS["input"], (1, SIDE, SIDE))
    match spec.architecture:
        case "ff_autoencoder":
            rest = [*_encoder(spec, False, spec.pooling), Layer("output", LINEAR, (1, SIDE, SIDE), SIGMOID)]
        case "conv_autoencoder":
            rest = [*_encoder(spec, True, spec.pooling), *_decoder(spec)]
        case "ff_classifier":
            rest = [*_hidden(spec), _scores()]
        case "conv_classifier":
            rest = [
                *_convolved(spec, "convolutions", 32, SIDE, 3),
                *_convolved(spec, "convolutions", 64, (SIDE // 2 if spec.pooling else SIDE) - 2, 3),
                *_hidden(spec),
                _scores(),
            ]
        case "encoder_classifier":
            rest = [*_encoder(spec, spec.convolves, spec.pooling, spec.encoder.frozen), _scores()]
    return [first, *rest]


def _encoder(spec: RunSpec, convolves: bool, pooling: bool, frozen: bool = False) -> Iterator[Layer]:
    if convolves:
        yield from _convolved(spec, "encoder", 16, SIDE - 2, 3, frozen)
        yield from _convolved(spec, "encoder", 32, ((SIDE - 2) // 2 if pooling else SIDE - 2) - 2, 3, frozen)
    yield Layer("code", LINEAR, (spec.hidden_sizes[0],), _activation(spec), frozen)


def _convolved(
    spec: RunSpec, part: Part, channels: int, side: int, kernel: int, frozen: bool = False
) -> Iterator[Layer]:
    """A convolution whose images have `side` pixels a side, and the pooling behind it, if there is any."""
    operation = Sentence("Convolution {k} × {k}", k=kernel)
    yield Layer(part, operation, (channels, side, side), _activation(spec), frozen)
    if spec.pooling:
        yield Layer(part, POOLING, (channels, side // 2, side // 2), None, frozen)


def _decoder(spec: RunSpec) -> Iterator[Layer]:
    side, kernels, between = (5, (5, 6), 13) if spec.pooling else (24, (3, 3), 26)
    yield Layer("decoder", LINEAR, (32, side, side), _activation(spec))
    first, last = (Sentence("Transposed convolution {k} × {k}", k=k) for k in kernels)
    yield Layer("decoder", first, (16, between, between), _activation(spec))
    yield Layer("output", last, (1, SIDE, SIDE), SIGMOID)


def _hidden(spec: RunSpec) -> list[Layer]:
    return [Layer("hidden", LINEAR, (size,), _activation(spec)) for size in spec.hidden_sizes]


def _scores() -> Layer:
    return Layer("output", LINEAR, (CLASSES,), SCORES)


def _activation(spec: RunSpec) -> Sentence:
    return Sentence("ReLU, dropout {p:g}", p=spec.dropout) if spec.dropout else Sentence("ReLU")


def size(shape: tuple[int, ...]) -> int:
    """How many numbers a garment is at this point."""
    count = 1
    for length in shape:
        count *= length
    return count
