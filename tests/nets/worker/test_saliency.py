"""Which pixels mattered: by the laws of each method, and against plain loops over the plain network."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors
from torch import nn

from fmnist_core.data import fashion_mnist
from fmnist_core.nets.models import networks
from fmnist_core.nets.worker import saliency
from fmnist_core.nets.worker.network_at import Network, of_shipped_model
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.sentences import LabError
from tests.nets.plain_networks import copy_weights, plain_network

pytestmark = pytest.mark.usefixtures("new_worker")

NETWORKS = ("r3-1", "r5-1", "r2-classifier-p0.1")
METHODS = ("gradients", "occlusion", "grad_cam")
IMAGES = (0, 5)


def plain(network: Network) -> nn.Sequential:
    named = networks.build(network.spec)
    named.load_state_dict(network.weights)
    return copy_weights(named, plain_network(network.spec)).eval()


def inputs(network: Network, image: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The image as the network gets it, and a black one."""
    images, _labels = network.parts.test_images.take(torch.tensor([image]))
    return network.parts.scaled(images), network.parts.scaled(torch.zeros_like(images))


def asked(model: str, image: int, target: int, method: str) -> dict[str, np.ndarray]:
    return QUERIES["saliency"](model=model, image=image, target=target, method=method)


def random(**about) -> np.ndarray:
    return QUERIES["saliency_of_random"](**about)["pixels"]


def incompleteness(model: str, image: int, target: int) -> float:
    """By how much the pixels do not add up to what the image makes of the score, as a share of them all."""
    network = of_shipped_model(model)
    shown = asked(model, image, target, "gradients")
    with torch.no_grad():
        scores = [plain(network)(x)[0, target].item() for x in inputs(network, image)]
    np.testing.assert_allclose(shown["scores"], scores, atol=1e-4)
    pixels = shown["pixels"].astype(np.float64)
    return abs(pixels.sum() - (scores[0] - scores[1])) / np.abs(pixels).sum()


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_integrated_gradients_add_up_to_what_the_image_makes_of_the_score(model: str):
    assert max(incompleteness(model, image, target) for image in IMAGES for target in (3, 6)) < 0.02


@pytest.mark.slow
def test_with_more_steps_they_add_up_more_exactly(monkeypatch: pytest.MonkeyPatch):
    coarse = incompleteness("r3-1", 5, 6)
    monkeypatch.setattr(saliency, "STEPS", 400)
    assert incompleteness("r3-1", 5, 6) < min(coarse, 1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_occlusion_is_what_a_plain_loop_over_squares_finds(model: str):
    network = of_shipped_model(model)
    (x, black), net = inputs(network, 5), plain(network)
    falls, squares = torch.zeros(28, 28), torch.zeros(28, 28)
    with torch.no_grad():
        whole = net(x)[0, 3]
        for top in range(0, 28 - saliency.WINDOW + 1, saliency.STRIDE):
            for left in range(0, 28 - saliency.WINDOW + 1, saliency.STRIDE):
                square = slice(top, top + saliency.WINDOW), slice(left, left + saliency.WINDOW)
                hidden = x.clone()
                hidden[0, 0][square] = black[0, 0][square]
                falls[square] += whole - net(hidden)[0, 3]
                squares[square] += 1
    np.testing.assert_allclose(asked(model, 5, 3, "occlusion")["pixels"], falls / squares, atol=1e-4)


def test_where_nothing_is_hidden_nothing_changes():
    """A square that is black already, blackened; but for rounding, since some processors add up a batch of
    images in another order than one.
    """
    network = of_shipped_model("r3-1")
    x, _black = inputs(network, 5)
    shown = asked("r3-1", 5, 3, "occlusion")
    rounding = 4 * float(np.finfo(np.float32).eps) * np.abs(shown["pixels"]).max()
    is_black = torch.nn.functional.max_pool2d((x != 0).float(), 11, stride=1, padding=5)[0, 0] == 0
    assert is_black.any()
    assert np.abs(shown["pixels"][is_black.numpy()]).max() <= rounding
    untrained = random(model="r3-1", image=5, target=3, method="occlusion")
    assert np.abs(untrained[is_black.numpy()]).max() <= rounding
    assert shown["pixels"].any()


@pytest.mark.slow
def test_grad_cam_is_maps_times_their_mean_gradients():
    network = of_shipped_model("r5-1")
    x, _black = inputs(network, 5)
    convolutions, rest = plain(network)[:6], plain(network)[6:]
    maps = convolutions(x).detach().requires_grad_()
    rest(maps)[0, 7].backward()
    coarse = (maps.grad.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True)
    expected = torch.nn.functional.interpolate(coarse, (28, 28), mode="bilinear")[0, 0].detach()
    np.testing.assert_allclose(asked("r5-1", 5, 7, "grad_cam")["pixels"], expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_random_network_s_picture_is_its_own_and_is_made_once(method: str, monkeypatch: pytest.MonkeyPatch):
    about = {"image": 5, "target": 7, "method": method}
    first = random(model="r5-1", **about)
    assert not np.allclose(asked("r5-1", **about)["pixels"], first)
    assert not np.allclose(random(model="r5-1", **{**about, "image": 0}), first)
    monkeypatch.setitem(saliency.METHODS, method, None)
    np.testing.assert_array_equal(random(model="r5-1", **about), first)


@pytest.mark.parametrize(
    ("model", "image", "target", "method"),
    [
        ("r1-n64", 0, 0, "gradients"),
        ("r3-1", 0, 0, "grad_cam"),
        ("r3-1", 0, 10, "gradients"),
        ("r3-1", 0, 0, "magic"),
        ("r3-1", 10_000, 0, "gradients"),
        ("r3-1", -1, 0, "gradients"),
    ],
)
def test_what_is_not_there_is_refused(model: str, image: int, target: int, method: str):
    for query in ("saliency", "saliency_of_random"):
        with pytest.raises(LabError):
            QUERIES[query](model=model, image=image, target=target, method=method)


@pytest.mark.slow
@pytest.mark.parametrize("model", NETWORKS)
def test_probabilities_are_those_of_the_plain_network_however_they_are_asked_for(model: str):
    network = of_shipped_model(model)
    images = torch.from_numpy(fashion_mnist.load().test_images[:600].astype(np.float32) / 255)[:, None]
    with torch.no_grad():
        expected = plain(network)(network.parts.scaled(images)).softmax(1)
    parts = [
        QUERIES["test_probabilities"](model=model, first=first, count=count)["probabilities"]
        for first, count in ((0, 10), (10, 500), (510, 90))
    ]
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-5)
    assert len(QUERIES["test_probabilities"](model=model, first=990, count=500)["probabilities"]) == 10


def test_the_nearest_training_images_are_scikit_learn_s():
    network = of_shipped_model("r3-1")
    dataset = fashion_mnist.load()
    train = network.parts.train.numpy()
    oracle = NearestNeighbors(n_neighbors=8, algorithm="brute")
    oracle.fit(dataset.train_images[train].reshape(len(train), -1).astype(np.float64) / 255)
    own = dataset.test_images[3].reshape(1, -1).astype(np.float64) / 255
    distances, places = oracle.kneighbors(own)
    nearest = QUERIES["nearest_training"](model="r3-1", image=3)
    np.testing.assert_array_equal(nearest["indices"], train[places[0]])
    np.testing.assert_allclose(nearest["distances"], distances[0], rtol=1e-5)


def test_an_autoencoder_names_no_classes():
    with pytest.raises(LabError, match="autoencoder"):
        QUERIES["test_probabilities"](model="r1-n64", first=0, count=10)
