"""VIN: what decoders answered. History: indexes for one vehicle's timeline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("vin_answers",)


def upgrade() -> None:
    """Create the table, then who may do what with it."""
    op.create_table(
        "vin_answers",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("answer", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_vin_answers_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "vin", "source", name=op.f("pk_vin_answers")),
    )
    op.create_index("ix_vin_answers_at", "vin_answers", ["fleet_id", "at"], unique=False)
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)
    _timeline_indexes()


def _timeline_indexes() -> None:
    op.create_index(
        "ix_maintenance_jobs_timeline", "maintenance_jobs", ["fleet_id", "vehicle_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_vehicles_readings_by_hand",
        "vehicles_readings",
        ["fleet_id", "vehicle_id", "at", "id"],
        unique=False,
        sqlite_where=sa.text("source = 'manual'"),
        postgresql_where=sa.text("source = 'manual'"),
    )
    op.drop_index("ix_imports_rows_import", table_name="imports_rows")
    op.create_index(
        "ix_imports_rows_import", "imports_rows", ["fleet_id", "import_id", "vehicle_id", "kind"], unique=False
    )


def downgrade() -> None:
    """Put the old index back and drop everything else."""
    op.drop_index("ix_imports_rows_import", table_name="imports_rows")
    op.create_index("ix_imports_rows_import", "imports_rows", ["fleet_id", "import_id", "kind"], unique=False)
    op.drop_index("ix_vehicles_readings_by_hand", table_name="vehicles_readings")
    op.drop_index("ix_maintenance_jobs_timeline", table_name="maintenance_jobs")
    for table in reversed(TABLES):
        op.drop_table(table)
