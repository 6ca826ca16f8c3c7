"""The databases of the store's tests, for servers that share one."""

from tests.store.conftest import postgres, postgres_url, sqlite_url, url  # noqa: F401
