"""Trips, mileage rates and closed months."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("trips_trips", "trips_rates", "trips_closed_months")


def upgrade() -> None:
    """Create the tables, then who may do what with them."""
    for table in TABLES:
        CREATE[table]()
        guards.grant(table)
    guards.separate_fleets(TABLES)


def downgrade() -> None:
    """Drop the tables."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _trips_trips() -> None:
    op.create_table(
        "trips_trips",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("driver_id", types.Id(length=16), nullable=True),
        sa.Column("driver_name", sa.String(length=200), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("start_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("end_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("distance_m", sa.BigInteger(), nullable=True),
        sa.Column("start_place", sa.String(length=200), nullable=False),
        sa.Column("start_latitude", sa.Float(), nullable=True),
        sa.Column("start_longitude", sa.Float(), nullable=True),
        sa.Column("end_place", sa.String(length=200), nullable=False),
        sa.Column("end_latitude", sa.Float(), nullable=True),
        sa.Column("end_longitude", sa.Float(), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("client", sa.String(length=200), nullable=False),
        sa.Column("passengers", sa.Integer(), nullable=False),
        sa.Column("fuel_used_ml", sa.BigInteger(), nullable=True),
        sa.Column("tolls_minor", sa.BigInteger(), nullable=True),
        sa.Column("tolls_currency", sa.String(length=3), nullable=True),
        sa.Column("parking_minor", sa.BigInteger(), nullable=True),
        sa.Column("parking_currency", sa.String(length=3), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("tags", types.Json(), nullable=False),
        sa.Column("attachment_ids", types.Json(), nullable=False),
        sa.Column("import_id", types.Id(length=16), nullable=True),
        sa.Column("start_reading_id", types.Id(length=16), nullable=True),
        sa.Column("end_reading_id", types.Id(length=16), nullable=True),
        sa.Column("finished_at", types.Instant(), nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("edited_at", types.Instant(), nullable=True),
        sa.Column("changed_after_closing", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "end_reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_trips_trips_fleet_id_end_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "start_reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_trips_trips_fleet_id_start_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_trips_trips_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_trips_trips_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_trips_trips")),
    )
    op.create_index(
        "ix_trips_trips_import",
        "trips_trips",
        ["fleet_id", "import_id"],
        unique=False,
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index("ix_trips_trips_started", "trips_trips", ["fleet_id", "started_at", "id"], unique=False)
    op.create_index(
        "ix_trips_trips_vehicle", "trips_trips", ["fleet_id", "vehicle_id", "started_at", "id"], unique=False
    )


def _trips_rates() -> None:
    op.create_table(
        "trips_rates",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("per_km_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tier", sa.String(length=10), nullable=True),
        sa.Column("tier_distance_m", sa.BigInteger(), nullable=True),
        sa.Column("per_km_beyond_micros", sa.BigInteger(), nullable=True),
        sa.Column("year_starts", sa.String(length=5), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_trips_rates_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_trips_rates")),
    )
    op.create_index("uq_trips_rates_day", "trips_rates", ["fleet_id", "purpose", "valid_from"], unique=True)


def _trips_closed_months() -> None:
    op.create_table(
        "trips_closed_months",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", types.Instant(), nullable=False),
        sa.Column("closed_by", types.Id(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_trips_closed_months_fleet_id_vehicle_id"),
        ),
        sa.PrimaryKeyConstraint("fleet_id", "vehicle_id", "month", name=op.f("pk_trips_closed_months")),
    )


CREATE = {create.__name__.removeprefix("_"): create for create in (_trips_trips, _trips_rates, _trips_closed_months)}
