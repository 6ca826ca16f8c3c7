"""A store for the worker in this process."""

import pytest

from fmnist_core.store.runs import Store


@pytest.fixture
def store(own_store: Store) -> Store:
    return own_store
