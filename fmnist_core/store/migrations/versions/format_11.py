"""Format 11: the assignments that lecturers hand out, who has taken which, and claims of learners."""

import sqlalchemy as sa
from alembic import op

revision = "11"
down_revision = "10"


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("learner", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "assignments_taken",
        sa.Column("learner", sa.Text, primary_key=True),
        sa.Column("assignment_id", sa.String(40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("runs", sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "own_claims",
        sa.Column(
            "sweep_id", sa.String(12), sa.ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("relation", sa.String(16), nullable=False),
        sa.Column("quantity", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("margin", sa.Float(53), nullable=False),
        sa.Column("stated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True)),
    )
