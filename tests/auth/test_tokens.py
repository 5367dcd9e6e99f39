"""Access tokens that were tampered with, made elsewhere, or come at the wrong time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fleetcore.kernel.ids import new_id
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import Unauthenticated
from fleetserver.auth.service import Accounts


def encoded(value: Any) -> str:
    """Return *value* as a part of a JWT."""
    data = value if isinstance(value, bytes) else orjson.dumps(value)
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Forger:
    """Takes a good token apart, and makes others of it."""

    def __init__(self, accounts: Accounts, good: str) -> None:
        self.accounts = accounts
        self.good = good
        self.header: dict[str, Any] = jwt.get_unverified_header(good)
        self.payload: dict[str, Any] = jwt.decode(good, options={"verify_signature": False})
        self.kid, self.ours = accounts.keys.signer()

    def signed(self, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
        """Return a token of changed *claims* and *header* fields; None takes a claim away. Signed with *key*."""
        payload = {name: value for name, value in (self.payload | claims).items() if value is not None}
        head = {name: value for name, value in (self.header | (header or {})).items() if value is not None}
        text = f"{encoded(head)}.{encoded(payload)}"
        return f"{text}.{encoded((key or self.ours).sign(text.encode()))}"

    def with_hmac(self, secret: bytes) -> str:
        """Return a token that says HS256 and is signed with *secret*."""
        text = f"{encoded(self.header | {'alg': 'HS256'})}.{encoded(self.payload)}"
        return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    def public(self, encoding: Encoding, form: PublicFormat) -> bytes:
        """Return our public key, which everybody may know."""
        return self.ours.public_key().public_bytes(encoding, form)


STRANGER = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a stranger's key").digest())
STRANGERS_JWK = {"kty": "OKP", "crv": "Ed25519", "x": encoded(STRANGER.public_key().public_bytes_raw())}
Forgery = Callable[[Forger], str]
FORGERIES: dict[str, Forgery] = {
    "alg none": lambda f: f"{encoded(f.header | {'alg': 'none'})}.{encoded(f.payload)}.",
    "alg None, signed": lambda f: f.signed({"alg": "None"}),
    "HS256 with the public key, raw": lambda f: f.with_hmac(f.public(Encoding.Raw, PublicFormat.Raw)),
    "HS256 with the public key, PEM": lambda f: f.with_hmac(f.public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    "HS256 with nothing": lambda f: f.with_hmac(b""),
    "another algorithm": lambda f: f.signed({"alg": "ES256"}),
    "an unknown kid": lambda f: f.signed({"kid": uuid4().hex}),
    "no kid": lambda f: f.signed({"kid": None}),
    "a kid that is a path": lambda f: f.signed({"kid": "../../../../dev/null"}, key=STRANGER),
    "a kid that is no text": lambda f: f.signed({"kid": {"a": 1}}),
    "a stranger's key": lambda f: f.signed(key=STRANGER),
    "another issuer": lambda f: f.signed(iss="https://evil.example"),
    "no issuer": lambda f: f.signed(iss=None),
    "another audience": lambda f: f.signed(aud="another-api"),
    "several audiences": lambda f: f.signed(aud=["fleetcore-api", "another-api"]),
    "no audience": lambda f: f.signed(aud=None),
    "an ID token's typ": lambda f: f.signed({"typ": "JWT"}),
    "no typ": lambda f: f.signed({"typ": None}),
    "expired": lambda f: f.signed(exp=f.payload["iat"]),
    "no exp": lambda f: f.signed(exp=None),
    "exp as text": lambda f: f.signed(exp="9999999999"),
    "exp that never comes": lambda f: f.signed(exp=1e400),
    "not yet valid": lambda f: f.signed(nbf=f.payload["iat"] + 60),
    "from the future": lambda f: f.signed(iat=f.payload["iat"] + 60),
    "no nbf": lambda f: f.signed(nbf=None),
    "jku": lambda f: f.signed({"jku": "https://evil.example/keys"}, key=STRANGER),
    "jwk": lambda f: f.signed({"jwk": STRANGERS_JWK}, key=STRANGER),
    "jwk beside our signature": lambda f: f.signed({"jwk": STRANGERS_JWK}),
    "x5u": lambda f: f.signed({"x5u": "https://evil.example/certificate"}, key=STRANGER),
    "crit": lambda f: f.signed({"crit": ["exp"]}),
    "unencoded payload": lambda f: f.signed({"b64": False, "crit": ["b64"]}),
    "another fleet": lambda f: f.signed(fid=str(new_id())),
    "another user": lambda f: f.signed(sub=str(new_id())),
    "another session": lambda f: f.signed(sid=str(new_id())),
    "a user that is no id": lambda f: f.signed(sub="1 OR 1=1"),
    "a user that is no text": lambda f: f.signed(sub=1),
    "no parts": lambda _: "nonsense",
    "empty": lambda _: "...",
    "far too long": lambda f: f.good + "A" * 100_000,
    "no text": lambda _: "\ud800.\ud800.\ud800",
    "deep": lambda _: f"{encoded(b'[' * 2000)}.{encoded(b'[' * 2000)}.",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_refused(accounts: Accounts, ada: Any, name: str) -> None:
    """None of them is believed, before and after the good token was remembered."""
    forger = Forger(accounts, ada.access_token)
    forged = FORGERIES[name](forger)
    with pytest.raises(Unauthenticated):
        accounts.identify(forged)
    assert accounts.identify(ada.access_token)
    with pytest.raises(Unauthenticated):
        accounts.identify(forged)


def test_a_forger_with_our_key_would_be_believed(accounts: Accounts, ada: Any) -> None:
    """Negative control: the forger's tools make a good token, so each forgery fails for what was changed."""
    forger = Forger(accounts, ada.access_token)

    assert accounts.identify(forger.signed(jti=str(new_id()))).session_id


def test_every_flipped_bit_is_noticed(accounts: Accounts, ada: Any) -> None:
    """A token of which one bit differs is refused, whichever it is; the last bits of a part mean nothing."""
    parts = ada.access_token.split(".")
    believed = []
    for index, part in enumerate(parts):
        data = base64.urlsafe_b64decode(part + "==")
        for bit in range(len(data) * 8):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            forged = ".".join([*parts[:index], encoded(bytes(flipped)), *parts[index + 1 :]])
            try:
                accounts.tokens.verify(forged)
            except Unauthenticated:
                continue
            believed.append((index, bit))

    assert [] == believed


def test_clocks_may_differ_a_little(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """A token of a host whose clock is a few seconds ahead is believed."""
    clock.advance(seconds=-5)
    assert accounts.tokens.verify(ada.access_token)
    clock.advance(seconds=-1)
    with pytest.raises(Unauthenticated):
        accounts.tokens.verify(ada.access_token)


def test_claims_say_who_where_and_as_what(accounts: Accounts, ada: Any) -> None:
    """The token names user, fleet, roles and session, and lives fifteen minutes."""
    caller = accounts.identify(ada.access_token)
    forger = Forger(accounts, ada.access_token)

    assert {"alg": "EdDSA", "typ": "at+jwt", "kid": forger.kid} == forger.header
    assert str(caller.actor.user_id) == forger.payload["sub"]
    assert str(caller.actor.fleet_id) == forger.payload["fid"]
    assert str(caller.session_id) == forger.payload["sid"]
    assert ["owner"] == forger.payload["roles"]
    assert 900 == forger.payload["exp"] - forger.payload["iat"]
