"""Attachments and documents: files on records, papers with their payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

# Parents before children.
TABLES = ("attachments_attachments",)


def upgrade() -> None:
    """Create the tables, then who may do what with them."""
    _attachments_attachments()
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)


def downgrade() -> None:
    """Drop everything, children before parents."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _attachments_attachments() -> None:
    op.create_table(
        "attachments_attachments",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("entity", sa.String(length=50), nullable=False),
        sa.Column("entity_id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=50), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("thumbnail_sha256", sa.String(length=64), nullable=True),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_attachments_attachments_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_attachments_attachments_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_attachments_attachments")),
    )
    for name, columns in (
        ("record", ["entity_id", "created_at", "id"]),
        ("vehicle", ["vehicle_id", "created_at", "id"]),
        ("hash", ["sha256"]),
        ("thumbnail", ["thumbnail_sha256"]),
    ):
        op.create_index(f"ix_attachments_attachments_{name}", "attachments_attachments", ["fleet_id", *columns])
    op.create_index(
        "ix_attachments_attachments_deleted",
        "attachments_attachments",
        ["fleet_id", "deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
