"""Where accounts and the journal are kept, and what they are asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey

from .model import Account, JournalEntry, LedgerCheck, LineSum, ListEntries, SumLines

__all__ = [
    "ACCOUNTS",
    "JOURNAL",
    "LEDGER_READS",
    "AccountStore",
    "JournalStore",
    "LedgerReads",
]


class AccountStore(Protocol):
    """The chart of accounts of one fleet."""

    def add(self, account: Account) -> None:
        """Store *account*; raises Conflict when its code or name is taken."""
        ...

    def add_missing(self, accounts: Sequence[Account]) -> None:
        """Store those of *accounts* whose code and name are free, in one statement."""
        ...

    def find(self, code: str) -> Account | None:
        """Return the account, or None."""
        ...

    def replace(self, account: Account, *, old_version: int) -> None:
        """Write *account* over its former version; raises Conflict when that has moved on or the name is taken."""
        ...

    def all(self) -> Sequence[Account]:
        """Return every account, open or closed, by name."""
        ...


class JournalStore(Protocol):
    """The append-only journal of one fleet."""

    def add(self, entry: JournalEntry) -> bool:
        """Append *entry*; returns False, and writes nothing, when its source version is posted already.

        Raises Rejected for an account that is not in the chart.
        """
        ...

    def add_many(self, entries: Sequence[JournalEntry]) -> bool:
        """Append all *entries*; returns False, and writes nothing, when any source version is posted already.

        Raises Rejected for an account that is not in the chart.
        """
        ...

    def posted(self, source: str, source_ids: Sequence[UUID]) -> Sequence[JournalEntry]:
        """Return the entries of all versions of those records, oldest first."""
        ...

    def live(self, source: str, source_id: UUID) -> JournalEntry | None:
        """Return the newest entry of the record that no reversal mirrors, or None."""
        ...

    def reverse_many(self, reversals: Sequence[tuple[UUID, UUID]], source: str, at: datetime, by: UUID) -> int:
        """Append the mirror of the live entries of the records of *source*; returns how many there were.

        *reversals* pairs each record's id with the id of the entry to be written.
        """
        ...

    def get(self, entry_id: UUID) -> JournalEntry:
        """Return the entry; raises NotFound."""
        ...


class LedgerReads(Protocol):
    """What is computed from the journal of one fleet; nothing is stored twice."""

    def page(self, wanted: ListEntries, after: Position | None, limit: int) -> Sequence[JournalEntry]:
        """Return up to *limit* entries, newest first, after the position of a former page."""
        ...

    def entries(self) -> Iterator[JournalEntry]:
        """Yield every entry by date and id, holding few of them in memory."""
        ...

    def currencies(self) -> Sequence[str]:
        """Return the currencies of the journal, sorted."""
        ...

    def sums(self, wanted: SumLines) -> Sequence[LineSum]:
        """Return sums of lines, in the order of the dimensions; sums of zero are left out."""
        ...

    def check(self) -> LedgerCheck:
        """Recompute every rule from the rows and return what is broken."""
        ...


ACCOUNTS: StoreKey[AccountStore] = StoreKey("ledger.accounts")
JOURNAL: StoreKey[JournalStore] = StoreKey("ledger.journal")
LEDGER_READS: StoreKey[LedgerReads] = StoreKey("ledger.reads")
