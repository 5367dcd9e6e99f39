"""Attachments and documents: files on records, papers with their payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Parents before children.
TABLES = ("attachments_attachments", "documents_documents", "documents_payments")


def upgrade() -> None:
    """Create the tables, then who may do what with them."""
    _attachments_attachments()
    _documents_documents()
    _documents_payments()
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


def _documents_documents() -> None:
    op.create_table(
        "documents_documents",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=True),
        sa.Column("person_id", types.Id(length=16), nullable=True),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("cover", sa.String(length=20), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("schedule", sa.String(length=20), nullable=True),
        sa.Column("excess_minor", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("until_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("start_odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("allowed_distance_m", sa.BigInteger(), nullable=True),
        sa.Column("allowance", sa.String(length=20), nullable=True),
        sa.Column("excess_fee_micros", sa.BigInteger(), nullable=True),
        sa.Column("classes", types.Json(), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("remind", sa.Boolean(), nullable=False),
        sa.Column("renews_id", types.Id(length=16), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("next_payment_on", sa.Date(), nullable=True),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "renews_id"],
            ["documents_documents.fleet_id", "documents_documents.id"],
            name=op.f("fk_documents_documents_fleet_id_renews_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_documents_documents_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_documents_documents_fleet_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_users.id"], name=op.f("fk_documents_documents_person_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_documents_documents")),
    )
    for name, columns in (
        ("at", ["created_at", "id"]),
        ("vehicle", ["vehicle_id", "created_at", "id"]),
        ("end", ["ends_on", "id"]),
    ):
        op.create_index(f"ix_documents_documents_{name}", "documents_documents", ["fleet_id", *columns])
    op.create_index(
        "ix_documents_documents_payment",
        "documents_documents",
        ["fleet_id", "next_payment_on"],
        unique=False,
        sqlite_where=sa.text("next_payment_on IS NOT NULL"),
        postgresql_where=sa.text("next_payment_on IS NOT NULL"),
    )
    op.create_index(
        "ix_documents_documents_due",
        "documents_documents",
        ["next_payment_on", "fleet_id"],
        unique=False,
        sqlite_where=sa.text("next_payment_on IS NOT NULL"),
        postgresql_where=sa.text("next_payment_on IS NOT NULL"),
    )
    op.create_index(
        "uq_documents_documents_renews",
        "documents_documents",
        ["fleet_id", "renews_id"],
        unique=True,
        sqlite_where=sa.text("renews_id IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("renews_id IS NOT NULL AND deleted_at IS NULL"),
    )


def _documents_payments() -> None:
    op.create_table(
        "documents_payments",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("document_id", types.Id(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "document_id"],
            ["documents_documents.fleet_id", "documents_documents.id"],
            name=op.f("fk_documents_payments_fleet_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_documents_payments_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_documents_payments")),
    )
    op.create_index(
        "uq_documents_payments_number", "documents_payments", ["fleet_id", "document_id", "number"], unique=True
    )
