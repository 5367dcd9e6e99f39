"""The directory, over every fleet: it reads through a connection of the system unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Connection

from fleetcore.kernel.errors import Forbidden
from fleetcore.people.model import CustomRole, Fleet, Membership, User

from . import statements as sql
from .rows import fleet_from_row, place_from_row, role_from_row, user_from_row
from .stores import SqlUserStore

__all__ = ["SqlDirectory"]


@attrs.frozen
class SqlDirectory:
    """Who belongs where, in a database."""

    connection: Connection
    fleet_id: UUID = attrs.field()

    @fleet_id.validator
    def _nobodys(self, _attribute: object, value: UUID) -> None:
        # A unit of work of a fleet is an operation's, and what operations see ends at their fleet.
        if value.int:
            raise Forbidden("the directory is out of reach of operations")

    def user(self, user_id: UUID) -> User | None:
        """Return the user, or None."""
        return SqlUserStore(self.connection, self.fleet_id).find(user_id)

    def user_by_email(self, email: str) -> User | None:
        """Return the user with *email*, whatever its case, or None."""
        return SqlUserStore(self.connection, self.fleet_id).find_by_email(email)

    def users(self, limit: int, after: UUID | None = None) -> Sequence[User]:
        """Return up to *limit* users by id, those after the id *after*."""
        values = {"most": limit, "after_id": after or UUID(int=0)}
        return [user_from_row(row) for row in self.connection.execute(sql.USERS_AFTER, values).mappings()]

    def fleets(self, limit: int, name: str | None = None) -> Sequence[Fleet]:
        """Return up to *limit* fleets, oldest first; with *name* those of that name, whatever its case."""
        values: dict[str, Any] = {"most": limit}
        statement = sql.FLEETS
        if name is not None:
            statement, values = sql.FLEETS_CALLED, values | {"called": name.casefold()}
        return [fleet_from_row(row) for row in self.connection.execute(statement, values).mappings()]

    def fleet(self, fleet_id: UUID) -> Fleet | None:
        """Return the fleet, or None."""
        row = self.connection.execute(sql.FLEET_GET, {"in_fleet": fleet_id}).mappings().first()
        return None if row is None else fleet_from_row(row)

    def fleets_of(self, user_id: UUID) -> Sequence[Membership]:
        """Return every place of the user, oldest first."""
        rows = self.connection.execute(sql.PLACES_OF_USER, {"by_user": user_id}).mappings()
        return [place_from_row(row) for row in rows]

    def membership(self, fleet_id: UUID, user_id: UUID) -> Membership | None:
        """Return the user's place in the fleet, or None."""
        row = self.connection.execute(sql.PLACE, {"in_fleet": fleet_id, "by_user": user_id}).mappings().first()
        return None if row is None else place_from_row(row)

    def owners(self, fleet_id: UUID) -> Sequence[Membership]:
        """Return the fleet's owners, oldest place first."""
        places = map(place_from_row, self.connection.execute(sql.PLACES_OF_OWNERS, {"in_fleet": fleet_id}).mappings())
        return [place for place in places if place.member.is_owner]

    def roles(self, fleet_id: UUID) -> Sequence[CustomRole]:
        """Return the custom roles of the fleet."""
        rows = self.connection.execute(sql.ROLES_OF_FLEET, {"in_fleet": fleet_id}).mappings()
        return [role_from_row(row) for row in rows]
