"""The table of invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.paging import Position
from fleetcore.kernel.wire import structure, unstructure
from fleetcore.storage.paging import older_than
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import Invitation, OfferedGrant

__all__ = ["SqlInvitationStore", "invitations"]

invitations = fleet_table(
    "sharing_invitations",
    Column("token_hash", String(64), nullable=False),
    Column("roles", Json, nullable=False),
    Column("grants", Json, nullable=False),
    Column("email", String(254)),
    Column("message", Text, nullable=False),
    Column("invited_by", Id, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("accepted_by", Id),
    Column("revoked_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("fleet_id", "token_hash"),
)
Index("ix_sharing_invitations_at", invitations.c.fleet_id, invitations.c.created_at, invitations.c.id)

FIELDS = tuple(attribute.name for attribute in attrs.fields(Invitation))
_of_fleet = select(*(invitations.c[name] for name in FIELDS)).where(invitations.c.fleet_id == bindparam("in_fleet"))
_by_id = _of_fleet.where(invitations.c.id == bindparam("by_id"))
_by_token = _of_fleet.where(invitations.c.token_hash == bindparam("by_hash"))
_newest_first = _of_fleet.order_by(invitations.c.created_at.desc(), invitations.c.id.desc())


def _to_row(invitation: Invitation) -> dict[str, Any]:
    row = {name: getattr(invitation, name) for name in FIELDS}
    return row | {"roles": list(invitation.roles), "grants": unstructure(invitation.grants)}


def _from_row(row: RowMapping) -> Invitation:
    offered = tuple(structure(grant, OfferedGrant) for grant in row["grants"])
    return Invitation(**{**row, "roles": tuple(row["roles"]), "grants": offered})


@attrs.frozen
class SqlInvitationStore:
    """The invitations of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, invitation: Invitation, token_hash: str) -> None:
        """Store *invitation*."""
        row = {"fleet_id": self.fleet_id, "token_hash": token_hash, **_to_row(invitation)}
        try:
            self.connection.execute(insert(invitations), row)
        except IntegrityError as error:
            raise Conflict("an invitation with this id exists already") from error

    def get(self, invitation_id: UUID) -> Invitation:
        """Return the invitation."""
        found = self._found(_by_id, by_id=invitation_id)
        if not found:
            raise NotFound("invitation", invitation_id)
        return found[0]

    def with_token(self, token_hash: str) -> Invitation | None:
        """Return the invitation whose token has this hash, or None."""
        found = self._found(_by_token, by_hash=token_hash)
        return found[0] if found else None

    def replace(self, invitation: Invitation, *, old_version: int, token_hash: str | None = None) -> None:
        """Write *invitation* over its *old_version*."""
        columns = invitations.c
        row = _to_row(invitation) | ({} if token_hash is None else {"token_hash": token_hash})
        this = (columns.fleet_id == self.fleet_id) & (columns.id == row.pop("id")) & (columns.version == old_version)
        if self.connection.execute(update(invitations).where(this).values(row)).rowcount == 0:
            raise Conflict("the invitation was changed by someone else meanwhile: look at it again")

    def page(self, pending_at: datetime | None, after: Position | None, limit: int) -> Sequence[Invitation]:
        """Return up to *limit* invitations, newest first."""
        columns = invitations.c
        statement = _newest_first.limit(limit)
        if pending_at is not None:
            statement = statement.where(
                columns.accepted_at.is_(None), columns.revoked_at.is_(None), columns.expires_at > pending_at
            )
        if after is not None:
            statement = statement.where(older_than(columns.created_at, columns.id, after))
        return self._found(statement)

    def _found(self, statement: Any, **values: Any) -> list[Invitation]:
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id, **values}).mappings()
        return [_from_row(row) for row in rows]
