"""A full disk, for this process; what is run on a worker, for the worker, whose store then cannot grow."""

import sqlalchemy

MOST_PAGES = 4_294_967_294  # SQLite's own bound

_pages = MOST_PAGES


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "checkout")
def _bound(connection, _record, _proxy) -> None:
    connection.execute(f"PRAGMA max_page_count={_pages}")


def fill() -> None:
    """No database may grow from now on: SQLite takes the size that it has for the least."""
    global _pages
    _pages = 1


def give_room() -> None:
    global _pages
    _pages = MOST_PAGES
