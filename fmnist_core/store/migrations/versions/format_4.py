"""Format 4: which server holds a run or a sweep, for how long, and what others ask of it."""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"


def upgrade() -> None:
    op.add_column("runs", sa.Column("holder", sa.String(100)))
    op.add_column("sweeps", sa.Column("holder", sa.String(100)))
    op.create_table(
        "holders",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("until", sa.Float(53), nullable=False),
    )
    op.create_table(
        "handed_on",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.String(12), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("change", sa.String(16), nullable=False),
        sa.Column("argument", sa.Text),
    )
    op.create_index("ix_handed_on_run_id", "handed_on", ["run_id"])
