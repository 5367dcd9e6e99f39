"""The host's own keys: Ed25519 keys that sign tokens, Fernet keys that seal secrets in the database.

They lie in one file, newest first, outside the database. A new signing key is known to every process for a minute
before it signs, and the old one is believed until its last token has expired. Of the sealing keys the one before the
newest is kept for a process that has not read the file again yet.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs
import orjson
from attrs import field, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fleetcore.kernel.errors import Rejected, Unavailable
from fleetcore.kernel.when import Clock

from .settings import AuthSettings

__all__ = ["KeyRing", "KeySet", "SigningKey", "load_keys", "new_key_set", "read_keys", "rotated", "save_keys"]

log = logging.getLogger("fleetserver.auth.keys")
FORMAT = 1
KEY_BYTES = 32
DIFFERENT_BYTES_MIN = 12  # of 32 random bytes fewer than 12 differ once in 10^20 files
SETTLING = timedelta(minutes=1)
SEALING_KEPT = 2
OTHERS_MAY_WRITE, OTHERS_MAY_READ, OWNER_ONLY = 0o022, 0o044, 0o600


@frozen(kw_only=True)
class SigningKey:
    """A key that signs tokens from *signs_from* on; its tokens are believed until *verifies_until*."""

    kid: str
    seed: bytes = field(repr=False)
    created_at: datetime
    signs_from: datetime
    verifies_until: datetime | None = None


@frozen(kw_only=True)
class KeySet:
    """What the file holds, the newest first."""

    signing: tuple[SigningKey, ...]
    sealing: tuple[bytes, ...] = field(repr=False)

    def signer(self, now: datetime) -> SigningKey:
        """Return the key that signs at *now*: the newest that is known everywhere."""
        settled = [key for key in self.signing if key.signs_from <= now]
        return max(settled or self.signing, key=lambda key: key.signs_from)

    def verifier(self, kid: str, now: datetime) -> SigningKey | None:
        """Return the key called *kid*, unless its time has passed."""
        found = next((key for key in self.signing if key.kid == kid), None)
        if found is None or (found.verifies_until is not None and found.verifies_until <= now):
            return None
        return found


def new_key_set(now: datetime) -> KeySet:
    """Make the first keys."""
    return KeySet(signing=(_new_signing_key(now, now),), sealing=(Fernet.generate_key(),))


def _new_signing_key(now: datetime, signs_from: datetime) -> SigningKey:
    return SigningKey(kid=uuid4().hex, seed=secrets.token_bytes(KEY_BYTES), created_at=now, signs_from=signs_from)


def rotated(before: KeySet, now: datetime, access_lifetime: timedelta, *, at_once: bool = False) -> KeySet:
    """Return *before* with a new signing and a new sealing key.

    With *at_once*, after a leak, tokens of the old keys are no longer believed.
    """
    starts = now if at_once else now + SETTLING
    until = starts + access_lifetime + SETTLING
    kept = [
        key if key.verifies_until is not None else attrs.evolve(key, verifies_until=until)
        for key in before.signing
        if not at_once and (key.verifies_until is None or key.verifies_until > now)
    ]
    return KeySet(
        signing=(_new_signing_key(now, starts), *kept),
        sealing=(Fernet.generate_key(), *before.sealing)[:SEALING_KEPT],
    )


def _written(keys: KeySet) -> bytes:
    signing = [
        {
            "kid": key.kid,
            "seed": base64.b64encode(key.seed).decode(),
            "created_at": key.created_at,
            "signs_from": key.signs_from,
            "verifies_until": key.verifies_until,
        }
        for key in keys.signing
    ]
    sealing = [key.decode() for key in keys.sealing]
    return orjson.dumps({"format": FORMAT, "signing": signing, "sealing": sealing}, option=orjson.OPT_INDENT_2)


def _read(text: str | bytes, where: str) -> KeySet:
    """Read keys, refusing weak ones; messages name no value."""
    try:
        data = orjson.loads(text)
        if data["format"] != FORMAT:
            raise ValueError("an unknown format")
        keys = KeySet(
            signing=tuple(_signing_key(each) for each in data["signing"]),
            sealing=tuple(each.encode("ascii") for each in data["sealing"]),
        )
        strong = [key.seed for key in keys.signing]
        strong += [base64.urlsafe_b64decode(key) for key in keys.sealing]
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise Rejected.because(
            "FLEET_KEYS", f"{where} holds no keys: `fleet keys create` makes them", "keys.bad"
        ) from None
    if not keys.signing or not keys.sealing or not all(map(_is_strong, strong)):
        raise Rejected.because(
            "FLEET_KEYS", f"{where} holds weak keys: `fleet keys create` makes new ones", "keys.weak"
        )
    return keys


def _signing_key(each: dict[str, Any]) -> SigningKey:
    until = each.get("verifies_until")
    return SigningKey(
        kid=str(each["kid"]),
        seed=base64.b64decode(each["seed"], validate=True),
        created_at=datetime.fromisoformat(each["created_at"]),
        signs_from=datetime.fromisoformat(each["signs_from"]),
        verifies_until=None if until is None else datetime.fromisoformat(until),
    )


def _is_strong(key: bytes) -> bool:
    return len(key) == KEY_BYTES and len(set(key)) >= DIFFERENT_BYTES_MIN


def save_keys(path: Path, keys: KeySet, *, is_new: bool = False) -> bool:
    """Write *keys* to *path*, readable by its owner only, all of it or nothing.

    With *is_new* a file that is there meanwhile stays as it is; says whether it was written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_written(keys))
            file.flush()
            os.fsync(file.fileno())
        if not is_new:
            draft.replace(path)
            return True
        os.link(draft, path)  # fails where a file is, as no rename does
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def load_keys(settings: AuthSettings, clock: Clock, say: Callable[[str], None] = log.warning) -> KeyRing:
    """Return the host's keys; on a loopback host they are made where there are none, and *say* is told.

    Raises Rejected for keys that are missing (on another host), weak, or in a file that others may write.
    """
    if settings.keys_text is not None:
        return KeyRing(_read(settings.keys_text, "FLEET_KEYS"), clock)
    path = settings.key_path
    if not path.exists():
        if not settings.is_private:
            raise Rejected.because(
                "FLEET_KEYS_FILE",
                f"{path} does not exist, and {settings.host} is no loopback host: make keys with `fleet keys create`, "
                "or name their file in FLEET_KEYS_FILE",
                "keys.missing",
            )
        if save_keys(path, new_key_set(clock.now()), is_new=True):
            say(f"made keys for this host in {path}: keep a copy apart from the database, where nobody else reads it")
    return KeyRing(_read_file(path), clock, path)


def read_keys(settings: AuthSettings) -> KeySet:
    """Return the keys as they are; raises Rejected where they are missing or weak."""
    return _read(settings.keys_text, "FLEET_KEYS") if settings.keys_text else _read_file(settings.key_path)


def _read_file(path: Path) -> KeySet:
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}): `fleet keys create` makes keys"
        raise Rejected.because("FLEET_KEYS_FILE", message, "keys.bad") from None
    if mode & OTHERS_MAY_WRITE:
        raise Rejected.because("FLEET_KEYS_FILE", f"{path} can be written by others: chmod 600 {path}", "keys.weak")
    if mode & OTHERS_MAY_READ:  # as secrets are that containers mount
        log.warning("%s can be read by others on this machine: chmod 600, unless it is a mounted secret", path)
    return _read(text, str(path))


class KeyRing:
    """The keys in use: signs, verifies and seals; reads its file again when that has changed."""

    def __init__(self, keys: KeySet, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self.path = path
        self._seen = _fingerprint(path)
        self._use(keys)

    def __repr__(self) -> str:
        return f"KeyRing({len(self.keys.signing)} signing, {len(self.keys.sealing)} sealing)"

    def _use(self, keys: KeySet) -> None:
        self.keys = keys
        self._private = {key.kid: Ed25519PrivateKey.from_private_bytes(key.seed) for key in keys.signing}
        self._fernet = MultiFernet([Fernet(key) for key in keys.sealing])

    def refresh(self) -> bool:
        """Read the file again if it has changed; says whether it had. A file that is bad meanwhile is not used."""
        if self.path is None or (seen := _fingerprint(self.path)) == self._seen or seen is None:
            return False
        try:
            keys = _read_file(self.path)
        except Rejected as rejected:
            log.error("the keys were not read again: %s", rejected)
            return False
        self._seen = seen
        self._use(keys)
        return True

    def signer(self) -> tuple[str, Ed25519PrivateKey]:
        """Return the id and the key that sign now."""
        self.refresh()
        kid = self.keys.signer(self._clock.now()).kid
        return kid, self._private[kid]

    def verifier(self, kid: str) -> Ed25519PublicKey | None:
        """Return the public key called *kid*; None for one that is unknown or whose time has passed."""
        now = self._clock.now()
        found = self.keys.verifier(kid, now)
        if found is None and self.refresh():
            found = self.keys.verifier(kid, now)
        return None if found is None else self._private[found.kid].public_key()

    def seal(self, secret: bytes) -> str:
        """Return *secret* encrypted with the newest key."""
        self.refresh()
        return self._fernet.encrypt(secret).decode()

    def unseal(self, sealed: str) -> bytes:
        """Return what was sealed; raises Unavailable when its key is gone."""
        for _ in range(2):
            try:
                return self._fernet.decrypt(sealed.encode())
            except (InvalidToken, InvalidSignature):
                if not self.refresh():
                    break
        raise Unavailable("a sealed secret cannot be read: the key that sealed it is not in the key file any more")

    def resealed(self, sealed: Iterable[str]) -> list[str]:
        """Return each of *sealed* under the newest key."""
        return [self.seal(self.unseal(each)) for each in sealed]


def _fingerprint(path: Path | None) -> tuple[int, int, int] | None:
    try:
        found = None if path is None else path.stat()
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)
