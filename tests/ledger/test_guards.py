"""The database itself keeps the journal: attacks on its rows as the tables' owner, past all of the library's code."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.ledger.model import JournalEntry
from fleetcore.ledger.service import post

from .words import a_posting, balances, check, execute, within

REFUSALS = "never change|complete|does not balance|refused|restrict|permission|constraint|FOREIGN KEY"
TABLES = ("ledger_journal_entries", "ledger_journal_lines")


@pytest.fixture
def entry(core: Core, owner: Actor) -> JournalEntry:
    """An entry that was accepted before the attack."""
    found = within(core, owner, lambda uow: post(uow, a_posting()))
    assert found is not None
    return found


def literal(core: Core, value: UUID) -> str:
    """Write an id as the engine's SQL does."""
    return f"X'{value.hex}'" if core.database.dialect == "sqlite" else f"'{value}'"


def a_line(core: Core, owner: Actor, entry_id: UUID, number: int, minor: int, **changes: str) -> str:
    """Write the insertion of a line."""
    code, currency = changes.get("code", "assets.bank"), changes.get("currency", "EUR")
    verb, day = changes.get("verb", "INSERT"), changes.get("day", "2026-03-10")
    keys = f"{literal(core, owner.fleet_id)}, {literal(core, entry_id)}"
    return (
        f"{verb} INTO ledger_journal_lines "
        "(fleet_id, entry_id, line_no, entry_date, account_code, amount_minor, currency) "
        f"VALUES ({keys}, {number}, '{day}', '{code}', {minor}, '{currency}')"
    )


def an_entry(core: Core, owner: Actor, entry_id: UUID, *, verb: str = "INSERT", source_id: UUID | None = None) -> str:
    """Write the insertion of an entry."""
    at = "0" if core.database.dialect == "sqlite" else "now()"
    return (
        f"{verb} INTO ledger_journal_entries (fleet_id, id, entry_date, posted_at, posted_by, description, source, "
        "source_id, source_version, line_count) VALUES "
        f"({literal(core, owner.fleet_id)}, {literal(core, entry_id)}, '2026-03-10', {at}, "
        f"{literal(core, owner.user_id)}, '', 'fuel.fill', {literal(core, source_id or new_id())}, 1, 2)"
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE {table} SET entry_date = '2020-01-01'",
        "UPDATE {table} SET entry_date = entry_date",
        "DELETE FROM {table}",
    ],
)
def test_a_row_refuses_to_change(core: Core, owner: Actor, entry: JournalEntry, table: str, attack: str) -> None:
    """UPDATE and DELETE are refused on both tables."""
    before = balances(core, owner)

    with pytest.raises(DBAPIError, match=REFUSALS):
        execute(core.database.url, attack.format(table=table))
    assert before == balances(core, owner)


@pytest.mark.postgres
@pytest.mark.parametrize("tables", [*TABLES, ", ".join(TABLES), "ledger_journal_entries CASCADE"])
def test_tables_refuse_truncation(postgres_url: str, tables: str) -> None:
    """TRUNCATE is refused on PostgreSQL; SQLite has none."""
    with pytest.raises(DBAPIError, match=r"TRUNCATE on ledger_journal_.* is refused|cannot truncate"):
        execute(postgres_url, f"TRUNCATE {tables}")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "attack", ["UPDATE ledger_journal_lines SET currency = 'USD'", "DELETE FROM ledger_journal_entries"]
)
def test_the_role_of_the_library_has_no_right_to_change_rows(postgres_url: str, attack: str) -> None:
    """Before any trigger, the role lacks the privilege."""
    with pytest.raises(DBAPIError, match="permission denied"):
        execute(postgres_url, "SET ROLE fleetcore_app", attack)


def test_replacing_a_row_is_refused(core: Core, owner: Actor, entry: JournalEntry) -> None:
    """INSERT OR REPLACE and upserts cannot put a row in another's place, not even without recursive triggers."""
    if core.database.dialect == "sqlite":
        attacks = [
            a_line(core, owner, entry.id, 1, 1, verb="INSERT OR REPLACE"),
            an_entry(core, owner, entry.id, verb="INSERT OR REPLACE"),
            an_entry(core, owner, new_id(), verb="REPLACE", source_id=entry.source_id),
        ]
    else:
        upsert = "ON CONFLICT (fleet_id, entry_id, line_no) DO UPDATE SET amount_minor = 1"
        attacks = [a_line(core, owner, entry.id, 1, 1) + upsert]

    for attack in attacks:
        with pytest.raises(DBAPIError, match=REFUSALS):
            execute(core.database.url, attack)
    assert check(core, owner).is_sound


@pytest.mark.parametrize("number", [0, 1, 3, 4])
def test_a_known_entry_takes_no_further_line(core: Core, owner: Actor, entry: JournalEntry, number: int) -> None:
    """A line cannot be added to an entry that is there, whatever number it gets."""
    with pytest.raises(DBAPIError, match=REFUSALS):
        execute(core.database.url, a_line(core, owner, entry.id, number, 5))


def test_a_known_entry_takes_no_balanced_pair_either(core: Core, owner: Actor, entry: JournalEntry) -> None:
    """Two more lines that cancel out are refused as well."""
    with pytest.raises(DBAPIError, match="complete"):
        execute(core.database.url, a_line(core, owner, entry.id, 3, 5), a_line(core, owner, entry.id, 4, -5))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [(1, 5, {})],
        [(1, 5, {}), (2, -4, {})],
        [(1, 5, {}), (2, -5, {"currency": "USD"})],
        [(1, 5, {}), (2, -5, {"day": "2026-03-11"})],
        [(1, 5, {}), (3, -5, {})],
        [(1, 5, {}), (2, -5, {}), (3, 1, {}), (4, -1, {})],
        [(1, 0, {}), (2, 0, {})],
        [(1, 5, {}), (2, -5, {"code": "expenses.yacht"})],
        [(1, 10**17, {}), (2, -(10**17), {})],
    ],
    ids=["none", "one", "unbalanced", "currencies", "dates", "gap", "more", "zero", "account", "huge"],
)
def test_an_entry_with_wrong_lines_is_refused(
    core: Core, owner: Actor, lines: list[tuple[int, int, dict[str, str]]]
) -> None:
    """The database refuses an entry whose lines do not balance, do not match it or cannot be."""
    entry_id = new_id()
    keys = ["PRAGMA foreign_keys = ON"] if core.database.dialect == "sqlite" else []
    written = [a_line(core, owner, entry_id, number, minor, **changes) for number, minor, changes in lines]

    with pytest.raises(DBAPIError, match=f"{REFUSALS}|overflow"):
        execute(core.database.url, *keys, *written, an_entry(core, owner, entry_id))
    assert {} == balances(core, owner)


def test_lines_without_an_entry_are_refused(core: Core, owner: Actor) -> None:
    """Lines may come first, but at the end of the transaction their entry must be there."""
    keys = ["PRAGMA foreign_keys = ON"] if core.database.dialect == "sqlite" else []
    pair = a_line(core, owner, entry_id := new_id(), 1, 5), a_line(core, owner, entry_id, 2, -5)

    with pytest.raises(DBAPIError, match=r"FOREIGN KEY|fk_ledger_journal_lines_entry"):
        execute(core.database.url, *keys, *pair)


def test_the_same_rows_by_hand_are_accepted(core: Core, owner: Actor) -> None:
    """The attacks above fail for their fault alone: without it, rows by hand are an entry."""
    entry_id = new_id()
    execute(
        core.database.url,
        a_line(core, owner, entry_id, 1, 5, code="expenses.toll"),
        a_line(core, owner, entry_id, 2, -5),
        an_entry(core, owner, entry_id),
    )

    assert {"expenses.toll": "0.05 EUR", "assets.bank": "-0.05 EUR"} == balances(core, owner)
    assert check(core, owner).is_sound


def test_a_transaction_that_fails_leaves_nothing(core: Core, owner: Actor) -> None:
    """What was posted in a unit of work that fails later is not there."""

    def work(uow: object) -> None:
        post(uow, a_posting())
        raise RuntimeError("later")

    with pytest.raises(RuntimeError, match="later"):
        within(core, owner, work)
    assert {} == balances(core, owner)
