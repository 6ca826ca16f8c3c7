"""Format 1: runs and what they report, as the first version of the lab made its tables."""

revision = "1"
down_revision = None


def upgrade() -> None:
    """Every store has these tables from its start."""
