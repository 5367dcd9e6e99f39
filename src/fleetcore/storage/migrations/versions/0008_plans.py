"""Services that answer reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a service record name the reminders that it answers."""
    op.add_column("maintenance_services", sa.Column("reminder_ids", types.Json(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("maintenance_services", "reminder_ids")
