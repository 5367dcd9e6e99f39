"""Links in messages: a delivery keeps the token of an invitation until it was sent or given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DELIVERIES, INDEX = "notifications_deliveries", "ix_notifications_deliveries_secret"


def upgrade() -> None:
    """Add the columns, and an index by which what is too late is found."""
    op.add_column(DELIVERIES, sa.Column("secret", sa.Text(), nullable=True))
    op.add_column(DELIVERIES, sa.Column("secret_until", types.Instant(), nullable=True))
    kept = sa.text("secret IS NOT NULL")
    op.create_index(INDEX, DELIVERIES, ["secret_until"], unique=False, sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    """Drop them; what was not sent then has no link any more."""
    op.drop_index(INDEX, table_name=DELIVERIES)
    op.drop_column(DELIVERIES, "secret_until")
    op.drop_column(DELIVERIES, "secret")
