"""Principal components against scikit-learn's, and against what they promise."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from fmnist_core.data import fashion_mnist
from fmnist_core.data.fashion_mnist import DataError
from fmnist_core.nets.worker.pca import errors
from fmnist_core.nets.worker.queries import QUERIES

SIZES = {"train_size": 2000, "validation_size": 500, "seed": 3}


@pytest.fixture(autouse=True)
def _on_the_sample(sample_data, monkeypatch):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))


@pytest.fixture(scope="module")
def images(sample_data):
    """By part, in [0, 1]."""
    train, validation = fashion_mnist.split(sample_data, **SIZES)
    flat = sample_data.train_images.reshape(-1, 784) / 255
    test = sample_data.test_images.reshape(-1, 784) / 255
    return {"train": flat[train], "validation": flat[validation], "test": test}


@pytest.fixture(scope="module")
def fitted(images) -> PCA:
    """Scikit-learn's components, all 784 of them: the first n are what it keeps when it is asked for n."""
    return PCA(svd_solver="full").fit(images["train"])


@pytest.mark.slow
@pytest.mark.parametrize("components", [1, 16, 64, 300])
def test_it_leaves_what_scikit_learns_leaves(images, fitted: PCA, components: int):
    left = errors(**SIZES)
    for part, of_part in images.items():
        coordinates = fitted.transform(of_part)
        coordinates[:, components:] = 0
        again = fitted.inverse_transform(coordinates)
        assert left[part][components] == pytest.approx(np.square(again - of_part).mean(), rel=1e-3)


def test_no_component_leaves_the_mean_image_and_all_of_them_leave_nothing(images):
    left = errors(**SIZES)
    for part, of_part in images.items():
        assert left[part].shape == (785,)
        assert left[part][0] == pytest.approx(np.square(of_part - images["train"].mean(0)).mean(), rel=1e-4)
        assert np.all(np.diff(left[part]) <= 1e-7)
        assert left[part][784] == pytest.approx(0, abs=1e-6)


def test_without_validation_images_there_is_no_error_on_them():
    assert set(errors(500, 0, 0)) == {"train", "test"}
    assert QUERIES["pca"] is errors


def test_more_images_than_there_are_is_a_sentence():
    with pytest.raises(DataError, match="asked for"):
        errors(50_000, 0, 0)
