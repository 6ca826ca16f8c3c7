"""What a network makes of an image that a learner brings, and how sure that is, in numbers over many images.

Queries as those of `inspection`: each names a run (`run_id`, with `store_url`; `step`, or now) or a shipped
`model`. The error of a reconstruction is the mean squared one of a pixel in [0, 1], against what went in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from fmnist_core.data.disturbance import disturbed, of_kind
from fmnist_core.nets.training import evaluation
from fmnist_core.nets.training.batches import Images
from fmnist_core.nets.worker.inspection import about_a_network, own_pixels
from fmnist_core.nets.worker.network_at import Network

IMAGES, CHUNK = 1000, 250


@about_a_network
def own_image(network: Network, pixels: bytes) -> dict[str, np.ndarray]:
    """An image, a byte a pixel, through the network: "output" float32, of an autoencoder also "error" ().

    The output is the reconstruction (28, 28) in [0, 1], or ten probabilities. Raises `NoSuchPart`.
    """
    images = own_pixels(pixels)
    (outputs,) = _outputs(network, images)
    answer = {"output": outputs[0].squeeze(0).numpy().copy()}
    if network.spec.task == "autoencoder":
        answer["error"] = _errors(outputs, images).numpy()[0]
    return answer


def own_image_of_models(models: Sequence[str], pixels: bytes) -> dict[str, dict[str, np.ndarray]]:
    """`own_image` of several shipped models, by name: asked at once, since each question waits its turn."""
    return {model: own_image(model=model, pixels=pixels) for model in models}


@about_a_network
def usual_values(network: Network) -> dict[str, np.ndarray]:
    """What to hold a single image's figure against, "values" float32 (1000,), sorted.

    Errors of an autoencoder, a classifier's largest probabilities, for validation images. Where there are
    none, or a shipped model may have been trained on them, it is test images; "of_test" () says so.
    """
    of_test = not network.own_split or not len(network.parts.validation)
    part = "test" if of_test else "validation"
    source, indices = network.parts.of(part)
    images = _taken(source, indices)
    values = []
    for start, outputs in zip(range(0, len(images), CHUNK), _outputs(network, images), strict=True):
        if network.spec.task == "autoencoder":
            values.append(_errors(outputs, images[start : start + CHUNK]))
        else:
            values.append(outputs.amax(1))
    return {"values": torch.cat(values).sort().values.numpy(), "of_test": np.asarray(of_test)}


@about_a_network
def robustness(network: Network, kind: str, strength: float) -> dict[str, np.ndarray]:
    """Over the first 1,000 test images, disturbed: "score" () float32, the accuracy or the mean error."""
    source, indices = network.parts.of("test")
    clear = _taken(source, indices).mul(255).round().to(torch.uint8).squeeze(1).numpy()
    images = _as_input(disturbed(clear, of_kind(kind, strength)))
    outputs = torch.cat(list(_outputs(network, images)))
    if network.spec.task == "autoencoder":
        score = _errors(outputs, images).mean()
    else:
        labels = source.labels.index_select(0, indices[: len(images)])
        score = (outputs.argmax(1) == labels).float().mean()
    return {"score": score.numpy()}


def _taken(source: Images, indices: Tensor) -> Tensor:
    images, _labels = source.take(indices[:IMAGES])
    return images


def _as_input(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(pixels.copy()).unsqueeze(1).float().div_(255)


def _outputs(network: Network, images: Tensor) -> Iterator[Tensor]:
    """In chunks, reconstructions or probabilities; `images` are in [0, 1], and stay as they are."""
    predict = evaluation.predictor(network.spec, network.weights)
    for start in range(0, len(images), CHUNK):
        outputs = predict(network.parts.scaled(images[start : start + CHUNK]))
        if network.spec.task == "classifier":
            yield evaluation.probabilities(network.spec, outputs)
        else:
            yield outputs.clone()  # the next chunk takes its place


def _errors(outputs: Tensor, images: Tensor) -> Tensor:
    return (outputs - images).square().mean((1, 2, 3))
