"""Format 7: whether a checkpoint is a whole training state, or one without the optimizer's memory."""

import sqlalchemy as sa
from alembic import op

revision = "7"
down_revision = "6"


def upgrade() -> None:
    op.add_column("checkpoints", sa.Column("whole", sa.Boolean, nullable=False, server_default=sa.true()))
