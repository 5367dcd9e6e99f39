"""Service plans, inspections, tyre sets, and services that answer reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Parents before children.
TABLES = (
    "maintenance_plan_items",
    "maintenance_templates",
    "maintenance_checklists",
    "maintenance_inspections",
    "maintenance_tyre_sets",
    "maintenance_tyre_fittings",
    "maintenance_treads",
)


def upgrade() -> None:
    """Let a service record name the reminders that it answers, and create the tables."""
    op.add_column("maintenance_services", sa.Column("reminder_ids", types.Json(), nullable=True))
    _maintenance_plan_items()
    _maintenance_templates()
    _maintenance_checklists()
    _maintenance_inspections()
    _maintenance_tyre_sets()
    _maintenance_tyre_fittings()
    _maintenance_treads()
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)


def downgrade() -> None:
    """Drop everything, children before parents."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("maintenance_services", "reminder_ids")


def _maintenance_plan_items() -> None:
    op.create_table(
        "maintenance_plan_items",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("every_m", sa.BigInteger(), nullable=True),
        sa.Column("every_months", sa.Integer(), nullable=True),
        sa.Column("every_engine_tenths", sa.BigInteger(), nullable=True),
        sa.Column("is_fixed", sa.Boolean(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=True),
        sa.Column("expected_currency", sa.String(length=3), nullable=True),
        sa.Column("parts", types.Json(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("last_done_on", sa.Date(), nullable=True),
        sa.Column("last_done_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("last_done_engine_tenths", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("reminder_id", types.Id(length=16), nullable=True),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_maintenance_plan_items_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_plan_items_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_plan_items")),
    )
    op.create_index(
        "ix_maintenance_plan_items_at", "maintenance_plan_items", ["fleet_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_maintenance_plan_items_key",
        "maintenance_plan_items",
        ["fleet_id", "vehicle_id", "key"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _maintenance_templates() -> None:
    op.create_table(
        "maintenance_templates",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("make", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("powertrain", sa.String(length=20), nullable=True),
        sa.Column("items", types.Json(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_templates_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_templates")),
    )


def _maintenance_checklists() -> None:
    op.create_table(
        "maintenance_checklists",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("items", types.Json(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_checklists_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_checklists")),
    )


def _maintenance_inspections() -> None:
    op.create_table(
        "maintenance_inspections",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("checklist", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("inspector_id", types.Id(length=16), nullable=False),
        sa.Column("items", types.Json(), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("reminder_ids", types.Json(), nullable=False),
        sa.Column("retest_of", types.Id(length=16), nullable=True),
        sa.Column("closed_by", types.Id(length=16), nullable=True),
        sa.Column("job_id", types.Id(length=16), nullable=True),
        sa.Column("reading_id", types.Id(length=16), nullable=True),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_maintenance_inspections_fleet_id_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_maintenance_inspections_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_inspections_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_inspections")),
    )
    op.create_index(
        "ix_maintenance_inspections_at", "maintenance_inspections", ["fleet_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_maintenance_inspections_retest",
        "maintenance_inspections",
        ["fleet_id", "retest_of"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL AND retest_of IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NULL AND retest_of IS NOT NULL"),
    )


def _maintenance_tyre_sets() -> None:
    op.create_table(
        "maintenance_tyre_sets",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("brand", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("size", sa.String(length=200), nullable=False),
        sa.Column("dot", sa.String(length=4), nullable=False),
        sa.Column("tyres", types.Json(), nullable=False),
        sa.Column("purchased_on", sa.Date(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("cost_currency", sa.String(length=3), nullable=True),
        sa.Column("storage_place", sa.String(length=200), nullable=False),
        sa.Column("limit_tenths_mm", sa.Integer(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_maintenance_tyre_sets_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_tyre_sets_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_tyre_sets")),
    )
    op.create_index(
        "ix_maintenance_tyre_sets_vehicle", "maintenance_tyre_sets", ["fleet_id", "vehicle_id"], unique=False
    )


def _maintenance_tyre_fittings() -> None:
    op.create_table(
        "maintenance_tyre_fittings",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("set_id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("mounted_on", sa.Date(), nullable=False),
        sa.Column("mounted_at", types.Instant(), nullable=False),
        sa.Column("mounted_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("mounted_reading_id", types.Id(length=16), nullable=True),
        sa.Column("unmounted_on", sa.Date(), nullable=True),
        sa.Column("unmounted_at", types.Instant(), nullable=True),
        sa.Column("unmounted_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("unmounted_reading_id", types.Id(length=16), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "mounted_reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_maintenance_tyre_fittings_fleet_id_mounted_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "set_id"],
            ["maintenance_tyre_sets.fleet_id", "maintenance_tyre_sets.id"],
            name=op.f("fk_maintenance_tyre_fittings_fleet_id_set_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "unmounted_reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_maintenance_tyre_fittings_fleet_id_unmounted_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_maintenance_tyre_fittings_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_tyre_fittings_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_tyre_fittings")),
    )
    op.create_index(
        "ix_maintenance_tyre_fittings_set", "maintenance_tyre_fittings", ["fleet_id", "set_id"], unique=False
    )
    op.create_index(
        "ix_maintenance_tyre_fittings_vehicle", "maintenance_tyre_fittings", ["fleet_id", "vehicle_id"], unique=False
    )
    op.create_index(
        "uq_maintenance_tyre_fittings_on_set",
        "maintenance_tyre_fittings",
        ["fleet_id", "set_id"],
        unique=True,
        sqlite_where=sa.text("unmounted_on IS NULL"),
        postgresql_where=sa.text("unmounted_on IS NULL"),
    )
    op.create_index(
        "uq_maintenance_tyre_fittings_on_vehicle",
        "maintenance_tyre_fittings",
        ["fleet_id", "vehicle_id"],
        unique=True,
        sqlite_where=sa.text("unmounted_on IS NULL"),
        postgresql_where=sa.text("unmounted_on IS NULL"),
    )


def _maintenance_treads() -> None:
    op.create_table(
        "maintenance_treads",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("set_id", types.Id(length=16), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("depths", types.Json(), nullable=False),
        sa.Column("new_tyres", types.Json(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "set_id"],
            ["maintenance_tyre_sets.fleet_id", "maintenance_tyre_sets.id"],
            name=op.f("fk_maintenance_treads_fleet_id_set_id"),
        ),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_treads_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_treads")),
    )
    op.create_index("ix_maintenance_treads_set", "maintenance_treads", ["fleet_id", "set_id"], unique=False)
