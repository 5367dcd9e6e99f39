"""Open, renew and end sessions. For hosts, through a unit of work that sees every fleet; none is an operation."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import attrs
from attrs import field, frozen

from fleetcore.audit.model import ADDRESS_LENGTH_MAX
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork

from .model import EndReason, NewSession, SecurityEntry, SecurityEvent, Session
from .ports import SECURITY_LOG, SESSIONS, STAMPS
from .secrets import hash_of, is_same, new_refresh_secret, read_refresh_token, with_next_part

__all__ = [
    "Lifetimes",
    "Origin",
    "Rotation",
    "end_session",
    "end_sessions",
    "note",
    "note_session_use",
    "open_session",
    "prove_factor",
    "rotate",
]

DEVICE_LENGTH_MAX, CORRELATION_LENGTH_MAX = 200, 120


@frozen
class Lifetimes:
    """How long a session lives without use, and how long at most."""

    idle: timedelta = timedelta(days=30)
    longest: timedelta = timedelta(days=90)

    def expiry(self, created_at: datetime, now: datetime) -> datetime:
        """Return when a session of *created_at* ends that is used *now*."""
        return min(now + self.idle, created_at + self.longest)


def _address(text: str | None) -> str | None:
    return None if text is None else _one_line(text)[:ADDRESS_LENGTH_MAX]


def _correlation(text: str | None) -> str | None:
    return None if text is None else _one_line(text)[:CORRELATION_LENGTH_MAX]


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text).strip()


@frozen
class Origin:
    """Where a request came from, for the security log; what is too long to be one is cut off."""

    address: str | None = field(default=None, converter=_address)
    correlation_id: str | None = field(default=None, converter=_correlation)


@frozen
class Rotation:
    """What became of a refresh token: a *token* that replaces it, or why there is none."""

    session: Session | None = None
    token: str | None = field(default=None, repr=False)
    is_reused: bool = False


def note(
    uow: UnitOfWork, event: SecurityEvent, user_id: UUID | None, origin: Origin, session_id: UUID | None = None
) -> None:
    """Write *event* to the security log, in the same transaction as what it tells of."""
    uow[SECURITY_LOG].add(
        SecurityEntry(
            id=new_id(),
            at=uow.now,
            event=event,
            user_id=user_id,
            session_id=session_id,
            address=origin.address,
            correlation_id=origin.correlation_id,
        )
    )


def open_session(uow: UnitOfWork, new: NewSession, lifetimes: Lifetimes) -> tuple[Session, str]:
    """Store a session and return it with its first refresh token."""
    secret = new_refresh_secret(new_id())
    session = Session(
        id=secret.session_id,
        user_id=new.user_id,
        active_fleet_id=new.fleet_id,
        family_hash=hash_of(secret.family),
        token_hash=hash_of(secret.part),
        second_factor_at=uow.now if new.has_second_factor else None,
        device=_one_line(new.device)[:DEVICE_LENGTH_MAX],
        address=new.address,
        created_at=uow.now,
        last_used_at=uow.now,
        expires_at=lifetimes.expiry(uow.now, uow.now),
    )
    uow[SESSIONS].add(session)
    return session, secret.token


def rotate(uow: UnitOfWork, token: str, lifetimes: Lifetimes, origin: Origin) -> Rotation:
    """Exchange a refresh token for the next one; one that was exchanged before ends its session.

    The end must be committed, so it is returned, not raised. Of several who come with one token at once, the first
    gets the next one and the others end the session: nobody can tell a thief from a client that asks twice.
    """
    if (secret := read_refresh_token(token)) is None:
        return Rotation()
    session = uow[SESSIONS].find(secret.session_id, lock=True)
    if session is None or session.ended_at is not None or session.expires_at <= uow.now:
        return Rotation()
    if not is_same(session.family_hash, hash_of(secret.family)):
        return Rotation()  # made up: whoever knows no token of the family cannot end it
    if not is_same(session.token_hash, hash_of(secret.part)):
        end_session(uow, session, EndReason.REUSED)
        note(uow, SecurityEvent.REFRESH_REUSED, session.user_id, origin, session.id)
        return Rotation(session, is_reused=True)
    after = with_next_part(secret)
    session = attrs.evolve(
        session,
        token_hash=hash_of(after.part),
        address=origin.address or session.address,
        last_used_at=uow.now,
        expires_at=lifetimes.expiry(session.created_at, uow.now),
    )
    uow[SESSIONS].replace(session)
    return Rotation(session, after.token)


def note_session_use(uow: UnitOfWork, session_id: UUID, lifetimes: Lifetimes) -> None:
    """Write that a session that has no refresh tokens, as one of a browser, is in use: it lives on."""
    session = uow[SESSIONS].find(session_id, lock=True)
    if session is not None and session.ended_at is None:
        until = lifetimes.expiry(session.created_at, uow.now)
        uow[SESSIONS].replace(attrs.evolve(session, last_used_at=uow.now, expires_at=until))


def prove_factor(uow: UnitOfWork, session_id: UUID | None) -> None:
    """Note that the user has proven a second factor in the session, if it lives; every process hears of it."""
    session = None if session_id is None else uow[SESSIONS].find(session_id, lock=True)
    if session is not None and session.ended_at is None:
        uow[SESSIONS].replace(attrs.evolve(session, second_factor_at=uow.now))
        uow[STAMPS].touch([session.id], uow.now)


def end_session(uow: UnitOfWork, session: Session, reason: EndReason) -> Session:
    """End a living session, in every process."""
    ended = attrs.evolve(session, ended_at=uow.now, end_reason=reason)
    uow[SESSIONS].replace(ended)
    uow[STAMPS].touch([session.id], uow.now)
    return ended


def end_sessions(uow: UnitOfWork, user_id: UUID, reason: EndReason, *, but: UUID | None = None) -> int:
    """End the user's sessions, all *but* one, in every process; returns how many."""
    ended = uow[SESSIONS].end_all(user_id, reason, uow.now, but=but)
    uow[STAMPS].touch([user_id], uow.now)
    return ended
