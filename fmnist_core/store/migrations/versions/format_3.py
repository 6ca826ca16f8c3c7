"""Format 3: frames of the film are called snapshots, and Alembic keeps the format's number."""

from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    op.rename_table("frames", "snapshots")
    op.rename_table("frame_states", "snapshot_states")
    # Versions of the lab that do not look for Alembic's table read this number, and refuse it.
    op.execute("UPDATE fmnist_lab SET schema_version = 3")
