"""The composition root: areas, plugins and a database become one Core, and commands run through it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar
from uuid import UUID

import attrs

from fleetcore.attachments.blobs import FleetBlobs, blob_store
from fleetcore.attachments.model import SIZE_MAX_BYTES
from fleetcore.attachments.ports import BLOBS, BlobStore
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.area import Area
from fleetcore.kernel.checks import value_problems
from fleetcore.kernel.errors import Rejected, reject_if_any
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.retention import RETENTION, Retention
from fleetcore.kernel.when import Clock, SystemClock
from fleetcore.operations import Operation
from fleetcore.people.actors import find_actor
from fleetcore.people.commands import CreateFleet, SetQuotas
from fleetcore.people.model import Fleet, Membership, Quotas, User
from fleetcore.people.ports import DIRECTORY
from fleetcore.people.service import fleet_of, found_fleet, set_quotas
from fleetcore.plugins import Plugins
from fleetcore.registry import Registry
from fleetcore.running import NOBODY, Request, Runner
from fleetcore.storage.database import Database
from fleetcore.storage.engines import POOL, PoolSettings
from fleetcore.storage.schema import prepare

if TYPE_CHECKING:
    from fleetcore.exports.model import BackupReport, Progress, RestoreReport
    from fleetcore.notifications.delivery import Sender
    from fleetcore.notifications.host import ChannelHost
    from fleetcore.notifications.ports import Ways
    from fleetcore.privacy import Erasure, PersonExport
    from fleetcore.sharing.model import Offer
    from fleetcore.storage.snapshots import Snapshot
    from fleetcore.vin.model import DecodedVin

__all__ = ["Core", "PoolSettings", "open"]

WAYS: StoreKey[Ways] = StoreKey("notifications.ways")  # as in its ports, which few processes need to import

C = TypeVar("C")
R = TypeVar("R")


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
    pool: PoolSettings = POOL,
) -> Core:
    """Open the database at *url* and return a Core over it.

    *url* is a SQLAlchemy URL: ``sqlite:////absolute/path.db``, ``sqlite://`` (in memory) or
    ``postgresql://user@host/name``. SQLite creates and upgrades itself; PostgreSQL must have been
    migrated. *plugin_settings* maps the names of channels to their settings; what it does not name comes from
    environment variables (``FLEET_EMAIL_HOST``). *attachments* says where attached files are kept: a folder, or a
    store that follows :class:`~fleetcore.attachments.ports.BlobStore`; without it they lie beside the SQLite file, in
    its name with ``.attachments``, each of *attachment_size_max_bytes* at most. *quotas* are what fleets founded
    from now on may hold. *pool* says how many connections are kept, and what limits they have. Raises Unavailable when
    the database cannot be used, Rejected for a bad *url*.
    """
    loaded = Plugins(plugins, installed=installed_plugins)
    database = Database(url, pool)
    try:
        prepare(database)
        blobs = blob_store(attachments, url)
        return Core(
            database,
            loaded,
            clock or SystemClock(),
            plugin_settings,
            quotas=quotas,
            blobs=blobs,
            attachment_size_max_bytes=attachment_size_max_bytes,
        )
    except BaseException:
        database.close()
        raise


class Core(Runner):
    """The library over one database, with its plugins. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        plugins: Plugins,
        clock: Clock,
        plugin_settings: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        quotas: Quotas | None = None,
        blobs: BlobStore | None = None,
        attachment_size_max_bytes: int = SIZE_MAX_BYTES,
    ) -> None:
        self.plugins = plugins  # areas of plugins are looked at below, and with them every channel
        self.quotas = quotas or Quotas()
        self._blobs = blobs
        self._plugin_settings = {**(plugin_settings or {})}

        def blobs_of(_connection: Any, fleet_id: UUID) -> FleetBlobs:
            return FleetBlobs(blobs, fleet_id, attachment_size_max_bytes)

        registry = Registry(
            plugins.areas(),
            late=lambda: [self._notification_work],
            given={BLOBS: blobs_of, WAYS: self._ways, RETENTION: self._kept},
        )
        super().__init__(database, plugins, clock, registry)
        if plugin_settings:
            _ = self.channels  # a mistake in them is told now, not when the first message is to go out

    @cached_property
    def channels(self) -> ChannelHost:
        """The channels by which people are told, built in and of plugins. Raises Rejected for wrong settings."""
        from fleetcore.notifications.area import host_of

        settings = {
            name: said for name, said in self._plugin_settings.items() if name not in {"notifications", "retention"}
        }
        return host_of(self.plugins.channels(), settings, os.environ)

    def _ways(self, _connection: Any, _fleet_id: UUID) -> Ways:
        return self.channels.ways

    def _kept(self, _connection: Any, _fleet_id: UUID) -> Retention:
        return self.retention

    @cached_property
    def retention(self) -> Retention:
        """For how long what grows by itself is kept. Raises Rejected for settings that cannot be used."""
        from fleetcore.kernel.settings import read_settings

        said = self._plugin_settings.get("retention", {})
        found: Retention = read_settings("retention", Retention, said, os.environ)
        return found

    @cached_property
    def sender(self) -> Sender:
        """What sends messages over the channels."""
        from fleetcore.kernel.settings import read_settings
        from fleetcore.notifications.delivery import Sender
        from fleetcore.notifications.model import NotificationSettings

        said = self._plugin_settings.get("notifications", {})
        chosen = read_settings("notifications", NotificationSettings, said, os.environ)
        return Sender(self.channels, chosen.base_url or os.environ.get("FLEET_PUBLIC_URL") or None)

    @cached_property
    def _notification_work(self) -> Area:
        from fleetcore.notifications.area import work_of

        return work_of(self.channels, self.sender)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database connections back; the Core cannot be used afterwards."""
        self.database.close()

    def decode_vin(self, actor: Actor, vin: str) -> DecodedVin:
        """Say what *vin* tells; plugins' decoders are asked, outside of any transaction, unless they answered lately.

        A decoder that fails, or takes too long, is a warning in the answer. Raises Rejected for text that is far
        too long, and Forbidden for who may not see vehicles.
        """
        from fleetcore import decoding

        return decoding.decode(self, actor, vin)

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
                known = self.unit(connection, NOBODY)[DIRECTORY].user_by_email(command.owner_email)
        founder = Actor(user_id=known.id if known else new_id(), fleet_id=new_id())
        found = Operation("people.found_fleet", None, found_fleet)
        self.transact(founder, found, command, Request(name=found.name))
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
            directory = self.unit(connection, NOBODY)[DIRECTORY]
            return find_actor(directory, email=email, fleet=fleet, user_id=user_id, fleet_id=fleet_id)

    def feed_actor(self, token: str) -> Actor:
        """Return who asks under the address of a calendar: they see what is due, and nothing else.

        Raises Forbidden for a token that is unknown or was taken back, and when its user left or is disabled.
        """
        from fleetcore.calendars.service import feed_owner, narrowed, read_token

        key = read_token(token)
        with self.database.read(key.fleet_id) as connection:
            feed = feed_owner(self.unit(connection, Actor(user_id=NOBODY.user_id, fleet_id=key.fleet_id)), key)
        return narrowed(self.actor(user_id=feed.user_id, fleet_id=key.fleet_id))

    def user(self, email: str) -> User:
        """Return the user with *email*, whatever its case, of whatever fleet. Raises Rejected when there is none."""
        with self.database.system() as connection:
            found = self.unit(connection, NOBODY)[DIRECTORY].user_by_email(email)
        if found is None:
            raise Rejected.because("email", f"there is no user {email!r}", "user.unknown")
        return found

    def fleets_of(self, user_id: UUID) -> tuple[Membership, ...]:
        """Return every place of a user, the oldest first: the fleets between which they can switch."""
        with self.database.system() as connection:
            return tuple(self.unit(connection, NOBODY)[DIRECTORY].fleets_of(user_id))

    def invitation(self, token: str) -> Offer:
        """Say what the invitation of a link offers, to whoever has the link.

        Raises Rejected when the link is unknown, used, late or revoked.
        """
        from fleetcore.sharing.model import PreviewInvitation
        from fleetcore.sharing.service import fleet_of_token, preview_invitation

        nobody = attrs.evolve(NOBODY, fleet_id=fleet_of_token(token))
        with self.database.read(nobody.fleet_id) as connection:
            return preview_invitation(self.unit(connection, nobody), PreviewInvitation(token=token))

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
        member = self.transact(invited, found, command, Request(name=found.name))
        return self.actor(user_id=member.user_id, fleet_id=invited.fleet_id)

    def set_quotas(self, fleet_id: UUID, quotas: Quotas) -> Fleet:
        """Set how much a fleet may hold, as whoever runs the platform. Raises Rejected, NotFound."""
        platform = attrs.evolve(NOBODY, fleet_id=fleet_id, permissions={"fleet.limits": Scope.ALL})
        with self.database.read(fleet_id) as connection:
            version = fleet_of(self.unit(connection, platform)).version
        limits = attrs.asdict(quotas, recurse=False)
        return self.run(platform, set_quotas, SetQuotas(version=version, **limits))

    def export_person(
        self, user_id: UUID, target: Path | BinaryIO, *, fleet_ids: Iterable[UUID] | None = None
    ) -> PersonExport:
        """Write everything that is held of a user into a zip file, of *fleet_ids* only, if given, and no secrets.

        For the user themselves and for whoever runs the host. Raises NotFound, Conflict for a path that exists.
        """
        from fleetcore import privacy

        return privacy.export_person(self, self._blobs, user_id, target, fleet_ids)

    def erase_person(
        self, user_id: UUID, *, by: UUID | None = None, with_fleets: bool = False, dry_run: bool = False
    ) -> Erasure:
        """Erase a user: their account, their words in every record, their name; numbers and the ledger stay.

        *by* is who asks, nobody for whoever runs the host. *with_fleets* empties the fleets whose only member they
        are. With *dry_run* nothing is kept, and the answer says what would be erased. Raises NotFound, Conflict
        where others depend on them: the last owner hands a fleet over first, or says *with_fleets*.
        """
        from fleetcore import privacy

        return privacy.erase_person(self, user_id, by=by, with_fleets=with_fleets, dry_run=dry_run)

    def backup(
        self, target: Path | BinaryIO, *, overwrite: bool = False, progress: Progress | None = None
    ) -> BackupReport:
        """Write every fleet, as of one moment, into an archive: to a path, or into an open binary file.

        *progress* is told (table, rows so far). Raises Conflict for a path that exists (without *overwrite*),
        Rejected for one that cannot be, Unavailable when writing or the database fails.
        """
        from fleetcore import archives  # it deals with every area, and few processes need it

        now = self.clock.now()
        return archives.backup(self.database, self.unit, now, target, overwrite=overwrite, progress=progress)

    def snapshot(self, target: Path, *, overwrite: bool = False) -> Snapshot:
        """Copy the SQLite database to the file *target*, also while it is written, and check the copy.

        The copy holds all that the database does, accounts too. Raises Rejected for another engine, Conflict for a
        file that exists, Unavailable when writing fails or the copy is damaged.
        """
        from fleetcore.storage import snapshots

        return snapshots.snapshot(self.database, target, overwrite=overwrite)

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
