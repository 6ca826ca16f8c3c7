"""What plays measure, against a plain network in training mode and scikit-learn's logistic regression."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from torch import nn

from fmnist_core.nets.training import loop
from fmnist_core.nets.worker import lesson_plays
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.sentences import LabError
from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store
from tests.nets.plain_networks import copy_weights, plain_network
from tests.nets.worker.inspected_runs import NETWORKS, SMALL, asked, trained_run

MODEL = "r4-p0.1"
pytestmark = pytest.mark.usefixtures("new_worker")


@pytest.mark.parametrize("name", ["ff_autoencoder", "ff_classifier"])
def test_the_loss_with_dropout_is_that_of_a_plain_network_in_training(store: Store, name: str):
    spec = read_spec({"architecture": name, **SMALL, **NETWORKS[name]})
    run_id = trained_run(store, spec)
    state = loop.load(store.checkpoint(run_id))
    plain = copy_weights(state.model, plain_network(spec))
    for module in plain:
        if isinstance(module, nn.Dropout):
            module.p = 0.6
    images, labels = state.parts.train_images.take(state.parts.validation)
    x = state.parts.scaled(images)

    def loss() -> float:
        with torch.no_grad():
            outputs = plain(x)
        return float(
            F.mse_loss(outputs, images) if spec.task == "autoencoder" else F.cross_entropy(outputs, labels)
        )

    measured = asked("loss_with_dropout", store, run_id, dropout=0.6)
    plain.eval()
    assert measured["off"] == pytest.approx(loss(), rel=1e-5)
    plain.train()
    torch.manual_seed(0)
    drawn = np.array([loss() for _ in range(200)])
    assert abs(measured["on"].mean() - drawn.mean()) < 5 * drawn.std() / np.sqrt(3)
    without = asked("loss_with_dropout", store, run_id, dropout=0.0)
    assert without["on"] == pytest.approx(np.full(3, without["off"]))


def test_without_validation_images_nothing_is_measured(store: Store):
    run_id = trained_run(store, read_spec({"architecture": "ff_autoencoder", **SMALL, "validation_size": 0}))
    with pytest.raises(LabError, match="no validation images"):
        asked("loss_with_dropout", store, run_id, dropout=0.5)


@pytest.mark.slow
def test_the_linear_classifier_is_scikit_learns():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 300)
    x = rng.normal(size=(300, 12)) + rng.normal(size=(10, 12))[labels]
    weight, bias = lesson_plays.fit_linear(torch.from_numpy(x).float(), torch.from_numpy(labels))
    ours = torch.softmax(torch.from_numpy(x).float() @ weight + bias, 1).numpy()
    strength = 1 / (2 * lesson_plays.DECAY * len(x))
    oracle = LogisticRegression(C=strength, tol=1e-8, max_iter=2000).fit(x, labels)
    np.testing.assert_allclose(ours, oracle.predict_proba(x), atol=2e-3)


@pytest.mark.slow
def test_more_labels_are_worth_more_and_the_same_question_has_the_same_answer():
    few, again, many = (QUERIES["few_labels"](model=MODEL, labels=labels) for labels in (20, 20, 200))
    assert set(few) == {"trained", "random", "pixels"}
    for name, scores in few.items():
        assert many[name].mean() > scores.mean() > 0.2
        np.testing.assert_array_equal(scores, again[name])


def test_a_model_without_validation_images_is_refused():
    with pytest.raises(LabError, match="no validation images"):
        QUERIES["few_labels"](model="r1-n64", labels=20)


@pytest.mark.parametrize("labels", [0, 9, 1001])
def test_a_number_of_labels_that_cannot_be_given_is_refused(labels: int):
    with pytest.raises(LabError, match="can be between"):
        QUERIES["few_labels"](model=MODEL, labels=labels)
