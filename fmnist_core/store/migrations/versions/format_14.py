"""Format 14: the language in which a pin was made, and whether its caption is still the lab's draft."""

import sqlalchemy as sa
from alembic import op

revision = "14"
down_revision = "13"


def upgrade() -> None:
    op.add_column("pins", sa.Column("language", sa.String(8), nullable=False, server_default=""))
    op.add_column("pins", sa.Column("is_draft", sa.Boolean, nullable=False, server_default=sa.false()))
