"""What the ledger brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.people.events import FleetFounded

from .accounts import add_account, close_account, ensure_chart_for, rename_account
from .events import EVENTS
from .ports import ACCOUNTS, JOURNAL, LEDGER_READS
from .queries import (
    check_ledger,
    export_journal,
    get_account,
    get_entry,
    list_accounts,
    list_entries,
    trial_balance,
)
from .storage import SqlAccountStore, SqlJournalStore, SqlLedgerReads

__all__ = ["AREA"]

AREA = Area(
    name="ledger",
    stores={ACCOUNTS: SqlAccountStore, JOURNAL: SqlJournalStore, LEDGER_READS: SqlLedgerReads},
    operations=(
        add_account,
        rename_account,
        close_account,
        get_account,
        list_accounts,
        list_entries,
        get_entry,
        trial_balance,
        check_ledger,
        export_journal,
    ),
    events=EVENTS,
    reactions={FleetFounded: ensure_chart_for},
)
