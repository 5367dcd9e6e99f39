"""File, edit, renew, cancel, delete and restore documents: with what they cost, and what to remind of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import Record, UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.kernel.when import local_date
from fleetcore.operations import of_others, operation, query
from fleetcore.people.ports import MEMBERS
from fleetcore.people.service import fleet_of
from fleetcore.reminders.model import ReminderFields
from fleetcore.reminders.sourced import drop_sourced_reminder, keep_sourced_reminder
from fleetcore.vehicles.access import reachable_vehicles, require_whole_fleet, vehicle_for, vehicle_of

from .commands import (
    AddDocument,
    CancelDocument,
    DeleteDocument,
    EditDocument,
    GetDocument,
    ListDocuments,
    ListPayments,
    RenewDocument,
    RestoreDocument,
)
from .events import (
    DocumentCancelled,
    DocumentDeleted,
    DocumentEdited,
    DocumentFiled,
    DocumentRenewed,
    DocumentRestored,
)
from .model import Document, DocumentFields, DocumentKind, FiledDocument, Payment
from .payments import settled, today_of
from .ports import DOCUMENTS, PAYMENTS, Sight
from .rules import cancellation_problems, document_problems, next_term, notice_of

__all__ = [
    "ENTITY",
    "add_document",
    "cancel_document",
    "delete_document",
    "edit_document",
    "find_document",
    "get_document",
    "list_documents",
    "list_payments",
    "remind",
    "renew_document",
    "require_sight",
    "restore_document",
    "sight_of",
]

READ, WRITE = "documents.read", "documents.write"
ENTITY = "documents.document"
FIELDS = tuple(a.name for a in attrs.fields(DocumentFields))
COPIED = tuple(a.name for a in attrs.fields(RenewDocument) if a.name not in {"id", "version", "new_id"})
NOT_CARRIED = {"result", "starts_on", "ends_on", "start_odometer", "until_odometer"}
TITLE_LENGTH_MAX = 200
DAYS_MAX = 36_500
T = TypeVar("T")


def _told(kind: Callable[..., T], document: Document, **more: Any) -> T:
    return kind(
        document_id=document.id,
        kind=document.kind,
        vehicle_id=document.vehicle_id,
        person_id=document.person_id,
        starts_on=document.starts_on,
        ends_on=document.ends_on,
        document_version=document.version,
        **more,
    )


def find_document(uow: UnitOfWork, document_id: UUID) -> Record:
    """Return a document as a record that files can hang on."""
    document = uow[DOCUMENTS].get(document_id)
    return Record(
        vehicle_id=document.vehicle_id,
        person_id=document.person_id,
        created_by=document.created_by,
        read_permission=READ,
        write_permission=WRITE,
    )


def require_sight(uow: UnitOfWork, document: Document, permission: str = READ) -> Document:
    """Return *document* when *permission* lets the actor see it; one's own licence always. Raises NotFound."""
    if document.vehicle_id is not None:
        vehicle_of(uow, "document", document, permission, lock=permission == WRITE)
        if uow.actor.require(permission) is Scope.OWN and document.created_by != uow.actor.user_id:
            raise NotFound("document", document.id)
    elif uow.actor.require(permission) is not Scope.ALL and (
        permission == WRITE or document.person_id != uow.actor.user_id
    ):
        raise NotFound("document", document.id)
    return document


def _enter(uow: UnitOfWork, fields: DocumentFields) -> None:
    """Make sure the actor may file *fields*; raises Forbidden, NotFound, Rejected with every problem."""
    problems = list(document_problems(fields, today_of(uow)))
    if fields.vehicle_id is not None:
        vehicle_for(uow, fields.vehicle_id, WRITE, lock=True)
    else:
        require_whole_fleet(uow, WRITE)
    if fields.person_id is not None and uow[MEMBERS].find(fields.person_id) is None:
        problems.append(Problem("person_id", "is no member of this fleet: add them first", "person.unknown"))
    reject_if_any(problems)


def _said(fields: DocumentFields) -> dict[str, Any]:
    said = {name: getattr(fields, name) for name in FIELDS}
    tidy = {name: " ".join(said[name].split()) for name in ("issuer", "number")}
    return {**said, **tidy, "classes": tuple(each.strip().upper() for each in fields.classes)}


def _kept(uow: UnitOfWork, before: Document, **changes: Any) -> Document:
    """Write *before* with *changes* as its next version, with its payments and its reminder."""
    stamp: dict[str, Any] = {"updated_at": uow.now, "updated_by": uow.actor.user_id, "version": before.version + 1}
    after: Document = attrs.evolve(before, **changes, **stamp)
    uow[DOCUMENTS].replace(after, old_version=before.version)
    after = _followed(uow, after)
    uow.record_change(ENTITY, after.id, None if before.deleted_at else before, None if after.deleted_at else after)
    return after


def _followed(uow: UnitOfWork, document: Document) -> Document:
    """Let payments and reminder follow *document* as it is stored now."""
    after, _ = settled(uow, document)
    uow[DOCUMENTS].advance(after)
    remind(uow, after)
    return after


def remind(uow: UnitOfWork, document: Document) -> None:
    """Set, change or take back the reminder of a document."""
    notice = notice_of(document, local_date(document.created_at, fleet_of(uow).timezone))
    if notice is None:
        drop_sourced_reminder(uow, ENTITY, document.id)
        return
    title = f"{notice.title}: {document.issuer}" if document.issuer else notice.title
    fields = ReminderFields(
        vehicle_id=document.vehicle_id,
        title=title[:TITLE_LENGTH_MAX],
        expected_cost=document.amount,
        on=document.ends_on,
        at_odometer=document.until_odometer,
        soon_days=notice.soon_days,
        very_soon_days=notice.very_soon_days,
    )
    keep_sourced_reminder(uow, ENTITY, document.id, fields, person_id=document.person_id)


def _filed(uow: UnitOfWork, document: Document) -> FiledDocument:
    """Return *document* with a warning for each policy of the same cover that holds at the same time."""
    warnings: list[Problem] = []
    if document.kind is DocumentKind.INSURANCE and document.cover is not None:
        for other in uow[DOCUMENTS].overlapping(document):
            if other.id in {document.renews_id, document.renewed_by_id}:
                continue  # whoever renews early pays both for a while, and knows
            of, until = other.issuer or "another insurer", other.ends_on or "open end"
            message = f"a policy of {of} for the same cover holds at the same time, until {until}"
            warnings.append(Problem("starts_on", message, "document.overlap"))
    return FiledDocument(document=document, warnings=tuple(warnings))


def _file(uow: UnitOfWork, fields: DocumentFields, document_id: UUID | None, renews_id: UUID | None = None) -> Document:
    user = uow.actor.user_id
    document = Document(
        id=document_id or uow.new_id(),
        renews_id=renews_id,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **_said(fields),
    )
    uow[DOCUMENTS].add(document)
    document = _followed(uow, document)
    uow.record_change(ENTITY, document.id, None, document)
    uow.emit(_told(DocumentFiled, document))
    return document


def _current(uow: UnitOfWork, document_id: UUID, version: int) -> Document:
    found = require_sight(uow, uow[DOCUMENTS].get(document_id), WRITE)
    document = uow[DOCUMENTS].get(found.id, lock=True)
    if document.version != version:
        raise Conflict(
            f"the document {document.id} was changed by someone else meanwhile: read it again, then repeat your change"
        )
    return document


@operation("documents.add", permission=WRITE)
def add_document(uow: UnitOfWork, command: AddDocument) -> FiledDocument:
    """File a document: its payments up to today are booked, and its end is reminded of in good time.

    A policy of the same cover that holds at the same time is a warning. Raises NotFound for the vehicle, Forbidden,
    Conflict for a taken id, Rejected with every problem.
    """
    _enter(uow, command)
    return _filed(uow, _file(uow, command, command.id))


@operation("documents.edit", permission=WRITE)
def edit_document(uow: UnitOfWork, command: EditDocument) -> FiledDocument:
    """Replace what was said of a document; payments and reminder follow, as if it had always said so.

    A new premium from a day on is a renewal. Raises NotFound, Conflict for a stale version, Rejected with every
    problem, also for days that leave out the one on which it was cancelled.
    """
    before = _current(uow, command.id, command.version)
    _enter(uow, command)
    reject_if_any(
        Problem(name, "stays as it is: delete this document and file another", "document.moved")
        for name in ("kind", "vehicle_id", "person_id")
        if getattr(command, name) != getattr(before, name)
    )
    reject_if_any(cancellation_problems(command, before.cancelled_on))
    after = _kept(uow, before, **_said(command))
    if before.starts_on != after.starts_on and after.renews_id is not None:
        _refresh(uow, after.renews_id)
    uow.emit(_told(DocumentEdited, after))
    return _filed(uow, after)


def _refresh(uow: UnitOfWork, document_id: UUID) -> Document | None:
    """Let payments and reminder of a document follow what happened to its successor."""
    try:
        document = uow[DOCUMENTS].get(document_id, lock=True)
    except NotFound:  # it was deleted meanwhile
        return None
    return _followed(uow, document)


@operation("documents.renew", permission=WRITE)
def renew_document(uow: UnitOfWork, command: RenewDocument) -> FiledDocument:
    """File the successor of a document, which goes on where it ends; the old one is no longer reminded of.

    What is not given is copied, but for an inspection's result. Raises NotFound, Conflict for a stale version and
    for one that is renewed already, Rejected with every problem.
    """
    before = _current(uow, command.id, command.version)
    if before.renewed_by_id is not None:
        raise Conflict(f"this document was renewed already, by {before.renewed_by_id}: renew that one")
    given = {name: getattr(command, name) for name in COPIED if getattr(command, name) is not None}
    carried = {name: getattr(before, name) for name in FIELDS if name not in NOT_CARRIED}
    fields = DocumentFields(**{**carried, **_term(before, command), **given})
    _enter(uow, fields)
    document = _file(uow, fields, command.new_id, renews_id=before.id)
    old = _refresh(uow, before.id) or before
    uow.emit(_told(DocumentRenewed, old, successor_id=document.id))
    return _filed(uow, document)


def _term(before: Document, command: RenewDocument) -> dict[str, Any]:
    """Return the days of the successor of *before*, as far as *command* leaves them open."""
    if command.starts_on is not None and command.ends_on is not None:
        return {}
    last = min((day for day in (before.ends_on, before.cancelled_on) if day is not None), default=None)
    if command.starts_on is None and last is None:
        raise Rejected.because("starts_on", "is needed: the document that you renew has no end", "required")
    if last is None or before.ends_on is None:
        return {"starts_on": last}
    starts_on, ends_on = next_term(before.starts_on, before.ends_on)
    if command.starts_on is not None and ends_on is not None:
        ends_on += command.starts_on - starts_on
    return {"starts_on": starts_on, "ends_on": ends_on}


@operation("documents.cancel", permission=WRITE)
def cancel_document(uow: UnitOfWork, command: CancelDocument) -> Document:
    """Let a document end early, today or on a day; or take that back.

    Payments from that day on are taken back, and nothing is reminded of. Raises NotFound, Conflict for a
    stale version, Rejected for a day before it starts or after it ends.
    """
    before = _current(uow, command.id, command.version)
    if command.undo:
        after = _kept(uow, before, cancelled_on=None)
        uow.emit(_told(DocumentEdited, after))
        return after
    on = command.on or today_of(uow)
    if before.starts_on is not None and on < before.starts_on:
        raise Rejected.because("on", f"lies before it starts, on {before.starts_on}: delete it instead")
    if before.ends_on is not None and on > before.ends_on:
        raise Rejected.because("on", f"lies after it ends, on {before.ends_on}")
    after = _kept(uow, before, cancelled_on=on)
    uow.emit(_told(DocumentCancelled, after, cancelled_on=on))
    return after


@operation("documents.delete", permission=WRITE)
def delete_document(uow: UnitOfWork, command: DeleteDocument) -> Document:
    """Delete a document: its payments are reversed, its reminder goes, the one it renewed is reminded of again.

    It can be restored. Raises NotFound, Conflict for a stale version.
    """
    before = _current(uow, command.id, command.version)
    after = _kept(uow, before, deleted_at=uow.now)
    if after.renews_id is not None:
        _refresh(uow, after.renews_id)
    uow.emit(_told(DocumentDeleted, after))
    return after


@operation("documents.restore", permission=WRITE)
def restore_document(uow: UnitOfWork, command: RestoreDocument) -> FiledDocument:
    """Bring a deleted document back, with its payments and its reminder.

    Raises NotFound, Conflict when another one renewed the same document meanwhile.
    """
    before = uow[DOCUMENTS].get(command.id, deleted=True)
    require_sight(uow, before, WRITE)
    after = _kept(uow, before, deleted_at=None)
    if after.renews_id is not None:
        _refresh(uow, after.renews_id)
    uow.emit(_told(DocumentRestored, after))
    return _filed(uow, after)


@query("documents.get", permission=READ, sensitive=of_others("person_id"))
def get_document(uow: UnitOfWork, command: GetDocument) -> Document:
    """Return one document. Raises NotFound."""
    found = require_sight(uow, uow[DOCUMENTS].get(command.id))
    if command.kind not in {None, found.kind}:
        raise NotFound(str(command.kind), command.id)
    return found


def sight_of(uow: UnitOfWork) -> Sight:
    """Return which documents the actor may see."""
    return Sight(
        user_id=uow.actor.user_id,
        vehicle_ids=reachable_vehicles(uow, READ),
        own_only=uow.actor.scope(READ) is Scope.OWN,
    )


SORT_DEFAULT = "-created_at"
SORTS: Mapping[str, Callable[[Any], Any]] = {
    "created_at": attrgetter("created_at"),
    "ends_on": lambda document: document.ends_on or date.max,
}


@query("documents.list", permission=READ, sensitive=of_others("person_id"))
def list_documents(uow: UnitOfWork, command: ListDocuments) -> Page[Document]:
    """List the documents that the actor may see, newest first, or those that expire, soonest first.

    Raises NotFound for the vehicle, Rejected.
    """
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    within = command.expiring_within
    if within is not None and not 0 <= within <= DAYS_MAX:
        raise Rejected.because("expiring_within", f"must lie between 0 and {DAYS_MAX} days")
    until = None if within is None else today_of(uow) + timedelta(days=within)
    limit = page_limit(command.limit)
    sort = "ends_on" if until is not None and command.sort == SORT_DEFAULT else command.sort
    rows = uow[DOCUMENTS].page(
        attrs.evolve(command, sort=sort), sight_of(uow), until, decode_cursor(command), limit + 1
    )
    return page_of(rows, limit, position_by(sort, SORTS), command)


@query("documents.payments", permission=READ)
def list_payments(uow: UnitOfWork, command: ListPayments) -> tuple[Payment, ...]:
    """List what was booked for a document, by the due days. Raises NotFound."""
    document = require_sight(uow, uow[DOCUMENTS].get(command.id))
    return tuple(uow[PAYMENTS].of_document(document.id))
