"""A slice of the loss surface against plain PyTorch, NumPy's decomposition, and what scaling is for."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from fmnist_core.architecture.layers import ConvTranspose2d
from fmnist_core.architecture.networks import network_layers
from fmnist_core.nets.models.flat import Flat
from fmnist_core.nets.training import evaluation, loop
from fmnist_core.nets.worker import network_at
from fmnist_core.nets.worker.loss_surface import query
from fmnist_core.nets.worker.loss_surface.directions import (
    Directions,
    NoSlice,
    flat,
    learning_names,
    path_directions,
    random_directions,
)
from fmnist_core.nets.worker.loss_surface.grid import Grid, Loss, around_centre, around_path, places
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import past
from fmnist_core.store.runs import Store
from tests.nets.plain_networks import copy_weights, plain_network
from tests.nets.worker.inspected_runs import NETWORKS, SMALL, asked, trained_run

pytestmark = pytest.mark.usefixtures("new_worker")


@pytest.fixture(autouse=True)
def _no_slices():
    query.SLICES.clear()


@pytest.fixture(params=NETWORKS)
def spec(request) -> RunSpec:
    return read_spec({"architecture": request.param.split(",")[0], **SMALL, **NETWORKS[request.param]})


def started(spec: RunSpec) -> Network:
    state = loop.start(spec)
    return Network(spec, dict(state.model.state_dict()), state.parts)


def plain_loss(network: Network, weights: dict[str, torch.Tensor], part: str, images: int) -> float:
    """By `torch.nn` and `torch.nn.functional` alone."""
    spec = network.spec
    model = loop.start(spec.changed(encoder=spec.encoder and spec.encoder.untrained())).model
    model.load_state_dict(weights)
    plain = copy_weights(model, plain_network(spec)).eval()
    pixels, labels = network.parts.train_images.take(getattr(network.parts, part)[:images])
    with torch.inference_mode():
        outputs = plain(network.parts.scaled(pixels.clone()))
        if spec.loss == "cross_entropy":
            return F.cross_entropy(outputs, labels).item()
        target = pixels if spec.task == "autoencoder" else F.one_hot(labels, 10).float()
        return F.mse_loss(outputs, target).item()


def whole(store: Store, run_id: str, **which) -> dict[str, np.ndarray]:
    """Asked until all of it is known."""
    while not (answer := asked("loss_surface", store, run_id, **which))["known"].all():
        pass
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("part", ["train_eval", "validation"])
def test_the_loss_of_any_place_is_that_of_plain_pytorch(spec: RunSpec, part: str):
    network = started(spec)
    centre = flat(network)
    directions = random_directions(spec, centre, seed=3)
    grid = Grid(Loss(network, part, 90), centre, directions, around_centre(), around_centre())
    for a, b in ((0.0, 0.0), (0.3, -0.7), (-1.0, 1.0)):
        moved = {
            name: weight + a * across + b * up
            for (name, weight), across, up in zip(
                network.weights.items(),
                *(views(network, v) for v in (directions.across, directions.up)),
                strict=True,
            )
        }
        assert grid.loss(grid.at(a, b)) == pytest.approx(plain_loss(network, moved, part, 90), rel=1e-5)


def views(network: Network, whole: torch.Tensor) -> list[torch.Tensor]:
    """A direction's numbers as tensors like the network's, in its order."""
    shaped = flat(network)
    shaped.whole.copy_(whole)
    return list(shaped.views.values())


@pytest.mark.slow
def test_the_loss_in_the_middle_is_the_runs_own_evaluation(store: Store):
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6]})
    run_id = trained_run(store, spec)
    answer = whole(store, run_id, step=spec.total_steps, part="validation")
    last = store.epochs(run_id)[-1]
    assert answer["images"] == spec.validation_size
    assert answer["losses"][10, 10] == last.validation_loss
    assert (answer["xs"][10], answer["ys"][10]) == (0, 0)


@pytest.mark.slow
def test_each_filter_of_a_direction_is_as_long_as_the_networks_own_and_biases_stay(spec: RunSpec):
    network = started(spec)
    centre = flat(network)
    directions = random_directions(spec, centre, seed=0)
    for direction in (directions.across, directions.up):
        shaped = dict(zip(centre.views, views(network, direction), strict=True))
        for placed in network_layers(spec):
            if not placed.parameters:
                continue
            assert not shaped[f"{placed.name}.bias"].any()
            own, new = (tensors[f"{placed.name}.weight"].double() for tensors in (centre.views, shaped))
            if isinstance(placed.layer, ConvTranspose2d):  # of which the second axis counts what it makes
                own, new = own.transpose(0, 1), new.transpose(0, 1)
            assert own.shape[0] == placed.behind[0]
            torch.testing.assert_close(
                new.flatten(1).norm(dim=1), own.flatten(1).norm(dim=1), rtol=1e-5, atol=0
            )
    assert abs(torch.cosine_similarity(directions.across, directions.up, dim=0)) < 0.1


def test_a_seed_gives_the_same_directions_again_and_another_gives_others():
    network = started(read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6]}))
    first, again, other = (random_directions(network.spec, flat(network), seed) for seed in (5, 5, 6))
    assert torch.equal(first.across, again.across)
    assert torch.equal(first.up, again.up)
    assert not torch.equal(first.across, other.across)


def test_a_network_that_computes_the_same_by_other_scales_has_the_same_surface():
    """A ReLU layer ten times as large and the next a tenth: what scaling is for (Li et al., section 4)."""
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [12], "dropout": 0})
    network = started(spec)
    weights = {name: weight.clone() for name, weight in network.weights.items()}
    for name, factor in (("hidden.0.weight", 10), ("hidden.0.bias", 10), ("output.weight", 0.1)):
        weights[name] *= factor
    losses, unscaled = [], []
    for one in (network, replace(network, weights=weights)):
        centre = flat(one)
        made = random_directions(spec, centre, seed=1)
        fixed = torch.Generator().manual_seed(1)
        raw = Directions(*(torch.randn(len(centre.whole), generator=fixed) * 0.05 for _ in range(2)))
        for directions, kept in ((made, losses), (raw, unscaled)):
            grid = Grid(Loss(one, "train_eval", 50), centre, directions, around_centre(), around_centre())
            kept.append([grid.loss(grid.at(a, b)) for a, b in ((0, 0), (0.5, 0.2), (-1, 0.7))])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)
    assert abs(unscaled[0][2] - unscaled[1][2]) > 0.01 * unscaled[0][2], "without, the two surfaces differ"


def test_a_path_is_decomposed_as_numpy_does():
    moved = torch.randn(7, 500, generator=torch.Generator().manual_seed(0)).cumsum(0)
    moved -= moved[-1].clone()
    directions, shares = path_directions(moved)
    exact = moved.double().numpy()
    _left, singular, right = np.linalg.svd(exact - exact.mean(0), full_matrices=False)
    np.testing.assert_allclose(shares, singular**2 / (singular**2).sum(), atol=1e-6)
    axes = torch.stack([directions.across, directions.up]).double().numpy()
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-5)
    np.testing.assert_allclose(np.abs((axes * right[:2]).sum(1)), 1, atol=1e-5)
    found = directions.places(moved).numpy()
    np.testing.assert_allclose(found, exact @ axes.T, atol=1e-4)
    assert directions.share(moved) == pytest.approx(float(shares[:2].sum()), abs=1e-6)
    assert (found[0] <= found.mean(0)).all(), "it begins at the left and below"


def test_a_path_that_lies_in_a_plane_is_all_there():
    corner, across, up = torch.randn(3, 400, generator=torch.Generator().manual_seed(2))
    numbers = torch.tensor([[0.0, 0.0], [1.0, 0.2], [1.5, 2.0], [0.3, 3.0]])
    moved = corner + numbers @ torch.stack([across, up])
    moved -= moved[-1].clone()
    directions, _shares = path_directions(moved)
    assert directions.share(moved) == pytest.approx(1, abs=1e-6)
    back = directions.places(moved).float() @ torch.stack([directions.across, directions.up])
    torch.testing.assert_close(back, moved, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (torch.randn(2, 50), "takes 3 moments"),
        (torch.zeros(4, 50), "along a line"),
        (torch.arange(5.0)[:, None] * torch.randn(50), "along a line"),
    ],
)
def test_a_path_without_a_plane_is_refused_in_a_sentence(moved: torch.Tensor, words: str):
    with pytest.raises(LabError, match=words):
        path_directions(moved)


def test_the_grid_has_the_path_within_it_and_the_centre_on_it():
    for path in (np.array([-7.3, -2.0, 0.0]), np.array([-1.0, 0.0, 11.0]), np.array([0.0, 0.0, 1e-3])):
        along = around_path(path)
        assert 0 in along
        assert along[0] <= path.min() <= path.max() <= along[-1]
        np.testing.assert_allclose(np.diff(along), along[1] - along[0])
    assert 0 in around_centre()


def test_every_place_comes_once_and_a_coarse_picture_first():
    order = places()
    assert len(order) == len(set(order)) == 21 * 21
    assert order[0] == (10, 10)
    assert {row % 3 for row, _column in order[:49]} == {column % 3 for _row, column in order[:49]} == {1}


@pytest.mark.slow
def test_the_slice_of_a_runs_path_has_its_moments_on_it(store: Store, monkeypatch: pytest.MonkeyPatch):
    spec = read_spec({"architecture": "ff_autoencoder", **SMALL, "hidden_sizes": [8]})
    run_id = trained_run(store, spec)
    steps = [frame.step for frame in store.snapshots(run_id)]
    with pytest.raises(LabError, match="were not kept"):
        asked("loss_surface", store, run_id, step=steps[-1], directions="path", moments=steps)
    for step in steps:
        while asked("train_again", store, run_id, step=step) < 1:
            pass
    monkeypatch.setattr(query, "SECONDS", 0.0)
    first = asked("loss_surface", store, run_id, step=steps[-1], directions="path", moments=steps)
    assert first["known"].sum() == 1, "a query works for a little while only"
    monkeypatch.undo()
    answer = whole(store, run_id, step=steps[-1], directions="path", moments=steps)
    np.testing.assert_array_equal(answer["steps"], steps)
    np.testing.assert_allclose(answer["path"][-1], 0, atol=1e-6)
    assert 0.5 < answer["share"] <= 1
    centre = answer["losses"][answer["ys"] == 0, answer["xs"] == 0]
    assert centre.item() == answer["path_losses"][-1]
    network = network_at.of_run(store.url, run_id, 0)
    assert answer["path_losses"][0] == pytest.approx(
        plain_loss(network, network.weights, "train_eval", 300), rel=1e-5
    )
    kept = past.kept_steps(store, run_id)
    random = whole(store, run_id, step=steps[-1], moments=[0, *kept, steps[-1]])
    assert random["share"] < 0.2, "two random directions hold next to nothing of the path"


@pytest.mark.slow
def test_what_the_centre_makes_of_a_garment_is_what_the_network_does(store: Store):
    spec = read_spec({"architecture": "ff_autoencoder", **SMALL, "hidden_sizes": [8]})
    run_id = trained_run(store, spec)
    here = asked("surface_outputs", store, run_id, step=spec.total_steps, a=0.0, b=0.0, image=3)["output"]
    *_, (_name, usual) = asked("activations", store, run_id, image=3).items()
    np.testing.assert_allclose(here, usual[0], atol=1e-6)
    there = asked("surface_outputs", store, run_id, step=spec.total_steps, a=0.5, b=1.0, image=3)["output"]
    assert np.abs(there - here).max() > 0.05


@pytest.mark.slow
def test_a_frozen_encoder_is_not_moved(store: Store):
    spec = read_spec(
        {
            "architecture": "encoder_classifier",
            **SMALL,
            "hidden_sizes": [8],
            "encoder": {"architecture": "ff_autoencoder", "frozen": True},
        }
    )
    network = started(spec)
    assert {name for name in network.weights if name.startswith("encoder.")}.isdisjoint(learning_names(spec))
    directions = random_directions(spec, flat(network), seed=0)
    shaped = dict(zip(network.weights, views(network, directions.across), strict=True))
    moved = {name for name, numbers in shaped.items() if numbers.any()}
    assert moved == {
        name for name in network.weights if not name.startswith("encoder.") and name.endswith("weight")
    }


def test_a_diverged_network_and_no_validation_images_are_refused_in_sentences(store: Store):
    network = started(read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6]}))
    network.weights["output.bias"][3] = torch.nan
    with pytest.raises(NoSlice, match="beyond all bounds"):
        flat(network)
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "validation_size": 0, "epochs": 1})
    run_id = trained_run(store, spec)
    with pytest.raises(LabError, match="no validation images"):
        asked("loss_surface", store, run_id, step=spec.total_steps, part="validation")
    with pytest.raises(LabError, match="no such slice"):
        asked("loss_surface", store, run_id, step=spec.total_steps, directions="../x")


def test_losses_beyond_all_bounds_are_known_too():
    network = started(read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6]}))
    centre = flat(network)
    far = Flat.zeros(network.weights, torch.float32, torch.device("cpu"))
    far.whole.copy_(1e38 * torch.randn(len(far.whole), generator=torch.Generator().manual_seed(0)).sign())
    grid = Grid(
        Loss(network, "train_eval", 50),
        centre,
        Directions(far.whole, far.whole),
        around_centre(),
        around_centre(),
    )
    grid.advance(0.0)
    assert np.isfinite(grid.losses[10, 10]), "the centre comes first"
    grid.advance(0.0)
    assert grid.known.sum() == 2
    assert np.isfinite(grid.losses[grid.known]).sum() == 1


def test_unfinished_slices_that_were_left_make_room(monkeypatch: pytest.MonkeyPatch, store: Store):
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6], "epochs": 1})
    run_id = trained_run(store, spec)
    monkeypatch.setattr(query, "MOST_BYTES", 0)
    monkeypatch.setattr(query, "SECONDS", 0.0)
    for seed in range(3):
        asked("loss_surface", store, run_id, step=spec.total_steps, seed=seed)
    assert len(query.SLICES) == 3, "each is still being computed for somebody"
    monkeypatch.setattr(query, "ABANDONED_SECONDS", -1.0)
    asked("loss_surface", store, run_id, step=spec.total_steps, seed=3)
    assert len(query.SLICES) == 1


def test_finished_slices_make_room_though_they_were_just_asked_for(
    monkeypatch: pytest.MonkeyPatch, store: Store
):
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6], "epochs": 1})
    run_id = trained_run(store, spec)
    monkeypatch.setattr(query, "MOST_BYTES", 0)
    whole(store, run_id, step=spec.total_steps)
    assert len(query.SLICES) == 1, "the latest stays"
    asked("loss_surface", store, run_id, step=spec.total_steps, seed=1)
    assert [kept.seed for kept in query.SLICES] == [1]


def test_slices_of_a_deleted_run_go_and_those_of_others_stay(store: Store):
    spec = read_spec({"architecture": "ff_classifier", **SMALL, "hidden_sizes": [6], "epochs": 1})
    deleted, other = trained_run(store, spec), trained_run(store, spec)
    for run_id in (deleted, other):
        asked("loss_surface", store, run_id, step=spec.total_steps)
    QUERIES["forget"](deleted)
    assert [kept.run_id for kept in query.SLICES] == [other]


def test_more_images_where_they_take_less_time():
    counts = {
        name: query.image_count(read_spec({"architecture": name}))
        for name in ("ff_autoencoder", "conv_autoencoder", "conv_classifier")
    }
    assert counts == {"ff_autoencoder": 1000, "conv_autoencoder": 500, "conv_classifier": 250}
    assert evaluation.CPU_CHUNK == query.IMAGES_AT_ONCE
