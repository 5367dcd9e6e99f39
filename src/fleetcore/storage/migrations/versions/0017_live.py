"""Events have an order in which they were committed, and tickets open live connections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ORDER, TICKETS = "outbox_order", "live_tickets"


def upgrade() -> None:
    """Create both; events that are there already keep the order of their positions."""
    op.create_table(
        ORDER,
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_outbox_order")),
        sa.UniqueConstraint("position", name=op.f("uq_outbox_order_position")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        TICKETS,
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("bearer", types.Json(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_live_tickets")),
    )
    op.create_index("ix_live_tickets_expires", TICKETS, ["expires_at"], unique=False)
    guards.grant_to_system(ORDER, "SELECT, INSERT, DELETE")
    guards.grant_to_system(TICKETS, "SELECT, INSERT, DELETE")
    guards.grant_sequences()
    if guards.on_postgresql():
        op.execute(
            "INSERT INTO outbox_order (position, horizon, settled) "
            "SELECT position, pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 100, 0 "
            "FROM outbox ORDER BY position"
        )


def downgrade() -> None:
    """Drop both."""
    op.drop_table(TICKETS)
    op.drop_table(ORDER)
