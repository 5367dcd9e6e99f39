"""What the parts of :class:`~fleetserver.auth.service.Accounts` share: the core, keys, hasher, mail, limits."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from attrs import field, frozen

from fleetcore import Core
from fleetcore.accounts.model import LinkPurpose, Login, RateLimit, SecurityEvent, Session
from fleetcore.accounts.passwords import check_password
from fleetcore.accounts.ports import LIMITS
from fleetcore.accounts.service import find_login
from fleetcore.accounts.sessions import Origin, note
from fleetcore.kernel.checks import NOT_TEXT, is_text
from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.model import User

from .authentication import Authenticator, Caller
from .errors import Unauthenticated
from .keys import KeyRing, load_keys
from .limits import RequestLimiter, limit_key, take
from .mail import Mail, Mailer, NotSent, mailer_of
from .passwords import Argon2Hasher
from .settings import AuthSettings
from .tokens import Tokens

__all__ = ["NOWHERE", "Host", "TokenAnswer", "account_key", "wrong_password"]

log = logging.getLogger("fleetserver.auth")
R = TypeVar("R")
NOWHERE = Origin()
PATHS = {LinkPurpose.VERIFY_EMAIL: "verify-email", LinkPurpose.RESET_PASSWORD: "reset-password"}


@frozen(kw_only=True)
class TokenAnswer:
    """What signing in gives: a token for requests, and one to get the next with; *expires_in* is in seconds."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - the name of the scheme


def account_key(email: str) -> str:
    """Return what is the same for every spelling of *email* that leads to one account."""
    return unicodedata.normalize("NFC", email).casefold()


def wrong_password() -> Unauthenticated:
    """Return the one answer to a sign-in that fails, whatever it failed on."""
    return Unauthenticated("the e-mail address or the password is wrong")


class Host:
    """A core with keys, a hasher, a mailer and limits around it."""

    def __init__(
        self,
        core: Core,
        settings: AuthSettings,
        *,
        keys: KeyRing | None = None,
        mailer: Mailer | None = None,
        is_offline: bool = False,
    ) -> None:
        """Take the host's keys, which raises Rejected where they are missing or weak.

        One that *is_offline* gives no tokens (a command that sets a password), and takes them only when it must.
        """
        self.core = core
        self.settings = settings
        self._given_keys = keys
        self.hasher = Argon2Hasher(settings.hash_cost, settings.hash_slots)
        self.limiter = RequestLimiter(core, settings.limits.requests)
        self.mailer = mailer
        # Apart from the request: how long a mail takes must not tell whether there was one.
        self._post = ThreadPoolExecutor(1, thread_name_prefix="fleet-mail")

        if not is_offline:
            _ = self.authenticator

    @cached_property
    def keys(self) -> KeyRing:
        """The host's keys."""
        return self._given_keys or load_keys(self.settings, self.core.clock)

    @cached_property
    def tokens(self) -> Tokens:
        """What signs and verifies access tokens."""
        return Tokens(self.keys, self.settings, self.core.clock)

    @cached_property
    def authenticator(self) -> Authenticator:
        """What tells who the bearer of a token is."""
        return Authenticator(self.core, self.tokens, self.settings.look_every, self.settings.lifetimes)

    def _forget(self, *subjects: UUID) -> None:
        """Forget in this process, at once, who *subjects* are; the others hear of it by stamps."""
        if "authenticator" in self.__dict__:
            self.authenticator.forget(subjects)

    def close(self) -> None:
        """Wait for mails that are being sent; the core stays open."""
        self._post.shutdown()

    def now(self) -> datetime:
        """Return the present instant."""
        return self.core.clock.now()

    def is_fresh(self, caller: Caller) -> bool:
        """Say whether the caller has proven a second factor in this session not long ago."""
        proven = caller.second_factor_at
        return proven is not None and self.now() - proven < self.settings.factor_fresh_for

    def _transact(self, function: Callable[[UnitOfWork], R]) -> R:
        with self.core.across_fleets() as uow:
            return function(uow)

    def _find(self, *, email: str | None = None, user_id: UUID | None = None) -> Login | None:
        """Return who may be meant, by the same statements whether there is somebody or not."""
        known = email if email is None or is_text(email) else ""
        with self.core.across_fleets(snapshot=True) as uow:
            return find_login(uow, email=known, user_id=user_id)

    def _login(self, user_id: UUID) -> Login:
        """Return the user, who is signed in; raises Unauthenticated when they are gone."""
        login = self._find(user_id=user_id)
        if login is None or not login.user.is_active:
            raise Unauthenticated("you are not signed in, or not any more: sign in again")
        return login

    def _take(self, *steps: Sequence[RateLimit]) -> None:
        take(self.core, *steps)

    def _pair(self, email: str, address: str | None) -> RateLimit:
        key = limit_key("sign-in-pair", account_key(email), address or "")
        return RateLimit(key, self.settings.limits.sign_in_pair)

    def _account(self, email: str) -> RateLimit:
        return RateLimit(limit_key("sign-in-account", account_key(email)), self.settings.limits.sign_in_account)

    def _release_sign_in(self, uow: UnitOfWork, email: str, address: str | None) -> None:
        """Forget the failures of who has proven themselves here; elsewhere somebody may still be guessing."""
        uow[LIMITS].release(self._pair(email, address).key)
        uow[LIMITS].give_back(self._account(email))

    def _limit_sign_in(self, email: str, address: str | None) -> None:
        """Take a sign-in from the limits: the account's own only when this address may still try at all."""
        limits = self.settings.limits
        first = [
            self._pair(email, address),
            RateLimit(limit_key("sign-in-address", address or ""), limits.sign_in_address),
        ]
        self._take(first, [self._account(email)])

    def _prove(self, caller: Caller, password: str, origin: Origin) -> Login:
        """Return who the caller is after they gave their password again; raises Rejected for a wrong one."""
        login = self._login(caller.actor.user_id)
        name = str(login.user.id)
        self._limit_sign_in(name, origin.address)
        if not self.hasher.verify(password, login.password_hash):
            self._note(SecurityEvent.SIGN_IN_FAILED, login.user.id, origin, caller.session_id)
            raise Rejected.because("password", "is not your password", "password.wrong")
        self._transact(lambda uow: self._release_sign_in(uow, name, origin.address))
        return login

    def _note(self, event: SecurityEvent, user_id: UUID | None, origin: Origin, session_id: UUID | None = None) -> None:
        self._transact(lambda uow: note(uow, event, user_id, origin, session_id))

    def _password_problems(self, password: str, *personal: str | None, field: str = "password") -> list[Problem]:
        if not is_text(password):
            return [Problem(field, NOT_TEXT)]
        known = [word for word in personal if word]
        return list(check_password(password, known, length_min=self.settings.password_length_min, field=field))

    def link(self, purpose: LinkPurpose, token: str) -> str:
        """Return the address at which *token* is taken."""
        return f"{self.settings.public_url}/{PATHS[purpose]}?token={token}"

    def _send(self, user: User, purpose: LinkPurpose, token: str) -> None:
        if user.email is None:
            return
        link = self.link(purpose, token)
        mail = Mail(to=user.email, name=user.name, purpose=purpose, link=link, locale=user.locale)
        self._post.submit(self._deliver, mail)

    def _deliver(self, mail: Mail) -> None:
        try:
            if self.mailer is None:
                self.mailer = mailer_of(self.core, is_development=self.settings.is_development)
            self.mailer.send(mail)
        except NotSent as error:
            log.error("a mail to %s was not sent: %s", mail.purpose.value, error)
        except Exception as error:  # a mailer is foreign code, and its error may quote the link
            log.error("a mail to %s was not sent: %s", mail.purpose.value, type(error).__name__)

    def _answer(self, session: Session, fleet_id: UUID, roles: tuple[str, ...], token: str | None) -> TokenAnswer:
        access = self.tokens.issue(user_id=session.user_id, fleet_id=fleet_id, session_id=session.id, roles=roles)
        seconds = int(self.settings.access_lifetime.total_seconds())
        return TokenAnswer(access_token=access, refresh_token=token, expires_in=seconds)
