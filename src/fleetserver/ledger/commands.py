"""``fleet ledger``: check, sum up and export the books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from fleetcore.kernel.money import Money
from fleetcore.ledger.model import (
    AccountType,
    CheckLedger,
    ExportJournal,
    JournalEntry,
    JournalFormat,
    ListAccounts,
    ListEntries,
    TrialBalance,
)
from fleetcore.ledger.queries import check_ledger, export_journal, list_accounts, list_entries, trial_balance
from fleetserver.cli.failures import FAILURE
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.lists import narrowed_by
from fleetserver.cli.picking import find_vehicle, short_id, some_of, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, choice_of, limit_option, rows_wanted, vehicle_option
from fleetserver.cli.tables import Column, table

__all__ = ["ledger"]

BALANCE_COLUMNS = (Column("Account", flexible=True), Column("Balance", right=True))
ENTRY_COLUMNS = (
    Column("Day"),
    Column("What", flexible=True, drop=2),
    Column("Debit", flexible=True),
    Column("Credit", flexible=True, drop=1),
    Column("Amount", right=True),
    Column("Id"),
)
FROM = click.option("--from", "since", metavar="DAY", help="From this day, month or year on.")
TO = click.option("--to", "until", metavar="DAY", help="Up to and including this day, month or year.")


@click.group("ledger", cls=FleetGroup)
def ledger() -> None:
    """Check, sum up and export the books."""


@ledger.command("check")
@click.pass_context
def check(ctx: click.Context) -> None:
    """Recompute every rule of the books from their rows; names each entry that breaks one, and fails."""
    session: Session = ctx.obj
    found = session.read(check_ledger, CheckLedger())

    def human() -> Iterator[str]:
        if found.is_sound:
            yield f"The books are sound: {found.entries:,} entries with {found.lines:,} lines balance."
            return
        yield f"The books are damaged: {len(found.problems)} problems in {found.entries:,} entries."
        for problem in found.problems:
            yield f"  {problem}"

    session.show(
        {"sound": found.is_sound, "entries": found.entries, "lines": found.lines, "problems": found.problems}, human
    )
    if not found.is_sound:
        ctx.exit(FAILURE)


@ledger.command("balances")
@vehicle_option()
@FROM
@TO
@pass_session
def balances(session: Session, *, vehicle: str | None, since: str | None, until: str | None) -> None:
    """Show the balance of every account per currency; debits are positive, and all sum to zero."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()
    rows = session.read(trial_balance, TrialBalance(as_of=last, since=first, vehicle_id=chosen.id if chosen else None))

    def human() -> Iterator[str]:
        if not rows:
            yield "The books are empty: nothing was bought, paid or earned yet."
            return
        totals = _sums(row.balance for row in rows)
        lines = [[row.name, session.display.money(row.balance)] for row in rows]
        lines += [["Sum", session.display.money(total)] for total in totals]
        yield from table(BALANCE_COLUMNS, lines, totals=len(totals))

    session.show({"balances": rows, "totals": _sums(row.balance for row in rows)}, human)


@ledger.command("entries")
@vehicle_option()
@click.option("--account", metavar="CODE", help="Only entries on this account, such as expenses.fuel.petrol.")
@FROM
@TO
@narrowed_by(ListEntries)
@limit_option()
@all_option()
@pass_session
def entries(
    session: Session, *, vehicle: str | None, account: str | None, since: str | None, until: str | None,
    limit: int | None, show_all: bool, narrowed: dict[str, Any],
) -> None:  # fmt: skip
    """List journal entries, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()

    def asked(cursor: str | None, most: int) -> ListEntries:
        return ListEntries(
            account_code=account,
            vehicle_id=chosen.id if chosen else None,
            since=first,
            until=last,
            **narrowed,
            cursor=cursor,
            limit=most,
        )

    found, more = some_of(
        lambda cursor, most: session.read(list_entries, asked(cursor, most)),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield "No entries."
            return
        yield from table(ENTRY_COLUMNS, [_entry_row(session, entry) for entry in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"entries": found}, human)


def _entry_row(session: Session, entry: JournalEntry) -> list[str]:
    debits = [line for line in entry.lines if line.amount.minor > 0]
    credits_ = [line for line in entry.lines if line.amount.minor < 0]
    return [
        str(entry.entry_date),
        ("reversal: " if entry.reverses_id else "") + entry.description,
        ", ".join(dict.fromkeys(line.account_code for line in debits)),
        ", ".join(dict.fromkeys(line.account_code for line in credits_)),
        session.display.moneys(_sums(line.amount for line in debits)),
        short_id(entry.id),
    ]


def _sums(amounts: Iterable[Money]) -> list[Money]:
    """Add up per currency."""
    sums: dict[str, int] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


@ledger.command("accounts")
@click.option("--closed", is_flag=True, help="With those that were taken out of use.")
@pass_session
def accounts(session: Session, *, closed: bool) -> None:
    """List the chart of accounts."""
    found = session.read(list_accounts, ListAccounts(include_closed=closed))
    columns = (Column("Account", flexible=True), Column("Code", flexible=True), Column("Type"), Column(""))

    def human() -> Iterator[str]:
        rows = [[each.name, each.code, AccountType(each.type), "" if each.is_active else "closed"] for each in found]
        yield from table(columns, rows)

    session.show({"accounts": found}, human)


@ledger.command("export")
@click.option(
    "--format", "form", type=choice_of(JournalFormat), default=JournalFormat.HLEDGER.value, show_default=True,
    help="The program that shall read it.",
)  # fmt: skip
@pass_session
def export(session: Session, *, form: str) -> None:
    """Write the whole journal on standard output, for another program to check.

    fleet ledger export --format hledger > fleet.journal && hledger -f fleet.journal check -s
    """
    made = session.read(export_journal, ExportJournal(format=JournalFormat(form)))
    session.show(made, lambda: [made.text.removesuffix("\n")])
