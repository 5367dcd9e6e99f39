"""The check of the journal finds what was changed with the guards taken away."""

from __future__ import annotations

import attrs
import pytest
from sqlalchemy import text

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.ledger.model import JournalEntry
from fleetcore.ledger.service import post, repost, reverse

from .words import a_posting, behind_its_back, check, within


def tamper(core: Core, url: str, *statements: str, **values: object) -> None:
    """Run *statements* with every trigger and foreign key switched off, and switch the triggers on again."""
    sqlite = core.database.dialect == "sqlite"
    bound = {name: getattr(value, "bytes", value) if sqlite else value for name, value in values.items()}
    with behind_its_back(url) as connection:
        triggers = []
        if sqlite:
            found = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledger_%'")
            )
            triggers = list(found)
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            used = {name: value for name, value in bound.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
        for _, sql in triggers:
            connection.exec_driver_sql(sql)


@pytest.fixture
def entry(core: Core, owner: Actor) -> JournalEntry:
    """An entry, with others around it."""
    other = a_posting("7 EUR")
    within(core, owner, lambda uow: post(uow, other))
    within(core, owner, lambda uow: reverse(uow, other.source, other.source_id))
    found = within(core, owner, lambda uow: post(uow, a_posting()))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        (
            "unbalanced",
            "UPDATE ledger_journal_lines SET amount_minor = amount_minor + 1 WHERE entry_id = :id AND line_no = 1",
        ),
        ("unbalanced", "UPDATE ledger_journal_lines SET currency = 'USD' WHERE entry_id = :id AND line_no = 1"),
        ("lines.missing", "DELETE FROM ledger_journal_lines WHERE entry_id = :id"),
        ("lines.count", "DELETE FROM ledger_journal_lines WHERE entry_id = :id AND line_no = 2"),
        ("lines.count", "UPDATE ledger_journal_lines SET line_no = 7 WHERE entry_id = :id AND line_no = 2"),
        ("lines.count", "UPDATE ledger_journal_entries SET line_count = 3 WHERE id = :id"),
        ("lines.date", "UPDATE ledger_journal_entries SET entry_date = '2026-03-09' WHERE id = :id"),
        (
            "lines.date",
            "UPDATE ledger_journal_lines SET entry_date = '2026-03-09' WHERE entry_id = :id AND line_no = 1",
        ),
        ("lines.orphaned", "DELETE FROM ledger_journal_entries WHERE id = :id"),
        (
            "lines.account",
            "UPDATE ledger_journal_lines SET account_code = 'expenses.yacht' WHERE entry_id = :id AND line_no = 1",
        ),
        ("lines.currency", "UPDATE ledger_journal_lines SET currency = 'XQX' WHERE entry_id = :id"),
    ],
)
def test_tampering_is_found_and_named(core: Core, owner: Actor, entry: JournalEntry, code: str, statement: str) -> None:
    """Each kind of change is reported with the entry that it hit."""
    assert check(core, owner).is_sound
    tamper(core, core.database.url, statement, id=entry.id)
    found = check(core, owner)

    assert (code, entry.id) in {(problem.code, problem.entry_id) for problem in found.problems}
    assert {entry.id} == {problem.entry_id for problem in found.problems}
    assert str(entry.id) in str(found.problems[0])


@pytest.mark.parametrize("minor", [0, 10**17, 2**63 - 1])
def test_impossible_amounts_are_found(core: Core, owner: Actor, entry: JournalEntry, minor: int) -> None:
    """Amounts that the columns' checks would refuse are reported, even those whose sums pass 64 bits."""
    if core.database.dialect == "postgresql":
        tamper(
            core, core.database.url, "ALTER TABLE ledger_journal_lines DROP CONSTRAINT ck_ledger_journal_lines_amount"
        )
    tamper(
        core,
        core.database.url,
        "UPDATE ledger_journal_lines SET amount_minor = :minor WHERE entry_id = :id",
        id=entry.id,
        minor=minor,
    )

    assert "lines.amount" in {problem.code for problem in check(core, owner).problems}


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        (
            "reversal.mirror",
            "UPDATE ledger_journal_lines SET amount_minor = amount_minor * 2 WHERE entry_id = :reversal",
        ),
        (
            "reversal.mirror",
            "UPDATE ledger_journal_lines SET account_code = 'expenses.toll' WHERE entry_id = :reversal AND line_no = 1",
        ),
        (
            "reversal.mirror",
            "UPDATE ledger_journal_lines SET vehicle_id = :other WHERE entry_id = :reversal AND line_no = 1",
        ),
        ("reversal.link", "DELETE FROM ledger_journal_entries WHERE id = :id"),
        (
            "reversal.link",
            "UPDATE ledger_journal_entries SET reverses_id = :reversal, source_id = :reversal WHERE id = :reversal",
        ),
    ],
)
def test_a_reversal_that_does_not_mirror_is_found(
    core: Core, owner: Actor, entry: JournalEntry, code: str, statement: str
) -> None:
    """A reversal must name another entry and mirror its lines."""
    reversal = within(core, owner, lambda uow: reverse(uow, entry.source, entry.source_id))
    assert reversal is not None
    tamper(core, core.database.url, statement, id=entry.id, reversal=reversal.id, other=new_id())

    assert (code, reversal.id) in {(problem.code, problem.entry_id) for problem in check(core, owner).problems}


def test_a_record_that_counts_twice_is_found(core: Core, owner: Actor) -> None:
    """Two live versions of one record are an error, also when an area forgot to reverse the older one."""
    posting = a_posting()
    first = within(core, owner, lambda uow: post(uow, posting))
    assert first is not None
    within(core, owner, lambda uow: post(uow, attrs.evolve(posting, source_version=2)))
    problems = check(core, owner).problems

    assert [("source.twice", first.id)] == [(problem.code, problem.entry_id) for problem in problems]


def test_a_missing_guard_is_found(core: Core, owner: Actor) -> None:
    """A trigger that was taken away or switched off is reported by name."""
    name = "ledger_journal_entries_balance"
    if core.database.dialect == "sqlite":
        attack = f"DROP TRIGGER {name}"
    else:
        attack = f"ALTER TABLE ledger_journal_entries DISABLE TRIGGER {name}"
    with behind_its_back(core.database.url) as connection:
        connection.exec_driver_sql(attack)
    found = check(core, owner)

    assert not found.is_sound
    assert [("guard.missing", None)] == [(problem.code, problem.entry_id) for problem in found.problems]
    assert name in str(found.problems[0])


def test_a_sound_journal_is_counted(core: Core, owner: Actor) -> None:
    """Nothing wrong: the check says how much it looked at, of this fleet alone."""
    within(core, core.create_fleet("Other"), lambda uow: post(uow, a_posting()))
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    within(core, owner, lambda uow: repost(uow, attrs.evolve(posting, source_version=2)))
    found = check(core, owner)

    assert found.is_sound
    assert (3, 6) == (found.entries, found.lines)
