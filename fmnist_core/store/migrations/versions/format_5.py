"""Format 5: what it takes to train a run again exactly: threads of each batch, fingerprints of weights."""

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"


def upgrade() -> None:
    op.add_column("runs", sa.Column("repeatable", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("batches", sa.Column("threads", sa.Integer))
    op.add_column("snapshots", sa.Column("fingerprint", sa.BigInteger))
