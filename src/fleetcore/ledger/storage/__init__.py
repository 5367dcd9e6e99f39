"""The tables of accounts and journal, and the stores over them."""

from __future__ import annotations

from .accounts import SqlAccountStore
from .journal import SqlJournalStore
from .reads import SqlLedgerReads
from .tables import accounts, entries, lines

__all__ = ["SqlAccountStore", "SqlJournalStore", "SqlLedgerReads", "accounts", "entries", "lines"]
