"""The few ways in which fleetcore says no."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from attrs import frozen

__all__ = [
    "Conflict",
    "FleetError",
    "Forbidden",
    "KeyReused",
    "NotFound",
    "Problem",
    "Rejected",
    "StorageFull",
    "Unavailable",
    "reject_if_any",
]


@frozen
class Problem:
    """One thing that is wrong with what was asked: the field, what is wrong and what to do about it.

    *field* is a dotted path into the command ("" where it is about the whole); *code* is stable
    for programs ("odometer.jump"), *message* is for people.
    """

    field: str
    message: str
    code: str = "invalid"

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class FleetError(Exception):
    """Root of every error that fleetcore raises on purpose."""


class Rejected(FleetError):
    """The command breaks rules; ``problems`` lists every one of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))

    @classmethod
    def because(cls, field: str, message: str, code: str = "invalid") -> Rejected:
        """Shorthand for a rejection with a single problem."""
        return cls([Problem(field, message, code)])

    def has_code(self, code: str) -> bool:
        """Say whether any of the problems carries *code*."""
        return any(problem.code == code for problem in self.problems)


class NotFound(FleetError):
    """There is no such record in this fleet (also when it belongs to another fleet)."""

    def __init__(self, what: str, key: UUID | str) -> None:
        self.what = what
        self.key = str(key)
        super().__init__(f"there is no {what} {self.key} in this fleet")


class Conflict(FleetError):
    """The request collides with what is stored: a stale version, a taken id, name or key."""


class KeyReused(Conflict):
    """An idempotency key came again with another request."""


class Forbidden(FleetError):
    """The actor lacks the permission for the operation or for this record."""


class Unavailable(FleetError):
    """The storage cannot serve now: locked, read-only, unreachable, or of another schema version."""


class StorageFull(Unavailable):
    """There is no room left to store anything; what is stored can be read."""


def reject_if_any(problems: Iterable[Problem]) -> None:
    """Raise :class:`Rejected` with all *problems*, if there are any."""
    if found := tuple(problems):
        raise Rejected(found)
