"""The chart of accounts: founded with the fleet, extended, renamed, closed."""

from __future__ import annotations

from uuid import UUID, uuid5

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation
from fleetcore.people.events import FleetFounded

from .chart import standard_chart
from .events import AccountAdded, AccountClosed, AccountRenamed
from .model import Account, AccountType, AddAccount, CloseAccount, RenameAccount
from .ports import ACCOUNTS
from .rules import check_account, check_name, clean_name, unused_name

__all__ = [
    "add_account",
    "close_account",
    "ensure_account",
    "ensure_chart",
    "ensure_chart_for",
    "rename_account",
]

POST = "ledger.post"


def ensure_chart(uow: UnitOfWork) -> None:
    """Give the fleet the accounts that every fleet begins with, where they are missing."""
    uow[ACCOUNTS].add_missing([_made(uow, account) for account in standard_chart()])


def ensure_chart_for(uow: UnitOfWork, event: FleetFounded) -> None:  # noqa: ARG001 - the unit of work is the fleet's
    """Give a new fleet its chart."""
    ensure_chart(uow)


def ensure_account(uow: UnitOfWork, code: str, name: str, kind: AccountType) -> Account:
    """Return the account *code*, adding it as *name* when there is none.

    For areas that bring accounts of their own, such as one per category of expenses: what people typed as
    *name* is made to fit, and gets a number behind it when another account has it.
    """
    if (found := uow[ACCOUNTS].find(code)) is not None:
        return found
    taken = (account.name for account in uow[ACCOUNTS].all())
    return _add(uow, AddAccount(code=code, name=unused_name(clean_name(name, kind), taken), type=kind))


def _require_books(uow: UnitOfWork) -> None:
    """Raise Forbidden unless the actor keeps the books of the whole fleet: it has one chart of accounts."""
    if uow.actor.require(POST) is not Scope.ALL:
        raise Forbidden(f"this needs the permission {POST} for the whole fleet")


@operation("ledger.add_account", permission=POST)
def add_account(uow: UnitOfWork, command: AddAccount) -> Account:
    """Add an account to the chart.

    Raises Rejected with every problem, Conflict when its code or name is taken.
    """
    _require_books(uow)
    return _add(uow, command)


@operation("ledger.rename_account", permission=POST)
def rename_account(uow: UnitOfWork, command: RenameAccount) -> Account:
    """Give an account another name; what was posted shows under the new one.

    Raises Rejected with every problem, NotFound, Conflict for a stale version or a taken name.
    """
    _require_books(uow)
    before = _present(uow, command.code, command.version)
    reject_if_any(check_name(command.name, before.type))
    after = _save(uow, before, attrs.evolve(before, name=command.name))
    uow.emit(AccountRenamed(code=after.code, account_name=after.name))
    return after


@operation("ledger.close_account", permission=POST)
def close_account(uow: UnitOfWork, command: CloseAccount) -> Account:
    """Take an account out of use: it is no longer offered, while its entries and their corrections stay.

    Raises NotFound, Conflict for a stale version.
    """
    _require_books(uow)
    before = _present(uow, command.code, command.version)
    if not before.is_active:
        return before
    after = _save(uow, before, attrs.evolve(before, is_active=False))
    uow.emit(AccountClosed(code=after.code))
    return after


def _add(uow: UnitOfWork, command: AddAccount) -> Account:
    reject_if_any(check_account(command.code, command.name, command.type))
    account = _made(uow, command)
    uow[ACCOUNTS].add(account)
    uow.record_change("ledger.account", _audit_id(uow, account.code), None, account)
    uow.emit(AccountAdded(code=account.code, account_name=account.name))
    return account


def _made(uow: UnitOfWork, command: AddAccount) -> Account:
    now, user = uow.now, uow.actor.user_id
    return Account(
        code=command.code,
        name=command.name,
        type=command.type,
        created_at=now,
        created_by=user,
        updated_at=now,
        updated_by=user,
    )


def _present(uow: UnitOfWork, code: str, version: int | None) -> Account:
    if (account := uow[ACCOUNTS].find(code)) is None:
        raise NotFound("account", code)
    if version is not None and version != account.version:
        raise Conflict(
            f"the account {code} was changed by someone else meanwhile: read it again, then repeat your change"
        )
    return account


def _save(uow: UnitOfWork, before: Account, after: Account) -> Account:
    """Store *after* as the next version of *before*, with the audit row."""
    after = attrs.evolve(after, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1)
    uow[ACCOUNTS].replace(after, old_version=before.version)
    uow.record_change("ledger.account", _audit_id(uow, before.code), before, after)
    return after


def _audit_id(uow: UnitOfWork, code: str) -> UUID:
    """Return the id under which the audit log knows the account: accounts have codes, the log has ids."""
    return uuid5(uow.fleet_id, code)
