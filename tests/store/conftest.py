"""A store on each kind of database."""

from collections.abc import Iterator

import pytest

from fmnist_core.store.runs import Store


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()
