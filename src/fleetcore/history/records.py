"""Who changed one record, before and after, in words."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from fleetcore.audit.model import AuditEntry, ListAudit, changed_fields
from fleetcore.audit.ports import AUDIT
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import WORKER_ID
from fleetcore.operations import always, query
from fleetcore.people.ports import MEMBERS

from .model import ChangeKind, RecordChange, RecordHistory
from .words import NEVER_SAID, field_changes, kind_of, record_word, sentence_of, user_ids

__all__ = ["FORMER", "names_of", "outline_of", "record_history"]

FORMER = "former member"
WORKER = "the worker"


@query("history.of_record", permission="audit.read", sensitive=always)
def record_history(uow: UnitOfWork, command: RecordHistory) -> Page[RecordChange]:
    """List who changed one record, newest first, field by field; deleted records have a history too.

    Whose role does not reach the whole fleet sees what they did themselves. Raises NotFound for a record that is
    unknown here, or that was never touched by who asks.
    """
    limit = page_limit(command.limit)
    by = None if uow.actor.require("audit.read") is Scope.ALL else uow.actor.user_id
    rows = uow[AUDIT].page(ListAudit(entity_id=command.id), by, decode_cursor(command), limit + 1)
    if not rows and command.cursor is None:
        raise NotFound("record with a history", command.id)
    page = page_of(rows, limit, lambda entry: Position(entry.at, entry.id), command)
    names = names_of(uow, user_ids(page.items))
    return Page(tuple(_change(entry, names) for entry in page.items), page.next)


def _change(entry: AuditEntry, names: dict[UUID, str]) -> RecordChange:
    fields = field_changes(entry, names)
    name = names[entry.actor_id]
    return RecordChange(
        id=entry.id,
        at=entry.at,
        actor_id=entry.actor_id,
        actor_name=name,
        operation=entry.operation,
        record=record_word(entry.entity),
        kind=kind_of(entry),
        sentence=sentence_of(entry, name, fields),
        fields=fields,
    )


def names_of(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the name of each user; who left the fleet is a former member, what no person did the worker."""
    wanted = set(ids)
    found = {user_id: uow[MEMBERS].listed(user_id) for user_id in wanted - {WORKER_ID}}
    workers = {WORKER_ID: WORKER} if WORKER_ID in wanted else {}
    return workers | {user_id: FORMER if member is None else member.name or FORMER for user_id, member in found.items()}


def outline_of(entry: AuditEntry) -> tuple[ChangeKind, str, tuple[str, ...]]:
    """Return what was done, what people call such a record, and which fields of an older record were changed."""
    fields: tuple[str, ...] = ()
    if isinstance(entry.before, dict) and isinstance(entry.after, dict):
        fields = tuple(name for name in changed_fields(entry.before, entry.after) if name not in NEVER_SAID)
    return kind_of(entry), record_word(entry.entity), fields
