"""Questions to the ledger. All of them need the whole fleet: the books are not divided among drivers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.paging import PAGE_LIMIT_MAX, Page, decode_cursor, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.operations import always, query

from .exports import render
from .model import (
    Account,
    CheckLedger,
    Dimension,
    ExportJournal,
    GetAccount,
    GetEntry,
    JournalEntry,
    JournalExport,
    JournalFormat,
    LedgerCheck,
    LineSum,
    ListAccounts,
    ListEntries,
    SumLines,
    TrialBalance,
    TrialBalanceRow,
)
from .ports import ACCOUNTS, JOURNAL, LEDGER_READS

__all__ = [
    "check_ledger",
    "export_chunks",
    "export_journal",
    "get_account",
    "get_entry",
    "list_accounts",
    "list_entries",
    "sum_lines",
    "trial_balance",
]

READ = "ledger.read"


@query("ledger.get_account", permission=READ)
def get_account(uow: UnitOfWork, command: GetAccount) -> Account:
    """Return one account of the chart, open or closed. Raises NotFound."""
    _require_books(uow)
    if (account := uow[ACCOUNTS].find(command.code)) is None:
        raise NotFound("account", command.code)
    return account


@query("ledger.list_accounts", permission=READ)
def list_accounts(uow: UnitOfWork, command: ListAccounts) -> tuple[Account, ...]:
    """List the chart of accounts by name."""
    _require_books(uow)
    return tuple(account for account in uow[ACCOUNTS].all() if account.is_active or command.include_closed)


@query("ledger.get_entry", permission=READ)
def get_entry(uow: UnitOfWork, command: GetEntry) -> JournalEntry:
    """Return one journal entry with its lines."""
    _require_books(uow)
    return uow[JOURNAL].get(command.id)


@query("ledger.list_entries", permission=READ)
def list_entries(uow: UnitOfWork, command: ListEntries) -> Page[JournalEntry]:
    """List journal entries, newest first, narrowed by account, vehicle, source or dates."""
    _require_books(uow)
    if not 1 <= command.limit <= PAGE_LIMIT_MAX:
        raise Rejected.because("limit", f"must be between 1 and {PAGE_LIMIT_MAX}")
    rows = uow[LEDGER_READS].page(command, decode_cursor(command), command.limit + 1)
    return page_of(rows, command.limit, position_by(command.sort, {"entry_date": attrgetter("entry_date")}), command)


@query("ledger.trial_balance", permission=READ, snapshot=True)
def trial_balance(uow: UnitOfWork, command: TrialBalance) -> tuple[TrialBalanceRow, ...]:
    """Return the balance of every account in every currency, by name; per currency they sum to zero.

    With a vehicle, only its lines count; those sum to zero too, because both sides of a cost carry it.
    """
    _require_books(uow)
    wanted = SumLines(by=(Dimension.ACCOUNT,), since=command.since, until=command.as_of, vehicle_id=command.vehicle_id)
    named = {account.code: account for account in uow[ACCOUNTS].all()}
    rows = [_row(named[str(found.account_code)], found) for found in uow[LEDGER_READS].sums(wanted)]
    return tuple(sorted(rows, key=lambda row: (row.name, row.balance.currency)))


def sum_lines(uow: UnitOfWork, wanted: SumLines) -> Sequence[LineSum]:
    """Return sums of lines for another area's report, which has asked for its own permission."""
    return uow[LEDGER_READS].sums(wanted)


@query("ledger.check", permission=READ, snapshot=True)
def check_ledger(uow: UnitOfWork, command: CheckLedger) -> LedgerCheck:  # noqa: ARG001 - there is nothing to choose
    """Recompute every rule of the journal from its rows and name each entry that breaks one."""
    _require_books(uow)
    return uow[LEDGER_READS].check()


@query("ledger.export", permission=READ, snapshot=True, sensitive=always)
def export_journal(uow: UnitOfWork, command: ExportJournal) -> JournalExport:
    """Return the whole journal as text for hledger, ledger-cli or beancount, which can check it on their own."""
    return JournalExport(format=command.format, text="".join(export_chunks(uow, command.format)))


def export_chunks(uow: UnitOfWork, journal_format: JournalFormat) -> Iterator[str]:
    """Yield the text of an export piece by piece, for journals that should not be held in memory."""
    _require_books(uow)
    reads = uow[LEDGER_READS]
    return render(journal_format, uow[ACCOUNTS].all(), reads.currencies(), reads.entries())


def _require_books(uow: UnitOfWork) -> None:
    if uow.actor.require(READ) is not Scope.ALL:
        raise Forbidden(f"this needs the permission {READ} for the whole fleet")


def _row(account: Account, found: LineSum) -> TrialBalanceRow:
    return TrialBalanceRow(account_code=account.code, name=account.name, type=account.type, balance=found.amount)
