"""A full disk, for this process; what is run on a worker, for the worker, whose store then cannot grow."""

import sqlalchemy

MOST_PAGES = 4_294_967_294  # SQLite's own bound
BOUNDED = "full disk"

_is_full = False


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "checkout")
def _bound(connection, record, _proxy) -> None:
    """Bounds a connection while the disk is full, and frees it afterwards; others are left alone."""
    if _is_full:
        record.info[BOUNDED] = True
        connection.execute("PRAGMA max_page_count=1")  # to SQLite: the size that the file has
    elif record.info.pop(BOUNDED, False):
        connection.execute(f"PRAGMA max_page_count={MOST_PAGES}")


def fill() -> None:
    """No database may grow from now on."""
    global _is_full
    _is_full = True


def give_room() -> None:
    global _is_full
    _is_full = False
