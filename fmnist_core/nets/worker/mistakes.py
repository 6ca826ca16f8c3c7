"""What a classifier says of the test images, and which training images are like one of them.

Queries of the page of mistakes. Each names a run or a shipped model, as those in `inspection` do.
"""

from __future__ import annotations

import numpy as np
import torch

from fmnist_core.nets.training import evaluation
from fmnist_core.nets.worker.inspection import NoSuchPart, about_a_network, test_images
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.sentences import Sentence

CHUNK = 250
TRAIN_CHUNK = 200  # what is calculated with stays in the processor's cache


@about_a_network
def test_probabilities(network: Network, first: int, count: int) -> dict[str, np.ndarray]:
    """Of `count` test images from the `first` on, as many as there are: "probabilities", float32 (n, 10)."""
    check_classifies(network)
    predict = evaluation.predictor(network.spec, network.weights)
    parts = []
    last = min(first + count, len(network.parts.test))
    for start in range(first, last, CHUNK):
        outputs = predict(test_images(network, slice(start, min(start + CHUNK, last))))
        parts.append(evaluation.probabilities(network.spec, outputs).numpy().copy())
    return {"probabilities": np.concatenate(parts) if parts else np.zeros((0, 10), np.float32)}


@about_a_network
def nearest_training(network: Network, image: int, count: int = 8) -> dict[str, np.ndarray]:
    """The training images of the data in use that are most like a test image, pixel by pixel.

    "indices" (count,) int64 into the data's training images, the nearest first; "distances", float32, are
    Euclidean, between images in [0, 1]. "trained_on" () says whether they are images that the network was
    trained on: of a shipped model's, the data in use may lack some, and have others.
    """
    test_images(network, slice(image, image + 1))  # refuses one that is not there
    pixels, own = network.parts.train_images.pixels, network.parts.test_images.pixels[image]
    assert isinstance(pixels, np.ndarray)
    assert isinstance(own, np.ndarray)
    train, garment = network.parts.train, torch.from_numpy(own.astype(np.float32)).flatten()
    squares = []
    for indices in train.split(TRAIN_CHUNK):
        images = torch.from_numpy(pixels.take(indices.numpy(), axis=0)).flatten(1).float()
        squares.append(images.sub_(garment).square_().sum(1))
    distances = torch.cat(squares).sqrt_().div_(255)
    nearest = distances.argsort(stable=True)[:count]
    return {
        "indices": train[nearest].numpy(),
        "distances": distances[nearest].numpy(),
        "trained_on": np.asarray(network.own_split),
    }


def check_classifies(network: Network) -> None:
    if network.spec.task != "classifier":
        raise NoSuchPart(
            Sentence("This network is an autoencoder and tells no classes apart. Choose a classifier.")
        )
