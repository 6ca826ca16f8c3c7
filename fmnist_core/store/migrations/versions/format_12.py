"""Format 12: what each piece of training was calculated on."""

import sqlalchemy as sa
from alembic import op

revision = "12"
down_revision = "11"


def upgrade() -> None:
    op.add_column("batches", sa.Column("hardware", sa.Text))
