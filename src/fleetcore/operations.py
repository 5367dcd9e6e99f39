"""Operations: the single list of what the library can do.

A service function becomes an operation by decoration. From the list come the permission matrix, audit
names, the JSON routes, OpenAPI, the command-line help and the docs reference.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar, get_type_hints

from attrs import field, frozen

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.paging import Page
from fleetcore.kernel.ports import UnitOfWork

__all__ = ["AnyOperation", "Operation", "Query", "Sensitive", "always", "of_others", "operation", "query"]

C = TypeVar("C")
R = TypeVar("R")
Sensitive = Callable[[Actor, Any, Any], bool]  # whether it is to be known later that the actor read this answer


@lru_cache(maxsize=1024)
def _hints(function: Callable[..., Any]) -> tuple[Any, Any]:
    """Return the types of the command and of the result; remembered, as every request asks."""
    hints = get_type_hints(function)
    names = list(inspect.signature(function).parameters)
    return hints[names[1]], hints["return"]


@frozen(eq=False)
class _Named(Generic[C, R]):
    """What operations and queries share: a name, a permission and the function."""

    name: str
    permission: str | None
    function: Callable[[UnitOfWork, C], R] = field(repr=False)

    def __call__(self, uow: UnitOfWork, command: C) -> R:
        return self.function(uow, command)

    @property
    def area(self) -> str:
        """The area that the name begins with."""
        return self.name.partition(".")[0]

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def description(self) -> str:
        """The whole docstring of the function."""
        return inspect.getdoc(self.function) or ""

    @property
    def command_type(self) -> Any:
        """The type of what is asked."""
        return _hints(self.function)[0]

    @property
    def result_type(self) -> Any:
        """The type of what is answered."""
        return _hints(self.function)[1]


@frozen(eq=False)
class Operation(_Named[C, R]):
    """An operation that changes something; runs in a transaction.

    *before* does what takes long and needs no lock, such as storing a file, on a reading unit of work; the
    command that it returns is the one that runs, as often as the transaction must be tried.
    """

    before: Callable[[UnitOfWork, Any], Any] | None = field(default=None, repr=False)


@frozen(eq=False)
class Query(_Named[C, R]):
    """An operation that only reads; *snapshot* asks for one consistent view of the whole read.

    Where *sensitive* says so of an answer, the audit log tells who read it.
    """

    snapshot: bool = False
    sensitive: Sensitive | None = field(default=None, repr=False)


def always(_actor: Actor, _command: Any, _result: Any) -> bool:
    """Say that every answer is sensitive."""
    return True


def of_others(*names: str) -> Sensitive:
    """Say that an answer is sensitive which tells of another person than the actor.

    Whom a record tells of is the first of its fields *names* that names somebody.
    """

    def tells_of_others(actor: Actor, _command: Any, result: Any) -> bool:
        records = result.items if isinstance(result, Page) else result if isinstance(result, tuple) else (result,)
        return any(_person_of(record, names) not in {None, actor.user_id} for record in records)

    return tells_of_others


def _person_of(record: Any, names: tuple[str, ...]) -> Any:
    return next((person for name in names if (person := getattr(record, name)) is not None), None)


AnyOperation = Operation[Any, Any] | Query[Any, Any]


def operation(
    name: str, *, permission: str | None, before: Callable[[UnitOfWork, Any], Any] | None = None
) -> Callable[[Callable[[UnitOfWork, C], R]], Operation[C, R]]:
    """Make a service function the operation *name*, open to actors with *permission* (None: to any actor)."""
    return lambda function: Operation(name, permission, function, before)


def query(
    name: str, *, permission: str | None, snapshot: bool = False, sensitive: Sensitive | None = None
) -> Callable[[Callable[[UnitOfWork, C], R]], Query[C, R]]:
    """Make a service function the query *name*, open to actors with *permission* (None: to any actor)."""
    return lambda function: Query(name, permission, function, snapshot, sensitive)
