"""A worker in this process that knows no run yet."""

from collections.abc import Iterator

import pytest
import torch

from fmnist_core.data import fashion_mnist
from fmnist_core.nets.worker import state_cache
from fmnist_core.nets.worker.state_cache import STATE_CACHE


@pytest.fixture
def new_worker(sample_data, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    threads = torch.get_num_threads()
    STATE_CACHE.clear()
    yield
    STATE_CACHE.clear()
    state_cache.store_at.cache_clear()
    torch.set_num_threads(threads)
