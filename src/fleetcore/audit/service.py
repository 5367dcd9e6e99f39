"""Write and read the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import Change, UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.kernel.wire import unstructure, wire_name
from fleetcore.operations import always, query

from .model import READ_ENTITY, AuditEntry, ListAudit
from .ports import AUDIT

__all__ = ["list_audit", "write_changes", "write_read"]

PLAIN = (str, int, float, Decimal, UUID, date, Enum)


def write_changes(uow: UnitOfWork, operation: str, changes: Sequence[Change], address: str | None = None) -> None:
    """Append one entry per changed record of an operation."""
    if changes:
        uow[AUDIT].add(
            [
                AuditEntry(
                    id=uow.new_id(),
                    at=uow.now,
                    actor_id=uow.actor.user_id,
                    operation=operation,
                    entity=change.entity,
                    entity_id=change.entity_id,
                    before=image_of(change.before),
                    after=image_of(change.after),
                    correlation_id=change.correlation_id,
                    address=address,
                )
                for change in changes
            ]
        )


def write_read(uow: UnitOfWork, query: str, command: Any, address: str | None = None) -> None:
    """Append an entry that says who asked what: for answers that are sensitive. It has no record of its own."""
    key = uow.new_id()
    uow[AUDIT].add(
        [
            AuditEntry(
                id=key,
                at=uow.now,
                actor_id=uow.actor.user_id,
                operation=query,
                entity=READ_ENTITY,
                entity_id=key,
                after=question_of(command),
                correlation_id=uow.correlation_id,
                address=address,
            )
        ]
    )


def question_of(command: Any) -> dict[str, Any]:
    """Return what of *command* was said, as plain values: no personal words, no files, no place in a list."""
    said = {}
    for attribute in attrs.fields(type(command)):
        value = getattr(command, attribute.name)
        is_plain = isinstance(value, PLAIN) and value != attribute.default and attribute.name != "cursor"
        if is_plain and not attribute.metadata.get("personal") and not attribute.metadata.get("secret"):
            said[attribute.name] = unstructure(value)
    return said


def image_of(fact: Any) -> Any:
    """Return *fact* as plain values without its personal fields."""
    if fact is None or not attrs.has(type(fact)):
        return fact
    image = unstructure(fact)
    for attribute in attrs.fields(type(fact)):
        if attribute.metadata.get("personal"):
            image.pop(wire_name(attribute.name, attribute.type), None)
    return image


@query("audit.list", permission="audit.read", sensitive=always)
def list_audit(uow: UnitOfWork, command: ListAudit) -> Page[AuditEntry]:
    """List who changed what, newest first; whose role does not reach the whole fleet sees what they did."""
    limit = page_limit(command.limit)
    by = None if uow.actor.require("audit.read") is Scope.ALL else uow.actor.user_id
    rows = uow[AUDIT].page(command, by, decode_cursor(command), limit + 1)
    return page_of(rows, limit, position_by(command.sort, {"at": attrgetter("at")}), command)
