"""The inspections of one vehicle are found by their day: a daily check of every vehicle makes many."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_maintenance_inspections_vehicle", "maintenance_inspections"


def upgrade() -> None:
    """Add the index."""
    op.create_index(INDEX, TABLE, ["fleet_id", "vehicle_id", "done_on", "id"], unique=False)


def downgrade() -> None:
    """Drop the index."""
    op.drop_index(INDEX, table_name=TABLE)
