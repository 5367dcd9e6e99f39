"""Sessions in a database; no fleet's own, as a user may switch between fleets in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    RowMapping,
    String,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from fleetcore.storage.types import Id, Instant, metadata

from .model import EndReason, Session

__all__ = ["SqlSessionStore", "accounts_sessions"]

DEVICE_LENGTH, ADDRESS_LENGTH, HASH_LENGTH = 200, 60, 64

accounts_sessions = Table(
    "accounts_sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("people_users.id"), nullable=False),
    Column("active_fleet_id", Id, nullable=False),
    Column("family_hash", String(HASH_LENGTH), nullable=False),
    Column("token_hash", String(HASH_LENGTH), nullable=False),
    Column("second_factor_at", Instant),
    Column("device", String(DEVICE_LENGTH), nullable=False),
    Column("address", String(ADDRESS_LENGTH), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("end_reason", String(20)),
)
Index("ix_accounts_sessions_user", accounts_sessions.c.user_id, accounts_sessions.c.last_used_at)
Index("ix_accounts_sessions_expires", accounts_sessions.c.expires_at)

_c = accounts_sessions.c
_find = select(accounts_sessions).where(_c.id == bindparam("by_id"))
_lock = _find.with_for_update()
_insert = insert(accounts_sessions)
_written: dict[str, Any] = {column.name: bindparam(f"new_{column.name}") for column in _c if column.name != "id"}
_replace = update(accounts_sessions).where(_c.id == bindparam("by_id")).values(_written)
_of_user = (
    select(accounts_sessions)
    .where(_c.user_id == bindparam("of_user"), _c.ended_at.is_(None), _c.expires_at > bindparam("now", type_=Instant))
    .order_by(_c.last_used_at.desc(), _c.id.desc())
)


def _row(session: Session) -> dict[str, Any]:
    row = attrs.asdict(session)
    row["end_reason"] = None if session.end_reason is None else session.end_reason.value
    return row


def _session(row: RowMapping) -> Session:
    reason = row["end_reason"]
    return Session(**{**row, "end_reason": None if reason is None else EndReason(reason)})


@attrs.frozen
class SqlSessionStore:
    """The devices that signed in, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, session: Session) -> None:
        """Store a new session."""
        self.connection.execute(_insert, _row(session))

    def find(self, session_id: UUID, *, lock: bool = False) -> Session | None:
        """Return the session, or None."""
        row = self.connection.execute(_lock if lock else _find, {"by_id": session_id}).mappings().first()
        return None if row is None else _session(row)

    def of_user(self, user_id: UUID, now: datetime) -> Sequence[Session]:
        """Return the user's living sessions, the last used first."""
        rows = self.connection.execute(_of_user, {"of_user": user_id, "now": now}).mappings()
        return [_session(row) for row in rows]

    def replace(self, session: Session) -> None:
        """Write *session* over what is stored."""
        row = _row(session)
        del row["id"]
        self.connection.execute(_replace, {"by_id": session.id} | {f"new_{name}": row[name] for name in row})

    def end_all(self, user_id: UUID, reason: EndReason, now: datetime, *, but: UUID | None = None) -> int:
        """End the user's living sessions, all *but* one."""
        these = (_c.user_id == user_id) & _c.ended_at.is_(None)
        if but is not None:
            these &= _c.id != but
        ended = update(accounts_sessions).where(these).values(ended_at=now, end_reason=reason.value)
        return self.connection.execute(ended).rowcount

    def prune(self, before: datetime) -> int:
        """Delete sessions that ended or expired before *before*."""
        gone = or_(_c.expires_at < before, _c.ended_at < before)
        return self.connection.execute(delete(accounts_sessions).where(gone)).rowcount
