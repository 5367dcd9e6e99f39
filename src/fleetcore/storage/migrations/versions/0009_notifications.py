"""Notifications: the inbox, the delivery log and preferences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Parents before children.
TABLES = ("notifications_preferences", "notifications_inbox", "notifications_deliveries")


def upgrade() -> None:
    """Create the tables, then who may do what with them."""
    _preferences()
    _inbox()
    _deliveries()
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)


def downgrade() -> None:
    """Drop everything, children before parents."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _preferences() -> None:
    op.create_table(
        "notifications_preferences",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("user_id", types.Id(length=16), nullable=False),
        sa.Column("channels", types.Json(), nullable=False),
        sa.Column("switched_off", types.Json(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("digest", sa.String(length=10), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("addresses", types.Json(), nullable=False),
        sa.Column("unreachable", types.Json(), nullable=False),
        sa.Column("token_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_notifications_preferences_fleet_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["people_users.id"], name=op.f("fk_notifications_preferences_user_id")),
        sa.PrimaryKeyConstraint("fleet_id", "user_id", name=op.f("pk_notifications_preferences")),
    )


def _inbox() -> None:
    op.create_table(
        "notifications_inbox",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("event_id", types.Id(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("user_id", types.Id(length=16), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("urgency", sa.String(length=20), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=True),
        sa.Column("subject_id", types.Id(length=16), nullable=True),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("told_at", types.Instant(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("read_at", types.Instant(), nullable=True),
        sa.Column("archived_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_notifications_inbox_fleet_id")),
        sa.ForeignKeyConstraint(["user_id"], ["people_users.id"], name=op.f("fk_notifications_inbox_user_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_notifications_inbox")),
        sa.UniqueConstraint(
            "fleet_id", "event_id", "recipient", name=op.f("uq_notifications_inbox_fleet_id_event_id_recipient")
        ),
    )
    op.create_index(
        "ix_notifications_inbox_subject",
        "notifications_inbox",
        ["fleet_id", "subject_id"],
        unique=False,
        sqlite_where=sa.text("archived_at IS NULL"),
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index(
        "ix_notifications_inbox_user", "notifications_inbox", ["fleet_id", "user_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_notifications_inbox_vehicle", "notifications_inbox", ["fleet_id", "vehicle_id"], unique=False)


def _deliveries() -> None:
    op.create_table(
        "notifications_deliveries",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("notification_id", types.Id(length=16), nullable=False),
        sa.Column("event_id", types.Id(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("user_id", types.Id(length=16), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("is_digest", sa.Boolean(), nullable=False),
        sa.Column("message_id", types.Id(length=16), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("next_attempt_at", types.Instant(), nullable=True),
        sa.Column("leased_until", types.Instant(), nullable=True),
        sa.Column("finished_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["fleet_id", "notification_id"],
            ["notifications_inbox.fleet_id", "notifications_inbox.id"],
            name=op.f("fk_notifications_deliveries_fleet_id_notification_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["people_users.id"], name=op.f("fk_notifications_deliveries_user_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_notifications_deliveries")),
        sa.UniqueConstraint(
            "fleet_id",
            "event_id",
            "recipient",
            "channel",
            name=op.f("uq_notifications_deliveries_fleet_id_event_id_recipient_channel"),
        ),
    )
    op.create_index(
        "ix_notifications_deliveries_at", "notifications_deliveries", ["fleet_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_notifications_deliveries_due",
        "notifications_deliveries",
        ["next_attempt_at", "fleet_id"],
        unique=False,
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "ix_notifications_deliveries_notification",
        "notifications_deliveries",
        ["fleet_id", "notification_id"],
        unique=False,
    )
