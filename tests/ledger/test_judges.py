"""Other people's programs read our export and agree with our balances to the cent."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.accounts import ensure_account
from fleetcore.ledger.exports import account_in_beancount
from fleetcore.ledger.model import AccountType, ExportJournal, JournalFormat, TrialBalance, cost_lines
from fleetcore.ledger.queries import export_journal, trial_balance
from fleetcore.ledger.service import post, post_many, repost, reverse_many

from .words import BANK, PETROL, TOLL, a_posting, line, within

pytestmark = pytest.mark.judge
WILD = [
    '"',
    "'",
    ";",
    "|",
    "\\",
    "a ; b | c",
    "* x",
    "! y",
    "(code) z",
    "#tag ^link",
    "=2026-01-01",
    "äöü 漢字 🚗",
    "\n\t",
    "%s {0}",
    "a  b",
    "",
]
Held = dict[tuple[str, str], Decimal]


def program(name: str, *beside_python: str) -> str:
    """Return the path of a program, or skip the test, saying where it was looked for."""
    for candidate in beside_python:
        if (path := Path(sys.executable).with_name(candidate)).exists():
            return str(path)
    if (found := shutil.which(name)) is None:
        pytest.skip(f"the program {name} is not on PATH, so its judgement is not heard")
    return found


def bean_check() -> str:
    """Return the path of bean-check, which FLEET_BEAN_CHECK may name."""
    return os.environ.get("FLEET_BEAN_CHECK") or program("bean-check", "bean-check")


def ask(*command: str, expected: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run a program in UTF-8 and return what it says."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "LEDGER_FILE": "/dev/null"}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, encoding="utf-8")
    if expected is not None:
        assert expected == run.returncode, run.stdout + run.stderr
    return run


@pytest.fixture
def books(core: Core, owner: Actor) -> Core:
    """A journal with everything an export must carry: currencies, vehicles, wild text, edits and reversals."""

    def work(uow: UnitOfWork) -> None:
        own = ensure_account(uow, "expenses.own.ice", "Öl & Eis (süß) 50%", AccountType.EXPENSE).code
        postings = [
            a_posting(
                f"{number + 1}.{number:02d} EUR", entry_date=date(2026, 1 + number % 12, 1 + number), description=text
            )
            for number, text in enumerate(WILD)
        ]
        postings += [a_posting("1500 JPY"), a_posting("12.345 KWD"), a_posting("-3.10 EUR", description="refund")]
        postings += [a_posting(lines=cost_lines(own, line(own, "0.01 USD").amount, new_id()))]
        postings += [
            a_posting(lines=(line(TOLL, "7 CHF"), line(PETROL, "5 EUR"), line(BANK, "-7 CHF"), line(BANK, "-5 EUR")))
        ]
        post_many(uow, postings)
        repost(uow, attrs.evolve(postings[0], source_version=2, lines=a_posting("99.99 EUR").lines))
        reverse_many(uow, "fuel.fill", [posting.source_id for posting in postings[3:6]])
        post(uow, a_posting("99999999999999.99 EUR"))

    within(core, owner, work)
    return core


def held(core: Core, actor: Actor) -> Held:
    """Return our own balances by account name and currency."""
    rows = core.read(actor, trial_balance, TrialBalance())
    return {(row.name, row.balance.currency): row.balance.amount for row in rows}


def exported(core: Core, actor: Actor, journal_format: JournalFormat, folder: Path) -> Path:
    """Write the export to a file."""
    path = folder / f"journal.{journal_format}"
    text = core.read(actor, export_journal, ExportJournal(format=journal_format)).text
    path.write_text(text, "utf-8", newline="\n")
    return path


def amounts(text: str) -> list[tuple[Decimal, str]]:
    """Read amounts such as "5.00 EUR, -3 JPY"."""
    found = re.findall(r"(-?\d+(?:\.\d*)?) ([A-Z]{3})", text)
    return [(Decimal(number), currency) for number, currency in found]


def a_cent_off(path: Path) -> Path:
    """Write the export again with one cent more in one line."""
    text = path.read_text("utf-8")
    changed = path.with_name("mutated" + path.suffix)
    assert "99.99 EUR" in text
    changed.write_text(text.replace("  99.99 EUR", "  100.00 EUR", 1), "utf-8")
    return changed


def test_hledger_agrees(books: Core, owner: Actor, tmp_path: Path) -> None:
    """Hledger's strict check passes, its balances are ours, and one cent more is refused."""
    hledger = program("hledger")
    path = exported(books, owner, JournalFormat.HLEDGER, tmp_path)
    ask(hledger, "-f", str(path), "check", "-s")
    said = ask(hledger, "-f", str(path), "bal", "--flat", "--no-total", "-O", "csv", "-N").stdout
    theirs: Held = {}
    for row in csv.reader(io.StringIO(said)):
        theirs |= {(row[0], currency): amount for amount, currency in amounts(row[1]) if row[0] != "account"}

    assert held(books, owner) == theirs
    assert 0 != ask(hledger, "-f", str(a_cent_off(path)), "check", "-s", expected=None).returncode


def test_hledger_knows_the_types(books: Core, owner: Actor, tmp_path: Path) -> None:
    """Accounts are declared with their type, so hledger's income statement holds the costs."""
    hledger = program("hledger")
    path = exported(books, owner, JournalFormat.HLEDGER, tmp_path)
    said = ask(hledger, "-f", str(path), "bal", "type:x", "--flat", "--no-total", "-O", "csv").stdout

    assert "Expenses:Toll" in said
    assert "Assets" not in said


def test_ledger_agrees(books: Core, owner: Actor, tmp_path: Path) -> None:
    """ledger-cli in its pedantic mode accepts the export, and its balances are ours."""
    ledger = program("ledger")
    path = exported(books, owner, JournalFormat.LEDGER, tmp_path)
    form = "%(account)\t%(quoted(scrub(amount)))\n"
    said = ask(ledger, "--args-only", "--strict", "--pedantic", "-f", str(path), "reg", "--register-format", form)
    theirs: Held = defaultdict(Decimal)
    for row in said.stdout.splitlines():
        name, text = row.split("\t")
        for amount, currency in amounts(text):
            theirs[name, currency] += amount

    assert held(books, owner) == {key: total for key, total in theirs.items() if total}
    assert "Warning" not in said.stderr
    assert 0 != ask(ledger, "--args-only", "-f", str(a_cent_off(path)), "bal", expected=None).returncode


def test_beancount_agrees(books: Core, owner: Actor, tmp_path: Path) -> None:
    """bean-check accepts the export with our balances as assertions, and refuses one cent more in either."""
    check = bean_check()
    path = exported(books, owner, JournalFormat.BEANCOUNT, tmp_path)
    ask(check, "--no-cache", str(path))
    asserted = path.with_name("asserted.beancount")
    assertions = [
        f"2027-01-01 balance {account_in_beancount(name)}  {amount} {currency}\n"
        for (name, currency), amount in held(books, owner).items()
    ]
    asserted.write_text(path.read_text("utf-8") + "\n" + "".join(assertions), "utf-8")
    ask(check, "--no-cache", str(asserted))

    assert 0 != ask(check, "--no-cache", str(a_cent_off(path)), expected=None).returncode
    wrong = path.with_name("wrong.beancount")
    wrong.write_text(asserted.read_text("utf-8").replace("  1500 JPY", "  1501 JPY"), "utf-8")
    assert 0 != ask(check, "--no-cache", str(wrong), expected=None).returncode
