"""The worker: jobs, schedules, the inbox of consumers, dead letters, and what periodic work looks for by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("jobs", "inbox", "dead_letters")


def upgrade() -> None:
    """Create the tables, then who may do what with them."""
    _jobs()
    _schedules()
    _inbox()
    _dead_letters()
    for table in TABLES:
        guards.grant(table)
    guards.separate_fleets(TABLES)
    guards.grant("schedules", "SELECT")
    if guards.on_postgresql():
        op.execute(f"GRANT INSERT, UPDATE ON schedules TO {guards.SYSTEM}")
    _periodic_indexes()


def downgrade() -> None:
    """Drop everything."""
    op.drop_index("ix_expenses_recurring_due", table_name="expenses_recurring")
    op.drop_index("ix_reminders_reminders_due", table_name="reminders_reminders")
    op.drop_index("ix_idempotency_keys_at", table_name="idempotency_keys")
    for table in ("dead_letters", "inbox", "schedules", "jobs"):
        op.drop_table(table)


def _index(name: str, table: str, columns: list[str], where: str | None = None, *, unique: bool = False) -> None:
    only = None if where is None else sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _periodic_indexes() -> None:
    """Index what is due in any fleet, so that looking for it costs by what is due."""
    _index("ix_idempotency_keys_at", "idempotency_keys", ["at"])
    _index(
        "ix_reminders_reminders_due", "reminders_reminders", ["next_look_on", "fleet_id"], "next_look_on IS NOT NULL"
    )
    _index("ix_expenses_recurring_due", "expenses_recurring", ["next_on", "fleet_id"], "next_on IS NOT NULL")


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("payload", types.Json(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("run_at", types.Instant(), nullable=False),
        sa.Column("next_at", types.Instant(), nullable=True),
        sa.Column("lease_id", types.Id(length=16), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("finished_at", types.Instant(), nullable=True),
        sa.Column("keep_until", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_jobs")),
    )
    _index("ix_jobs_due", "jobs", ["next_at"], "next_at IS NOT NULL")
    _index(
        "uq_jobs_open",
        "jobs",
        ["fleet_id", "kind", "dedupe_key"],
        "next_at IS NOT NULL AND dedupe_key IS NOT NULL",
        unique=True,
    )
    _index("ix_jobs_keep_until", "jobs", ["keep_until"], "keep_until IS NOT NULL")
    _index("ix_jobs_created", "jobs", ["fleet_id", "created_at", "id"])


def _schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("next_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedules")),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("event_id", types.Id(length=16), nullable=False),
        sa.Column("consumer", sa.String(length=80), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("next_at", types.Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("heard_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("fleet_id", "event_id", "consumer", name=op.f("pk_inbox")),
    )
    _index("ix_inbox_due", "inbox", ["next_at"], "next_at IS NOT NULL")
    _index("ix_inbox_lane", "inbox", ["fleet_id", "consumer", "lane", "position"], "next_at IS NOT NULL")


def _dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("consumer", sa.String(length=80), nullable=False),
        sa.Column("event_id", types.Id(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("actor_id", types.Id(length=16), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("correlation_id", sa.String(length=120), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("died_at", types.Instant(), nullable=False),
        sa.Column("replayed_at", types.Instant(), nullable=True),
        sa.Column("replayed_by", types.Id(length=16), nullable=True),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_dead_letters_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_dead_letters")),
    )
    _index("ix_dead_letters_died", "dead_letters", ["fleet_id", "died_at", "id"])
