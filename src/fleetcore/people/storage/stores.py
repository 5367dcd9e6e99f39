"""The stores of the people area, each for one fleet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.paging import Position
from fleetcore.people.commands import ListMembers
from fleetcore.people.model import CustomRole, Fleet, ListedMember, Member, User
from fleetcore.people.rules import email_key
from fleetcore.storage.ordering import narrowed, with_text
from fleetcore.storage.rows import Rows

from . import statements as sql
from .rows import (
    fleet_from_row,
    fleet_to_row,
    listed_from_row,
    member_from_row,
    member_to_row,
    role_from_row,
    role_to_row,
    user_from_row,
    user_to_row,
)
from .tables import people_roles, people_users

__all__ = ["SqlFleetStore", "SqlMemberStore", "SqlRoleStore", "SqlUserStore"]

_ROLES = Rows("role", people_roles, role_to_row, role_from_row)


def _new(row: dict[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in row.items()}


def _expect_one(rows: int, what: str) -> None:
    if rows == 0:
        raise Conflict(f"the {what} was changed by someone else meanwhile: read it again, then repeat your change")


def _taken(user: User, error: IntegrityError) -> Conflict:
    if "email" in str(error.orig):
        return Conflict(f"the e-mail {user.email} belongs to another user")
    return Conflict(f"there is a user {user.id} already")


@attrs.define
class SqlFleetStore:
    """The fleet of a unit of work, in a database; remembered once it was read."""

    connection: Connection
    fleet_id: UUID
    _known: Fleet | None = attrs.field(default=None, init=False)

    def add(self, fleet: Fleet) -> None:
        """Store the new fleet."""
        try:
            self.connection.execute(sql.FLEET_INSERT, fleet_to_row(fleet))
        except IntegrityError as error:
            raise Conflict(f"the fleet {fleet.id} exists already") from error

    def get(self, *, lock: bool = False) -> Fleet:
        """Return the fleet."""
        if self._known is None or lock:
            statement = sql.FLEET_LOCK if lock else sql.FLEET_GET
            row = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings().first()
            if row is None:
                raise NotFound("fleet", self.fleet_id)
            self._known = fleet_from_row(row)
        return self._known

    def replace(self, fleet: Fleet, *, old_version: int) -> None:
        """Write *fleet* over its *old_version*."""
        keys = {"in_fleet": self.fleet_id, "old_version": old_version}
        row = fleet_to_row(fleet)
        del row["fleet_id"]
        _expect_one(self.connection.execute(sql.FLEET_UPDATE, keys | _new(row)).rowcount, "fleet")
        self._known = fleet


@attrs.frozen
class SqlUserStore:
    """The users, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, user: User) -> None:
        """Store a new user."""
        try:
            self.connection.execute(sql.USER_INSERT, user_to_row(user))
        except IntegrityError as error:
            raise _taken(user, error) from error

    def find(self, user_id: UUID, *, lock: bool = False) -> User | None:
        """Return the user, or None."""
        row = self.connection.execute(sql.USER_LOCK if lock else sql.USER_GET, {"by_user": user_id}).mappings().first()
        return None if row is None else user_from_row(row)

    def get(self, user_id: UUID, *, lock: bool = False) -> User:
        """Return the user."""
        if (user := self.find(user_id, lock=lock)) is None:
            raise NotFound("user", user_id)
        return user

    def find_by_email(self, email: str) -> User | None:
        """Return the user with *email*, whatever its case, or None."""
        row = self.connection.execute(sql.USER_BY_EMAIL, {"by_email": email_key(email)}).mappings().first()
        return None if row is None else user_from_row(row)

    def replace(self, user: User, *, old_version: int) -> None:
        """Write *user* over its *old_version*."""
        row = user_to_row(user)
        del row["id"]
        keys = {"by_user": user.id, "old_version": old_version}
        try:
            _expect_one(self.connection.execute(sql.USER_UPDATE, keys | _new(row)).rowcount, "user")
        except IntegrityError as error:
            raise _taken(user, error) from error


@attrs.frozen
class SqlMemberStore:
    """The members of one fleet, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, member: Member) -> None:
        """Store a new member."""
        try:
            self.connection.execute(sql.MEMBER_INSERT, {"fleet_id": self.fleet_id, **member_to_row(member)})
        except IntegrityError as error:
            raise Conflict(f"the user {member.user_id} is a member of this fleet already") from error

    def find(self, user_id: UUID) -> Member | None:
        """Return the member, or None."""
        row = self.connection.execute(sql.MEMBER_GET, self._keys(user_id)).mappings().first()
        return None if row is None else member_from_row(row)

    def get(self, user_id: UUID) -> Member:
        """Return the member."""
        if (member := self.find(user_id)) is None:
            raise NotFound("member", user_id)
        return member

    def replace(self, member: Member, *, old_version: int) -> None:
        """Write *member* over its *old_version*."""
        row = member_to_row(member)
        del row["user_id"]
        keys = self._keys(member.user_id) | {"old_version": old_version}
        _expect_one(self.connection.execute(sql.MEMBER_UPDATE, keys | _new(row)).rowcount, "member")

    def remove(self, user_id: UUID) -> None:
        """Delete the member."""
        if self.connection.execute(sql.MEMBER_DELETE, self._keys(user_id)).rowcount == 0:
            raise NotFound("member", user_id)

    def page(self, question: ListMembers, after: Position | None, limit: int) -> Sequence[ListedMember]:
        """Return up to *limit* members in the order asked for."""
        statement = narrowed(
            sql.LISTED.page(question.sort, after).limit(limit),
            with_text(question.text, people_users.c.name, people_users.c.email),
        )
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        return [listed_from_row(row) for row in rows]

    def listed(self, user_id: UUID) -> ListedMember | None:
        """Return one member as lists show them, or None."""
        row = self.connection.execute(sql.LISTED_ONE, self._keys(user_id)).mappings().first()
        return None if row is None else listed_from_row(row)

    def with_role(self, role: str) -> Sequence[ListedMember]:
        """Return the members who hold *role*, the first to come first."""
        values = {"in_fleet": self.fleet_id, "quoted_role": orjson.dumps(role).decode()}
        rows = self.connection.execute(sql.LISTED_WITH_ROLE, values).mappings()
        return [listed for listed in map(listed_from_row, rows) if role in listed.roles]

    def _keys(self, user_id: UUID) -> dict[str, Any]:
        return {"in_fleet": self.fleet_id, "by_user": user_id}


@attrs.frozen
class SqlRoleStore:
    """The custom roles of one fleet, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, role: CustomRole) -> None:
        """Store a new role."""
        try:
            _ROLES.add(self.connection, self.fleet_id, role)
        except Conflict as conflict:
            raise Conflict(f"there is a role {role.name!r} already, or one with this id") from conflict

    def get(self, role_id: UUID) -> CustomRole:
        """Return the role."""
        return _ROLES.get(self.connection, self.fleet_id, role_id)

    def all(self) -> Sequence[CustomRole]:
        """Return every role, by name."""
        rows = self.connection.execute(sql.ROLES_OF_FLEET, {"in_fleet": self.fleet_id}).mappings()
        return [role_from_row(row) for row in rows]

    def replace(self, role: CustomRole, *, old_version: int) -> None:
        """Write *role* over its *old_version*."""
        _ROLES.replace(self.connection, self.fleet_id, role, old_version=old_version)

    def remove(self, role_id: UUID) -> None:
        """Delete the role."""
        _ROLES.remove(self.connection, self.fleet_id, role_id)
