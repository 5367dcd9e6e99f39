"""Sharing: invitations, what a grant opens, who had which vehicle, and how much a fleet may hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("sharing_invitations", "vehicles_assignments")


def upgrade() -> None:
    """Create the tables and columns, then who may do what with them."""
    op.add_column("people_fleets", sa.Column("vehicles_max", sa.Integer(), nullable=True))
    op.add_column("people_fleets", sa.Column("storage_bytes_max", sa.BigInteger(), nullable=True))
    op.add_column("vehicles_grants", sa.Column("scope", sa.String(length=20), nullable=True))
    _sharing_invitations()
    _vehicles_assignments()
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)


def downgrade() -> None:
    """Drop everything."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("vehicles_grants", "scope")
    op.drop_column("people_fleets", "storage_bytes_max")
    op.drop_column("people_fleets", "vehicles_max")


def _history() -> list[sa.Column[object]]:
    return [
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def _sharing_invitations() -> None:
    op.create_table(
        "sharing_invitations",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("roles", types.Json(), nullable=False),
        sa.Column("grants", types.Json(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("invited_by", types.Id(length=16), nullable=False),
        sa.Column("sent_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("accepted_at", types.Instant(), nullable=True),
        sa.Column("accepted_by", types.Id(length=16), nullable=True),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        *_history(),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_sharing_invitations_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_sharing_invitations")),
        sa.UniqueConstraint("fleet_id", "token_hash", name=op.f("uq_sharing_invitations_fleet_id_token_hash")),
    )
    op.create_index("ix_sharing_invitations_at", "sharing_invitations", ["fleet_id", "created_at", "id"], unique=False)


def _vehicles_assignments() -> None:
    op.create_table(
        "vehicles_assignments",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("driver_id", types.Id(length=16), nullable=True),
        sa.Column("driver_name", sa.String(length=200), nullable=False),
        sa.Column("starts_at", types.Instant(), nullable=False),
        sa.Column("ends_at", types.Instant(), nullable=True),
        sa.Column("is_primary", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        *_history(),
        sa.ForeignKeyConstraint(["driver_id"], ["people_users.id"], name=op.f("fk_vehicles_assignments_driver_id")),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_vehicles_assignments_fleet_id_vehicle_id"),
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_vehicles_assignments")),
    )
    op.create_index("ix_vehicles_assignments_driver", "vehicles_assignments", ["fleet_id", "driver_id"], unique=False)
    op.create_index(
        "ix_vehicles_assignments_vehicle",
        "vehicles_assignments",
        ["fleet_id", "vehicle_id", "starts_at"],
        unique=False,
    )
