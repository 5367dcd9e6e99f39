"""DDL that keeps PostgreSQL's planner informed during bulk writes. Frozen: revisions rely on it; add, never change."""

from __future__ import annotations

from alembic import op

from .guards import on_postgresql

__all__ = ["create_statistics_function", "drop_statistics_function"]


def create_statistics_function() -> None:
    """Create the function by which bulk inserts ask for statistics; it runs as the tables' owner.

    Every index begins with fleet_id, so a planner that knows nothing of a table takes any of them for every
    look-up, also for foreign keys and triggers, and keeps that plan: each row of an import into a fresh database
    would read all rows before it. Autovacuum would come a minute late. A table is analysed when it has more
    than doubled since the last time, and not while another transaction is at it.
    """
    if on_postgresql():
        op.execute("""
            CREATE FUNCTION fleetcore_refresh_statistics(tables text[]) RETURNS void
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            DECLARE
                grown regclass;
            BEGIN
                FOR grown IN
                    SELECT known.oid FROM pg_class AS known JOIN unnest(tables) AS name ON known.oid = name::regclass
                    WHERE pg_relation_size(known.oid) > (2 * known.relpages + 8) * current_setting('block_size')::bigint
                LOOP
                    EXECUTE format('ANALYZE (SKIP_LOCKED) %s', grown);
                END LOOP;
            END $$""")


def drop_statistics_function() -> None:
    """Remove the function again."""
    if on_postgresql():
        op.execute("DROP FUNCTION IF EXISTS fleetcore_refresh_statistics(text[])")
