"""DDL that keeps facts immutable and fleets apart. Frozen: revisions rely on it; add, never change."""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op

__all__ = ["create_roles", "drop_guards", "grant", "grant_sequences", "grant_to_system", "immutable", "separate_fleets"]

APP, SYSTEM = "fleetcore_app", "fleetcore_system"


def on_postgresql() -> bool:
    """Say whether the revision runs on PostgreSQL."""
    return op.get_bind().dialect.name == "postgresql"


def create_roles() -> None:
    """Create the two roles the library acts as, neither superuser nor BYPASSRLS, unless they exist."""
    if not on_postgresql():
        return
    for role in (APP, SYSTEM):
        op.execute(f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$""")
        op.execute(f"GRANT {role} TO CURRENT_USER")
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        op.execute(f"GRANT SELECT ON alembic_version TO {role}")  # whoever opens the database looks at its version
    op.execute("""
        CREATE FUNCTION fleetcore_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% on % is refused: its rows never change', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$""")


def grant(table: str, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Give both roles *rights* on *table*."""
    if on_postgresql():
        op.execute(f"GRANT {rights} ON {table} TO {APP}, {SYSTEM}")


def grant_to_system(table: str, rights: str) -> None:
    """Give *rights* on *table* to the role for work across fleets alone: it is out of reach of operations."""
    if on_postgresql():
        op.execute(f"GRANT {rights} ON {table} TO {SYSTEM}")


def grant_sequences() -> None:
    """Let both roles draw from the sequences of the tables created so far."""
    if on_postgresql():
        op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}, {SYSTEM}")


def separate_fleets(tables: Iterable[str]) -> None:
    """Turn on row-level security: the app role sees one fleet's rows, the system role all of them."""
    if not on_postgresql():
        return
    own = "fleet_id = nullif(current_setting('fleetcore.fleet_id', true), '')::uuid"
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_own_fleet ON {table} TO {APP} USING ({own}) WITH CHECK ({own})")
        op.execute(f"CREATE POLICY {table}_system ON {table} TO {SYSTEM} USING (true) WITH CHECK (true)")


def immutable(table: str, *unique: tuple[str, ...]) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE of *table*, for every role.

    *unique* lists the table's keys: on SQLite, INSERT OR REPLACE would delete the row that a key holds.
    """
    if on_postgresql():
        for name, what, level in (("immutable", "UPDATE OR DELETE", "ROW"), ("no_truncate", "TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_{name} BEFORE {what} ON {table} "
                f"FOR EACH {level} EXECUTE FUNCTION fleetcore_refuse_change()"
            )
        return
    refuse = f"SELECT RAISE(ABORT, '{table}: its rows never change')"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END")
    for index, columns in enumerate(unique):
        same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace_{index} BEFORE INSERT ON {table} "  # noqa: S608 - our own names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse}; END"
        )
    op.execute(
        f"CREATE TRIGGER {table}_no_rowid BEFORE INSERT ON {table} "  # noqa: S608 - our own names
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid) BEGIN {refuse}; END"
    )


def drop_guards(tables: Iterable[str]) -> None:
    """Remove what the upgrade put on *tables*; dropping a table drops its own triggers and policies."""
    if on_postgresql():
        op.execute("DROP FUNCTION IF EXISTS fleetcore_refuse_change() CASCADE")
    for table in tables:
        op.drop_table(table)
