"""The two directions of a slice through the space of all weights, and where other weights lie on it.

Either random directions, scaled filter by filter as in Li et al. 2018 ("Visualizing the Loss Landscape of
Neural Nets", arXiv:1712.09913), or the two in which a run's weights moved most. What does not learn stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from fmnist_core.architecture.layers import ConvTranspose2d
from fmnist_core.architecture.networks import network_layers
from fmnist_core.nets.models import networks
from fmnist_core.nets.models.flat import Flat
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec

COLUMNS = 1 << 18  # of the weights, as many at a time in float64
FEWEST = 3  # moments that a plane is laid through


class NoSlice(LabError):
    """There are no two directions to go in."""


@dataclass(frozen=True)
class Directions:
    """`across` and `up` hold as many numbers as the network has weights, in the order of its `Flat`."""

    across: Tensor
    up: Tensor

    def places(self, moved: Tensor) -> Tensor:
        """Where differences of weights (count, n) lie on the plane, (count, 2) float64, by least squares."""
        plane = torch.stack([self.across, self.up])
        against, among = (_products(rows, plane) for rows in (moved, plane))
        solved: Tensor = torch.linalg.solve(among, against.T)
        return solved.T

    def share(self, moved: Tensor) -> float:
        """How much of the movement of weights (count, n) lies in the plane.

        That is the sum of squared distances from their mean, once all are moved straight onto the plane, as a
        share of what it was before.
        """
        plane = torch.stack([self.across, self.up])
        places = self.places(moved)
        inside = _around_mean(places @ _products(plane, plane) @ places.T).trace()
        total = _around_mean(_products(moved, moved)).trace()
        return float(inside / total) if total > 0 else 0.0


def flat(network: Network) -> Flat:
    """All weights of the network in one piece, float32."""
    made = Flat.zeros(network.weights, torch.float32, torch.device("cpu"))
    for name, view in made.views.items():
        view.copy_(network.weights[name])
    if not made.whole.isfinite().all():
        raise NoSlice(
            Sentence("The numbers in this network have grown beyond all bounds: there is nothing to see.")
        )
    return made


def random_directions(spec: RunSpec, weights: Flat, seed: int) -> Directions:
    """Two of the seed's, each filter as long as the network's own; biases stay, as in the paper.

    A filter is what makes one output: a linear layer's row, all channels of a convolution's kernel.
    """
    generator = torch.Generator().manual_seed(seed)
    across, up = (_random(spec, weights, generator).whole for _ in range(2))
    return Directions(across, up)


def _random(spec: RunSpec, weights: Flat, generator: torch.Generator) -> Flat:
    direction, learning = weights.alike(), learning_names(spec)
    for placed in network_layers(spec):
        name = f"{placed.name}.weight"
        if name not in learning:
            continue
        drawn = torch.randn(weights.views[name].shape, generator=generator)
        outputs = 1 if isinstance(placed.layer, ConvTranspose2d) else 0
        others = [axis for axis in range(drawn.dim()) if axis != outputs]
        own, new = (
            torch.linalg.vector_norm(w, dim=others, keepdim=True) for w in (weights.views[name], drawn)
        )
        direction.views[name].copy_(drawn * own / new)
    return direction


def learning_names(spec: RunSpec) -> set[str]:
    """The weights that training moves, by name: not those of a frozen encoder."""
    return {name for name, weight in networks.build(spec).named_parameters() if weight.requires_grad}


def path_directions(moved: Tensor) -> tuple[Directions, Tensor]:
    """The first two principal components of weights (moments, n), of length 1 and at right angles; and all
    components' shares of the movement, (moments,), largest first.

    Both point so that the path begins at the left and below its mean. Raises `NoSlice`.
    """
    if len(moved) < FEWEST:
        raise NoSlice(
            Sentence(
                "A plane takes {fewest} moments of a run; of this one there are {count}. Look along random "
                "directions instead.",
                fewest=FEWEST,
                count=len(moved),
            )
        )
    variances, vectors = torch.linalg.eigh(_around_mean(_products(moved, moved)))
    variances, vectors = variances.flip(0).clamp(min=0), vectors.flip(1)
    if variances[1] <= 1e-12 * variances.sum():
        raise NoSlice(
            Sentence(
                "The weights of this run moved along a line, or not at all, so its path spans no plane. Look "
                "along random directions instead."
            )
        )
    across, up = (
        torch.nn.functional.normalize(_leftward(vector).float() @ moved, dim=0) for vector in vectors.T[:2]
    )
    return Directions(across, up), variances / variances.sum()


def _leftward(vector: Tensor) -> Tensor:
    """With the first number no larger than zero. An eigenvector of what is around a mean adds up to zero, so
    that it takes the mean away by itself."""
    return -vector if vector[0] > 0 else vector


def _products(some: Tensor, others: Tensor) -> Tensor:
    """Every scalar product of rows, (some, others) float64, without a second copy of them."""
    products = torch.zeros(len(some), len(others), dtype=torch.float64)
    for left, right in zip(some.split(COLUMNS, 1), others.split(COLUMNS, 1), strict=True):
        products += left.double() @ right.double().T
    return products


def _around_mean(products: Tensor) -> Tensor:
    """The products (count, count) of the same rows, once their mean is taken away from each."""
    centring = torch.eye(len(products), dtype=torch.float64) - 1 / len(products)
    return centring @ products @ centring
