"""Events know the trace of the request that they came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; events that are stored already belong to no trace."""
    op.add_column("outbox", sa.Column("trace_id", sa.String(length=32)))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("outbox", "trace_id")
