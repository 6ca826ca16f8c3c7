"""Format 9: how far learners have come in lessons."""

import sqlalchemy as sa
from alembic import op

revision = "9"
down_revision = "8"


def upgrade() -> None:
    op.create_table(
        "lesson_progress",
        sa.Column("learner", sa.Text, primary_key=True),
        sa.Column("lesson", sa.String(40), primary_key=True),
        sa.Column("furthest", sa.Integer, nullable=False),
        sa.Column("prediction", sa.Text, nullable=False),
        sa.Column("answer", sa.Integer),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
    )
