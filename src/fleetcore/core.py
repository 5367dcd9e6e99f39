"""The composition root: areas, plugins and a database become one Core, and commands run through it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar
from uuid import UUID

from attrs import frozen

from fleetcore.audit.service import write_changes
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.area import Area
from fleetcore.kernel.checks import label_problems, value_problems
from fleetcore.kernel.errors import KeyReused, Rejected, reject_if_any
from fleetcore.kernel.events import CommittedEvent, Event
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.when import Clock, SystemClock
from fleetcore.kernel.wire import from_json, structure, to_json
from fleetcore.operations import AnyOperation, Operation, Query
from fleetcore.people.actors import find_actor
from fleetcore.people.commands import CreateFleet
from fleetcore.people.ports import DIRECTORY
from fleetcore.people.service import found_fleet
from fleetcore.plugins import Plugins
from fleetcore.registry import Registry
from fleetcore.storage.database import Database
from fleetcore.storage.outbox import CORRELATION_LENGTH_MAX, KEY_LENGTH_MAX, claim_key, store_response, write_outbox
from fleetcore.storage.schema import prepare
from fleetcore.storage.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from fleetcore.exports.model import BackupReport, Progress, RestoreReport

__all__ = ["Core", "open"]

C = TypeVar("C")
R = TypeVar("R")
NOBODY = Actor(user_id=UUID(int=0), fleet_id=UUID(int=0))  # for work across fleets, which no operation does


@frozen(kw_only=True)
class _Request:
    """What travels with a command besides its content."""

    name: str
    idempotency_key: str | None = None
    correlation_id: str | None = None


def open(  # noqa: A001 - the front door reads fleetcore.open(url)
    url: str = "sqlite://",
    *,
    plugins: Iterable[Any] = (),
    installed_plugins: bool = True,
    clock: Clock | None = None,
) -> Core:
    """Open the database at *url* and return a Core over it.

    *url* is a SQLAlchemy URL: ``sqlite:////absolute/path.db``, ``sqlite://`` (in memory) or
    ``postgresql://user@host/name``. SQLite creates and upgrades itself; PostgreSQL must have been
    migrated. Raises Unavailable when the database cannot be used, Rejected for a bad *url*.
    """
    loaded = Plugins(plugins, installed=installed_plugins)
    database = Database(url)
    try:
        prepare(database)
        return Core(database, loaded, clock or SystemClock())
    except BaseException:
        database.close()
        raise


class Core:
    """Runs operations. Safe to share between threads: it holds no state of a request.

    Each ``run`` is one transaction on a connection of its own; ``read`` takes no lock.
    """

    def __init__(self, database: Database, plugins: Plugins, clock: Clock) -> None:
        self.database = database
        self.plugins = plugins
        self.clock = clock
        self.registry = Registry(plugins.areas())

    @property
    def areas(self) -> tuple[Area, ...]:
        """Every area in rank order, plugins' last."""
        return self.registry.areas

    @property
    def operations(self) -> Mapping[str, AnyOperation]:
        """Everything the library can do, by name."""
        return self.registry.operations

    @property
    def events(self) -> Mapping[str, type[Event]]:
        """Every event class by its name."""
        return self.registry.events

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database connections back; the Core cannot be used afterwards."""
        self.database.close()

    def run(
        self,
        actor: Actor,
        operation: Operation[C, R],
        command: C,
        *,
        idempotency_key: str | None = None,
        correlation_id: str | None = None,
    ) -> R:
        """Run *operation* for *actor* in one transaction and return the accepted fact.

        The same *idempotency_key* again returns the first answer without a second effect. Raises
        Forbidden, Rejected with every problem, NotFound, Conflict or Unavailable; then nothing is kept.
        """
        if operation.permission is not None:
            actor.require(operation.permission)
        reject_if_any(
            (
                *value_problems(command),
                *label_problems("idempotency_key", idempotency_key, KEY_LENGTH_MAX),
                *label_problems("correlation_id", correlation_id, CORRELATION_LENGTH_MAX),
            )
        )
        request = _Request(name=operation.name, idempotency_key=idempotency_key, correlation_id=correlation_id)
        return self._transact(actor, operation, command, request)

    def read(self, actor: Actor, query: Query[C, R], command: C) -> R:
        """Answer *query* for *actor*. Raises Forbidden, Rejected, NotFound or Unavailable."""
        if query.permission is not None:
            actor.require(query.permission)
        reject_if_any(value_problems(command))
        lend = self.database.snapshot if query.snapshot else self.database.read
        with lend(actor.fleet_id) as connection:
            return query.function(self._unit(connection, actor), command)

    def perform(self, actor: Actor, name: str, values: Mapping[str, Any], **request: Any) -> Any:
        """Run or read the operation called *name* with plain *values*, as they come from JSON."""
        if (found := self.operations.get(name)) is None:
            raise Rejected.because("operation", f"there is no operation {name!r}")
        command = structure(values, found.command_type)
        return (
            self.read(actor, found, command) if isinstance(found, Query) else self.run(actor, found, command, **request)
        )

    def create_fleet(self, name: str, *, currency: str = "EUR", **settings: Any) -> Actor:
        """Found a fleet and return its owner as an actor.

        *settings* are the other fields of CreateFleet: timezone, units, owner_name, owner_email.
        Raises Rejected with every problem.
        """
        command = CreateFleet(name=name, currency=currency, **settings)
        reject_if_any(value_problems(command))
        known = None
        if command.owner_email:
            with self.database.system() as connection:
                known = self._unit(connection, NOBODY)[DIRECTORY].user_by_email(command.owner_email)
        founder = Actor(user_id=known.id if known else new_id(), fleet_id=new_id())
        found = Operation("people.found_fleet", None, found_fleet)
        self._transact(founder, found, command, _Request(name=found.name))
        return self.actor(user_id=founder.user_id, fleet_id=founder.fleet_id)

    def actor(
        self,
        email: str | None = None,
        *,
        fleet: str | None = None,
        user_id: UUID | None = None,
        fleet_id: UUID | None = None,
    ) -> Actor:
        """Return who asks, in one line: with nothing named, the owner of the database's only fleet.

        Raises Rejected, saying what to name, when that is not one user in one fleet, and Forbidden for a
        user who is disabled.
        """
        with self.database.system() as connection:
            directory = self._unit(connection, NOBODY)[DIRECTORY]
            return find_actor(directory, email=email, fleet=fleet, user_id=user_id, fleet_id=fleet_id)

    def backup(
        self, target: Path | BinaryIO, *, overwrite: bool = False, progress: Progress | None = None
    ) -> BackupReport:
        """Write every fleet, as of one moment, into an archive: to a path, or into an open binary file.

        *progress* is told (table, rows so far). Raises Conflict for a path that exists (without *overwrite*),
        Rejected for one that cannot be, Unavailable when writing or the database fails.
        """
        from fleetcore import archives  # it deals with every area, and few processes need it

        now = self.clock.now()
        return archives.backup(self.database, self._unit, now, target, overwrite=overwrite, progress=progress)

    def restore(
        self, source: Path | BinaryIO, *, dry_run: bool = False, progress: Progress | None = None
    ) -> RestoreReport:
        """Write every fleet of the archive at *source*, a backup or an export, in one transaction.

        All of the archive is checked first; with *dry_run* that is all. Raises Rejected for an archive that is
        damaged, newer or none, Conflict when a fleet exists here or an e-mail address is another user's; then
        nothing was written.
        """
        from fleetcore import archives

        return archives.restore(self.database, source, dry_run=dry_run, progress=progress)

    def _unit(self, connection: Any, actor: Actor) -> SqlUnitOfWork:
        return SqlUnitOfWork(connection, actor, self.clock.now(), self.registry)

    def _transact(self, actor: Actor, operation: Operation[C, R], command: C, request: _Request) -> R:
        def body(connection: Any) -> tuple[R, list[CommittedEvent]]:
            uow = self._unit(connection, actor)
            key = request.idempotency_key
            if key is not None and (answer := _claim(uow, request.name, key, command)) is not None:
                return from_json(answer, operation.result_type), []
            result = operation.function(uow, command)
            write_changes(uow, request.name, uow.changes, request.correlation_id)
            write_outbox(connection, uow.events, request.correlation_id)
            if key is not None:
                store_response(connection, actor.fleet_id, actor.user_id, key, to_json(result))
            return result, uow.events

        result, events = self.database.write(actor.fleet_id, body)
        for committed in events:
            self.plugins.event_committed(committed)
        return result


def _claim(uow: SqlUnitOfWork, operation: str, key: str, command: Any) -> str | None:
    """Claim the idempotency key for this request; returns the stored answer of an earlier one."""
    request_hash = hashlib.sha256(operation.encode() + b"\0" + to_json(command)).hexdigest()
    row = {
        "fleet_id": uow.fleet_id,
        "actor_id": uow.actor.user_id,
        "key": key,
        "operation": operation,
        "request_hash": request_hash,
        "at": uow.now,
    }
    holder = claim_key(uow.connection, row)
    if holder is None:
        return None
    if holder["request_hash"] != request_hash:
        raise KeyReused(f"the idempotency key {key!r} was used for another request: make a new key for a new request")
    return str(holder["response"])
