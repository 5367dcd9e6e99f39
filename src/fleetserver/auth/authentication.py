"""From a token or an API key to an actor: read from the database once, then remembered until something changes.

What is remembered costs no statement. Whatever changes what somebody may do leaves a stamp in the same transaction;
each process asks for new stamps every two seconds, whoever is signed in, and forgets what they touch. A change in
this process is heard at once, after its commit.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from attrs import field, frozen

from fleetcore import Core, hookimpl
from fleetcore.accounts.events import KeyRevoked
from fleetcore.accounts.model import ApiKey
from fleetcore.accounts.ports import STAMPS
from fleetcore.accounts.secrets import API_KEY_MARK
from fleetcore.accounts.service import actor_of_key, actor_of_session, is_use_noted, note_key_use
from fleetcore.accounts.sessions import Lifetimes, note_session_use
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden, Rejected, Unavailable
from fleetcore.kernel.events import CommittedEvent
from fleetcore.people.events import MemberEdited, MemberRemoved, RoleDeleted, RoleEdited, UserDisabled, UserEnabled

from .errors import Unauthenticated
from .tokens import Tokens

__all__ = ["Authenticator", "Caller"]

OVERLAP = timedelta(minutes=1)  # stamps are asked for again this long: clocks differ, and commits come late
REMEMBERED_MAX = 20_000
REMEMBERED_FOR = timedelta(minutes=15)
PAGES = "pages "  # before the tokens of cookies, among what is remembered
USE_NOTED_EVERY = timedelta(hours=1)  # a use must not cost a write
LATE_LOOKS = 2  # after so many times the interval, callers wait for the look
SECRET_LENGTH_MAX = 200
OF_USERS = MemberEdited | MemberRemoved | UserDisabled | UserEnabled
OF_FLEETS = RoleEdited | RoleDeleted


@frozen(kw_only=True)
class Caller:
    """Who asks: an actor, and the session or API key they came with."""

    actor: Actor
    session_id: UUID | None = None
    key_id: UUID | None = None
    second_factor_at: datetime | None = None
    expires_at: datetime
    subjects: frozenset[UUID] = field(repr=False)
    limited_as: tuple[str, ...] = field(init=False, repr=False)

    @limited_as.default
    def _limited_as(self) -> tuple[str, ...]:
        """Return whose requests are counted; written here, once, and not for every request."""
        user = f"user {self.actor.user_id}"
        return (user,) if self.key_id is None else (user, f"key {self.key_id}")


class Authenticator:
    """Tells who the bearer of a token or key is. Safe to share between threads."""

    def __init__(self, core: Core, tokens: Tokens, look_every: timedelta, lifetimes: Lifetimes) -> None:
        self._core = core
        self._tokens = tokens
        self._look_every = look_every
        self._lifetimes = lifetimes
        self._now = core.clock.now
        self._known: dict[str, Caller] = {}
        self._changing = threading.Lock()
        self._looking = threading.Lock()
        self._forgotten = 0
        self._seen: dict[UUID, tuple[int, datetime]] = {}
        self._looked_at = self._now()
        self._next_look = self._looked_at + look_every
        core.plugins.listen(self)

    def identify(self, secret: str) -> Caller:
        """Return who the bearer of *secret*, an access token or an API key, is; raises Unauthenticated."""
        return self._identify(secret, "")

    def identify_visitor(self, token: str) -> Caller:
        """Return whose browser keeps *token* in its cookie; raises Unauthenticated."""
        return self._identify(token, PAGES)

    def _identify(self, secret: str, kind: str) -> Caller:
        now = self._now()
        if now >= self._next_look:
            self._look_in_turn(now)
        known = self._known.get(kind + secret)
        if known is not None and known.expires_at > now:
            return known
        return self._looked_up(secret, kind, now)

    def _looked_up(self, secret: str, kind: str, now: datetime) -> Caller:
        forgotten = self._forgotten
        try:
            if kind == PAGES:
                caller = self._of_pages(secret, now)
            else:
                caller = self._of_key(secret, now) if secret.startswith(API_KEY_MARK) else self._of_token(secret)
        except (Forbidden, Rejected):  # disabled, or no member any more: there is nobody to tell more
            caller = None
        if caller is None:
            raise Unauthenticated("you are not signed in, or not any more: sign in again")
        with self._changing:
            if forgotten == self._forgotten:  # else what was read may be what has just changed
                while len(self._known) >= REMEMBERED_MAX:
                    del self._known[next(iter(self._known))]
                self._known[kind + secret] = caller
        return caller

    def _of_token(self, token: str) -> Caller | None:
        claims = self._tokens.verify(token)
        with self._core.across_fleets(snapshot=True) as uow:
            found = actor_of_session(uow, claims.session_id, claims.user_id, claims.fleet_id)
        if found is None:
            return None
        actor, session = found
        return Caller(
            actor=actor,
            session_id=session.id,
            second_factor_at=session.second_factor_at,
            expires_at=claims.expires_at,
            subjects=frozenset((actor.user_id, actor.fleet_id, session.id)),
        )

    def _of_pages(self, token: str, now: datetime) -> Caller | None:
        claims = self._tokens.verify_for_pages(token)
        with self._core.across_fleets(snapshot=True) as uow:
            found = actor_of_session(uow, claims.session_id, claims.user_id, claims.fleet_id)
        if found is None or found[1].expires_at <= now:
            return None
        actor, session = found
        if now - session.last_used_at >= USE_NOTED_EVERY:
            with self._core.across_fleets() as uow:
                note_session_use(uow, session.id, self._lifetimes)
        return Caller(
            actor=actor,
            session_id=session.id,
            second_factor_at=session.second_factor_at,
            expires_at=min(claims.expires_at, session.expires_at, now + REMEMBERED_FOR),
            subjects=frozenset((actor.user_id, actor.fleet_id, session.id)),
        )

    def _of_key(self, secret: str, now: datetime) -> Caller | None:
        if len(secret) > SECRET_LENGTH_MAX or not secret.isascii():
            return None
        with self._core.across_fleets(snapshot=True) as uow:
            found = actor_of_key(uow, secret)
        if found is None:
            return None
        actor, fleet_id, key = found
        self._note_use(fleet_id, key, now)
        expires_at = now + REMEMBERED_FOR
        return Caller(
            actor=actor,
            key_id=key.id,
            expires_at=expires_at if key.expires_at is None else min(expires_at, key.expires_at),
            subjects=frozenset((actor.user_id, actor.fleet_id, key.id)),
        )

    def _note_use(self, fleet_id: UUID, key: ApiKey, now: datetime) -> None:
        if not is_use_noted(key, now):
            with self._core.across_fleets() as uow:
                note_key_use(uow, fleet_id, key)

    def forget(self, subjects: Collection[UUID]) -> None:
        """Forget what is remembered of *subjects*: users, fleets, sessions or API keys."""
        touched = frozenset(subjects)
        with self._changing:
            self._forgotten += 1
            gone = [secret for secret, caller in self._known.items() if not touched.isdisjoint(caller.subjects)]
            for secret in gone:
                del self._known[secret]

    def _look_in_turn(self, now: datetime) -> None:
        """Look for changes unless somebody does at this moment; when the last look is long ago, wait for it."""
        is_late = now - self._looked_at >= self._look_every * LATE_LOOKS
        if self._looking.acquire(blocking=is_late):
            try:
                if now >= self._next_look:
                    self.look()
            except Unavailable:
                if is_late:  # until then what is remembered is young enough
                    raise
            finally:
                self._looking.release()

    def look(self) -> None:
        """Ask the database who may do more or less than when they were read, and forget them."""
        with self._core.across_fleets(snapshot=True) as uow:
            began = uow.now
            stamps = uow[STAMPS].since(self._looked_at - OVERLAP)
        new = [each for each in stamps if self._seen.get(each.subject_id, (0, began))[0] != each.version]
        if new:
            self.forget([each.subject_id for each in new])
        kept = began - OVERLAP * LATE_LOOKS
        self._seen = {subject: seen for subject, seen in self._seen.items() if seen[1] >= kept}
        self._seen |= {each.subject_id: (each.version, each.changed_at) for each in stamps}
        self._looked_at, self._next_look = began, began + self._look_every

    @hookimpl
    def fleetcore_event_committed(self, committed: CommittedEvent) -> None:
        """Forget at once whom an operation of this process has given more or less."""
        event = committed.event
        if isinstance(event, OF_USERS):
            self.forget([event.user_id])
        elif isinstance(event, OF_FLEETS):
            self.forget([committed.fleet_id])
        elif isinstance(event, KeyRevoked):
            self.forget([event.key_id])
