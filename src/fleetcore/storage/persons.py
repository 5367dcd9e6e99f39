"""Persons across all tables: everything that is held of one, and how it is erased. In the system's transaction only.

The rules are in ``holdings``; this carries them out. Rows that never change are changed here alone, as far as their
guards let through what erases: a note gives way to a mark, and so do personal words in the images of the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    String,
    Table,
    case,
    delete,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from .holdings import ERASED, HOLDINGS, IMAGE_OWNERS, IMAGE_WORDS, IMAGE_WORDS_OF, PERSONAL_PAPERS
from .types import Id, Json, metadata

__all__ = ["PersonRows", "held_rows"]

GONE = "Erased person"
SECRET_TYPES = (LargeBinary,)
NAME_LENGTH_MIN = 3
OF_EMPTIED = {"dead_letters", "inbox", "jobs", "outbox", "vin_answers"}  # work for a fleet that nobody is in
SWEPT_NEVER = {"people_users", "audit_log", "vehicles_readings", "ledger_journal_entries", "ledger_journal_lines"}


def _table(name: str) -> Table:
    return metadata.tables[name]


def _owned(table: Table, user_id: UUID) -> ColumnElement[bool]:
    """Return what is true of the rows that are the user's."""
    owners = [table.c[name] for name in HOLDINGS[table.name].owners]
    owner = owners[0] if len(owners) == 1 else func.coalesce(*owners, type_=Id())
    return owner == user_id


def held_rows(
    connection: Connection, user_id: UUID, fleet_ids: Iterable[UUID] | None = None
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table that holds rows of the user, with them, without secrets; of *fleet_ids* only, if given."""
    fleets = None if fleet_ids is None else list(fleet_ids)
    for name in sorted(HOLDINGS.keys() & metadata.tables.keys()):
        table, holding = _table(name), HOLDINGS[name]
        if not holding.owners:
            continue
        columns = [column for column in table.c if column.name not in holding.hidden and not _is_opaque(column.type)]
        wanted = select(*columns).where(_owned(table, user_id)).order_by(*table.primary_key.columns)
        if fleets is not None and "fleet_id" in table.c:
            wanted = wanted.where(table.c.fleet_id.in_(fleets))
        names = [str(column.name) for column in columns]  # not the subclass that quotes itself
        if rows := [dict(zip(names, row, strict=True)) for row in connection.execute(wanted)]:
            yield str(name), rows


def _is_opaque(kind: Any) -> bool:
    return isinstance(kind, SECRET_TYPES)


@frozen
class PersonRows:
    """Erases one user: the rows of theirs everywhere, and all words in fleets that were *theirs_alone*.

    *name* and *email* are what they were called, which others may have written.
    """

    connection: Connection
    user_id: UUID
    name: str
    email: str | None
    theirs_alone: Sequence[UUID] = ()
    counts: dict[str, int] = field(factory=dict)

    def erase(self, now: datetime) -> Mapping[str, int]:
        """Erase everything; returns how many rows of each table were changed or deleted."""
        self._papers()
        for name in sorted(HOLDINGS.keys() & metadata.tables.keys()):
            self._words(_table(name))
        self._named_by_others()
        self._raw_rows()
        self._alone()
        self._images(now)
        for name in sorted(HOLDINGS.keys() & metadata.tables.keys()):
            if HOLDINGS[name].is_dropped:
                self._drop(_table(name))
        self._invitations()
        self._sweep()
        self._user(now)
        return {name: count for name, count in sorted(self.counts.items()) if count}

    def _count(self, name: str, rows: int) -> None:
        name = str(name)  # not the subclass that quotes itself
        self.counts[name] = self.counts.get(name, 0) + max(rows, 0)

    def _do(self, table: Table, where: ColumnElement[bool], values: Mapping[str, Any]) -> None:
        if values:
            changed = self.connection.execute(update(table).where(where).values({**values}))
            self._count(table.name, changed.rowcount)

    def _words(self, table: Table) -> None:
        holding = HOLDINGS[table.name]
        if not holding.words and not holding.blanks:
            return
        filled = [table.c[name] != "" for name in holding.words]
        filled += [table.c[name].is_not(None) for name in holding.blanks if holding.blanks[name] is None]
        filled += [type_coerce(table.c[name], String) != "[]" for name in holding.blanks if holding.blanks[name] == []]
        if table.name == "vehicles_readings":  # its guard lets through nothing but the mark
            filled = [table.c.note.not_in(("", ERASED))]
        self._do(table, _owned(table, self.user_id) & or_(*filled), _marked(table, holding.words) | {**holding.blanks})

    def _papers(self) -> None:
        """Empty the papers that are the person's own, and let go what was attached to them."""
        documents = _table("documents_documents")
        theirs = documents.c.person_id == self.user_id
        values = _marked(documents, PERSONAL_PAPERS) | {"classes": []}
        attachments = _table("attachments_attachments")
        papers = select(documents.c.id).where(theirs)
        gone = self.connection.execute(delete(attachments).where(attachments.c.entity_id.in_(papers)))
        self._count(attachments.name, gone.rowcount)
        self._do(documents, theirs, values)

    def _named_by_others(self) -> None:
        """Erase their name where others wrote it into a field that says who somebody is."""
        for name in ("trips_trips", "vehicles_assignments"):
            table = _table(name)
            called = func.lower(table.c.driver_name) == self.name.lower()
            self._do(table, called, {"driver_name": ERASED})

    def _raw_rows(self) -> None:
        imports, rows = _table("imports_imports"), _table("imports_rows")
        theirs = select(imports.c.id).where(_owned(imports, self.user_id))
        self._do(rows, rows.c.import_id.in_(theirs) & rows.c.raw.is_not(None), {"raw": {}})

    def _alone(self) -> None:
        """Erase all words and names in the fleets that were theirs alone."""
        if not self.theirs_alone:
            return
        for name in sorted(HOLDINGS.keys() & metadata.tables.keys()):
            table, holding = _table(name), HOLDINGS[name]
            if "fleet_id" not in table.c:
                continue
            where = table.c.fleet_id.in_(self.theirs_alone)
            if holding.is_dropped or name in OF_EMPTIED:
                self._count(name, self.connection.execute(delete(table).where(where)).rowcount)
            elif name == "vehicles_readings":
                self._do(table, where & table.c.note.not_in(("", ERASED)), {"note": ERASED})
            else:
                self._do(table, where, _marked(table, (*holding.words, *holding.names)) | {**holding.blanks})
        vehicles, fleets, rows = _table("vehicles_vehicles"), _table("people_fleets"), _table("imports_rows")
        empty: dict[str, Any] = {"plate": None, "plate_key": None, "vin": None, "tags": [], "custom_fields": {}}
        self._do(vehicles, vehicles.c.fleet_id.in_(self.theirs_alone), empty)
        self._do(fleets, fleets.c.fleet_id.in_(self.theirs_alone), {"name_key": ERASED})
        self._do(rows, rows.c.fleet_id.in_(self.theirs_alone), {"raw": {}})

    def _drop(self, table: Table) -> None:
        gone = self.connection.execute(delete(table).where(_owned(table, self.user_id)))
        self._count(table.name, gone.rowcount)

    def _invitations(self) -> None:
        """Erase the address and the message of invitations that were for them."""
        table = _table("sharing_invitations")
        theirs = table.c.accepted_by == self.user_id
        if self.email is not None:
            theirs |= func.lower(table.c.email) == self.email.lower()
        self._do(table, theirs, {"email": None} | _marked(table, ("message",)))

    # --- the log --------------------------------------------------------------------------------------------------

    def _images(self, now: datetime) -> None:
        """Erase personal words in the images of the log, and the addresses from which the person did something."""
        log = _table("audit_log")
        self._do(
            log, (log.c.actor_id == self.user_id) & log.c.address.is_not(None), {"address": None, "erased_at": now}
        )
        mentioned = [str(self.user_id), self.name] + ([self.email] if self.email else [])
        images = [type_coerce(log.c[name], String) for name in ("before", "after")]
        hits = [image.ilike(f"%{_like(text)}%", escape="\\") for image in images for text in mentioned if text]
        where = or_(*hits, log.c.fleet_id.in_(self.theirs_alone)) if self.theirs_alone else or_(*hits)
        found = select(log.c.fleet_id, log.c.id, log.c.entity, log.c.before, log.c.after).where(where)
        for row in self.connection.execute(found).all():
            everything = row.fleet_id in self.theirs_alone
            after = {name: self._image(row.entity, getattr(row, name), everything) for name in ("before", "after")}
            if after != {"before": row.before, "after": row.after}:
                this = (log.c.fleet_id == row.fleet_id) & (log.c.id == row.id)
                self._do(log, this, {**after, "erased_at": now})

    def _image(self, entity: str, image: Any, everything: bool) -> Any:
        if not isinstance(image, dict):
            return image
        owner = next((image[name] for name in IMAGE_OWNERS if image.get(name)), None)
        keys = frozenset[str]()
        if everything or owner == str(self.user_id):
            keys = IMAGE_WORDS | IMAGE_WORDS_OF.get(entity, frozenset())
        if image.get("person_id") == str(self.user_id):
            keys |= {*PERSONAL_PAPERS, "classes"}
        if everything:
            keys |= {"name", "title", "plate", "vin", "custom_fields", "make", "model", "variant", "colour"}
        return self._without(image, keys)

    def _without(self, value: Any, keys: frozenset[str]) -> Any:
        if isinstance(value, dict):
            return {name: _blank(one) if name in keys else self._without(one, keys) for name, one in value.items()}
        if isinstance(value, list):
            return [self._without(one, keys) for one in value]
        if isinstance(value, str) and value:
            if value.casefold() == self.name.casefold():
                return ERASED
            return self._swept(value)
        return value

    def _swept(self, text: str) -> str:
        if not self.email or self.email.casefold() not in text.casefold():
            return text
        return re.sub(re.escape(self.email), ERASED, text, flags=re.IGNORECASE)

    # --- what is left ---------------------------------------------------------------------------------------------

    def _sweep(self) -> None:
        """Erase their e-mail address wherever it stands in a text, and their name in messages about them."""
        if self.email:
            for table in metadata.sorted_tables:
                if table.name not in SWEPT_NEVER:
                    self._replace(table, self.email)
        if len(self.name) >= NAME_LENGTH_MIN:
            self._replace(_table("notifications_inbox"), self.name)

    def _replace(self, table: Table, what: str) -> None:
        texts = [
            column
            for column in table.c
            if isinstance(column.type, String | Json) and not column.primary_key and not column.foreign_keys
        ]
        keys = list(table.primary_key.columns)
        for column in texts:
            text = type_coerce(column, String)
            hit = text.ilike(f"%{_like(what)}%", escape="\\")
            for row in self.connection.execute(select(*keys, text.label("said")).where(hit)).all():
                said = re.sub(re.escape(what), ERASED, row.said, flags=re.IGNORECASE)
                this = [key == value for key, value in zip(keys, row, strict=False)]
                changed = update(table).where(*this).values({column: type_coerce(said, String)})
                self._count(table.name, self.connection.execute(changed).rowcount)

    def _user(self, now: datetime) -> None:
        table = _table("people_users")
        nobody = {
            "email": None,
            "email_key": None,
            "name": GONE,
            "is_active": False,
            "locale": None,
            "timezone": None,
            "units": None,
            "home_fleet_id": None,
            "is_email_unproven": False,
        }
        values = nobody | {"updated_at": now, "version": table.c.version + 1}
        self._do(table, table.c.id == self.user_id, values)


def _marked(table: Table, names: Iterable[str]) -> dict[str, Any]:
    """Return what marks the texts of *names* as erased where there are any."""
    return {
        name: case((table.c[name].is_(None), table.c[name]), (table.c[name] == "", table.c[name]), else_=ERASED)
        for name in names
    }


def _blank(value: Any) -> Any:
    if isinstance(value, str):
        return ERASED if value else value
    return type(value)() if isinstance(value, list | dict) else None


def _like(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
