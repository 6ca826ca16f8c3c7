"""Answers queries about slices of the loss surface, which a worker computes while it is asked about them.

Each query works for a little while and answers what it has: nobody waits long for it, and nothing goes on
once nobody asks any more. Slices stay with the worker while there is room.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fmnist_core.architecture.networks import multiplications
from fmnist_core.messages import PATH, RANDOM
from fmnist_core.nets.training import evaluation
from fmnist_core.nets.worker import network_at
from fmnist_core.nets.worker.inspection import NoSuchPart, forward, test_images
from fmnist_core.nets.worker.loss_surface.directions import NoSlice, flat, path_directions, random_directions
from fmnist_core.nets.worker.loss_surface.grid import Grid, Loss, Part, around_centre, around_path
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec

IMAGES_AT_ONCE, MOST_IMAGES = 250, 1000
WORK = 6e8  # multiplications for one place: some 40 ms on one thread
SECONDS = 0.7  # of work for one answer
ABANDONED_SECONDS = 60.0
MOST_BYTES = 128 << 20


@dataclass(frozen=True)
class Asked:
    """Which slice: around which weights, in which directions, on images of which part."""

    store_url: str
    run_id: str
    step: int | None
    model: str
    directions: str
    seed: int
    part: Part
    moments: tuple[int, ...]

    def network(self) -> Network:
        if self.run_id:
            return network_at.of_run(self.store_url, self.run_id, self.step)
        return network_at.of_shipped_model(self.model)


@dataclass
class Slice:
    """A grid, and the run's path over it: `places` (moments, 2) on the plane, which holds that `share` of its
    movement. `path_losses` (moments,) are the moments' own, which need not lie on the plane."""

    network: Network
    grid: Grid
    steps: tuple[int, ...]
    places: np.ndarray
    share: float
    path_losses: np.ndarray
    asked_at: float = 0.0

    @property
    def bytes(self) -> int:
        """Of the network's own weights, the centre and the two directions."""
        return 4 * self.grid.centre.whole.nbytes


SLICES: dict[Asked, Slice] = {}  # the one asked for last is last


@torch.inference_mode()
def loss_surface(
    *,
    store_url: str = "",
    run_id: str = "",
    step: int | None = None,
    model: str = "",
    directions: str = RANDOM,
    seed: int = 0,
    part: Part = "train_eval",
    moments: Sequence[int] = (),
) -> dict[str, np.ndarray]:
    """What is known so far of the losses around a run's weights, or a shipped model's.

    "losses" (21, 21) count where "known", a row for each of "ys" (21,), a column for each of "xs" (21,): the
    grid's places, seen from the centre. Of random directions 1 is each filter's own length, of those of the
    path it is a distance between all weights. "steps" (moments,) are those of the path that have numbers,
    "path" (moments, 2) their places, "path_losses" (moments,) their own losses, "share" () how much of their
    movement the plane holds. The loss is that of so many "images" ().

    Raises `NoSlice`, and `NothingTrained` of a moment that is neither kept nor trained again.
    """
    asked = Asked(store_url, run_id, step, model, directions, seed, part, tuple(moments))
    sliced = _slice(asked)
    if not sliced.grid.finished:
        sliced.grid.advance(SECONDS)
    grid = sliced.grid
    return {
        "losses": grid.losses.copy(),
        "known": grid.known.copy(),
        "xs": grid.xs,
        "ys": grid.ys,
        "steps": np.array(sliced.steps, np.int64),
        "path": sliced.places,
        "path_losses": sliced.path_losses,
        "share": np.asarray(sliced.share),
        "images": np.asarray(grid.loss.images),
    }


@torch.inference_mode()
def surface_outputs(*, a: float, b: float, image: int, **asked: Any) -> dict[str, np.ndarray]:
    """What the network at a place of a slice makes of a test image, float32.

    "output" is a reconstruction (28, 28), or probabilities (10,). The slice is named as in `loss_surface`.
    """
    usual = Asked("", "", None, "", RANDOM, 0, "train_eval", ())
    named = {**vars(usual), **asked}
    sliced = _slice(Asked(**{**named, "moments": tuple(named["moments"])}))
    weights = sliced.grid.at(a, b).views
    there = Network(sliced.network.spec, weights, sliced.network.parts)
    *_, (_name, outputs) = forward(there, test_images(there, slice(image, image + 1)))
    if there.spec.task == "classifier":
        return {"output": evaluation.probabilities(there.spec, outputs)[0].numpy()}
    return {"output": outputs[0, 0].numpy()}


def image_count(spec: RunSpec) -> int:
    """Of so many images the loss is taken: fewer for networks that take longer."""
    fit = int(WORK / multiplications(spec)) // IMAGES_AT_ONCE * IMAGES_AT_ONCE
    return min(max(fit, IMAGES_AT_ONCE), MOST_IMAGES)


def forget(run_id: str) -> None:
    """Drops the slices of a run that was deleted."""
    for asked in [asked for asked in SLICES if asked.run_id == run_id]:
        SLICES.pop(asked, None)


def _slice(asked: Asked) -> Slice:
    sliced = SLICES.pop(asked, None) or _begun(asked)
    sliced.asked_at = time.monotonic()
    SLICES[asked] = sliced
    _make_room()
    return sliced


def _make_room() -> None:
    """Those asked for longest ago go, if they are finished or were left."""
    now = time.monotonic()
    for other, sliced in list(SLICES.items())[:-1]:
        if sum(one.bytes for one in SLICES.values()) <= MOST_BYTES:
            return
        if sliced.grid.finished or now - sliced.asked_at > ABANDONED_SECONDS:
            del SLICES[other]


def _begun(asked: Asked) -> Slice:
    network = asked.network()
    if asked.part not in ("train_eval", "validation") or asked.directions not in (RANDOM, PATH):
        raise NoSuchPart(Sentence("There is no such slice of the loss surface. Choose another."))
    loss = Loss(network, asked.part, image_count(network.spec))
    if not loss.images:
        raise NoSlice(
            Sentence("This run has no validation images. Take the loss on its training images instead.")
        )
    centre = flat(network)
    steps, moved, losses = _path(asked, network, loss)
    if asked.directions == PATH:
        directions, _shares = path_directions(moved)
    else:
        directions = random_directions(network.spec, centre, asked.seed)
    places = directions.places(moved).numpy() if steps else np.zeros((0, 2))
    xs, ys = (
        around_path(along) if asked.directions == PATH else around_centre()
        for along in (places[:, 0], places[:, 1])
    )
    loss.give_back()
    share = directions.share(moved) if steps else 0.0
    return Slice(network, Grid(loss, centre, directions, xs, ys), steps, places, share, losses)


def _path(asked: Asked, network: Network, loss: Loss) -> tuple[tuple[int, ...], Tensor, np.ndarray]:
    """The moments that have numbers: after which batch, their weights seen from the centre, their losses."""
    centre = flat(network).whole
    steps, moved, losses = [], [], []
    for step in asked.moments:
        try:
            weights = flat(network_at.of_run(asked.store_url, asked.run_id, step))
        except NoSlice:  # it diverged
            continue
        steps.append(step)
        losses.append(loss(weights))
        moved.append(weights.whole - centre)
    return tuple(steps), torch.stack(moved) if moved else torch.zeros(0, len(centre)), np.array(losses)
