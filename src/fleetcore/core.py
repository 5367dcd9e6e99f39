"""The composition root: areas, plugins and a database become one Core, and commands run through it."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar
from uuid import UUID

import attrs
from attrs import frozen

from fleetcore.attachments.blobs import FleetBlobs, blob_store
from fleetcore.attachments.model import SIZE_MAX_BYTES
from fleetcore.attachments.ports import BLOBS, BlobStore
from fleetcore.audit.service import write_changes
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.area import Area
from fleetcore.kernel.checks import label_problems, value_problems
from fleetcore.kernel.errors import Conflict, Rejected, Unavailable, reject_if_any
from fleetcore.kernel.events import CommittedEvent, Event
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import Clock, SystemClock
from fleetcore.kernel.wire import from_json, structure, to_json, without_secrets
from fleetcore.kernel.work import NO_FLEET, WORKER_ID, Consumer, JobKind
from fleetcore.operations import AnyOperation, Operation, Query
from fleetcore.people.actors import find_actor
from fleetcore.people.commands import CreateFleet, SetQuotas
from fleetcore.people.model import Fleet, Membership, Quotas, User
from fleetcore.people.ports import DIRECTORY
from fleetcore.people.roles import matrix
from fleetcore.people.service import fleet_of, found_fleet, set_quotas
from fleetcore.plugins import Plugins
from fleetcore.registry import Registry
from fleetcore.storage.database import Database
from fleetcore.storage.outbox import CORRELATION_LENGTH_MAX, KEY_LENGTH_MAX, claim_key, store_response, write_outbox
from fleetcore.storage.schema import prepare
from fleetcore.storage.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from fleetcore.exports.model import BackupReport, Progress, RestoreReport
    from fleetcore.notifications.delivery import Sender
    from fleetcore.notifications.host import ChannelHost
    from fleetcore.sharing.model import Offer
    from fleetcore.vin.asking import DecoderDesk
    from fleetcore.vin.model import DecodedVin

__all__ = ["Core", "open"]

log = logging.getLogger("fleetcore")
C = TypeVar("C")
R = TypeVar("R")
NOBODY = Actor(user_id=UUID(int=0), fleet_id=NO_FLEET)  # for work across fleets, which no operation does


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
    plugin_settings: Mapping[str, Mapping[str, Any]] | None = None,
    quotas: Quotas | None = None,
    attachments: Path | str | BlobStore | None = None,
    attachment_size_max_bytes: int = SIZE_MAX_BYTES,
) -> Core:
    """Open the database at *url* and return a Core over it.

    *url* is a SQLAlchemy URL: ``sqlite:////absolute/path.db``, ``sqlite://`` (in memory) or
    ``postgresql://user@host/name``. SQLite creates and upgrades itself; PostgreSQL must have been
    migrated. *plugin_settings* maps the names of channels to their settings; what it does not name comes from
    environment variables (``FLEET_EMAIL_HOST``). *quotas* are what fleets founded from now on may hold.
    *attachments* says where attached files are kept: a folder, or a store that follows
    :class:`~fleetcore.attachments.ports.BlobStore`; without it they lie beside the SQLite file, in its name with
    ``.attachments``, each of *attachment_size_max_bytes* at most. Raises Unavailable when the database cannot be used,
    Rejected for a bad *url*.
    """
    loaded = Plugins(plugins, installed=installed_plugins)
    database = Database(url)
    try:
        prepare(database)
        blobs = blob_store(attachments, url)
        return Core(
            database,
            loaded,
            clock or SystemClock(),
            plugin_settings,
            quotas or Quotas(),
            blobs=blobs,
            attachment_size_max_bytes=attachment_size_max_bytes,
        )
    except BaseException:
        database.close()
        raise


class Core:
    """Runs operations. Safe to share between threads: it holds no state of a request.

    Each ``run`` is one transaction on a connection of its own; ``read`` takes no lock.
    """

    def __init__(
        self,
        database: Database,
        plugins: Plugins,
        clock: Clock,
        plugin_settings: Mapping[str, Mapping[str, Any]] | None = None,
        quotas: Quotas | None = None,
        *,
        blobs: BlobStore | None = None,
        attachment_size_max_bytes: int = SIZE_MAX_BYTES,
    ) -> None:
        self.database = database
        self.plugins = plugins
        self.clock = clock
        self.quotas = quotas or Quotas()
        self._blobs = blobs

        def blobs_of(_connection: Any, fleet_id: UUID) -> FleetBlobs:
            return FleetBlobs(blobs, fleet_id, attachment_size_max_bytes)

        self._plugin_settings = {**(plugin_settings or {})}
        self.registry = Registry(plugins.areas(), late=lambda: [self._notification_work], given={BLOBS: blobs_of})
        if plugin_settings:
            _ = self.channels  # a mistake in them is told now, not when the first message is to go out

    @cached_property
    def channels(self) -> ChannelHost:
        """The channels by which people are told, built in and of plugins. Raises Rejected for wrong settings."""
        from fleetcore.notifications.area import host_of

        settings = {name: said for name, said in self._plugin_settings.items() if name != "notifications"}
        return host_of(self.plugins.channels(), settings, os.environ)

    @cached_property
    def sender(self) -> Sender:
        """What sends messages over the channels."""
        from fleetcore.kernel.settings import read_settings
        from fleetcore.notifications.delivery import Sender
        from fleetcore.notifications.model import NotificationSettings

        said = self._plugin_settings.get("notifications", {})
        return Sender(self.channels, read_settings("notifications", NotificationSettings, said, os.environ).base_url)

    @cached_property
    def _notification_work(self) -> Area:
        from fleetcore.notifications.area import work_of

        return work_of(self.channels, self.sender)

    @cached_property
    def _decoders(self) -> DecoderDesk:
        from fleetcore.vin.asking import DecoderDesk

        return DecoderDesk(self.plugins.vin_decoders())

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
        if operation.before is not None:
            with self.database.read(actor.fleet_id) as connection:
                command = operation.before(self._unit(connection, actor), command)
        request = _Request(name=operation.name, idempotency_key=idempotency_key, correlation_id=correlation_id)
        return self._transact(actor, operation, command, request)

    def read(self, actor: Actor, query: Query[C, R], command: C) -> R:
        """Answer *query* for *actor*. Raises Forbidden, Rejected, NotFound or Unavailable."""
        if query.permission is not None:
            actor.require(query.permission)
        reject_if_any(value_problems(command))
        lend = self.database.snapshot if query.snapshot else self.database.read
        with lend(actor.fleet_id) as connection:
            uow = self._unit(connection, actor)
            if query.permission is not None:
                uow.actor.require(query.permission)  # a guest's may be gone by now
            return query.function(uow, command)

    def perform(self, actor: Actor, name: str, values: Mapping[str, Any], **request: Any) -> Any:
        """Run or read the operation called *name* with plain *values*, as they come from JSON."""
        if (found := self.operations.get(name)) is None:
            raise Rejected.because("operation", f"there is no operation {name!r}")
        command = structure(values, found.command_type)
        return (
            self.read(actor, found, command) if isinstance(found, Query) else self.run(actor, found, command, **request)
        )

    def decode_vin(self, actor: Actor, vin: str) -> DecodedVin:
        """Say what *vin* tells; plugins' decoders are asked, outside of any transaction, unless they answered lately.

        A decoder that fails, or takes too long, is a warning in the answer. Raises Rejected for text that is far
        too long, and Forbidden for who may not see vehicles.
        """
        from fleetcore.vin.model import DecodeVin
        from fleetcore.vin.service import KEEP_ANSWERS, KeepAnswers, decode_vin, join_answers

        actor.require("vehicles.read")
        known = self.read(actor, decode_vin, DecodeVin(vin=vin))
        if known.wmi is None:
            return known
        now = self.clock.now()
        answers, failures = self._decoders.ask(known.vin, now, [kept.source for kept in known.answers])
        if answers:
            known = join_answers(known, now.year, answers)
            command = KeepAnswers(vin=known.vin, answers=tuple(answers))
            try:
                self._transact(actor, KEEP_ANSWERS, command, _Request(name=KEEP_ANSWERS.name))
            except Unavailable as error:
                log.warning("the answers of VIN decoders could not be kept: %s", error)
        return attrs.evolve(known, warnings=(*known.warnings, *failures))

    def create_fleet(self, name: str, *, currency: str = "EUR", **settings: Any) -> Actor:
        """Found a fleet and return its owner as an actor.

        *settings* are the other fields of CreateFleet: timezone, units, owner_name, owner_email.
        Raises Rejected with every problem.
        """
        command = CreateFleet(name=name, currency=currency, quotas=self.quotas, **settings)
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

    def user(self, email: str) -> User:
        """Return the user with *email*, whatever its case, of whatever fleet. Raises Rejected when there is none."""
        with self.database.system() as connection:
            found = self._unit(connection, NOBODY)[DIRECTORY].user_by_email(email)
        if found is None:
            raise Rejected.because("email", f"there is no user {email!r}", "user.unknown")
        return found

    def fleets_of(self, user_id: UUID) -> tuple[Membership, ...]:
        """Return every place of a user, the oldest first: the fleets between which they can switch."""
        with self.database.system() as connection:
            return tuple(self._unit(connection, NOBODY)[DIRECTORY].fleets_of(user_id))

    def invitation(self, token: str) -> Offer:
        """Say what the invitation of a link offers, to whoever has the link.

        Raises Rejected when the link is unknown, used, late or revoked.
        """
        from fleetcore.sharing.model import PreviewInvitation
        from fleetcore.sharing.service import fleet_of_token, preview_invitation

        nobody = attrs.evolve(NOBODY, fleet_id=fleet_of_token(token))
        with self.database.read(nobody.fleet_id) as connection:
            return preview_invitation(self._unit(connection, nobody), PreviewInvitation(token=token))

    def accept_invitation(
        self, token: str, *, user_id: UUID | None = None, name: str | None = None, email: str | None = None
    ) -> Actor:
        """Let somebody into the fleet by the link of an invitation, and return them as an actor there.

        *user_id* is a user whom the caller has authenticated; without it someone new called *name* is registered.
        Raises Rejected (the link is unknown, used, late, revoked, for another e-mail address; a member already),
        Conflict when *email* has an account, NotFound for an unknown user, Forbidden for a disabled one.
        """
        from fleetcore.sharing.model import AcceptInvitation
        from fleetcore.sharing.service import accept_invitation, fleet_of_token

        command = AcceptInvitation(token=token, user_id=user_id, name=name, email=email)
        reject_if_any(value_problems(command))
        invited = Actor(user_id=user_id or new_id(), fleet_id=fleet_of_token(token))
        found = Operation("sharing.accept_invitation", None, accept_invitation)
        member = self._transact(invited, found, command, _Request(name=found.name))
        return self.actor(user_id=member.user_id, fleet_id=invited.fleet_id)

    def set_quotas(self, fleet_id: UUID, quotas: Quotas) -> Fleet:
        """Set how much a fleet may hold, as whoever runs the platform. Raises Rejected, NotFound."""
        platform = attrs.evolve(NOBODY, fleet_id=fleet_id, permissions={"fleet.limits": Scope.ALL})
        with self.database.read(fleet_id) as connection:
            version = fleet_of(self._unit(connection, platform)).version
        limits = attrs.asdict(quotas, recurse=False)
        return self.run(platform, set_quotas, SetQuotas(version=version, **limits))

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

        now = self.clock.now()
        return archives.restore(self.database, self._blobs, source, now, dry_run=dry_run, progress=progress)

    def work(self, fleet_id: UUID, name: str, function: Callable[[UnitOfWork], R]) -> R:
        """Run *function* as the worker in one transaction of a fleet; audit shows *name* as the operation.

        For ``fleetcore.worker``: the worker holds every permission, so nothing that a user sends may come here.
        """
        worker = Actor(user_id=WORKER_ID, fleet_id=fleet_id, permissions=self._everything)
        operation: Operation[None, R] = Operation(name, None, lambda uow, _: function(uow))
        return self._transact(worker, operation, None, _Request(name=name))

    @cached_property
    def _everything(self) -> Mapping[str, Scope]:
        asked = (found.permission for found in self.operations.values() if found.permission)
        return dict.fromkeys([*matrix().permissions, *asked], Scope.ALL)

    @contextmanager
    def across_fleets(self, *, snapshot: bool = False) -> Iterator[UnitOfWork]:
        """Lend a unit of work that sees every fleet, in one transaction; with *snapshot* it only reads.

        For ``fleetcore.worker``: nothing is audited and no event is told.
        """
        with self.database.system(snapshot=snapshot) as connection:
            yield self._unit(connection, NOBODY)

    def _unit(self, connection: Any, actor: Actor, correlation_id: str | None = None) -> SqlUnitOfWork:
        uow = SqlUnitOfWork(connection, actor, self.clock.now(), self.registry, correlation_id=correlation_id)
        if actor.is_guest:
            from fleetcore.vehicles.access import guest_permissions

            uow.actor = attrs.evolve(actor, permissions=guest_permissions(uow))
        return uow

    def _transact(self, actor: Actor, operation: Operation[C, R], command: C, request: _Request) -> R:
        def body(connection: Any) -> tuple[R, list[CommittedEvent]]:
            uow = self._unit(connection, actor, request.correlation_id)
            if operation.permission is not None:
                uow.actor.require(operation.permission)  # a guest's may be gone by now
            key = request.idempotency_key
            if key is not None and (answer := _claim(uow, request.name, key, command)) is not None:
                return from_json(answer, operation.result_type), []
            result = operation.function(uow, command)
            write_changes(uow, request.name, uow.changes)
            write_outbox(connection, uow.events)
            if key is not None:
                store_response(connection, actor.fleet_id, actor.user_id, key, to_json(without_secrets(result)))
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
        raise Conflict(f"the idempotency key {key!r} was used for another request: make a new key for a new request")
    return str(holder["response"])
