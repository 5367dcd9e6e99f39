"""Invitations, for those who are invited: look at the offer, accept it as who one is, or register by it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from attrs import frozen

from fleetcore.accounts.model import Account, LinkPurpose, NewSession, RateLimit, SecurityEvent
from fleetcore.accounts.ports import ACCOUNTS
from fleetcore.accounts.service import add_link, doubt_email
from fleetcore.accounts.sessions import Origin, note, open_session
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.checks import value_problems
from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.model import Member
from fleetcore.people.ports import USERS
from fleetcore.sharing.model import AcceptInvitation, Offer
from fleetcore.sharing.service import accept_invitation, fleet_of_token

from .authentication import Caller
from .host import NOWHERE, Host, TokenAnswer
from .limits import limit_key

__all__ = ["Invited", "Joined"]

OPERATION = "sharing.accept_invitation"


@frozen(kw_only=True)
class Joined:
    """The fleet that somebody was let into, and what they are there."""

    fleet_id: UUID
    roles: tuple[str, ...]


class Invited(Host):
    """The part of the accounts that lets people in by the link of an invitation."""

    def offer(self, token: str, *, origin: Origin = NOWHERE) -> Offer:
        """Say what an invitation offers. Raises Rejected for a link that is unknown, used, late or revoked."""
        self._limit_links(origin)
        return self.core.invitation(token)

    def join(self, caller: Caller, token: str, *, origin: Origin = NOWHERE) -> Joined:
        """Accept an invitation as the caller, whose fleets become one more.

        An invitation for an address takes a caller who has shown that the address is theirs. Raises Rejected.
        """
        if caller.key_id is not None:
            raise Rejected.because("", "an API key joins no fleet: sign in with a password", "key.by_key")
        self._limit_links(origin)
        user_id = caller.actor.user_id
        member, fleet_id = self._accept(AcceptInvitation(token=token, user_id=user_id), user_id, origin)
        return Joined(fleet_id=fleet_id, roles=member.roles)

    def register_invited(
        self, token: str, password: str, name: str, *, email: str | None = None, device: str = "", origin: Origin
    ) -> TokenAnswer:
        """Register somebody new by an invitation, and sign them in to its fleet; they get no fleet of their own.

        *email* is asked for where the invitation names none. Raises Rejected with every problem, Conflict where the
        address has an account: it accepts by signing in, LimitExceeded.
        """
        self._take([RateLimit(limit_key("register", origin.address or ""), self.settings.limits.register_address)])
        problems = self._password_problems(password, email, name)
        command = AcceptInvitation(token=token, name=name, email=email)
        problems += value_problems(command)
        if problems:
            raise Rejected(problems)
        hashed = self.hasher.hash(password)
        user_id = new_id()
        links: list[str] = []

        def sign_up(uow: UnitOfWork) -> None:
            user = uow[USERS].get(user_id)
            if user.email is None:
                raise Rejected([Problem("email", "is needed to sign in", "required")])
            doubt_email(uow, user_id)
            uow[ACCOUNTS].put(
                Account(
                    user_id=user_id,
                    password_hash=hashed,
                    password_changed_at=uow.now,
                    created_at=uow.now,
                    updated_at=uow.now,
                )
            )
            note(uow, SecurityEvent.REGISTERED, user_id, origin)
            lifetime = self.settings.verify_lifetime
            links.append(add_link(uow, LinkPurpose.VERIFY_EMAIL, user_id, user.email, lifetime))

        member, fleet_id = self._accept(command, user_id, origin, sign_up)
        self._send(self._login(user_id).user, LinkPurpose.VERIFY_EMAIL, links[-1])
        new = NewSession(user_id=user_id, fleet_id=fleet_id, device=device, address=origin.address or "")
        session, refresh = self._transact(lambda uow: open_session(uow, new, self.settings.lifetimes))
        return self._answer(session, fleet_id, member.roles, refresh)

    def _accept(
        self, command: AcceptInvitation, user_id: UUID, origin: Origin, also: Callable[[UnitOfWork], None] | None = None
    ) -> tuple[Member, UUID]:
        invited = Actor(user_id=user_id, fleet_id=fleet_of_token(command.token))

        def body(uow: UnitOfWork) -> Member:
            member = accept_invitation(uow, command)
            if also is not None:
                also(uow)
            return member

        member = self.core.transact_across_fleets(
            invited, OPERATION, body, correlation_id=origin.correlation_id, address=origin.address
        )
        return member, invited.fleet_id

    def _limit_links(self, origin: Origin) -> None:
        address = limit_key("links", origin.address or "")
        self._take([RateLimit(address, self.settings.limits.sign_in_address)])
