"""Verify e-mails, reset and change passwords, second factors, sessions and API keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from fleetcore.accounts.commands import AddKey
from fleetcore.accounts.keys import add_key
from fleetcore.accounts.model import (
    ApiKey,
    EndReason,
    LinkPurpose,
    RateLimit,
    SecurityEntry,
    SecurityEvent,
    Session,
    TotpFactor,
)
from fleetcore.accounts.ports import FACTORS, LINKS, SECURITY_LOG, SESSIONS
from fleetcore.accounts.secrets import hash_of, new_api_key, prefix_of_key
from fleetcore.accounts.service import (
    add_link,
    confirm_totp,
    find_login,
    put_password,
    recovery_codes,
    remove_totp,
    revoke_keys,
    use_link,
    verify_email,
)
from fleetcore.accounts.sessions import Origin, end_session, end_sessions, note, prove_factor
from fleetcore.accounts.totp import enrolment_uri, new_seed, seed_text
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, NotFound, Rejected, reject_if_any
from fleetcore.kernel.ports import UnitOfWork

from .authentication import Caller
from .errors import SecondFactorNeeded
from .host import NOWHERE, Host, account_key
from .limits import limit_key

__all__ = ["Credentials", "Enrolment", "MadeKey", "SessionView", "session_view"]

LOG_LENGTH = 100


@frozen(kw_only=True)
class SessionView:
    """A session as its user sees it."""

    id: UUID
    device: str
    address: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    is_current: bool


@frozen(kw_only=True)
class Enrolment:
    """What an authenticator app needs; told once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@frozen(kw_only=True)
class MadeKey:
    """A new API key with its *secret*, which is told once."""

    key: ApiKey
    secret: str = field(repr=False)


class Credentials(Host):
    """The part of the accounts that changes how somebody signs in."""

    def request_verification(self, caller: Caller, *, origin: Origin = NOWHERE) -> None:
        """Send the caller a link to verify their e-mail. Raises Rejected without an e-mail, LimitExceeded."""
        user = self._login(caller.actor.user_id).user
        if user.email is None:
            raise Rejected.because("email", "there is none to verify: set it first", "email.none")
        self._limit_mail(user.email, origin)
        lifetime = self.settings.verify_lifetime
        token = self._transact(lambda uow: add_link(uow, LinkPurpose.VERIFY_EMAIL, user.id, user.email, lifetime))
        self._send(user, LinkPurpose.VERIFY_EMAIL, token)

    def verify_email(self, token: str, *, origin: Origin = NOWHERE) -> None:
        """Use a link that was sent to verify an e-mail. Raises Rejected for one that is unknown, used or late."""

        def body(uow: UnitOfWork) -> None:
            user_id, email = _used(uow, LinkPurpose.VERIFY_EMAIL, token)
            verify_email(uow, user_id, email)
            note(uow, SecurityEvent.EMAIL_VERIFIED, user_id, origin)

        self._transact(body)

    def request_reset(self, email: str, *, origin: Origin = NOWHERE) -> None:
        """Send a link to choose a new password to *email*, if somebody has it; the answer never tells.

        Whether somebody has it or not, the same statements run; the mail is sent apart. Raises LimitExceeded.
        """
        self._limit_mail(email, origin)
        login = self._find(email=email)
        user = None if login is None or not login.user.is_active else login.user
        lifetime = self.settings.reset_lifetime

        def body(uow: UnitOfWork) -> str:
            user_id, sent_to = (None, None) if user is None else (user.id, user.email)
            note(uow, SecurityEvent.RESET_REQUESTED, user_id, origin)
            return add_link(uow, LinkPurpose.RESET_PASSWORD, user_id, sent_to, lifetime)

        token = self._transact(body)
        if user is not None:
            self._send(user, LinkPurpose.RESET_PASSWORD, token)

    def _limit_mail(self, email: str, origin: Origin) -> None:
        limits = self.settings.limits
        address = RateLimit(limit_key("mail-address", origin.address or ""), limits.mail_address)
        self._take([address], [RateLimit(limit_key("mail-account", account_key(email)), limits.mail_account)])

    def reset(self, token: str, password: str, *, origin: Origin = NOWHERE) -> None:
        """Choose a new password by a link that was sent; every session ends, and the e-mail counts as verified.

        A second factor stays as it is where the address was known to be theirs; one that was set up before somebody
        showed that the address is theirs may be a stranger's, and goes. API keys are revoked: whoever had the
        password may have made some. Raises Rejected with every problem; then the link can be used again.
        """
        reject_if_any(self._password_problems(password))
        hashed = self.hasher.hash(password)

        def body(uow: UnitOfWork) -> UUID:
            user_id, email = _used(uow, LinkPurpose.RESET_PASSWORD, token)
            login = find_login(uow, user_id=user_id)
            if login is None or not login.user.is_active or login.user.email != email:
                raise _bad_link()
            reject_if_any(self._password_problems(password, login.user.email, login.user.name))
            self._replace_password(uow, user_id, hashed, origin)
            revoke_keys(uow, user_id)
            if not login.is_email_verified and login.totp is not None:
                remove_totp(uow, user_id)
                note(uow, SecurityEvent.TOTP_DISABLED, user_id, origin)
            verify_email(uow, user_id, email)
            return user_id

        self._forget(self._transact(body))

    def change_password(
        self,
        caller: Caller,
        password: str,
        new_password: str,
        *,
        revoke_api_keys: bool = False,
        origin: Origin = NOWHERE,
    ) -> None:
        """Replace the caller's password by a new one; their other sessions end, this one goes on.

        API keys go on as well, as programs do not know of passwords; with *revoke_api_keys* they end.

        Raises Rejected with every problem of the new one, or for a wrong old one, LimitExceeded.
        """
        user = self._login(caller.actor.user_id).user
        reject_if_any(self._password_problems(new_password, user.email, user.name, field="new_password"))
        self._prove(caller, password, origin)
        hashed = self.hasher.hash(new_password)

        def body(uow: UnitOfWork) -> None:
            self._replace_password(uow, user.id, hashed, origin, but=caller.session_id)
            if revoke_api_keys:
                revoke_keys(uow, user.id)

        self._transact(body)
        self._forget(user.id)

    def set_password(self, user_id: UUID, password: str, *, origin: Origin = NOWHERE) -> None:
        """Give a user a password on behalf of whoever runs the host; their sessions end. Raises Rejected, NotFound."""
        login = self._find(user_id=user_id)
        if login is None:
            raise NotFound("user", user_id)
        reject_if_any(self._password_problems(password, login.user.email, login.user.name))
        hashed = self.hasher.hash(password)
        self._transact(lambda uow: self._replace_password(uow, user_id, hashed, origin))
        self._forget(user_id)

    @staticmethod
    def _replace_password(
        uow: UnitOfWork, user_id: UUID, hashed: str, origin: Origin, *, but: UUID | None = None
    ) -> None:
        put_password(uow, user_id, hashed)
        uow[LINKS].drop(user_id, LinkPurpose.RESET_PASSWORD)
        end_sessions(uow, user_id, EndReason.PASSWORD_CHANGED, but=but)
        note(uow, SecurityEvent.PASSWORD_CHANGED, user_id, origin, but)

    # --- sessions -------------------------------------------------------------------------------------------------

    def sessions(self, caller: Caller) -> tuple[SessionView, ...]:
        """List the caller's sessions, the last used first."""
        with self.core.across_fleets(snapshot=True) as uow:
            found = uow[SESSIONS].of_user(caller.actor.user_id, uow.now)
        return tuple(session_view(session, caller.session_id) for session in found)

    def revoke_session(self, caller: Caller, session_id: UUID, *, origin: Origin = NOWHERE) -> None:
        """End one of the caller's sessions. Raises NotFound for one that is not theirs."""
        self._end_session(caller.actor.user_id, session_id, origin)

    def _end_session(self, user_id: UUID, session_id: UUID, origin: Origin) -> None:
        def body(uow: UnitOfWork) -> None:
            session = uow[SESSIONS].find(session_id, lock=True)
            if session is None or session.user_id != user_id:
                raise NotFound("session", session_id)
            if session.ended_at is None:
                end_session(uow, session, EndReason.REVOKED)
                note(uow, SecurityEvent.SESSION_REVOKED, session.user_id, origin, session.id)

        self._transact(body)
        self._forget(session_id)

    def revoke_sessions(self, user_id: UUID, *, but: UUID | None = None, origin: Origin = NOWHERE) -> int:
        """End a user's sessions, all *but* one; returns how many."""

        def body(uow: UnitOfWork) -> int:
            ended = end_sessions(uow, user_id, EndReason.REVOKED, but=but)
            note(uow, SecurityEvent.SESSION_REVOKED, user_id, origin, but)
            return ended

        ended = self._transact(body)
        self._forget(user_id)
        return ended

    def security_log(self, user_id: UUID, limit: int = LOG_LENGTH) -> tuple[SecurityEntry, ...]:
        """List what happened to the user's account, the newest first."""
        with self.core.across_fleets(snapshot=True) as uow:
            return tuple(uow[SECURITY_LOG].of_user(user_id, limit))

    # --- the second factor ----------------------------------------------------------------------------------------

    def enrol_totp(self, caller: Caller, password: str, *, origin: Origin = NOWHERE) -> Enrolment:
        """Make a seed for an authenticator app; it counts once a code of it was confirmed.

        Raises Rejected for a wrong password, Conflict when a second factor is on already, LimitExceeded.
        """
        login = self._prove(caller, password, origin)
        if login.has_second_factor:
            raise Conflict("a second factor is on already: turn it off first")
        seed = new_seed()
        factor = TotpFactor(user_id=login.user.id, sealed_seed=self.keys.seal(seed), created_at=self.now())
        self._transact(lambda uow: uow[FACTORS].put_totp(factor))
        account = login.user.email or login.user.name
        return Enrolment(secret=seed_text(seed), uri=enrolment_uri(seed, account, self.settings.issuer))

    def confirm_totp(self, caller: Caller, code: str, *, origin: Origin = NOWHERE) -> tuple[str, ...]:
        """Turn the second factor on by a first code; returns the recovery codes, which are told once.

        The caller's other sessions end: they were opened without it. Raises Rejected for a wrong code, Conflict.
        """
        user_id = caller.actor.user_id
        self._limit_sign_in(str(user_id), origin.address)

        def body(uow: UnitOfWork) -> tuple[str, ...] | None:
            factor = uow[FACTORS].totp_of(user_id)
            if factor is None or factor.confirmed_at is not None:
                raise Conflict("there is no second factor to confirm: enrol one first")
            codes = confirm_totp(uow, factor, self.keys.unseal(factor.sealed_seed), code)
            if codes is not None:
                note(uow, SecurityEvent.TOTP_ENABLED, user_id, origin, caller.session_id)
                end_sessions(uow, user_id, EndReason.REVOKED, but=caller.session_id)
                prove_factor(uow, caller.session_id)
            return codes

        if (codes := self._transact(body)) is None:
            self._note(SecurityEvent.SECOND_FACTOR_FAILED, user_id, origin, caller.session_id)
            raise Rejected.because("code", "is not the code that the app shows now", "totp.wrong")
        self._forget(user_id)
        return codes

    def renew_recovery_codes(self, caller: Caller, password: str, *, origin: Origin = NOWHERE) -> tuple[str, ...]:
        """Make new recovery codes in the place of the old ones.

        Raises Rejected for a wrong password, SecondFactorNeeded without a fresh one, Conflict, LimitExceeded.
        """
        login = self._prove(caller, password, origin)
        if not login.has_second_factor:
            raise Conflict("there is no second factor: enrol one first")
        self._require_fresh(caller)
        return self._transact(lambda uow: recovery_codes(uow, login.user.id))

    def disable_totp(self, caller: Caller, password: str, *, origin: Origin = NOWHERE) -> None:
        """Turn the second factor off, recovery codes included, by password and a fresh second factor.

        Raises Rejected for a wrong password, SecondFactorNeeded: a recovery code helps who lost their app.
        """
        login = self._prove(caller, password, origin)
        if login.has_second_factor:
            self._require_fresh(caller)
        self.remove_totp(login.user.id, origin=origin)

    def _require_fresh(self, caller: Caller) -> None:
        if not self.is_fresh(caller):
            raise SecondFactorNeeded

    def remove_totp(self, user_id: UUID, *, origin: Origin = NOWHERE) -> None:
        """Turn a user's second factor off, on behalf of whoever runs the host."""

        def body(uow: UnitOfWork) -> None:
            remove_totp(uow, user_id)
            note(uow, SecurityEvent.TOTP_DISABLED, user_id, origin)

        self._transact(body)

    # --- API keys -------------------------------------------------------------------------------------------------

    def make_key(
        self,
        caller: Caller,
        name: str,
        permissions: Mapping[str, Scope],
        *,
        expires_at: datetime | None = None,
        key_id: UUID | None = None,
        origin: Origin = NOWHERE,
    ) -> MadeKey:
        """Make an API key with some of the caller's permissions; its secret is told once, and kept as a hash.

        A key makes no keys. Raises Rejected with every problem, Forbidden.
        """
        if caller.key_id is not None:
            raise Rejected.because("", "an API key cannot make another: sign in with a password", "key.by_key")
        secret = new_api_key()
        command = AddKey(
            name=name,
            permissions=permissions,
            prefix=prefix_of_key(secret),
            secret_hash=hash_of(secret),
            expires_at=expires_at,
            id=key_id,
        )
        key = self.core.run(
            caller.actor, add_key, command, correlation_id=origin.correlation_id, address=origin.address
        )
        self._note(SecurityEvent.KEY_MADE, caller.actor.user_id, origin, caller.session_id)
        return MadeKey(key=key, secret=secret)


def _used(uow: UnitOfWork, purpose: LinkPurpose, token: str) -> tuple[UUID, str | None]:
    if (found := use_link(uow, purpose, token)) is None:
        raise _bad_link()
    return found


def _bad_link() -> Rejected:
    return Rejected.because("token", "this link was used already or is too old: ask for a new one", "link.bad")


def session_view(session: Session, current: UUID | None) -> SessionView:
    """Return *session* as its user sees it; *current* is the one that they look from."""
    return SessionView(
        id=session.id,
        device=session.device,
        address=session.address,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        expires_at=session.expires_at,
        is_current=session.id == current,
    )
