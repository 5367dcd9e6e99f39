"""Audit images in words: field names and values as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from fleetcore.audit.model import AuditEntry, changed_fields

from .model import ChangeKind, FieldChange

__all__ = ["NEVER_SAID", "field_changes", "kind_of", "record_word", "sentence_of", "user_ids"]

UNITS = {"_km": "km", "_l": "l", "_kwh": "kWh", "_kg": "kg"}
NEVER_SAID = frozenset({"id", "created_at", "created_by", "updated_at", "updated_by", "version"})
PERSONS = frozenset({"driver_id", "created_by", "updated_by", "user_id", "recorded_by", "claimed_by"})
SHORT = 8
SAID_MAX = 3
VALUE_MAX = 500


def kind_of(entry: AuditEntry) -> ChangeKind:
    """Return what was done to the record."""
    before, after = entry.before, entry.after
    if before is None:
        return ChangeKind.RESTORED if "restore" in entry.operation else ChangeKind.CREATED
    if after is None:
        return ChangeKind.ERASED if "purge" in entry.operation else ChangeKind.DELETED
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        was, is_now = before.get("deleted_at"), after.get("deleted_at")
        if (was is None) != (is_now is None):
            return ChangeKind.RESTORED if is_now is None else ChangeKind.DELETED
    return ChangeKind.CHANGED


def record_word(entity: str) -> str:
    """Return what people call a record of *entity*: "fuel.fill" is a fill."""
    return entity.rpartition(".")[2].replace("_", " ")


def field_changes(entry: AuditEntry, names: Mapping[UUID, str]) -> tuple[FieldChange, ...]:
    """Return what changed field by field; of a new or deleted record all that it said. *names* are users' names."""
    before = entry.before if isinstance(entry.before, Mapping) else {}
    after = entry.after if isinstance(entry.after, Mapping) else {}
    found = []
    for field in changed_fields(before, after):
        if field in NEVER_SAID:
            continue
        label, unit = _label(field)
        old, new = (_value(field, image.get(field), unit, names) for image in (before, after))
        if old != new:
            found.append(FieldChange(field=label, before=old, after=new))
    return tuple(found)


def _label(field: str) -> tuple[str, str]:
    for suffix, unit in UNITS.items():
        if field.endswith(suffix):
            return field.removesuffix(suffix).replace("_", " "), unit
    return field.removesuffix("_id").replace("_", " "), ""


def _value(field: str, value: Any, unit: str, names: Mapping[UUID, str]) -> str:
    if field in PERSONS and isinstance(value, str):
        return names.get(UUID(value), "former member")
    return _said(value, unit)[:VALUE_MAX]


def _said(value: Any, unit: str) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,} {unit}" if unit else str(value)
    return _composed(value)


def _composed(value: Any) -> str:
    match value:
        case {"amount": amount, "currency": currency}:
            return f"{amount} {currency}"
        case Mapping():
            return ", ".join(f"{name.replace('_', ' ')} {_said(one, '')}" for name, one in value.items() if one)
        case list():
            return "; ".join(_said(one, "") for one in value)
        case _:
            return _short(str(value))


def _short(text: str) -> str:
    """Return an id by its end, as lists show it; any other text as it is."""
    try:
        return UUID(text).hex[-SHORT:] if len(text) == 36 else text
    except ValueError:
        return text


def sentence_of(entry: AuditEntry, actor_name: str, fields: Sequence[FieldChange]) -> str:
    """Say in one sentence who did what."""
    kind, record = kind_of(entry), record_word(entry.entity)
    actor_name = actor_name[:1].upper() + actor_name[1:]
    if kind is not ChangeKind.CHANGED:
        return f"{actor_name} {kind} the {record}."
    if not fields:
        return f"{actor_name} changed the {record}; the log does not hold the values, which are personal or internal."
    said = "; ".join(_step(change) for change in fields[:SAID_MAX])
    more = f"; and {len(fields) - SAID_MAX} more" if len(fields) > SAID_MAX else ""
    return f"{actor_name} changed the {record}: {said}{more}."


def _step(change: FieldChange) -> str:
    if not change.before:
        return f"{change.field} set to {change.after}"
    if not change.after:
        return f"{change.field} emptied, it was {change.before}"
    return f"{change.field} from {change.before} to {change.after}"


def user_ids(entries: Sequence[AuditEntry]) -> Iterator[UUID]:
    """Yield the users that *entries* name."""
    for entry in entries:
        yield entry.actor_id
        for image in (entry.before, entry.after):
            if isinstance(image, Mapping):
                yield from (UUID(image[name]) for name in PERSONS if isinstance(image.get(name), str))
