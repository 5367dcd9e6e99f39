"""Accounts, journal entries and the questions asked of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.sorting import sort_field

__all__ = [
    "PAID_FROM",
    "REVERSAL",
    "Account",
    "AccountType",
    "AddAccount",
    "CheckLedger",
    "CloseAccount",
    "Dimension",
    "ExportJournal",
    "GetAccount",
    "GetEntry",
    "JournalEntry",
    "JournalExport",
    "JournalFormat",
    "JournalLine",
    "LedgerCheck",
    "LedgerProblem",
    "LineSum",
    "ListAccounts",
    "ListEntries",
    "Posting",
    "RenameAccount",
    "SumLines",
    "TrialBalance",
    "TrialBalanceRow",
    "cost_lines",
]

REVERSAL = "ledger.reversal"  # the source of every reversal; its source id is the entry it reverses
PAID_FROM = "assets.bank"  # where money comes from when nobody says


class AccountType(StrEnum):
    """What an account is; the first part of its name says the same."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def root(self) -> str:
        """The first part of the names of all accounts of this type."""
        return _ROOTS[self]


_ROOTS = {
    AccountType.ASSET: "Assets",
    AccountType.LIABILITY: "Liabilities",
    AccountType.EQUITY: "Equity",
    AccountType.INCOME: "Income",
    AccountType.EXPENSE: "Expenses",
}


@frozen(kw_only=True)
class Account:
    """An account of a fleet: *code* and *type* stay, *name* ("Expenses:Fuel:Petrol") may change."""

    code: str
    name: str
    type: AccountType
    is_active: bool = True
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class JournalLine:
    """One account's part of an entry; a positive amount is a debit, a negative one a credit."""

    account_code: str
    amount: Money
    vehicle_id: UUID | None = None


@frozen(kw_only=True)
class Posting:
    """What an area asks the ledger to write for one version of one of its records.

    *entry_date* is a date in the fleet's time zone. Lines of zero say nothing and are left out.
    """

    entry_date: date
    description: str
    source: str
    source_id: UUID
    source_version: int = 1
    lines: tuple[JournalLine, ...]


@frozen(kw_only=True)
class JournalEntry:
    """An entry as it was accepted; *reverses_id* names the entry that a reversal mirrors."""

    id: UUID
    entry_date: date
    posted_at: datetime
    posted_by: UUID
    description: str
    source: str
    source_id: UUID
    source_version: int
    reverses_id: UUID | None = None
    lines: tuple[JournalLine, ...] = ()


def cost_lines(
    account_code: str, total: Money, vehicle_id: UUID | None, paid_from: str = PAID_FROM
) -> tuple[JournalLine, ...]:
    """Return the two lines of a cost of *total* on *account_code*, paid from another account."""
    return (
        JournalLine(account_code=account_code, amount=total, vehicle_id=vehicle_id),
        JournalLine(account_code=paid_from, amount=-total, vehicle_id=vehicle_id),
    )


@frozen(kw_only=True)
class AddAccount:
    """Add an account; *name* is a full path that begins with the type's root, such as "Expenses:Fuel:Wood"."""

    code: str
    name: str
    type: AccountType


@frozen(kw_only=True)
class RenameAccount:
    """Give an account another name; with *version*, only if nobody changed it meanwhile."""

    code: str
    name: str
    version: int | None = None


@frozen(kw_only=True)
class CloseAccount:
    """Take an account out of use; its entries stay, and corrections of them are still accepted."""

    code: str
    version: int | None = None


@frozen(kw_only=True)
class GetAccount:
    """Ask for one account of the chart."""

    code: str


@frozen(kw_only=True)
class ListAccounts:
    """Ask for the chart of accounts."""

    include_closed: bool = False


@frozen(kw_only=True)
class GetEntry:
    """Ask for one journal entry."""

    id: UUID


@frozen(kw_only=True)
class ListEntries:
    """Ask for journal entries, newest first; *since* and *until* are both included."""

    account_code: str | None = None
    vehicle_id: UUID | None = None
    source: str | None = None
    source_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""
    sort: str = sort_field("-entry_date", "entry_date")
    cursor: str | None = None
    limit: int = 50


@frozen(kw_only=True)
class TrialBalance:
    """Ask for the balance of every account; *since* and *as_of* are both included."""

    as_of: date | None = None
    since: date | None = None
    vehicle_id: UUID | None = None


@frozen(kw_only=True)
class TrialBalanceRow:
    """What one account holds in one currency; a positive balance is a debit."""

    account_code: str
    name: str
    type: AccountType
    balance: Money


class Dimension(StrEnum):
    """By what sums of lines may be grouped; the currency always is."""

    DAY = "day"
    MONTH = "month"
    ACCOUNT = "account"
    VEHICLE = "vehicle"


@frozen(kw_only=True)
class SumLines:
    """Ask for sums of lines by *by*; no *types* means accounts of every type.

    *vehicle_ids* narrows to the lines of these vehicles; *hide_removed* leaves out those of removed vehicles.
    """

    by: tuple[Dimension, ...]
    types: tuple[AccountType, ...] = ()
    since: date | None = None
    until: date | None = None
    vehicle_id: UUID | None = None
    vehicle_ids: frozenset[UUID] | None = None
    hide_removed: bool = False


@frozen(kw_only=True)
class LineSum:
    """The sum of some lines; dimensions that were not asked for are None. *month* is its first day."""

    amount: Money
    day: date | None = None
    month: date | None = None
    account_code: str | None = None
    vehicle_id: UUID | None = None


@frozen(kw_only=True)
class CheckLedger:
    """Ask whether the stored journal keeps every rule, recomputed from its rows."""


@frozen(kw_only=True)
class LedgerProblem:
    """One thing that is wrong with the stored journal; *entry_id* is None when it is about no single entry."""

    code: str
    message: str
    entry_id: UUID | None = None

    def __str__(self) -> str:
        return f"entry {self.entry_id}: {self.message}" if self.entry_id else self.message


@frozen(kw_only=True)
class LedgerCheck:
    """What was checked and what is wrong with it."""

    entries: int
    lines: int
    problems: tuple[LedgerProblem, ...] = field(default=())

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


class JournalFormat(StrEnum):
    """Programs that can read an export and check it on their own."""

    HLEDGER = "hledger"
    LEDGER = "ledger"
    BEANCOUNT = "beancount"


@frozen(kw_only=True)
class ExportJournal:
    """Ask for the whole journal as text for another program."""

    format: JournalFormat = JournalFormat.HLEDGER


@frozen(kw_only=True)
class JournalExport:
    """The journal as text for another program."""

    format: JournalFormat
    text: str
