"""Reminders and their completions; a small index on replaced meters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("reminders_reminders", "reminders_completions")  # the parent first


def upgrade() -> None:
    """Create the tables, then who may do what with them."""
    _reminders()
    _completions()
    op.create_index(
        "ix_vehicles_readings_replacements",
        "vehicles_readings",
        ["fleet_id", "vehicle_id"],
        unique=False,
        sqlite_where=sa.text("kind = 'replacement'"),
        postgresql_where=sa.text("kind = 'replacement'"),
    )
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)


def downgrade() -> None:
    """Drop everything, children before parents."""
    op.drop_index("ix_vehicles_readings_replacements", "vehicles_readings")
    for table in reversed(TABLES):
        op.drop_table(table)


def _reminders() -> None:
    op.create_table(
        "reminders_reminders",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("every_m", sa.BigInteger(), nullable=True),
        sa.Column("every_months", sa.Integer(), nullable=True),
        sa.Column("every_days", sa.Integer(), nullable=True),
        sa.Column("every_engine_tenths", sa.BigInteger(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("at_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("at_engine_tenths", sa.BigInteger(), nullable=True),
        sa.Column("is_fixed", sa.Boolean(), nullable=False),
        sa.Column("soon_days", sa.Integer(), nullable=False),
        sa.Column("very_soon_days", sa.Integer(), nullable=False),
        sa.Column("soon_m", sa.BigInteger(), nullable=False),
        sa.Column("very_soon_m", sa.BigInteger(), nullable=False),
        sa.Column("soon_engine_tenths", sa.BigInteger(), nullable=False),
        sa.Column("very_soon_engine_tenths", sa.BigInteger(), nullable=False),
        sa.Column("origin_on", sa.Date(), nullable=False),
        sa.Column("origin_total_m", sa.BigInteger(), nullable=True),
        sa.Column("origin_engine_tenths", sa.BigInteger(), nullable=True),
        sa.Column("said_offset_m", sa.BigInteger(), nullable=False),
        sa.Column("meter_offset_m", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("due_engine_tenths", sa.BigInteger(), nullable=True),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("is_finished", sa.Boolean(), nullable=False),
        sa.Column("is_silent", sa.Boolean(), nullable=False),
        sa.Column("last_done_on", sa.Date(), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("odometer_gauge", types.Json(), nullable=True),
        sa.Column("hours_gauge", types.Json(), nullable=True),
        sa.Column("urgency", sa.String(length=20), nullable=False),
        sa.Column("metric", sa.String(length=20), nullable=False),
        sa.Column("projected_on", sa.Date(), nullable=True),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.Column("next_look_on", sa.Date(), nullable=True),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_reminders_reminders_fleet_id_vehicle_id"),
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_reminders_reminders")),
    )
    op.create_index(
        "ix_reminders_reminders_next_look",
        "reminders_reminders",
        ["fleet_id", "next_look_on"],
        unique=False,
        sqlite_where=sa.text("next_look_on IS NOT NULL"),
        postgresql_where=sa.text("next_look_on IS NOT NULL"),
    )
    op.create_index("ix_reminders_reminders_vehicle", "reminders_reminders", ["fleet_id", "vehicle_id"], unique=False)


def _completions() -> None:
    op.create_table(
        "reminders_completions",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("reminder_id", types.Id(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("total_m", sa.BigInteger(), nullable=True),
        sa.Column("engine_tenths", sa.BigInteger(), nullable=True),
        sa.Column("record_id", types.Id(length=16), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "reminder_id"],
            ["reminders_reminders.fleet_id", "reminders_reminders.id"],
            name=op.f("fk_reminders_completions_fleet_id_reminder_id"),
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_reminders_completions")),
    )
    op.create_index(
        "ix_reminders_completions_reminder", "reminders_completions", ["fleet_id", "reminder_id"], unique=False
    )
    op.create_index(
        "uq_reminders_completions_record",
        "reminders_completions",
        ["fleet_id", "reminder_id", "record_id"],
        unique=True,
        sqlite_where=sa.text("record_id IS NOT NULL"),
        postgresql_where=sa.text("record_id IS NOT NULL"),
    )
