"""Access tokens: JWT signed with Ed25519, believed for a quarter of an hour (RFC 8725, RFC 9068).

One algorithm, one type of key, one type of token, and a header of three fields: whatever else a token brings (keys,
addresses of keys, other algorithms) is refused before anything of it is looked at.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from attrs import frozen

from fleetcore.kernel.ids import new_id
from fleetcore.kernel.when import Clock

from .errors import Unauthenticated
from .keys import KeyRing
from .settings import AuthSettings

__all__ = ["Claims", "Tokens"]

ALGORITHM, TYPE, PAGES_TYPE = "EdDSA", "at+jwt", "pages+jwt"
HEADER = {"alg", "typ", "kid"}
REQUIRED = ["iss", "aud", "sub", "fid", "sid", "jti", "iat", "nbf", "exp"]
LENGTH_MAX = 4096
DRIFT_SECONDS = 5  # between the clocks of several hosts
OPTIONS: Any = {
    "require": REQUIRED,
    "verify_exp": False,  # PyJWT looks at the machine's clock; ours is below
    "verify_nbf": False,
    "verify_iat": False,
    "strict_aud": True,
}


@frozen(kw_only=True)
class Claims:
    """What a token says, after it was believed."""

    user_id: UUID
    fleet_id: UUID
    session_id: UUID
    roles: tuple[str, ...]
    expires_at: datetime


@frozen
class Tokens:
    """Signs and verifies access tokens."""

    keys: KeyRing
    settings: AuthSettings
    clock: Clock

    def issue(self, *, user_id: UUID, fleet_id: UUID, session_id: UUID, roles: tuple[str, ...]) -> str:
        """Return a token for the user in the fleet, within the session."""
        lifetime = self.settings.access_lifetime
        return self._signed(TYPE, lifetime, user_id=user_id, fleet_id=fleet_id, session_id=session_id, roles=roles)

    def issue_for_pages(self, claims: Claims) -> str:
        """Return what a browser keeps in a cookie: it names the session of *claims*, and lives as long as one may.

        It is no access token: the API refuses it, and pages refuse an access token. Whether the session still lives
        is asked of the database.
        """
        names = {"user_id": claims.user_id, "fleet_id": claims.fleet_id, "session_id": claims.session_id}
        return self._signed(PAGES_TYPE, self.settings.lifetimes.longest, roles=claims.roles, **names)

    def _signed(
        self,
        kind: str,
        lifetime: timedelta,
        *,
        user_id: UUID,
        fleet_id: UUID,
        session_id: UUID,
        roles: tuple[str, ...],
    ) -> str:
        now = self.clock.now()
        issued = int(now.timestamp())
        payload = {
            "iss": self.settings.issuer,
            "aud": self.settings.audience,
            "sub": str(user_id),
            "fid": str(fleet_id),
            "sid": str(session_id),
            "roles": list(roles),
            "jti": str(new_id()),
            "iat": issued,
            "nbf": issued,
            "exp": issued + lifetime // timedelta(seconds=1),
        }
        kid, key = self.keys.signer()
        return jwt.encode(payload, key, algorithm=ALGORITHM, headers={"typ": kind, "kid": kid})

    def verify(self, token: str) -> Claims:
        """Return what *token* says; raises Unauthenticated for one that is not ours or whose time has passed."""
        return self._believed(token, TYPE)

    def verify_for_pages(self, token: str) -> Claims:
        """Return what the token of a cookie says; raises Unauthenticated."""
        return self._believed(token, PAGES_TYPE)

    def _believed(self, token: str, kind: str) -> Claims:
        try:
            payload = self._payload(token, kind)
            claims = _claims(payload, self.clock.now())
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise _refused() from None
        if claims is None:
            raise _refused()
        return claims

    def _payload(self, token: str, kind: str) -> dict[str, Any]:
        if len(token) > LENGTH_MAX:
            raise ValueError("too long")
        header = jwt.get_unverified_header(token)
        if set(header) != HEADER or header["alg"] != ALGORITHM or header["typ"] != kind:
            raise ValueError("not the header of our tokens")
        if (key := self.keys.verifier(header["kid"])) is None:
            raise ValueError("an unknown key")
        return jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=self.settings.audience,
            issuer=self.settings.issuer,
            options=OPTIONS,
        )


def _claims(payload: dict[str, Any], now: datetime) -> Claims | None:
    issued, starts, ends = (payload[name] for name in ("iat", "nbf", "exp"))
    if not all(type(instant) is int for instant in (issued, starts, ends)):
        return None
    present = now.timestamp()
    if not max(issued, starts) - DRIFT_SECONDS <= present < ends:
        return None
    return Claims(
        user_id=UUID(payload["sub"]),
        fleet_id=UUID(payload["fid"]),
        session_id=UUID(payload["sid"]),
        roles=tuple(payload.get("roles", ())),
        expires_at=datetime.fromtimestamp(ends, tz=now.tzinfo),
    )


def _refused() -> Unauthenticated:
    return Unauthenticated("the access token is not valid or has expired: refresh it, or sign in again")
