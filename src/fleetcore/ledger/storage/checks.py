"""The check of the stored journal: every rule again, in SQL, from the rows alone.

It trusts nothing that the triggers should have seen to, so it finds what was changed behind their back.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection, bindparam, text

from fleetcore.kernel.money import currencies
from fleetcore.ledger.model import LedgerCheck, LedgerProblem
from fleetcore.storage.types import Id

__all__ = ["GUARDS", "check_journal"]

PROBLEMS_MAX = 1000  # of each kind; nobody reads more of them
BILLION = 1_000_000_000

# Each statement selects entry_id and what the message says of it. Sums are taken in two halves because SQLite's
# own sum stops at 64 bits, which a tampered amount may pass.
_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "lines.missing",
        "has no lines",
        """SELECT e.id AS entry_id FROM ledger_journal_entries e WHERE e.fleet_id = :fleet AND NOT EXISTS
        (SELECT 1 FROM ledger_journal_lines l WHERE l.fleet_id = e.fleet_id AND l.entry_id = e.id)""",
    ),
    (
        "lines.count",
        "was written with another number of lines than it has now, or their numbers have gaps",
        """SELECT e.id AS entry_id FROM ledger_journal_entries e
        JOIN ledger_journal_lines l ON l.fleet_id = e.fleet_id AND l.entry_id = e.id
        WHERE e.fleet_id = :fleet GROUP BY e.id, e.line_count
        HAVING count(*) <> e.line_count OR min(l.line_no) <> 1 OR max(l.line_no) <> e.line_count OR e.line_count < 2""",
    ),
    (
        "lines.date",
        "has a line of another date than its own",
        """SELECT DISTINCT e.id AS entry_id FROM ledger_journal_entries e
        JOIN ledger_journal_lines l ON l.fleet_id = e.fleet_id AND l.entry_id = e.id
        WHERE e.fleet_id = :fleet AND l.entry_date <> e.entry_date""",
    ),
    (
        "lines.orphaned",
        "is not there, but lines of it are",
        """SELECT DISTINCT l.entry_id AS entry_id FROM ledger_journal_lines l WHERE l.fleet_id = :fleet AND NOT EXISTS
        (SELECT 1 FROM ledger_journal_entries e WHERE e.fleet_id = l.fleet_id AND e.id = l.entry_id)""",
    ),
    (
        "lines.account",
        "has a line on an account that is not in the chart",
        """SELECT DISTINCT l.entry_id AS entry_id FROM ledger_journal_lines l WHERE l.fleet_id = :fleet AND NOT EXISTS
        (SELECT 1 FROM ledger_accounts a WHERE a.fleet_id = l.fleet_id AND a.code = l.account_code)""",
    ),
    (
        "lines.amount",
        "has a line of zero or of an impossible amount",
        """SELECT DISTINCT l.entry_id AS entry_id FROM ledger_journal_lines l WHERE l.fleet_id = :fleet
        AND (l.amount_minor = 0 OR l.amount_minor NOT BETWEEN -99999999999999999 AND 99999999999999999)""",
    ),
    (
        "unbalanced",
        "does not balance: its debits and credits differ",
        f"""SELECT DISTINCT entry_id FROM (SELECT l.entry_id, l.currency FROM ledger_journal_lines l
        WHERE l.fleet_id = :fleet GROUP BY l.entry_id, l.currency
        HAVING sum(l.amount_minor / {BILLION}) * {BILLION} + sum(l.amount_minor % {BILLION}) <> 0) AS unequal""",  # noqa: S608 - a number of our own
    ),
    (
        "reversal.link",
        "is a reversal that names no entry, or another one than it reverses",
        """SELECT e.id AS entry_id FROM ledger_journal_entries e WHERE e.fleet_id = :fleet
        AND (e.source = 'ledger.reversal' OR e.reverses_id IS NOT NULL)
        AND (e.source <> 'ledger.reversal' OR e.reverses_id IS NULL OR e.reverses_id <> e.source_id
        OR e.source_version <> 1 OR NOT EXISTS (SELECT 1 FROM ledger_journal_entries o
        WHERE o.fleet_id = e.fleet_id AND o.id = e.reverses_id AND o.source <> 'ledger.reversal'))""",
    ),
    (
        "reversal.mirror",
        "is a reversal that does not mirror the lines of what it reverses",
        """SELECT DISTINCT r.id AS entry_id FROM ledger_journal_entries r
        JOIN ledger_journal_entries e ON e.fleet_id = r.fleet_id AND e.id = r.reverses_id
        JOIN ledger_journal_lines l ON l.fleet_id = r.fleet_id AND l.entry_id = r.id
        LEFT JOIN ledger_journal_lines o
        ON o.fleet_id = r.fleet_id AND o.entry_id = r.reverses_id AND o.line_no = l.line_no
        WHERE r.fleet_id = :fleet AND (r.line_count <> e.line_count OR o.entry_id IS NULL
        OR o.amount_minor <> -l.amount_minor OR o.account_code <> l.account_code OR o.currency <> l.currency
        OR o.vehicle_id IS DISTINCT FROM l.vehicle_id)""",
    ),
    (
        "source.twice",
        "is of a record of which another version is also live, so it counts twice",
        """SELECT e.id AS entry_id FROM ledger_journal_entries e
        WHERE e.fleet_id = :fleet AND e.source <> 'ledger.reversal'
        AND NOT EXISTS (SELECT 1 FROM ledger_journal_entries r WHERE r.fleet_id = e.fleet_id
        AND r.source = 'ledger.reversal' AND r.source_id = e.id)
        AND EXISTS (SELECT 1 FROM ledger_journal_entries f WHERE f.fleet_id = e.fleet_id AND f.source = e.source
        AND f.source_id = e.source_id AND f.source_version > e.source_version
        AND NOT EXISTS (SELECT 1 FROM ledger_journal_entries r WHERE r.fleet_id = f.fleet_id
        AND r.source = 'ledger.reversal' AND r.source_id = f.id))""",
    ),
)
_CHECKS = tuple(
    (
        code,
        message,
        text(f"{sql} ORDER BY 1 LIMIT {PROBLEMS_MAX}").bindparams(bindparam("fleet", type_=Id)).columns(entry_id=Id),
    )
    for code, message, sql in _RULES
)
_CURRENCIES = text("SELECT DISTINCT currency FROM ledger_journal_lines WHERE fleet_id = :fleet").bindparams(
    bindparam("fleet", type_=Id)
)
_IN_CURRENCY = (
    text(
        "SELECT DISTINCT entry_id FROM ledger_journal_lines "
        "WHERE fleet_id = :fleet AND currency = :currency ORDER BY 1 LIMIT 1000"
    )
    .bindparams(bindparam("fleet", type_=Id))
    .columns(entry_id=Id)
)
_ENTRY_COUNT = text("SELECT count(*) FROM ledger_journal_entries WHERE fleet_id = :fleet").bindparams(
    bindparam("fleet", type_=Id)
)
_LINE_COUNT = text("SELECT count(*) FROM ledger_journal_lines WHERE fleet_id = :fleet").bindparams(
    bindparam("fleet", type_=Id)
)

GUARDS = {
    "postgresql": (
        "ledger_journal_entries_balance",
        "ledger_journal_entries_immutable",
        "ledger_journal_entries_no_truncate",
        "ledger_journal_lines_complete",
        "ledger_journal_lines_immutable",
        "ledger_journal_lines_no_truncate",
    ),
    "sqlite": (
        "ledger_journal_entries_balance",
        "ledger_journal_entries_no_delete",
        "ledger_journal_entries_no_replace_0",
        "ledger_journal_entries_no_replace_1",
        "ledger_journal_entries_no_update",
        "ledger_journal_lines_complete",
        "ledger_journal_lines_no_delete",
        "ledger_journal_lines_no_replace_0",
        "ledger_journal_lines_no_update",
    ),
}
_PRESENT_GUARDS = {
    "postgresql": text(
        "SELECT tgname FROM pg_trigger WHERE tgrelid IN "
        "('ledger_journal_entries'::regclass, 'ledger_journal_lines'::regclass) AND tgenabled IN ('O', 'A')"
    ),
    "sqlite": text(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN "
        "('ledger_journal_entries', 'ledger_journal_lines')"
    ),
}


def check_journal(connection: Connection, fleet_id: UUID) -> LedgerCheck:
    """Recompute every rule of the fleet's journal and return what is broken."""
    keys = {"fleet": fleet_id}
    return LedgerCheck(
        entries=connection.execute(_ENTRY_COUNT, keys).scalar_one(),
        lines=connection.execute(_LINE_COUNT, keys).scalar_one(),
        problems=(*_missing_guards(connection), *_broken_rules(connection, fleet_id)),
    )


def _missing_guards(connection: Connection) -> Iterator[LedgerProblem]:
    dialect = connection.dialect.name
    present = set(connection.execute(_PRESENT_GUARDS[dialect]).scalars())
    for name in GUARDS[dialect]:
        if name not in present:
            yield LedgerProblem(
                code="guard.missing",
                message=f"the trigger {name} is gone or switched off, which keeps the journal as it is",
            )


def _broken_rules(connection: Connection, fleet_id: UUID) -> Iterator[LedgerProblem]:
    keys = {"fleet": fleet_id}
    for code, message, statement in _CHECKS:
        for entry_id in connection.execute(statement, keys).scalars():
            yield LedgerProblem(code=code, message=message, entry_id=entry_id)
    for currency in sorted(set(connection.execute(_CURRENCIES, keys).scalars()) - currencies().keys()):
        message = f"has a line in {currency!r}, which is not an ISO 4217 currency"
        for entry_id in connection.execute(_IN_CURRENCY, {**keys, "currency": currency}).scalars():
            yield LedgerProblem(code="lines.currency", message=message, entry_id=entry_id)
