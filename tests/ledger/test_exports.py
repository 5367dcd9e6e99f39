"""The exported text, as far as it can be judged without another program."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.ledger.exports import account_from_beancount, account_in_beancount, render
from fleetcore.ledger.model import Account, AccountType, ExportJournal, JournalEntry, JournalFormat, cost_lines
from fleetcore.ledger.queries import export_journal
from fleetcore.ledger.service import post_many

from .words import PETROL, a_posting, within

NOW, USER = datetime(2026, 6, 1, tzinfo=UTC), new_id()
PARTS = st.text(min_size=1, max_size=12).filter(lambda text: ":" not in text and "\0" not in text)


def account(code: str, name: str, kind: AccountType) -> Account:
    """Make an account."""
    made = {"created_at": NOW, "created_by": USER, "updated_at": NOW, "updated_by": USER}
    return Account(code=code, name=name, type=kind, **made)


ACCOUNTS = (
    account("assets.bank", "Assets:Bank", AccountType.ASSET),
    account(PETROL, "Expenses:Fuel:Petrol & öl", AccountType.EXPENSE),
)


def an_entry(description: str = "Fill", vehicle: bool = True) -> JournalEntry:
    """Make an entry."""
    return JournalEntry(
        id=new_id(),
        entry_date=date(2026, 3, 10),
        posted_at=NOW,
        posted_by=USER,
        description=description,
        source="fuel.fill",
        source_id=new_id(),
        source_version=1,
        lines=cost_lines(PETROL, Money(6709, "EUR"), new_id() if vehicle else None),
    )


@given(st.lists(PARTS, min_size=1, max_size=4))
def test_account_names_survive_beancount(parts: list[str]) -> None:
    """Any name has a form that beancount accepts and that leads back to the name."""
    name = ":".join(parts)
    written = account_in_beancount(name)

    assert all(part[0].isascii() and part[0].isupper() for part in written.split(":"))
    assert all(c.isascii() and (c.isalnum() or c in "-:") for c in written)
    assert name == account_from_beancount(written)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Expenses:Fuel:Petrol", "Expenses:Fuel:Petrol"),
        ("Expenses:Ice cream", "Expenses:Ice--cream"),
        ("Expenses:Öl", "Expenses:X-0--d6-l"),
        ("Expenses:car-wash", "Expenses:X-0-car-2d-wash"),
    ],
)
def test_plain_names_stay_readable(name: str, written: str) -> None:
    """Only what beancount refuses is written otherwise."""
    assert written == account_in_beancount(name)


def test_an_entry_for_hledger() -> None:
    """Accounts with types, commodities with a decimal mark, and the source of each entry."""
    entry = an_entry(vehicle=False)
    text = "".join(render(JournalFormat.HLEDGER, ACCOUNTS, ["EUR", "JPY", "KWD"], [entry]))

    assert text == (
        "; journal exported by fleetcore for hledger\n"
        "decimal-mark .\n"
        "commodity 1000.00 EUR\n"
        "commodity 1000. JPY\n"
        "commodity 1000.000 KWD\n"
        "account Assets:Bank  ; type: A\n"
        "account Expenses:Fuel:Petrol & öl  ; type: X\n"
        "\n"
        "2026-03-10 * (fuel.fill) Fill\n"
        f"    ; entry: {entry.id}\n"
        "    ; source: fuel.fill\n"
        f"    ; source-id: {entry.source_id}\n"
        "    ; source-version: 1\n"
        "    Expenses:Fuel:Petrol & öl  67.09 EUR\n"
        "    Assets:Bank  -67.09 EUR\n"
    )


def test_an_entry_for_beancount() -> None:
    """Accounts are opened on the first day, and their names kept as metadata."""
    entry = an_entry('say "hi"\\')
    text = "".join(render(JournalFormat.BEANCOUNT, ACCOUNTS, ["EUR"], [entry]))

    assert "2026-03-10 open Expenses:Fuel:Petrol---26----f6-l\n" in text
    assert 'name: "Expenses:Fuel:Petrol & öl"' in text
    assert '2026-03-10 * "say \\"hi\\"\\\\"\n' in text
    assert f'    vehicle: "{entry.lines[0].vehicle_id}"\n' in text


@pytest.mark.parametrize("journal_format", list(JournalFormat))
def test_entries_are_read_one_by_one(journal_format: JournalFormat) -> None:
    """The first entries are written before the last are read, so a long journal needs little memory."""
    read = []

    def entries() -> object:
        for number in range(100):
            read.append(number)
            yield an_entry()

    chunks = render(journal_format, ACCOUNTS, ["EUR"], entries())
    while "Fill" not in next(chunks):
        pass

    assert 2 >= len(read)


@pytest.mark.parametrize("journal_format", list(JournalFormat))
def test_a_description_stays_on_its_line(journal_format: JournalFormat) -> None:
    """No description can begin a line, a comment or a status of its own."""
    wild = "* (x) a\n    Assets:Bank  5 EUR\r\n; b | c\u2028d\x85e"
    text = "".join(render(journal_format, ACCOUNTS, ["EUR"], [an_entry(wild)]))
    [heading] = [row for row in text.split("\n") if "(x) a" in row]

    assert "c d e" in heading
    if journal_format is not JournalFormat.BEANCOUNT:
        assert not {";", "|"} & set(heading)


@pytest.mark.parametrize("journal_format", list(JournalFormat))
def test_a_stored_journal_is_exported_whole(core: Core, owner: Actor, journal_format: JournalFormat) -> None:
    """More entries than one batch holds are all in the text, by date."""
    postings = [a_posting(entry_date=date(2026, 1, 1 + number % 28)) for number in range(1234)]
    within(core, owner, lambda uow: post_many(uow, postings))
    export = core.read(owner, export_journal, ExportJournal(format=journal_format))
    days = [row[:10] for row in export.text.split("\n") if " * " in row]

    assert 1234 == len(days)
    assert sorted(days) == days
    assert all(str(posting.source_id) in export.text for posting in postings)


@pytest.mark.parametrize("journal_format", list(JournalFormat))
def test_an_empty_journal_is_exported(sqlite_core: Core, sqlite_owner: Actor, journal_format: JournalFormat) -> None:
    """A fleet without entries has its accounts in the text."""
    export = sqlite_core.read(sqlite_owner, export_journal, ExportJournal(format=journal_format))

    assert "Expenses:Fuel:Petrol" in export.text
