"""Addresses of calendars; reminders count how often their day moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("calendars_feeds",)
REMINDERS = "reminders_reminders"


def upgrade() -> None:
    """Create the table, then who may do what with it; add the columns."""
    op.create_table(
        "calendars_feeds",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("user_id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_calendars_feeds_fleet_id")),
        sa.ForeignKeyConstraint(["user_id"], ["people_users.id"], name=op.f("fk_calendars_feeds_user_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_calendars_feeds")),
    )
    op.create_index("ix_calendars_feeds_user", "calendars_feeds", ["fleet_id", "user_id"], unique=False)
    op.add_column(REMINDERS, sa.Column("moves", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(REMINDERS, sa.Column("moved_at", types.Instant(), nullable=True))
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)


def downgrade() -> None:
    """Drop the columns and the table."""
    for column in ("moved_at", "moves"):
        op.drop_column(REMINDERS, column)
    for table in reversed(TABLES):
        op.drop_table(table)
