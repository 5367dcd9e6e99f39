"""Register, sign in, renew, switch, sign out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import attrs
from attrs import field, frozen

from fleetcore.accounts.model import EndReason, LinkPurpose, Login, NewSession, RateLimit, SecurityEvent, Session
from fleetcore.accounts.ports import FACTORS, SESSIONS
from fleetcore.accounts.service import add_link, find_login, places_of, put_password, register, use_recovery_code
from fleetcore.accounts.sessions import Origin, Rotation, end_session, note, open_session, prove_factor, rotate
from fleetcore.accounts.totp import matching_step
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.checks import value_problems
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Problem, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.commands import CreateFleet
from fleetcore.people.model import OWNER, Membership
from fleetcore.people.ports import DIRECTORY
from fleetcore.people.roles import matrix

from .authentication import Caller
from .errors import SecondFactorNeeded, Unauthenticated
from .host import NOWHERE, Host, TokenAnswer, wrong_password
from .limits import limit_key

__all__ = ["FleetPlace", "Me", "SigningIn"]

FLEET_NAME = "Home"
FIELD_NAMES = {"owner_name": "name", "owner_email": "email", "name": "fleet_name"}


@frozen(kw_only=True)
class FleetPlace:
    """A fleet that the user belongs to."""

    fleet_id: UUID
    name: str
    roles: tuple[str, ...]


@frozen(kw_only=True)
class Me:
    """Who is signed in, where, and what they may do."""

    user_id: UUID
    name: str
    email: str | None
    is_email_verified: bool
    has_second_factor: bool
    fleet_id: UUID
    permissions: dict[str, Scope]
    fleets: tuple[FleetPlace, ...]
    session_id: UUID | None
    key_id: UUID | None


@frozen(kw_only=True)
class _Attempt:
    """What somebody gave to sign in."""

    password: str = field(repr=False)
    code: str | None = field(repr=False)
    fleet_id: UUID | None
    device: str
    origin: Origin


class _WrongCode(Exception):
    """The code of the second factor is wrong or was used."""


class SigningIn(Host):
    """The part of the accounts that gives tokens."""

    def register(
        self,
        email: str,
        password: str,
        name: str,
        *,
        device: str = "",
        fleet_name: str = FLEET_NAME,
        origin: Origin = NOWHERE,
        **fleet: Any,
    ) -> TokenAnswer:
        """Register a user with their first fleet and sign them in; a link to verify the e-mail is sent.

        *fleet* are the other fields of CreateFleet: currency, timezone, units. Raises Rejected with every problem,
        LimitExceeded. That an e-mail has an account is told here, as tokens come at once: it is limited per address.
        """
        self._take([RateLimit(limit_key("register", origin.address or ""), self.settings.limits.register_address)])
        founder, link = self._register(email, password, name, fleet_name=fleet_name, fleet=fleet, origin=origin)
        self._send(self._login(founder.user_id).user, LinkPurpose.VERIFY_EMAIL, link)
        new = NewSession(
            user_id=founder.user_id, fleet_id=founder.fleet_id, device=device, address=origin.address or ""
        )
        session, token = self._transact(lambda uow: open_session(uow, new, self.settings.lifetimes))
        return self._answer(session, founder.fleet_id, (OWNER,), token)

    def _register(
        self,
        email: str,
        password: str,
        name: str,
        *,
        fleet_name: str,
        fleet: Mapping[str, Any],
        origin: Origin = NOWHERE,
    ) -> tuple[Actor, str]:
        """Register a user with their first fleet, in one transaction; returns them and the link that verifies."""
        problems = self._password_problems(password, email, name)
        hashed = None if problems else self.hasher.hash(password)
        command = CreateFleet(name=fleet_name, owner_name=name, owner_email=email, quotas=self.core.quotas, **fleet)
        problems += value_problems(command)
        founder = Actor(user_id=new_id(), fleet_id=new_id())

        def body(uow: UnitOfWork) -> str:
            _register_or_reject(uow, command, hashed, problems)
            note(uow, SecurityEvent.REGISTERED, founder.user_id, origin)
            return add_link(uow, LinkPurpose.VERIFY_EMAIL, founder.user_id, email, self.settings.verify_lifetime)

        link = self.core.transact_across_fleets(
            founder, "accounts.register", body, correlation_id=origin.correlation_id, address=origin.address
        )
        return founder, link

    def login(
        self,
        email: str,
        password: str,
        *,
        code: str | None = None,
        fleet_id: UUID | None = None,
        device: str = "",
        origin: Origin = NOWHERE,
    ) -> TokenAnswer:
        """Sign in by password and, where the user has one, the *code* of a second factor or a recovery code.

        Without *fleet_id* the fleet is the one of the last session, else the oldest. Raises Unauthenticated (one
        answer to every fault, after the same work), SecondFactorNeeded, LimitExceeded.
        """
        self._limit_sign_in(email, origin.address)
        login = self._find(email=email)
        is_right = self.hasher.verify(password, None if login is None else login.password_hash)
        if login is None or not is_right or not login.user.is_active:
            self._note(SecurityEvent.SIGN_IN_FAILED, None if login is None else login.user.id, origin)
            raise wrong_password()
        if login.has_second_factor and not code:
            raise SecondFactorNeeded
        attempt = _Attempt(password=password, code=code, fleet_id=fleet_id, device=device, origin=origin)
        try:
            return self._enter(login, attempt)
        except _WrongCode:
            self._note(SecurityEvent.SECOND_FACTOR_FAILED, login.user.id, origin)
            raise wrong_password() from None

    def _enter(self, login: Login, attempt: _Attempt) -> TokenAnswer:
        """Open a session for who has proven themselves, in one transaction with all that follows from it."""
        user_id, origin, asked = login.user.id, attempt.origin, attempt.fleet_id
        outdated = login.password_hash is not None and self.hasher.is_outdated(login.password_hash)
        upgraded = self.hasher.hash(attempt.password) if outdated else None

        def body(uow: UnitOfWork) -> tuple[Session, str, Membership]:
            if login.has_second_factor:
                self._use_code(uow, login, attempt.code or "", origin)
            if upgraded is not None:
                put_password(uow, user_id, upgraded)
                note(uow, SecurityEvent.PASSWORD_UPGRADED, user_id, origin)
            place = _place(places_of(uow, user_id), asked or self._last_fleet(uow, user_id), asked is not None)
            new = NewSession(
                user_id=user_id,
                fleet_id=place.fleet.id,
                device=attempt.device,
                address=origin.address or "",
                has_second_factor=login.has_second_factor,
            )
            session, token = open_session(uow, new, self.settings.lifetimes)
            note(uow, SecurityEvent.SIGNED_IN, user_id, origin, session.id)
            self._release_sign_in(uow, login.user.email or "", origin.address)
            return session, token, place

        session, token, place = self._transact(body)
        return self._answer(session, place.fleet.id, place.member.roles, token)

    def _use_code(self, uow: UnitOfWork, login: Login, code: str, origin: Origin) -> None:
        """Use a code of the second factor up; raises _WrongCode for one that is wrong or was used."""
        assert login.totp is not None  # noqa: S101 - for the type checker
        seed = self.keys.unseal(login.totp.sealed_seed)
        step = matching_step(seed, code, uow.now, login.totp.last_step)
        if step is not None and uow[FACTORS].use_step(login.user.id, step):
            return
        if not use_recovery_code(uow, login.user.id, code):
            raise _WrongCode
        note(uow, SecurityEvent.RECOVERY_CODE_USED, login.user.id, origin)

    @staticmethod
    def _last_fleet(uow: UnitOfWork, user_id: UUID) -> UUID | None:
        sessions = uow[SESSIONS].of_user(user_id, uow.now)
        return sessions[0].active_fleet_id if sessions else None

    def refresh(self, refresh_token: str, *, origin: Origin = NOWHERE) -> TokenAnswer:
        """Exchange a refresh token for new tokens; one that was exchanged before ends its session.

        There is no time of grace: a client whose answer was lost signs in again. Raises Unauthenticated.
        """

        def body(uow: UnitOfWork) -> tuple[Rotation, Membership | None]:
            rotation = rotate(uow, refresh_token, self.settings.lifetimes, origin)
            if rotation.session is None or rotation.is_reused:
                return rotation, None
            session = rotation.session
            login = find_login(uow, user_id=session.user_id)
            places = places_of(uow, session.user_id) if login is not None and login.user.is_active else ()
            if not places:
                end_session(uow, session, EndReason.DISABLED)
                return rotation, None
            place = _place(places, session.active_fleet_id, False)
            if place.fleet.id != session.active_fleet_id:
                uow[SESSIONS].replace(attrs.evolve(session, active_fleet_id=place.fleet.id))
            return rotation, place

        rotation, place = self._transact(body)
        if rotation.session is not None and place is None:
            self._forget(rotation.session.id)
        if rotation.session is None or place is None:
            raise Unauthenticated("the refresh token is not valid any more: sign in again")
        return self._answer(rotation.session, place.fleet.id, place.member.roles, rotation.token)

    def logout(self, caller: Caller, *, origin: Origin = NOWHERE) -> None:
        """End the caller's session. Raises Rejected for one who came with an API key."""
        session_id = _session_of(caller)

        def body(uow: UnitOfWork) -> None:
            session = uow[SESSIONS].find(session_id, lock=True)
            if session is not None and session.ended_at is None:
                end_session(uow, session, EndReason.SIGNED_OUT)
                note(uow, SecurityEvent.SIGNED_OUT, session.user_id, origin, session.id)

        self._transact(body)
        self._forget(session_id)

    def switch(self, caller: Caller, fleet_id: UUID, *, origin: Origin = NOWHERE) -> TokenAnswer:
        """Return an access token for another fleet of the user; their refresh token goes on, in that fleet.

        Raises NotFound for a fleet that is not theirs.
        """
        session_id = _session_of(caller)

        def body(uow: UnitOfWork) -> tuple[Session, Membership]:
            place = _place(places_of(uow, caller.actor.user_id), fleet_id, True)
            session = uow[SESSIONS].find(session_id, lock=True)
            if session is None or session.ended_at is not None:
                raise Unauthenticated("you are not signed in, or not any more: sign in again")
            session = attrs.evolve(session, active_fleet_id=fleet_id)
            uow[SESSIONS].replace(session)
            note(uow, SecurityEvent.FLEET_SWITCHED, session.user_id, origin, session.id)
            return session, place

        session, place = self._transact(body)
        return self._answer(session, fleet_id, place.member.roles, None)

    def step_up(self, caller: Caller, code: str, *, origin: Origin = NOWHERE) -> None:
        """Prove the second factor again within a session, for what wants a fresh one.

        Raises Rejected for a wrong or used code, Conflict without a second factor, LimitExceeded.
        """
        session_id, user_id = _session_of(caller), caller.actor.user_id
        self._limit_sign_in(str(user_id), origin.address)
        login = self._login(user_id)
        if not login.has_second_factor:
            raise Conflict("there is no second factor: enrol one first")

        def body(uow: UnitOfWork) -> None:
            self._use_code(uow, login, code, origin)
            prove_factor(uow, session_id)
            self._release_sign_in(uow, str(user_id), origin.address)

        try:
            self._transact(body)
        except _WrongCode:
            self._note(SecurityEvent.SECOND_FACTOR_FAILED, user_id, origin, session_id)
            raise Rejected.because("code", "is not the code that the app shows now", "totp.wrong") from None
        self._forget(session_id)

    def require_fresh_factor(self, caller: Caller, permission: str) -> None:
        """Raise SecondFactorNeeded where the caller's roles want a fresh second factor for *permission*.

        Who has none turned on is not asked for one, and neither is an API key: whoever made it was. Most permissions
        want none, which costs nothing to find out.
        """
        if permission not in _wanting_factor() or caller.session_id is None:
            return
        if self.is_fresh(caller):
            return
        with self.core.across_fleets(snapshot=True) as uow:
            login = find_login(uow, user_id=caller.actor.user_id)
            place = uow[DIRECTORY].membership(caller.actor.fleet_id, caller.actor.user_id)
        roles = () if place is None else place.member.roles
        if login is not None and login.has_second_factor and _wants_factor(roles, permission):
            raise SecondFactorNeeded

    def me(self, caller: Caller) -> Me:
        """Say who is signed in, where, and what they may do."""
        with self.core.across_fleets(snapshot=True) as uow:
            login = find_login(uow, user_id=caller.actor.user_id)
            places = places_of(uow, caller.actor.user_id)
        if login is None:
            raise Unauthenticated("you are not signed in, or not any more: sign in again")
        fleets = tuple(
            FleetPlace(fleet_id=place.fleet.id, name=place.fleet.name, roles=place.member.roles)
            for place in places
            if caller.key_id is None or place.fleet.id == caller.actor.fleet_id
        )
        return Me(
            user_id=login.user.id,
            name=login.user.name,
            email=login.user.email,
            is_email_verified=login.is_email_verified,
            has_second_factor=login.has_second_factor,
            fleet_id=caller.actor.fleet_id,
            permissions=dict(caller.actor.permissions),
            fleets=fleets,
            session_id=caller.session_id,
            key_id=caller.key_id,
        )


def _register_or_reject(uow: UnitOfWork, command: CreateFleet, hashed: str | None, problems: Sequence[Problem]) -> None:
    """Register, or raise Rejected with the *problems* that are known and those that are found on the way."""
    found = list(problems)
    if not command.owner_email:
        found.append(Problem("email", "is needed to sign in", "required"))
    if any(problem.field in {"owner_email", "owner_name", "name"} for problem in problems):
        raise Rejected(_renamed(found))  # broken text, which no database should see
    try:
        register(uow, command, hashed)
    except Rejected as rejected:
        raise Rejected(_renamed([*found, *rejected.problems])) from None
    except Conflict:
        found.append(Problem("email", "has an account: sign in, or reset the password", "email.taken"))
    if found:
        raise Rejected(found)


def _renamed(problems: Sequence[Problem]) -> list[Problem]:
    return [attrs.evolve(problem, field=FIELD_NAMES.get(problem.field, problem.field)) for problem in problems]


def _place(places: Sequence[Membership], fleet_id: UUID | None, is_asked: bool) -> Membership:
    """Return the user's place in the fleet; when it was not *is_asked* for, the oldest one will do."""
    for place in places:
        if place.fleet.id == fleet_id:
            return place
    if is_asked:
        raise NotFound("fleet", fleet_id or "")
    if not places:
        raise Forbidden("you belong to no fleet any more: ask to be invited, or register with another address")
    return places[0]


@lru_cache(maxsize=1)
def _wanting_factor() -> frozenset[str]:
    """Return the permissions for which some role wants a fresh second factor."""
    grants = (grant for role in matrix().roles.values() for grant in role.grants.items())
    return frozenset(permission for permission, grant in grants if grant.needs_second_factor)


def _wants_factor(roles: Sequence[str], permission: str) -> bool:
    """Say whether every built-in one of *roles* that gives *permission* wants a fresh second factor for it."""
    known = [matrix().roles[role].grants for role in roles if role in matrix().roles]
    giving = [grants[permission] for grants in known if permission in grants]
    return bool(giving) and all(grant.needs_second_factor for grant in giving)


def _session_of(caller: Caller) -> UUID:
    if caller.session_id is None:
        raise Rejected.because("", "an API key has no session: sign in with a password", "session.none")
    return caller.session_id
