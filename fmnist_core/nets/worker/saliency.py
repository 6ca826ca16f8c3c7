"""Which pixels of a test image mattered to a class, by three methods of captum, and whether that can be so.

A picture of what mattered may show a garment's outline whatever the network has learned. So each may be had
of a network of the same shape with random weights as well (Adebayo et al. 2018, "Sanity Checks for Saliency
Maps", arXiv:1810.03292). That is a query of its own, for the picture to be seen before it.

captum is imported when first asked for: 0.6 s and 32 MB, which it does not give back, most of it matplotlib.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fmnist_core.architecture.layers import Conv2d
from fmnist_core.architecture.networks import CLASSES, network_layers
from fmnist_core.nets.models import networks
from fmnist_core.nets.worker.inspection import NoSuchPart, about_a_network, test_images
from fmnist_core.nets.worker.mistakes import check_classifies
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec

STEPS = 24  # of the path from the black image to the garment; what they leave out is shown beside
RANDOM_STEPS = 16  # for the ranks of a random network's pixels, which more hardly change
RANDOM_PICTURES, RANDOM_NETWORKS = 512, 4  # of 3 KB; the largest network has 5 MB
WINDOW, STRIDE, AT_ONCE = 6, 2, 36


@dataclass(frozen=True)
class Question:
    """Which pixels of an image `x` (1, 1, 28, 28), in place of `black` ones, matter to output `target`."""

    spec: RunSpec
    x: Tensor
    black: Tensor
    target: int
    steps: int


@about_a_network
def saliency(network: Network, image: int, target: int, method: str) -> dict[str, np.ndarray]:
    """ "pixels", float32 (28, 28): how much each speaks for the class `target`.

    `method` is one of `METHODS`, of which "gradients" takes so many "steps" (). "scores" (2,) are the
    network's outputs for the class: for the image, and for a black one.
    """
    x, black = _checked(network, image, target, method)
    with torch.inference_mode(False):
        model = _module(network)
        question = _question(network.spec, x, black, target, STEPS)
        pixels = _drawn(METHODS[method], model, question)
        with torch.no_grad():
            scores = model(torch.cat([question.x, question.black]))[:, target]
    return {"pixels": pixels, "scores": scores.numpy(), "steps": np.asarray(STEPS)}


@about_a_network
def saliency_of_random(network: Network, image: int, target: int, method: str) -> dict[str, np.ndarray]:
    """ "pixels" as of `saliency`, of a network of the same shape that has learned nothing.

    They do not change while a run trains, and are kept.
    """
    x, black = _checked(network, image, target, method)
    pixels = _random_pixels(network.spec, x.numpy().tobytes(), black, target, method)
    return {"pixels": pixels}


@lru_cache(maxsize=RANDOM_PICTURES)
def _random_pixels(spec: RunSpec, image: bytes, black: float, target: int, method: str) -> np.ndarray:
    with torch.inference_mode(False):
        x = torch.frombuffer(bytearray(image), dtype=torch.float32).view(1, 1, 28, 28)
        return _drawn(METHODS[method], _random_module(spec), _question(spec, x, black, target, RANDOM_STEPS))


def _checked(network: Network, image: int, target: int, method: str) -> tuple[Tensor, float]:
    """The image as the network gets it, (1, 1, 28, 28), and a black pixel. Raises `NoSuchPart`."""
    check_classifies(network)
    if method not in METHODS or not 0 <= target < CLASSES:
        raise NoSuchPart(Sentence("There is no such picture of what mattered. Choose another method."))
    x = test_images(network, slice(image, image + 1))
    return x, float(network.parts.scaled(torch.zeros(1)))


def _question(spec: RunSpec, x: Tensor, black: float, target: int, steps: int) -> Question:
    x = x.clone().requires_grad_()
    return Question(spec, x, torch.full_like(x, black, requires_grad=False), target, steps)


def _drawn(draw: Callable[[nn.Module, Question], Tensor], model: nn.Module, question: Question) -> np.ndarray:
    with torch.enable_grad():
        pixels: np.ndarray = draw(model, question).detach().numpy().reshape(28, 28)
    return pixels


def integrated_gradients(model: nn.Module, asked: Question) -> Tensor:
    """The gradient, added up along the way from black to the image (Sundararajan et al. 2017).

    All pixels together add up to the difference that the image makes to the output, but for the steps.
    """
    from captum.attr import IntegratedGradients

    path: Tensor = IntegratedGradients(model).attribute(
        asked.x, asked.black, target=asked.target, n_steps=asked.steps
    )
    return path


def occlusion(model: nn.Module, asked: Question) -> Tensor:
    """By how much the output falls when a square is blackened, the mean of the squares over a pixel
    (Zeiler and Fergus 2014)."""
    from captum.attr import Occlusion

    with torch.no_grad():
        falls: Tensor = Occlusion(model).attribute(
            asked.x.detach(),
            sliding_window_shapes=(1, WINDOW, WINDOW),
            strides=(1, STRIDE, STRIDE),
            baselines=asked.black,
            target=asked.target,
            perturbations_per_eval=AT_ONCE,
        )
    return falls


def grad_cam(model: nn.Module, asked: Question) -> Tensor:
    """Where the maps of the last convolution, after ReLU, speak for the class (Selvaraju et al. 2017), as
    large as the image; and where against it, which Grad-CAM itself leaves out: that often leaves nothing of a
    random network to compare. Raises `NoSuchPart` where nothing convolves."""
    from captum.attr import LayerGradCam

    layers = network_layers(asked.spec)
    convolutions = [k for k, placed in enumerate(layers) if isinstance(placed.layer, Conv2d)]
    if not convolutions:
        raise NoSuchPart(Sentence("Grad-CAM reads maps of convolutions, and this network has none."))
    relu = model.get_submodule(layers[convolutions[-1] + 1].name).get_submodule("0")
    coarse: Tensor = LayerGradCam(model, relu).attribute(asked.x, target=asked.target)
    return F.interpolate(coarse, asked.x.shape[2:], mode="bilinear")


# By the words of an address.
METHODS: dict[str, Callable[[nn.Module, Question], Tensor]] = {
    "gradients": integrated_gradients,
    "occlusion": occlusion,
    "grad_cam": grad_cam,
}


def _module(network: Network) -> nn.Module:
    model = networks.build(network.spec)
    model.load_state_dict({name: weight.float() for name, weight in network.weights.items()})
    return _still(model)


@lru_cache(maxsize=RANDOM_NETWORKS)
def _random_module(spec: RunSpec) -> nn.Module:
    """Of another seed: the run's own is what it began from, and may still be like it."""
    return _still(networks.build(spec.changed(seed=spec.seed ^ 1)))


def _still(model: nn.Module) -> nn.Module:
    """Without dropout, its weights fixed, in the layout in which convolutions are quickest."""
    for weight in model.requires_grad_(False).parameters():
        if weight.dim() == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return model.eval()
