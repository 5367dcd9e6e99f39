"""The tables of the ledger. Entries and lines are append-only, which triggers see to on both engines."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
)

from fleetcore.storage.types import Id, Instant, fleet_table

__all__ = ["accounts", "entries", "lines"]

accounts = fleet_table(
    "ledger_accounts",
    Column("code", String(80)),
    Column("name", String(200), nullable=False),
    Column("type", String(10), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("fleet_id", "name"),
    key=("code",),
)

entries = fleet_table(
    "ledger_journal_entries",
    Column("entry_date", Date, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("posted_by", Id, nullable=False),
    Column("description", String(500), nullable=False),
    Column("source", String(80), nullable=False),
    Column("source_id", Id, nullable=False),
    Column("source_version", Integer, nullable=False),
    Column("reverses_id", Id),
    Column("line_count", SmallInteger, nullable=False),
    UniqueConstraint(
        "fleet_id", "source", "source_id", "source_version", name="uq_ledger_journal_entries_source_version"
    ),
    ForeignKeyConstraint(
        ["fleet_id", "reverses_id"],
        ["ledger_journal_entries.fleet_id", "ledger_journal_entries.id"],
        name="fk_ledger_journal_entries_reverses",
    ),
    CheckConstraint("line_count >= 2", name="two_lines"),
    CheckConstraint(
        "(source = 'ledger.reversal') = (reverses_id IS NOT NULL) AND (reverses_id IS NULL OR reverses_id = source_id)",
        name="reversal",
    ),
)
Index("ix_ledger_journal_entries_date", entries.c.fleet_id, entries.c.entry_date, entries.c.id)

# Lines are written before their entry, so that the entry's trigger finds them: hence the deferred key.
lines = fleet_table(
    "ledger_journal_lines",
    Column("entry_id", Id),
    Column("line_no", SmallInteger),
    Column("entry_date", Date, nullable=False),
    Column("account_code", String(80), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("vehicle_id", Id),
    ForeignKeyConstraint(
        ["fleet_id", "entry_id"],
        ["ledger_journal_entries.fleet_id", "ledger_journal_entries.id"],
        name="fk_ledger_journal_lines_entry",
        deferrable=True,
        initially="DEFERRED",
    ),
    ForeignKeyConstraint(
        ["fleet_id", "account_code"],
        ["ledger_accounts.fleet_id", "ledger_accounts.code"],
        name="fk_ledger_journal_lines_account",
    ),
    CheckConstraint("line_no >= 1", name="line_no"),
    CheckConstraint(
        "amount_minor <> 0 AND amount_minor > -100000000000000000 AND amount_minor < 100000000000000000",
        name="amount",
    ),
    key=("entry_id", "line_no"),
    in_fleet=False,  # its entry is
)
# Two covering indexes answer every report from the index alone: by account (and so by type), and by vehicle.
Index(
    "ix_ledger_journal_lines_account",
    lines.c.fleet_id,
    lines.c.account_code,
    lines.c.entry_date,
    lines.c.currency,
    lines.c.vehicle_id,
    lines.c.amount_minor,
)
Index(
    "ix_ledger_journal_lines_vehicle",
    lines.c.fleet_id,
    lines.c.vehicle_id,
    lines.c.entry_date,
    lines.c.account_code,
    lines.c.currency,
    lines.c.amount_minor,
)
