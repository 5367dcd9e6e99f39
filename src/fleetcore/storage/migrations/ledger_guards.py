"""DDL that keeps the journal balanced, whole and unchanged. Frozen: revisions rely on it; add, never change.

The lines of an entry are numbered from 1 to its ``line_count``, which the entry's trigger checks together with
the sums. Their numbers are then taken, so a later line would have a higher one, which the trigger on lines refuses.
"""

from __future__ import annotations

from alembic import op

from .guards import immutable, on_postgresql

__all__ = ["drop_ledger_guards", "ledger_guards"]

ENTRIES, LINES = "ledger_journal_entries", "ledger_journal_lines"

# The sums run through the index of each entry's lines, whatever the planner believed when the plan was made:
# a plan from the days of an empty table would read the whole of a big one for every entry.
BALANCE_POSTGRESQL = f"""
CREATE FUNCTION ledger_check_entries() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off AS $$
DECLARE
    bad uuid;
BEGIN
    SELECT entry.id INTO bad
    FROM added AS entry CROSS JOIN LATERAL (
        SELECT count(*) AS lines, min(line.line_no) AS first, max(line.line_no) AS last,
            sum(line.amount_minor) AS total, min(line.currency) <> max(line.currency) AS is_mixed,
            bool_and(line.entry_date = entry.entry_date) AS is_dated
        FROM {LINES} AS line WHERE line.fleet_id = entry.fleet_id AND line.entry_id = entry.id
    ) AS sums
    WHERE sums.lines < 2 OR sums.lines <> entry.line_count OR sums.first <> 1 OR sums.last <> sums.lines
        OR sums.total <> 0 OR NOT sums.is_dated
        OR (sums.is_mixed AND EXISTS (
            SELECT FROM {LINES} AS line WHERE line.fleet_id = entry.fleet_id AND line.entry_id = entry.id
            GROUP BY line.currency HAVING sum(line.amount_minor) <> 0))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the journal entry % does not balance, or its lines are not those it was written with', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = '{ENTRIES}_balance';
    END IF;
    RETURN NULL;
END $$"""  # noqa: S608 - our own names
COMPLETE_POSTGRESQL = f"""
CREATE FUNCTION ledger_check_lines() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off AS $$
DECLARE
    bad uuid;
BEGIN
    SELECT line.entry_id INTO bad FROM added AS line
    WHERE line.line_no > (
        SELECT entry.line_count FROM {ENTRIES} AS entry
        WHERE entry.fleet_id = line.fleet_id AND entry.id = line.entry_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the journal entry % is complete: it takes no further line', bad
            USING ERRCODE = 'check_violation', CONSTRAINT = '{LINES}_complete';
    END IF;
    RETURN NULL;
END $$"""  # noqa: S608 - our own names
BALANCE_SQLITE = f"""
CREATE TRIGGER {ENTRIES}_balance AFTER INSERT ON {ENTRIES} BEGIN
    SELECT RAISE(ABORT, 'this journal entry does not balance, or its lines are not those it was written with')
    FROM (
        SELECT count(*) AS lines, min(line_no) AS first, max(line_no) AS last, sum(amount_minor) AS total,
            min(currency) <> max(currency) AS is_mixed, sum(entry_date <> NEW.entry_date) AS misdated
        FROM {LINES} WHERE fleet_id = NEW.fleet_id AND entry_id = NEW.id
    )
    WHERE lines < 2 OR lines <> NEW.line_count OR first <> 1 OR last <> lines OR total <> 0 OR misdated <> 0
        OR (is_mixed AND EXISTS (
            SELECT 1 FROM {LINES} WHERE fleet_id = NEW.fleet_id AND entry_id = NEW.id
            GROUP BY currency HAVING sum(amount_minor) <> 0));
END"""  # noqa: S608 - our own names
COMPLETE_SQLITE = f"""
CREATE TRIGGER {LINES}_complete BEFORE INSERT ON {LINES}
WHEN EXISTS (SELECT 1 FROM {ENTRIES} WHERE fleet_id = NEW.fleet_id AND id = NEW.entry_id) BEGIN
    SELECT RAISE(ABORT, 'this journal entry is complete: it takes no further line');
END"""  # noqa: S608 - our own names


def ledger_guards() -> None:
    """Guard both tables of the journal: unchanging, balanced, complete."""
    immutable(ENTRIES, ("fleet_id", "id"), ("fleet_id", "source", "source_id", "source_version"))
    immutable(LINES, ("fleet_id", "entry_id", "line_no"))
    if not on_postgresql():
        op.execute(BALANCE_SQLITE)
        op.execute(COMPLETE_SQLITE)
        return
    op.execute(BALANCE_POSTGRESQL)
    op.execute(COMPLETE_POSTGRESQL)
    for table, name, function in (
        (ENTRIES, "balance", "ledger_check_entries"),
        (LINES, "complete", "ledger_check_lines"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_{name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def drop_ledger_guards() -> None:
    """Remove what stays when the tables are dropped."""
    if on_postgresql():
        op.execute("DROP FUNCTION IF EXISTS ledger_check_entries() CASCADE")
        op.execute("DROP FUNCTION IF EXISTS ledger_check_lines() CASCADE")
