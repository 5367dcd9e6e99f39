"""Runs operations in transactions: one unit of work, with its audit rows, its events and its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

import attrs
from attrs import field, frozen

from fleetcore.audit.model import ADDRESS_LENGTH_MAX
from fleetcore.audit.service import write_changes, write_read
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.area import Area
from fleetcore.kernel.checks import label_problems, value_problems
from fleetcore.kernel.errors import KeyReused, Rejected, reject_if_any
from fleetcore.kernel.events import CommittedEvent, Event
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import Clock
from fleetcore.kernel.wire import from_json, structure, to_json, without_secrets
from fleetcore.kernel.work import NO_FLEET, WORKER_ID, Consumer, JobKind
from fleetcore.operations import AnyOperation, Operation, Query
from fleetcore.people.roles import matrix
from fleetcore.plugins import Plugins
from fleetcore.registry import Registry
from fleetcore.storage.database import Database
from fleetcore.storage.outbox import (
    CORRELATION_LENGTH_MAX,
    KEY_LENGTH_MAX,
    claim_key,
    find_key,
    store_response,
    write_outbox,
)
from fleetcore.storage.unit_of_work import SqlUnitOfWork

__all__ = ["NOBODY", "Reading", "Request", "Runner"]

C = TypeVar("C")
R = TypeVar("R")
NOBODY = Actor(user_id=UUID(int=0), fleet_id=NO_FLEET)  # for work across fleets, which no operation does


@frozen(kw_only=True)
class Request:
    """What travels with a command besides its content."""

    name: str
    idempotency_key: str | None = None
    said: bytes | None = None
    correlation_id: str | None = None
    address: str | None = None


@frozen
class Reading:
    """Answers queries from one state of a fleet; *sensitive* are the names and commands of what the log must tell."""

    _uow: UnitOfWork
    sensitive: list[tuple[str, Any]] = field(factory=list, init=False)

    def answer(self, query: Query[C, R], command: C) -> R:
        """Answer *query*. Raises Forbidden, Rejected or NotFound."""
        if query.permission is not None:
            self._uow.actor.require(query.permission)
        reject_if_any(value_problems(command))
        result = query.function(self._uow, command)
        if query.sensitive is not None and query.sensitive(self._uow.actor, command, result):
            self.sensitive.append((query.name, command))
        return result


class Runner:
    """Runs operations over one database. Safe to share between threads: it holds no state of a request.

    Each ``run`` is one transaction on a connection of its own; ``read`` takes no lock.
    """

    def __init__(self, database: Database, plugins: Plugins, clock: Clock, registry: Registry) -> None:
        self.database = database
        self.plugins = plugins
        self.clock = clock
        self.registry = registry

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

    @property
    def consumers(self) -> Mapping[str, Consumer]:
        """Every consumer of committed events by its name."""
        return self.registry.consumers

    @property
    def jobs(self) -> Mapping[str, JobKind]:
        """Every kind of job by its name."""
        return self.registry.jobs

    def run(
        self,
        actor: Actor,
        operation: Operation[C, R],
        command: C,
        *,
        idempotency_key: str | None = None,
        said: bytes | None = None,
        correlation_id: str | None = None,
        address: str | None = None,
    ) -> R:
        """Run *operation* for *actor* in one transaction and return the accepted fact.

        The same *idempotency_key* again returns the first answer without a second effect; it is the same request
        when the command is the same, or else what was *said* where that is given. *correlation_id* and
        the network *address* of who asks are written beside each change in the audit log. Raises
        Forbidden, Rejected with every problem, NotFound, Conflict or Unavailable; then nothing is kept.
        """
        if operation.permission is not None:
            actor.require(operation.permission)
        reject_if_any(
            (
                *value_problems(command),
                *label_problems("idempotency_key", idempotency_key, KEY_LENGTH_MAX),
                *label_problems("correlation_id", correlation_id, CORRELATION_LENGTH_MAX),
                *label_problems("address", address, ADDRESS_LENGTH_MAX),
            )
        )
        if operation.before is not None:
            with self.database.read(actor.fleet_id) as connection:
                command = operation.before(self.unit(connection, actor), command)
        request = Request(
            name=operation.name,
            idempotency_key=idempotency_key,
            said=said,
            correlation_id=correlation_id,
            address=address,
        )
        return self.transact(actor, operation, command, request)

    def answered(self, actor: Actor, operation: Operation[C, R], idempotency_key: str, said: bytes) -> R | None:
        """Return the answer of an earlier request with this key, None if there was none.

        For hosts that make the command from what was *said* and what is stored, which may have changed since. Raises
        Forbidden, KeyReused when something else was said.
        """
        if operation.permission is not None:
            actor.require(operation.permission)
        reject_if_any(label_problems("idempotency_key", idempotency_key, KEY_LENGTH_MAX))
        with self.database.read(actor.fleet_id) as connection:
            keys = {"in_fleet": actor.fleet_id, "by_actor": actor.user_id, "by_key": idempotency_key}
            holder = find_key(connection, keys)
        if holder is None:
            return None
        answer = _answer_of(holder, _digest(operation.name, said), idempotency_key)
        found: R = from_json(answer, operation.result_type)
        return found

    def run_many(
        self, actor: Actor, operation: Operation[C, R], commands: Sequence[C], **request: str | None
    ) -> tuple[R, ...]:
        """Run *operation* with each of *commands* in one transaction: all of them, or nothing is kept.

        *request* are the idempotency key of the whole, the correlation id and the address of :meth:`run`. Raises what
        :meth:`run` raises; Rejected lists every problem of every command, each below ``items.N``.
        """
        from fleetcore import batches

        return batches.run_many(self, actor, operation, commands, request)

    def read(
        self,
        actor: Actor,
        query: Query[C, R],
        command: C,
        *,
        correlation_id: str | None = None,
        address: str | None = None,
    ) -> R:
        """Answer *query* for *actor*. Raises Forbidden, Rejected, NotFound or Unavailable.

        An answer that is sensitive is given once the audit log has it, with *correlation_id* and *address*; that is
        one more statement, and none for other answers.
        """
        if query.permission is not None:
            actor.require(query.permission)
        reject_if_any(value_problems(command))
        lend = self.database.snapshot if query.snapshot else self.database.read
        with lend(actor.fleet_id) as connection:
            uow = self.unit(connection, actor, correlation_id)
            if query.permission is not None:
                uow.actor.require(query.permission)  # a guest's may be gone by now
            result = query.function(uow, command)
            if query.sensitive is None or not query.sensitive(actor, command, result):
                return result
            if not query.snapshot:
                write_read(uow, query.name, command, address)  # commits by itself, like each statement here
                return result
        self.database.write(
            actor.fleet_id,
            lambda connection: write_read(self.unit(connection, actor, correlation_id), query.name, command, address),
        )
        return result

    @contextmanager
    def reading(
        self, actor: Actor, *, correlation_id: str | None = None, address: str | None = None
    ) -> Iterator[Reading]:
        """Lend what answers many queries from one state of the fleet, over one connection: a page, a report.

        What was sensitive among the answers is in the audit log when this ends, so nothing is told before.
        """
        with self.database.snapshot(actor.fleet_id) as connection:
            uow = self.unit(connection, actor, correlation_id)
            uow.remember()
            reading = Reading(uow)
            yield reading
        if not reading.sensitive:
            return

        def write(connection: Any) -> None:
            uow = self.unit(connection, actor, correlation_id)
            for name, command in reading.sensitive:
                write_read(uow, name, command, address)

        self.database.write(actor.fleet_id, write)

    def perform(self, actor: Actor, name: str, values: Mapping[str, Any], **request: Any) -> Any:
        """Run or read the operation called *name* with plain *values*, as they come from JSON."""
        if (found := self.operations.get(name)) is None:
            raise Rejected.because("operation", f"there is no operation {name!r}")
        command = structure(values, found.command_type)
        return (
            self.read(actor, found, command, **_place_of(request))
            if isinstance(found, Query)
            else self.run(actor, found, command, **request)
        )

    def work(self, fleet_id: UUID, name: str, function: Callable[[UnitOfWork], R]) -> R:
        """Run *function* as the worker in one transaction of a fleet; audit shows *name* as the operation.

        For ``fleetcore.worker``: the worker holds every permission, so nothing that a user sends may come here.
        """
        worker = Actor(user_id=WORKER_ID, fleet_id=fleet_id, permissions=self._everything)
        operation: Operation[None, R] = Operation(name, None, lambda uow, _: function(uow))
        return self.transact(worker, operation, None, Request(name=name))

    @cached_property
    def _everything(self) -> Mapping[str, Scope]:
        asked = (found.permission for found in self.operations.values() if found.permission)
        return dict.fromkeys([*matrix().permissions, *asked], Scope.ALL)

    @contextmanager
    def across_fleets(self, *, snapshot: bool = False) -> Iterator[UnitOfWork]:
        """Lend a unit of work that sees every fleet, in one transaction; with *snapshot* it only reads.

        For log-ins and ``fleetcore.worker``: nothing is audited and no event is told.
        """
        with self.database.system(snapshot=snapshot) as connection:
            yield self.unit(connection, NOBODY)

    def transact_across_fleets(
        self,
        actor: Actor,
        name: str,
        function: Callable[[UnitOfWork], R],
        *,
        correlation_id: str | None = None,
        address: str | None = None,
    ) -> R:
        """Run *function* as *actor* in one transaction that sees every fleet; audit shows *name* as the operation.

        For what a host does on its own account, such as registering a user with their first fleet: what a user
        sends may only come here after the host has checked it.
        """
        with self.database.system() as connection:
            uow = self.unit(connection, actor, correlation_id)
            result = function(uow)
            write_changes(uow, name, uow.changes, address)
            write_outbox(connection, uow.events)
        self._tell(uow.events)
        return result

    def _tell(self, events: Iterable[CommittedEvent]) -> None:
        for committed in events:
            self.plugins.event_committed(committed)

    def unit(self, connection: Any, actor: Actor, correlation_id: str | None = None) -> SqlUnitOfWork:
        """Return a unit of work for *actor* on *connection*, whose transaction is the caller's."""
        uow = SqlUnitOfWork(connection, actor, self.clock.now(), self.registry, correlation_id=correlation_id)
        if actor.is_guest:
            from fleetcore.vehicles.access import guest_permissions

            uow.actor = attrs.evolve(actor, permissions=guest_permissions(uow))
        return uow

    def transact(self, actor: Actor, operation: Operation[C, R], command: C, request: Request) -> R:
        """Run *operation* in one transaction, whoever asks; :meth:`run` checks who may and what they say."""

        def body(connection: Any) -> tuple[R, list[CommittedEvent]]:
            uow = self.unit(connection, actor, request.correlation_id)
            if operation.permission is not None:
                uow.actor.require(operation.permission)  # a guest's may be gone by now
            key = request.idempotency_key
            if key is not None and (answer := _claim(uow, request, key, command)) is not None:
                return from_json(answer, operation.result_type), []
            result = operation.function(uow, command)
            write_changes(uow, request.name, uow.changes, request.address)
            write_outbox(connection, uow.events)
            if key is not None:
                store_response(connection, actor.fleet_id, actor.user_id, key, to_json(without_secrets(result)))
            return result, uow.events

        result, events = self.database.write(actor.fleet_id, body)
        self._tell(events)
        return result


def _place_of(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: request[name] for name in ("correlation_id", "address") if name in request}


def _digest(operation: str, said: bytes) -> str:
    return hashlib.sha256(operation.encode() + b"\0" + said).hexdigest()


def _claim(uow: SqlUnitOfWork, request: Request, key: str, command: Any) -> str | None:
    """Claim the idempotency key for this request; returns the stored answer of an earlier one."""
    digest = _digest(request.name, to_json(command) if request.said is None else request.said)
    row = {
        "fleet_id": uow.fleet_id,
        "actor_id": uow.actor.user_id,
        "key": key,
        "operation": request.name,
        "request_hash": digest,
        "at": uow.now,
    }
    holder = claim_key(uow.connection, row)
    return None if holder is None else _answer_of(holder, digest, key)


def _answer_of(holder: Mapping[Any, Any], digest: str, key: str) -> str:
    if holder["request_hash"] != digest:
        raise KeyReused(f"the idempotency key {key!r} was used for another request: make a new key for a new request")
    return str(holder["response"])
