"""Accounts in a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict
from fleetcore.ledger.model import Account, AccountType

from .tables import accounts

__all__ = ["SqlAccountStore"]

_names = tuple(attribute.name for attribute in attrs.fields(Account))
_in_fleet = accounts.c.fleet_id == bindparam("in_fleet")
_this = _in_fleet & (accounts.c.code == bindparam("by_code"))
_insert = insert(accounts)
_insert_missing = {
    "postgresql": postgresql_insert(accounts).on_conflict_do_nothing(),
    "sqlite": sqlite_insert(accounts).on_conflict_do_nothing(),
}
_select = select(*(accounts.c[name] for name in _names))
_by_code = _select.where(_this)
_all = _select.where(_in_fleet).order_by(accounts.c.name)
_changing = ("name", "is_active", "updated_at", "updated_by", "version")
_update = (
    update(accounts)
    .where(_this & (accounts.c.version == bindparam("old_version")))
    .values({name: bindparam(f"new_{name}") for name in _changing})
)


@attrs.frozen
class SqlAccountStore:
    """The chart of accounts of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, account: Account) -> None:
        """Store *account*; raises Conflict when its code or name is taken."""
        try:
            self.connection.execute(_insert, self._row(account))
        except IntegrityError as error:
            raise Conflict(
                f"there is already an account with the code {account.code} or the name {account.name}"
            ) from error

    def add_missing(self, accounts: Sequence[Account]) -> None:
        """Store those of *accounts* whose code and name are free."""
        if accounts:
            statement = _insert_missing[self.connection.dialect.name]
            self.connection.execute(statement, [self._row(account) for account in accounts])

    def find(self, code: str) -> Account | None:
        """Return the account, or None."""
        keys = {"in_fleet": self.fleet_id, "by_code": code}
        row = self.connection.execute(_by_code, keys).mappings().first()
        return None if row is None else _account(row)

    def replace(self, account: Account, *, old_version: int) -> None:
        """Write *account* over its former version."""
        keys = {"in_fleet": self.fleet_id, "by_code": account.code, "old_version": old_version}
        values = {f"new_{name}": getattr(account, name) for name in _changing}
        try:
            result = self.connection.execute(_update, keys | values)
        except IntegrityError as error:
            raise Conflict(f"there is already an account with the name {account.name}") from error
        if result.rowcount == 0:
            raise Conflict(
                f"the account {account.code} was changed by someone else meanwhile: "
                "read it again, then repeat your change"
            )

    def all(self) -> Sequence[Account]:
        """Return every account by name."""
        return [_account(row) for row in self.connection.execute(_all, {"in_fleet": self.fleet_id}).mappings()]

    def _row(self, account: Account) -> dict[str, Any]:
        return {"fleet_id": self.fleet_id} | {name: getattr(account, name) for name in _names}


def _account(row: RowMapping) -> Account:
    return Account(**{**row, "type": AccountType(row["type"])})
