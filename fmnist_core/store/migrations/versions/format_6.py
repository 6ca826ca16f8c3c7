"""Format 6: checksums of training states and of the film's frames; those of older rows stay unknown."""

import sqlalchemy as sa
from alembic import op

revision = "6"
down_revision = "5"


def upgrade() -> None:
    for table in ("checkpoints", "snapshots", "snapshot_states"):
        op.add_column(table, sa.Column("checksum", sa.BigInteger))
