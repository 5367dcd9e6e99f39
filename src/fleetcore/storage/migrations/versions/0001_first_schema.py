"""The first schema."""

from __future__ import annotations

from alembic import context, op

from fleetcore.storage.migrations import guards, ledger_guards, statistics

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GLOBAL = {"people_users"}


def upgrade() -> None:
    """Create every table, then the guards."""
    import fleetcore.core  # noqa: F401

    metadata = context.config.attributes["metadata"]
    guards.create_roles()
    metadata.create_all(op.get_bind())
    immutable = {"ledger_journal_entries", "ledger_journal_lines", "vehicles_readings", "audit_log"}
    for table in metadata.sorted_tables:
        guards.grant(table.name, "SELECT, INSERT" if table.name in immutable else "SELECT, INSERT, UPDATE, DELETE")
    guards.grant_sequences()
    guards.separate_fleets(table.name for table in metadata.sorted_tables if table.name not in GLOBAL)
    guards.immutable("vehicles_readings", ("fleet_id", "id"), ("fleet_id", "voids"))
    guards.immutable("audit_log", ("fleet_id", "id"))
    ledger_guards.ledger_guards()
    statistics.create_statistics_function()
