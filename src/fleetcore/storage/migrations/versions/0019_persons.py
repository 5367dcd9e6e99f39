"""E-mails that nobody has proven yet; and words of a person can be erased from rows that otherwise never change.

The log of changes and the readings stay as they are but for one thing: personal words give way to nothing, in the log
with the time at which they did. The ledger holds no such words, and nothing of it changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

USERS, AUDIT, READINGS = "people_users", "audit_log", "vehicles_readings"
SYSTEM = "fleetcore_system"
ERASED = "[erased]"
AUDIT_KEPT = ("fleet_id", "id", "at", "actor_id", "operation", "entity", "entity_id", "correlation_id")
READING_KEPT = (
    *(
        "fleet_id",
        "id",
        "vehicle_id",
        "meter",
        "at",
        "kind",
        "value",
        "value_before",
        "source",
        "source_id",
        "is_override",
    ),
    *("voids", "recorded_at", "recorded_by"),
)


def upgrade() -> None:
    """Add the columns, and let the guards through what erases."""
    op.add_column(USERS, sa.Column("is_email_unproven", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(AUDIT, sa.Column("erased_at", types.Instant(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_postgresql() -> None:
    audit = (
        "NEW.erased_at IS NOT NULL AND (NEW.address IS NULL OR NEW.address = OLD.address)"
        " AND (NEW.before IS NULL) = (OLD.before IS NULL) AND (NEW.after IS NULL) = (OLD.after IS NULL)"
    )
    for table, words, condition in (
        (AUDIT, ("before", "after", "address", "erased_at"), audit),
        (READINGS, ("note",), f"NEW.note = '{ERASED}'"),
    ):
        named = ", ".join(f"'{word}'" for word in words)
        op.execute(f"""
            CREATE FUNCTION fleetcore_erase_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF to_jsonb(NEW) - ARRAY[{named}] = to_jsonb(OLD) - ARRAY[{named}] AND {condition} THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE EXCEPTION '% on % is refused: its rows never change', TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation';
            END $$""")
        op.execute(f"DROP TRIGGER {table}_immutable ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION fleetcore_erase_{table}()"
        )
        op.execute(f"GRANT UPDATE ({', '.join(words)}) ON {table} TO {SYSTEM}")


def _guard_sqlite() -> None:
    audit = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in AUDIT_KEPT)
    audit += (
        " AND NEW.erased_at IS NOT NULL AND (NEW.address IS NULL OR NEW.address IS OLD.address)"
        ' AND (NEW."before" IS NULL) = (OLD."before" IS NULL) AND (NEW."after" IS NULL) = (OLD."after" IS NULL)'
    )
    reading = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in READING_KEPT) + f" AND NEW.note = '{ERASED}'"
    for table, condition in ((AUDIT, audit), (READINGS, reading)):
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({condition}) "
            f"BEGIN SELECT RAISE(ABORT, '{table}: its rows never change'); END"
        )


def downgrade() -> None:
    """Put the guards back as they were, and drop the columns."""
    for table, words in ((AUDIT, "before, after, address, erased_at"), (READINGS, "note")):
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"REVOKE UPDATE ({words}) ON {table} FROM {SYSTEM}")
            op.execute(f"DROP TRIGGER {table}_immutable ON {table}")
            op.execute(f"DROP FUNCTION fleetcore_erase_{table}()")
            op.execute(
                f"CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION fleetcore_refuse_change()"
            )
        else:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: its rows never change'); END"
            )
    op.drop_column(AUDIT, "erased_at")
    op.drop_column(USERS, "is_email_unproven")
