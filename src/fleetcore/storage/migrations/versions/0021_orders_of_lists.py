"""Indexes for the orders in which lists are asked for."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_fuel_fills_total", "fuel_fills", "total_minor"),
    ("ix_expenses_expenses_amount", "expenses_expenses", "amount_minor"),
    ("ix_maintenance_services_total", "maintenance_services", "total_minor"),
    ("ix_reminders_reminders_at", "reminders_reminders", "created_at"),
    ("ix_vehicles_vehicles_name", "vehicles_vehicles", "name"),
)


def upgrade() -> None:
    """Make the indexes: within a fleet by the value, then by id."""
    for name, table, column in INDEXES:
        op.create_index(name, table, ["fleet_id", column, "id"])


def downgrade() -> None:
    """Drop the indexes."""
    for name, table, _column in reversed(INDEXES):
        op.drop_index(name, table_name=table)
