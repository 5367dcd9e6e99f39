"""Password hashes: argon2id, a few at a time; bcrypt hashes of other programs are believed once, then replaced."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from fleetcore.accounts.passwords import LENGTH_MAX, normal_password
from fleetcore.kernel.errors import Unavailable

from .settings import HashCost

__all__ = ["Argon2Hasher"]

BCRYPT_MARKS = ("$2a$", "$2b$", "$2y$")
BCRYPT_BYTES = 72  # what bcrypt reads of a password; the library refuses more, older ones cut it off
WAITING_MAX_EACH = 8
WAIT_SECONDS = 5.0
TYPED_LENGTH_MAX = 4 * LENGTH_MAX  # of combining characters that are composed before they are counted


class Argon2Hasher:
    """Hashes and verifies, on as many cores as there are *slots*; who would wait too long is told so at once.

    An unknown user's password is verified against a hash of nobody's, so the answer takes as long.
    """

    def __init__(self, cost: HashCost, slots: int) -> None:
        self._argon2 = Argon2(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes, type=Type.ID)
        self._slots = threading.BoundedSemaphore(slots)
        self._places = threading.BoundedSemaphore(slots * (1 + WAITING_MAX_EACH))
        self._nobodys = self._argon2.hash(secrets.token_bytes(32))

    def hash(self, password: str) -> str:
        """Return an argon2id hash of *password*."""
        with self._slot():
            return self._argon2.hash(_bytes(password))

    def verify(self, password: str, known: str | None) -> bool:
        """Say whether *known* is a hash of *password*; without one it works as long, and says no."""
        with self._slot():
            if len(password) > TYPED_LENGTH_MAX:  # nobody's password: not worth composing its characters
                password, known = "", None
            if known is not None and known.startswith(BCRYPT_MARKS):
                return _is_bcrypt(password, known)
            try:
                self._argon2.verify(known or self._nobodys, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
            return known is not None

    def is_outdated(self, known: str) -> bool:
        """Say whether *known* should be made anew."""
        if known.startswith(BCRYPT_MARKS):
            return True
        try:
            return self._argon2.check_needs_rehash(known)
        except InvalidHashError:
            return True

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Unavailable("too many people sign in at this moment: try again in a few seconds")
        try:
            if not self._slots.acquire(timeout=WAIT_SECONDS):
                raise Unavailable("too many people sign in at this moment: try again in a few seconds")
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._places.release()


def _bytes(password: str) -> bytes:
    return normal_password(password).encode("utf-8", "surrogatepass")


def _is_bcrypt(password: str, known: str) -> bool:
    import bcrypt

    try:
        return bcrypt.checkpw(_bytes(password)[:BCRYPT_BYTES], known.encode())
    except ValueError:  # a NUL in the password, or no hash after all
        return False
