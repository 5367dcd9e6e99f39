"""Accounts: everything a host does about who its users are, in one object."""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

import attrs

from fleetcore.accounts.housekeeping import tidy
from fleetcore.accounts.model import LinkPurpose, Login, SecurityEvent
from fleetcore.accounts.ports import FACTORS, SESSIONS
from fleetcore.accounts.service import add_link, enable_user, erase_account, find_login
from fleetcore.accounts.sessions import Origin, note
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.people.commands import EditUser
from fleetcore.people.model import User
from fleetcore.people.ports import DIRECTORY
from fleetcore.people.service import edit_user
from fleetcore.privacy import Erasure, PersonExport

from .authentication import Caller
from .credentials import Credentials, SessionView, session_view
from .errors import Unauthenticated
from .host import NOWHERE
from .invited import Invited
from .signing_in import SigningIn

__all__ = ["Accounts"]

USERS_AT_ONCE = 500
EDITABLE = {"name", "locale", "timezone", "units"}


class Accounts(SigningIn, Credentials, Invited):
    """Registers, signs in, verifies, limits. Safe to share between threads; every method may block for a while."""

    def identify(self, secret: str | None) -> Caller:
        """Return who the bearer of *secret*, an access token or an API key, is; raises Unauthenticated.

        In single-user mode no secret is asked for: it is the owner of the only fleet.
        """
        if secret:
            return self.authenticator.identify(secret)
        if self.settings.single_user:
            return self._only_user()
        raise Unauthenticated("sign in first: this needs an access token or an API key")

    def authenticate(self, secret: str | None) -> Actor:
        """Return the actor that the bearer of *secret* is; raises Unauthenticated."""
        return self.identify(secret).actor

    def _only_user(self) -> Caller:
        try:
            actor = self.core.actor()
        except Rejected as rejected:
            raise Unauthenticated(f"nobody is signed in, and single-user mode needs one fleet: {rejected}") from None
        return Caller(actor=actor, expires_at=self.now(), subjects=frozenset((actor.user_id, actor.fleet_id)))

    def limit_request(self, caller: Caller | None, address: str | None) -> None:
        """Count a request of *caller* from *address*; raises LimitExceeded. Mostly without a statement."""
        of_address = (f"address {address}",) if address else ()
        self.limiter.check(of_address if caller is None else (*of_address, *caller.limited_as))

    def tidy(self) -> None:
        """Delete what has no use any more, as the worker does once a day: links, sessions, limits, log lines."""
        with self.core.across_fleets() as uow:
            tidy(uow, uow.now - self.settings.log_kept)

    # --- for whoever runs the host --------------------------------------------------------------------------------

    def users(self) -> list[Login]:
        """Return every user with what they sign in with, those who cannot sign in too; by id."""
        users: list[User] = []
        with self.core.across_fleets(snapshot=True) as uow:
            while page := uow[DIRECTORY].users(USERS_AT_ONCE, users[-1].id if users else None):
                users += page
            found = (find_login(uow, user_id=user.id) for user in users)
            return [login for login in found if login is not None]

    def sessions_of(self, user_id: UUID) -> tuple[SessionView, ...]:
        """List a user's sessions, the last used first."""
        with self.core.across_fleets(snapshot=True) as uow:
            return tuple(session_view(session, None) for session in uow[SESSIONS].of_user(user_id, uow.now))

    def create_user(self, email: str, password: str, name: str, *, fleet_name: str) -> None:
        """Register a user with their first fleet, on behalf of whoever runs the host. Raises Rejected."""
        self._register(email, password, name, fleet_name=fleet_name, fleet={})

    def reset_link(self, user_id: UUID, *, origin: Origin = NOWHERE) -> str:
        """Return a link by which a user chooses a password: for whoever runs the host, where no mail is set up.

        Raises NotFound, Rejected for a user without an e-mail address.
        """
        if (login := self._find(user_id=user_id)) is None:
            raise NotFound("user", user_id)
        email, lifetime = login.user.email, self.settings.reset_lifetime
        if email is None:
            raise Rejected.because("email", "there is none to sign in with: set it first", "email.none")
        with self.core.across_fleets() as uow:
            note(uow, SecurityEvent.RESET_REQUESTED, user_id, origin)
            token = add_link(uow, LinkPurpose.RESET_PASSWORD, user_id, email, lifetime)
        return self.link(LinkPurpose.RESET_PASSWORD, token)

    def end_session_of(self, user_id: UUID, session_id: UUID, *, origin: Origin = NOWHERE) -> None:
        """End one of a user's sessions. Raises NotFound for one that is not theirs."""
        self._end_session(user_id, session_id, origin)

    def set_email(self, user_id: UUID, email: str) -> User:
        """Give a user an e-mail address to sign in with. Raises Rejected, Conflict when it is another user's."""
        with self.core.across_fleets(snapshot=True) as uow:
            places = uow[DIRECTORY].fleets_of(user_id)
        if not places:
            raise NotFound("user", user_id)
        user = places[0].user
        words = attrs.asdict(user, recurse=False, filter=lambda field, _: field.name in EDITABLE)
        command = EditUser(user_id=user_id, version=user.version, **words | {"email": email})
        return self.core.run(Actor(user_id=user_id, fleet_id=places[0].fleet.id), edit_user, command)

    def find_user(self, email: str | None = None, user_id: UUID | None = None) -> Login | None:
        """Return a user by e-mail or id, with what they sign in with; None for nobody."""
        return self._find(email=email, user_id=user_id)

    def enable(self, user_id: UUID, *, is_active: bool, origin: Origin = NOWHERE) -> User:
        """Switch a user on or off, in every fleet and at once. Raises NotFound."""
        with self.core.across_fleets() as uow:
            user = enable_user(uow, user_id, is_active=is_active, origin=origin)
        self._forget(user_id)
        return user

    def export_me(self, caller: Caller, target: BinaryIO, *, origin: Origin = NOWHERE) -> PersonExport:
        """Write everything that is held of the caller, in the fleets that they belong to, as a zip file."""
        user_id = self._person(caller)
        fleet_ids = [place.fleet.id for place in self.core.fleets_of(user_id)]
        done = self.core.export_person(user_id, target, fleet_ids=fleet_ids)
        self._note(SecurityEvent.DATA_EXPORTED, user_id, origin, caller.session_id)
        return done

    def erase_me(
        self, caller: Caller, password: str, *, with_fleets: bool = False, origin: Origin = NOWHERE
    ) -> Erasure:
        """Erase the caller, by password and, where a second factor is on, a fresh one.

        Raises Rejected for a wrong password, SecondFactorNeeded, Conflict where others depend on them, LimitExceeded.
        """
        user_id = self._person(caller)
        if self._prove(caller, password, origin).has_second_factor:
            self._require_fresh(caller)
        return self.erase_person(user_id, by=user_id, with_fleets=with_fleets)

    @staticmethod
    def _person(caller: Caller) -> UUID:
        if caller.key_id is not None:
            raise Rejected.because("", "an API key is no person: sign in with a password", "key.by_key")
        return caller.actor.user_id

    def erase_person(
        self, user_id: UUID, *, by: UUID | None = None, with_fleets: bool = False, dry_run: bool = False
    ) -> Erasure:
        """Erase a user everywhere, and forget them here at once. Raises NotFound, Conflict (see the core)."""
        done = self.core.erase_person(user_id, by=by, with_fleets=with_fleets, dry_run=dry_run)
        self._forget(user_id)
        return done

    def erase(self, user_id: UUID) -> None:
        """Delete a user's account, sessions, factors and security log, and end their API keys, at once."""
        self._transact(lambda uow: erase_account(uow, user_id))
        self._forget(user_id)

    def reseal(self) -> int:
        """Write every sealed secret under the newest key; returns how many. Before a key goes, all must be moved."""
        with self.core.across_fleets() as uow:
            sealed = uow[FACTORS].all_sealed()
            for user_id, before in sealed:
                uow[FACTORS].reseal(user_id, before, self.keys.seal(self.keys.unseal(before)))
        return len(sealed)
