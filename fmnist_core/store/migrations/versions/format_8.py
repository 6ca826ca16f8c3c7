"""Format 8: the share of dead units at an epoch's end; that of older epochs stays unknown."""

import sqlalchemy as sa
from alembic import op

revision = "8"
down_revision = "7"


def upgrade() -> None:
    op.add_column("epochs", sa.Column("dead_units", sa.Float(53)))
