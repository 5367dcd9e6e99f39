"""Maintenance: providers, service records and jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

# Parents before children.
TABLES = ("maintenance_providers", "maintenance_services", "maintenance_jobs")


def upgrade() -> None:
    """Create the tables, then who may do what with them."""
    _maintenance_providers()
    _maintenance_services()
    _maintenance_jobs()
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)


def downgrade() -> None:
    """Drop everything, children before parents."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _maintenance_providers() -> None:
    op.create_table(
        "maintenance_providers",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("claimed_by", types.Id(length=16), nullable=True),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_providers_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_providers")),
    )
    op.create_index(
        "ix_maintenance_providers_at", "maintenance_providers", ["fleet_id", "created_at", "id"], unique=False
    )


def _maintenance_services() -> None:
    op.create_table(
        "maintenance_services",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("at", types.Instant(), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("engine_hours_tenths", sa.BigInteger(), nullable=True),
        sa.Column("parts", types.Json(), nullable=False),
        sa.Column("parts_minor", sa.BigInteger(), nullable=False),
        sa.Column("labour_hours_hundredths", sa.Integer(), nullable=True),
        sa.Column("labour_rate_minor", sa.BigInteger(), nullable=True),
        sa.Column("labour_cost_minor", sa.BigInteger(), nullable=True),
        sa.Column("labour_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("provider_id", types.Id(length=16), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("warranty_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("tags", types.Json(), nullable=False),
        sa.Column("attachment_ids", types.Json(), nullable=False),
        sa.Column("import_id", types.Id(length=16), nullable=True),
        sa.Column("reading_id", types.Id(length=16), nullable=True),
        sa.Column("hours_reading_id", types.Id(length=16), nullable=True),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "hours_reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_maintenance_services_fleet_id_hours_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "provider_id"],
            ["maintenance_providers.fleet_id", "maintenance_providers.id"],
            name=op.f("fk_maintenance_services_fleet_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_maintenance_services_fleet_id_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_maintenance_services_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_services_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_services")),
    )
    op.create_index("ix_maintenance_services_day", "maintenance_services", ["fleet_id", "done_on", "id"], unique=False)
    op.create_index(
        "ix_maintenance_services_import",
        "maintenance_services",
        ["fleet_id", "import_id"],
        unique=False,
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index(
        "ix_maintenance_services_vehicle",
        "maintenance_services",
        ["fleet_id", "vehicle_id", "done_on", "id"],
        unique=False,
    )


def _maintenance_jobs() -> None:
    op.create_table(
        "maintenance_jobs",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("provider_id", types.Id(length=16), nullable=True),
        sa.Column("estimate_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("tags", types.Json(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=True),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("service_id", types.Id(length=16), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "provider_id"],
            ["maintenance_providers.fleet_id", "maintenance_providers.id"],
            name=op.f("fk_maintenance_jobs_fleet_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "service_id"],
            ["maintenance_services.fleet_id", "maintenance_services.id"],
            name=op.f("fk_maintenance_jobs_fleet_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_maintenance_jobs_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_maintenance_jobs_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_maintenance_jobs")),
    )
    op.create_index("ix_maintenance_jobs_at", "maintenance_jobs", ["fleet_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_maintenance_jobs_vehicle", "maintenance_jobs", ["fleet_id", "vehicle_id", "status"], unique=False
    )
