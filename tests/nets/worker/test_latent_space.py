"""Codes, planes, neighbours and decoding, against the plain `torch.nn` network and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import KNeighborsClassifier

from fmnist_core.architecture.networks import ARCHITECTURES, latent_layer
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker import latent_space, network_at
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import past
from fmnist_core.store.runs import Store
from tests.nets.worker.inspected_runs import NETWORKS, SMALL, asked, plain_output, trained_run

pytestmark = pytest.mark.usefixtures("new_worker")

AUTOENCODERS = [name for name in NETWORKS if "autoencoder" in name]
FEW = 60


@pytest.fixture(autouse=True)
def _few_garments(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(latent_space, "GARMENTS", FEW)


def spec_of(name: str, **changes) -> RunSpec:
    return read_spec({"architecture": name.split(",")[0], **SMALL, **NETWORKS[name], **changes})


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_what_is_decoded_from_a_garment_s_code_is_its_reconstruction(store: Store, name: str):
    run_id = trained_run(store, spec_of(name))
    codes = asked("latent_map", store, run_id)["codes"]
    images = asked("decode", store, run_id, codes=codes[[3, 17]])["images"]
    state = loop.load(store.checkpoint(run_id))
    for image, index in zip(images, (3, 17), strict=True):
        np.testing.assert_allclose(image, plain_output(state, index)[0], atol=1e-5)


@pytest.mark.parametrize("name", ["conv_autoencoder", "ff_classifier"])
def test_codes_are_what_comes_out_of_the_latent_layer(store: Store, name: str):
    spec = spec_of(name)
    run_id = trained_run(store, spec)
    codes = asked("latent_map", store, run_id)["codes"]
    assert codes.shape == (FEW, {"conv_autoencoder": 8, "ff_classifier": 9}[name])
    shown = asked("activations", store, run_id, image=5)
    np.testing.assert_allclose(codes[5], shown[latent_layer(spec).name], atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_network_has_a_latent_layer_right_ahead_of_what_it_makes_of_it(architecture: str):
    settings = {"architecture": architecture, **SMALL}
    if ARCHITECTURES[architecture].takes_encoder:
        settings["encoder"] = {"architecture": "ff_autoencoder"}
    spec = read_spec(settings)
    latent = latent_layer(spec)
    assert latent.behind == spec.hidden_sizes[-1:]


@pytest.mark.parametrize("shape", [(200, 6), (40, 90), (50, 2)])
def test_principal_components_are_scikit_learn_s(shape: tuple[int, int]):
    rng = np.random.default_rng(0)
    points = rng.normal(size=shape) * np.linspace(3, 0.5, shape[1]) + 5
    mean, axes, shares = latent_space.principal_components(torch.from_numpy(points))
    assert len(shares) == min(shape)
    oracle = PCA(svd_solver="full").fit(points)
    np.testing.assert_allclose(mean, oracle.mean_, atol=1e-9)
    np.testing.assert_allclose(
        shares[: len(oracle.explained_variance_ratio_)][: shape[1]],
        oracle.explained_variance_ratio_[: len(shares)],
        atol=1e-9,
    )
    signs = np.sign((axes[:2].numpy() * oracle.components_[:2]).sum(1, keepdims=True))
    np.testing.assert_allclose(axes[:2], signs * oracle.components_[:2], atol=1e-6)
    assert (axes[:2].gather(1, axes[:2].abs().argmax(1, keepdim=True)) > 0).all()


def test_one_latent_number_and_garments_that_are_all_alike_have_a_plane_too():
    mean, axes, shares = latent_space.principal_components(torch.tensor([[1.0], [3.0]]))
    assert (mean.tolist(), axes.tolist(), shares.tolist()) == ([2.0], [[1.0], [0.0]], [1.0])
    *_, shares = latent_space.principal_components(torch.ones(5, 3))
    assert shares.tolist() == [0, 0, 0]


def test_the_vote_of_neighbours_is_scikit_learn_s_with_each_garment_left_out_once():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 600)
    points = rng.normal(size=(10, 5))[labels] + rng.normal(size=(600, 5))
    gaps, accuracy = latent_space.neighbours_vote(torch.from_numpy(points), torch.from_numpy(labels))
    right = 0
    for k in range(len(points)):
        others = np.arange(len(points)) != k
        oracle = KNeighborsClassifier(10, algorithm="brute").fit(points[others], labels[others])
        right += oracle.predict(points[k : k + 1])[0] == labels[k]
    assert accuracy == right / len(points)
    assert 0.2 < accuracy < 0.95, "neither chance nor certainty"
    distances = pairwise_distances(points) + np.diag(np.full(600, np.inf))
    np.testing.assert_allclose(gaps, distances.min(1), atol=1e-6)


def test_places_of_all_moments_are_in_one_plane_in_which_nothing_moves_by_itself(store: Store):
    run_id = trained_run(store, spec_of("ff_autoencoder"))
    now = asked("latent_map", store, run_id)
    plane = {"mean": now["mean"], "axes": now["axes"]}
    same = asked("latent_places", store, run_id, **plane)
    np.testing.assert_allclose(same["places"], (now["codes"] - now["mean"]) @ now["axes"].T, atol=1e-4)
    np.testing.assert_allclose(same["share"], now["shares"][:2].sum(), atol=1e-5)
    assert same["accuracy"] == now["accuracy"]
    start = asked("latent_places", store, run_id, step=0, **plane)
    codes = asked("latent_map", store, run_id, step=0)["codes"]
    np.testing.assert_allclose(
        np.diff(start["places"], axis=0), np.diff(codes, axis=0) @ now["axes"].T, atol=1e-4
    )
    assert start["share"] <= same["share"]


def test_a_plane_of_other_codes_is_refused_in_a_sentence(store: Store):
    run_id = trained_run(store, spec_of("ff_autoencoder"))
    for mean, axes in (((7,), (2, 7)), ((8,), (2, 9)), ((8,), (3, 8)), ((1,), (2, 8)), ((8,), (8,))):
        with pytest.raises(LabError, match="another size than that plane: 8"):
            asked("latent_places", store, run_id, mean=np.zeros(mean), axes=np.zeros(axes))


def test_what_cannot_be_decoded_is_refused_in_a_sentence(store: Store):
    classifier, autoencoder = spec_of("ff_classifier"), spec_of("ff_autoencoder")
    with pytest.raises(LabError, match="has no decoder"):
        asked("decode", store, trained_run(store, classifier), codes=np.zeros((1, 9), np.float32))
    run_id = trained_run(store, autoencoder)
    for shape in ((1, 7), (0, 8), (8,), (101, 8)):
        with pytest.raises(LabError, match="have another size: 8"):
            asked("decode", store, run_id, codes=np.zeros(shape, np.float32))


def test_a_run_not_trained_deleted_or_given_up_is_refused_in_a_sentence(store: Store):
    spec = spec_of("ff_autoencoder")
    with pytest.raises(LabError, match="no weights of this run yet"):
        asked("latent_map", store, store.create_run(spec, "ana"))
    run_id = trained_run(store, spec)
    kept = past.kept_steps(store, run_id)
    given_up = next(step for step in range(1, spec.total_steps) if step not in kept)
    with pytest.raises(LabError, match="were not kept"):
        asked("latent_map", store, run_id, step=given_up)
    store.delete(run_id)
    with pytest.raises(LabError):
        asked("latent_map", store, run_id)


def test_numbers_beyond_all_bounds_are_said(store: Store):
    run_id = trained_run(store, spec_of("ff_autoencoder"))
    network_at.of_run(store.url, run_id, store.run(run_id).step).weights["encoder.latent.bias"][2] = np.inf
    with pytest.raises(LabError, match="beyond all bounds"):
        asked("latent_map", store, run_id, step=store.run(run_id).step)
