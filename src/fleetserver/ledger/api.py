"""Routes of the books."""

from __future__ import annotations

from fleetserver.web.routing import Route, read, resource

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    *resource(
        "/ledger/accounts",
        key="code",
        add="ledger.add_account",
        get="ledger.get_account",
        list_="ledger.list_accounts",
        edit="ledger.rename_account",
        delete="ledger.close_account",
    ),
    read("/ledger/entries", "ledger.list_entries"),
    read("/ledger/entries/{id}", "ledger.get_entry"),
    read("/ledger/trial-balance", "ledger.trial_balance"),
    read("/ledger/check", "ledger.check"),
    read("/ledger/export", "ledger.export"),
)
