"""Format 2: sweeps and their members."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("learner", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("varied", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("sweeps_of_learner", "sweeps", ["learner", "created"])
    op.create_index("sweeps_by_status", "sweeps", ["status"])
    op.create_table(
        "members",
        sa.Column(
            "sweep_id", sa.String(12), sa.ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("run_id", sa.String(12), sa.ForeignKey("runs.id", ondelete="SET NULL")),
    )
    op.create_index("ix_members_run_id", "members", ["run_id"])
