"""Format 10: reports that learners write, who writes them, and what is pinned to them."""

import sqlalchemy as sa
from alembic import op

revision = "10"
down_revision = "9"


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("link", sa.String(12), nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("authors", sa.Text, nullable=False),
        sa.Column("template", sa.String(16), nullable=False),
        sa.Column("texts", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    report = sa.ForeignKey("reports.id", ondelete="CASCADE")
    op.create_table(
        "report_members",
        sa.Column("learner", sa.Text, primary_key=True),
        sa.Column("report_id", sa.String(12), report, nullable=False),
    )
    op.create_table(
        "pins",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column(
            "report_id", sa.String(12), sa.ForeignKey("reports.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("caption", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("runs", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_pins_report_id", "pins", ["report_id"])
