"""One thread, so that sums are added in one order and tests leave the other cores to others."""

from dataclasses import replace

import pytest
import torch

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.nets.models import networks
from fmnist_core.nets.training import step


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def little_data(sample_data: Dataset) -> Dataset:
    """The sample with 200 test images."""
    return replace(
        sample_data, test_images=sample_data.test_images[:200], test_labels=sample_data.test_labels[:200]
    )


@pytest.fixture
def in_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training in float64, where no rounding decides which of two pixels is the larger."""
    build = networks.build
    monkeypatch.setattr(networks, "build", lambda *given: build(*given).double())
    monkeypatch.setattr(step, "works_in", lambda *_: torch.float64)
