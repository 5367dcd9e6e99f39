"""An imported log's books, judged by other people's programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ledger.test_judges import ask, bean_check, program

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.ledger.model import ExportJournal, JournalFormat
from fleetcore.ledger.queries import export_journal

from .logs import cost_line, fill_line, fuelio, imported

pytestmark = pytest.mark.judge
COSTS = [cost_line('Centre; "north"', "2026-01-03", 5, "4.50"), cost_line("Flowers", "2026-01-04", 99, "12.00")]
OURS = fuelio(fill_line("2026-01-01", 1000, 40, 60), fill_line("2026-01-15", 1500, 30, 45.01), costs=COSTS)


def exported(core: Core, actor: Actor, form: JournalFormat, folder: Path) -> Path:
    """Write the journal in *form* to a file."""
    path = folder / f"books.{form}"
    path.write_text(core.read(actor, export_journal, ExportJournal(format=form)).text, "utf-8")
    return path


def off_by_a_cent(path: Path) -> Path:
    """Write the journal again with one cent more on its first amount of 60.00."""
    changed = path.with_name(f"changed-{path.name}")
    text = path.read_text("utf-8")
    assert "60.00 EUR" in text
    changed.write_text(text.replace("60.00 EUR", "60.01 EUR", 1), "utf-8")
    return changed


def test_hledger_accepts_an_imported_log(core: Core, owner: Actor, tmp_path: Path) -> None:
    """``hledger check -s`` finds nothing, and refuses the same books with one cent more."""
    hledger = program("hledger")
    imported(core, owner, OURS)

    books = exported(core, owner, JournalFormat.HLEDGER, tmp_path)

    ask(hledger, "-f", str(books), "check", "-s")
    assert 0 != ask(hledger, "-f", str(off_by_a_cent(books)), "check", "-s", expected=None).returncode


def test_bean_check_accepts_an_imported_log(core: Core, owner: Actor, tmp_path: Path) -> None:
    """``bean-check`` finds nothing, and refuses the same books with one cent more."""
    judge = bean_check()
    imported(core, owner, OURS)

    books = exported(core, owner, JournalFormat.BEANCOUNT, tmp_path)

    ask(judge, str(books))
    assert 0 != ask(judge, str(off_by_a_cent(books)), expected=None).returncode


def test_balances_of_a_real_log_agree_to_the_cent(
    sqlite_core: Core, sqlite_owner: Actor, shared_data: Path, tmp_path: Path
) -> None:
    """The sums of an imported Fuelio log, taken by hledger, are what the file says was paid."""
    hledger = program("hledger")
    imported(sqlite_core, sqlite_owner, shared_data / "logs" / "fuelio_punto_cng_petrol.csv")

    books = exported(sqlite_core, sqlite_owner, JournalFormat.HLEDGER, tmp_path)

    ask(hledger, "-f", str(books), "check", "-s")
    sums = ask(hledger, "-f", str(books), "balance", "Expenses:Fuel", "--flat", "-N").stdout.split()
    assert {"6569.31", "1436.47"} == {word for word in sums if word.replace(".", "").isdigit()}
