"""Many commands of one operation in one transaction: all of them take effect, or none does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.checks import value_problems
from fleetcore.kernel.errors import Conflict, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import Operation

if TYPE_CHECKING:
    from fleetcore.running import Runner

__all__ = ["BATCH_SIZE_MAX", "batch_of", "problem_at", "run_many"]

C = TypeVar("C")
R = TypeVar("R")
BATCH_SIZE_MAX = 500


@frozen(kw_only=True)
class Batch:
    """What is asked in one go; *items* are commands of one operation, in the order in which they take effect."""

    items: tuple[Any, ...]


@frozen(eq=False)
class BatchOperation(Operation[Batch, tuple[Any, ...]]):
    """An operation with many commands at once; it tells what the operation would have told of each."""

    inner: Operation[Any, Any] = field(kw_only=True)

    @property
    def result_type(self) -> Any:
        """A tuple of what the operation answers."""
        result: Any = self.inner.result_type
        return tuple[result, ...]


class _OneFailed(Exception):
    """A command of the batch failed: the transaction is given up."""


def batch_of(inner: Operation[C, R]) -> BatchOperation:
    """Return the operation that runs *inner* for each item of a batch, under the name of *inner* in the audit log."""

    def each(uow: UnitOfWork, batch: Batch) -> tuple[Any, ...]:
        done = []
        for command in batch.items:
            try:
                done.append(inner.function(uow, command))
            except (Rejected, NotFound, Conflict) as error:
                raise _OneFailed from error
        return tuple(done)

    if inner.before is not None:
        raise TypeError(f"{inner.name} prepares its command before the transaction: it cannot run in a batch")
    return BatchOperation(inner.name, inner.permission, each, inner=inner)


def run_many(
    runner: Runner, actor: Actor, operation: Operation[C, R], commands: Sequence[C], request: Mapping[str, Any]
) -> tuple[R, ...]:
    """Run *operation* with each of *commands*; the work of :meth:`fleetcore.running.Runner.run_many`."""
    count = len(commands)
    if not 1 <= count <= BATCH_SIZE_MAX:
        raise Rejected.because("items", f"must be 1 to {BATCH_SIZE_MAX}, not {count}", "items.count")
    batch = Batch(items=tuple(commands))
    if operation.permission is not None:
        actor.require(operation.permission)
    reject_if_any(value_problems(batch))
    try:
        return runner.run(actor, batch_of(operation), batch, **request)
    except _OneFailed as failed:
        problems = tuple(_problems_of(runner, actor, operation, batch))
        if len(problems) == 1 and problems[0].code == CONFLICT and isinstance(failed.__cause__, Conflict):
            raise Conflict(str(problems[0])) from failed
        # What failed may have been cured meanwhile by someone else: then the first answer is told.
        raise Rejected(problems or _told(failed.__cause__, 0)) from failed


CONFLICT, MISSING = "conflict", "not-found"


class _Enough(Exception):
    """Every command was tried: nothing of it is to stay."""


def _problems_of(runner: Runner, actor: Actor, operation: Operation[Any, Any], batch: Batch) -> list[Problem]:
    """Return every problem of every item: each is tried behind a savepoint, and nothing stays.

    An item that fails leaves no trace for those behind it, so theirs are told as if it were not there.
    """
    found: list[Problem] = []

    def attempt(connection: Any) -> None:
        found.clear()
        uow = runner.unit(connection, actor)
        for number, command in enumerate(batch.items):
            point = connection.begin_nested()
            try:
                operation.function(uow, command)
            except (Rejected, NotFound, Conflict) as error:
                point.rollback()
                uow = runner.unit(connection, actor)  # stores may remember what is gone
                found.extend(_told(error, number))
            else:
                point.commit()
        raise _Enough

    try:
        runner.database.write(actor.fleet_id, attempt)
    except _Enough:
        return found
    raise AssertionError("the attempt ends with an exception")


def _told(error: BaseException | None, number: int) -> Iterator[Problem]:
    if isinstance(error, Rejected):
        for problem in error.problems:
            yield problem_at(problem, number)
    elif isinstance(error, NotFound):
        yield Problem(f"items.{number}", str(error), MISSING)
    else:
        yield Problem(f"items.{number}", str(error), CONFLICT)


def problem_at(problem: Problem, number: int) -> Problem:
    """Return *problem* of a command as one of item *number* of a batch."""
    place = f"items.{number}.{problem.field}" if problem.field else f"items.{number}"
    return Problem(place, problem.message, problem.code)
