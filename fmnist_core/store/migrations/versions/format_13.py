"""Format 13: which steps of a lesson were visited; of lessons begun before, all up to the furthest."""

import sqlalchemy as sa
from alembic import op

revision = "13"
down_revision = "12"


def upgrade() -> None:
    op.add_column("lesson_progress", sa.Column("visited", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE lesson_progress SET visited = (1 << (furthest + 1)) - 1")
