"""What is held of one person, across all fleets: told to them, or erased. Work across fleets, which no operation does.

Erasing leaves numbers, days and ids: what a fleet paid and drove is the fleet's. It takes the account, the words of the
person, their name and their addresses. A row that is nobody's stays where others' rows name its id.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

import orjson
from attrs import field, frozen

from fleetcore.accounts.service import erase_account
from fleetcore.areas import built_in_areas
from fleetcore.attachments.ports import BlobStore
from fleetcore.audit.service import write_changes
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import take_out
from fleetcore.people.model import Membership, User
from fleetcore.people.ports import DIRECTORY, MEMBERS
from fleetcore.people.service import owners_besides
from fleetcore.storage.outbox import write_outbox
from fleetcore.storage.persons import PersonRows, held_rows
from fleetcore.storage.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from fleetcore.core import Core

__all__ = ["Erasure", "PersonExport", "erase_person", "export_person"]

NOBODY = UUID(int=0)
OPERATION, ENTITY = "privacy.erase_person", "privacy.erasure"
FORMAT = 1
FILES_TABLE = "attachments_attachments"
LEFT_OUT = (
    "passwords, tokens, keys and seeds, which are kept as hashes or sealed; what others recorded; "
    "images of records in the log of changes, which the records themselves tell"
)


@frozen(kw_only=True)
class Erasure:
    """What was erased of a user: rows by table, and the fleets that were emptied or left."""

    user_id: UUID
    rows: Mapping[str, int]
    emptied_fleets: tuple[UUID, ...] = ()
    left_fleets: tuple[UUID, ...] = ()
    is_dry_run: bool = False


@frozen(kw_only=True)
class PersonExport:
    """What was written about a user: rows by table, and attached files."""

    user_id: UUID
    created_at: datetime
    rows: Mapping[str, int]
    files: int = 0


class _Undone(Exception):
    """Takes a transaction back that was only tried."""


# --- told -------------------------------------------------------------------------------------------------------------


def export_person(
    core: Core,
    blobs: BlobStore | None,
    user_id: UUID,
    target: Path | BinaryIO,
    fleet_ids: Iterable[UUID] | None,
) -> PersonExport:
    """Write everything that is held of the user into a zip file of JSON and CSV with a manifest."""
    built_in_areas()  # what is held lies in the tables of every area, in use here or not
    now = core.clock.now()
    try:
        opened: Any = nullcontext(target) if not isinstance(target, Path) else target.open("xb")
    except FileExistsError:
        raise Conflict(f"{target} exists: name another file") from None
    with opened as file, core.database.system(snapshot=True) as connection:
        _user(core.unit(connection, _nobody(NOBODY)), user_id)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            writer = _Writer(archive)
            counts = {}
            for name, rows in held_rows(connection, user_id, fleet_ids):
                counts[name] = len(rows)
                writer.add(f"rows/{name}.json", orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))
                writer.add(f"rows/{name}.csv", _table(rows))
                if name == FILES_TABLE and blobs is not None:
                    writer.add_files(blobs, rows)
            manifest = {
                "format": FORMAT,
                "user_id": user_id,
                "created_at": now,
                "rows": counts,
                "left_out": LEFT_OUT,
                "files": writer.hashes,
            }
            archive.writestr("manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))
    return PersonExport(user_id=user_id, created_at=now, rows=counts, files=writer.attached)


@frozen
class _Writer:
    archive: zipfile.ZipFile
    hashes: dict[str, str] = field(factory=dict)
    _attached: list[str] = field(factory=list)

    @property
    def attached(self) -> int:
        """How many attached files were written."""
        return len(self._attached)

    def add(self, name: str, content: bytes) -> None:
        """Write one file and remember its hash."""
        self.archive.writestr(name, content)
        self.hashes[name] = hashlib.sha256(content).hexdigest()

    def add_files(self, blobs: BlobStore, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the files that the user has attached, by their ids."""
        for row in rows:
            if row["deleted_at"] is None and blobs.exists(row["fleet_id"], row["sha256"]):
                with blobs.open(row["fleet_id"], row["sha256"]) as content:
                    self.add(f"files/{row['id']}", content.read())
                self._attached.append(str(row["id"]))


def _table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


# --- erased -----------------------------------------------------------------------------------------------------------


def erase_person(core: Core, user_id: UUID, *, by: UUID | None, with_fleets: bool, dry_run: bool) -> Erasure:
    """Erase the user in one transaction, or say what would be erased."""
    built_in_areas()
    done: list[Erasure] = []
    told: list[SqlUnitOfWork] = []
    try:
        with core.database.system() as connection:
            nobody = core.unit(connection, _nobody(NOBODY))
            user = _user(nobody, user_id)
            places = nobody[DIRECTORY].fleets_of(user_id)
            units = {
                place.fleet.id: core.unit(connection, Actor(user_id=by or NOBODY, fleet_id=place.fleet.id))
                for place in places
            }
            alone = _theirs_alone(places, units, with_fleets)
            for place in places:
                take_out(units[place.fleet.id], place.member)
            erase_account(nobody, user_id)
            person = PersonRows(connection, user_id, user.name, user.email, alone)
            rows = person.erase(nobody.now)
            for fleet_id, uow in units.items():
                uow.record_change(ENTITY, user_id, None, {"rows": dict(rows), "emptied": fleet_id in alone})
                write_changes(uow, OPERATION, uow.changes)
                write_outbox(connection, uow.events)
            told += units.values()
            left = tuple(place.fleet.id for place in places if place.fleet.id not in alone)
            done.append(Erasure(user_id=user_id, rows=rows, emptied_fleets=alone, left_fleets=left, is_dry_run=dry_run))
            if dry_run:
                raise _Undone
    except _Undone:
        return done[0]
    for unit in told:
        for committed in unit.events:
            core.plugins.event_committed(committed)
    return done[0]


def _nobody(fleet_id: UUID) -> Actor:
    return Actor(user_id=NOBODY, fleet_id=fleet_id)


def _user(uow: UnitOfWork, user_id: UUID) -> User:
    if (user := uow[DIRECTORY].user(user_id)) is None:
        raise NotFound("user", user_id)
    return user


def _theirs_alone(
    places: Sequence[Membership], units: Mapping[UUID, UnitOfWork], with_fleets: bool
) -> tuple[UUID, ...]:
    """Return the fleets whose only member is the user. Raises Conflict where a fleet must be seen to first."""
    alone, waiting = [], []
    for place in places:
        uow, name = units[place.fleet.id], f"{place.fleet.name} ({place.fleet.id})"
        if len(uow[MEMBERS].page(ListMembers(), None, 2)) == 1:
            alone.append(place.fleet.id)
            if not with_fleets:
                waiting.append(f"{name} has no other member: say that it is to be emptied with you")
        elif place.member.is_owner and not owners_besides(uow, place.member.user_id):
            waiting.append(f"{name} has no other owner: hand it over to another member first")
    if waiting:
        raise Conflict("; ".join(waiting))
    return tuple(alone)
