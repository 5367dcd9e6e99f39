"""VIN: what decoders answered. History: indexes for one vehicle's timeline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0011"
down_revision = "0004"
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


def downgrade() -> None:
    """Drop everything."""
    for table in reversed(TABLES):
        op.drop_table(table)
