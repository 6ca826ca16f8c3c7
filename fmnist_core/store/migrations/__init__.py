"""The formats of the store: a module for each in `versions`, run by Alembic when an older store is opened.

To change the tables: change `schema.py`, write the next module in `versions` and raise `schema.FORMAT`. A
test holds the tables that migrations lead to against those of `schema.py`.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Brings the store to the newest format, in the transaction that the caller has begun."""
    command.upgrade(_config(connection), "head")


def stamp(connection: Connection, format: str) -> None:
    """Records the format of a store that was written before Alembic kept it."""
    command.stamp(_config(connection), format)


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "fmnist_core.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
