"""Reminders that records bring, reminders of persons' papers, expected costs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE, SOURCE_INDEX = "reminders_reminders", "uq_reminders_reminders_source"
FLEET_KEY, PERSON_KEY = "fk_reminders_reminders_fleet_id", "fk_reminders_reminders_person_id"


def upgrade() -> None:
    """Let a reminder come from a record and be about a person instead of a vehicle."""
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("vehicle_id", existing_type=types.Id(length=16), nullable=True)
        table.add_column(sa.Column("source", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("source_id", types.Id(length=16), nullable=True))
        table.add_column(sa.Column("person_id", types.Id(length=16), nullable=True))
        table.add_column(sa.Column("expected_minor", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("expected_currency", sa.String(length=3), nullable=True))
        table.create_foreign_key(op.f(PERSON_KEY), "people_users", ["person_id"], ["id"])
        table.create_foreign_key(op.f(FLEET_KEY), "people_fleets", ["fleet_id"], ["fleet_id"])
    op.create_index(
        SOURCE_INDEX,
        TABLE,
        ["fleet_id", "source", "source_id"],
        unique=True,
        sqlite_where=sa.text("source_id IS NOT NULL"),
        postgresql_where=sa.text("source_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Go back; reminders of persons are lost, as there is no vehicle to hold them."""
    op.execute(
        "DELETE FROM reminders_completions WHERE EXISTS (SELECT 1 FROM reminders_reminders AS r"
        " WHERE r.fleet_id = reminders_completions.fleet_id AND r.id = reminder_id AND r.vehicle_id IS NULL)"
    )
    op.execute("DELETE FROM reminders_reminders WHERE vehicle_id IS NULL")
    op.drop_index(SOURCE_INDEX, TABLE)
    with op.batch_alter_table(TABLE) as table:
        table.drop_constraint(op.f(FLEET_KEY), type_="foreignkey")
        table.drop_constraint(op.f(PERSON_KEY), type_="foreignkey")
        for column in ("expected_currency", "expected_minor", "person_id", "source_id", "source"):
            table.drop_column(column)
        table.alter_column("vehicle_id", existing_type=types.Id(length=16), nullable=False)
