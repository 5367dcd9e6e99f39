"""What is told after the chart of accounts was changed.

Entries tell nothing of their own: each is written in the transaction of the record it comes from, whose event tells.
"""

from __future__ import annotations

from attrs import frozen

from fleetcore.kernel.events import Event, event

__all__ = ["EVENTS", "AccountAdded", "AccountClosed", "AccountRenamed"]


@event("ledger.account_added", key="code")
@frozen(kw_only=True)
class AccountAdded(Event):
    """An account joined the chart."""

    code: str
    account_name: str


@event("ledger.account_renamed", key="code")
@frozen(kw_only=True)
class AccountRenamed(Event):
    """An account has another name."""

    code: str
    account_name: str


@event("ledger.account_closed", key="code")
@frozen(kw_only=True)
class AccountClosed(Event):
    """An account went out of use."""

    code: str


EVENTS: tuple[type[Event], ...] = (AccountAdded, AccountRenamed, AccountClosed)
