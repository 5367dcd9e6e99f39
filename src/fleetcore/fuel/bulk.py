"""Store and erase the fills of an import: the same rules as one by one, in a few statements per thousand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.service import post_many, reverse_many
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.meters import ReadingNote, add_readings, judge_readings
from fleetcore.vehicles.model import Vehicle

from .model import Fill, RecordFill
from .ports import FILLS
from .rules import fill_problems
from .service import SOURCE, completed_fields, posting_of

__all__ = ["problems_of", "remove_imported", "store_fills"]

BATCH = 1000


def problems_of(uow: UnitOfWork, vehicle: Vehicle, command: RecordFill) -> list[Problem]:
    """Return what is wrong with a fill by itself, without storing it."""
    return list(fill_problems(command, vehicle.carriers, uow.now))


def store_fills(
    uow: UnitOfWork,
    vehicle: Vehicle,
    fills: Sequence[RecordFill],
    import_id: UUID,
    *,
    progress: Callable[[int], None] = lambda _done: None,
    station_ids: Sequence[UUID | None] = (),
) -> tuple[list[UUID], list[Problem | None]]:
    """Store *fills*, in which :func:`problems_of` found nothing, of one *vehicle* whose lock the caller holds.

    *station_ids*, if given, say beside each fill where it was. Odometer jumps are accepted and recorded.
    Returns the ids and, beside each, the jump it makes.
    """
    ids = [command.id or uow.new_id() for command in fills]
    notes = [_note(vehicle, command, fill_id) for command, fill_id in zip(fills, ids, strict=True)]
    judged = iter(judge_readings(uow, [note for note in notes if note is not None]))
    jumps = [None if note is None else next(judged) for note in notes]
    station_ids = station_ids or [command.station_id for command in fills]
    now, user = uow.now, uow.actor.user_id
    made: dict[str, Any] = {
        "created_at": now,
        "updated_at": now,
        "created_by": user,
        "updated_by": user,
        "import_id": import_id,
    }
    for start in range(0, len(fills), BATCH):
        batch = slice(start, start + BATCH)
        reading_ids = _add_readings(uow, notes[batch], jumps[batch])
        facts = []
        for command, fill_id, reading_id, station_id in zip(
            fills[batch], ids[batch], reading_ids, station_ids[batch], strict=True
        ):
            said = completed_fields(vehicle, command)
            said["station_id"] = station_id
            facts.append(Fill(id=fill_id, reading_id=reading_id, **said, **made))
        _store(uow, facts)
        progress(len(facts))
    return ids, jumps


def _note(vehicle: Vehicle, command: RecordFill, fill_id: UUID) -> ReadingNote | None:
    if command.odometer is None:
        return None
    return ReadingNote(
        vehicle_id=vehicle.id, value=command.odometer.metres, at=command.at, source=SOURCE, source_id=fill_id
    )


def _add_readings(
    uow: UnitOfWork, notes: Sequence[ReadingNote | None], jumps: Sequence[Problem | None]
) -> list[UUID | None]:
    shown = [(note, jump) for note, jump in zip(notes, jumps, strict=True) if note is not None]
    added = iter(add_readings(uow, [note for note, _ in shown], [jump for _, jump in shown]))
    return [None if note is None else next(added) for note in notes]


def _store(uow: UnitOfWork, facts: list[Fill]) -> None:
    timezone = fleet_of(uow).timezone
    uow[FILLS].add_many(facts)
    post_many(uow, [posting_of(fact, timezone) for fact in facts])


def remove_imported(uow: UnitOfWork, import_id: UUID) -> list[tuple[UUID, UUID | None]]:
    """Erase the fills of an import and reverse what they posted; returns (vehicle id, reading id) of each."""
    rows = list(uow[FILLS].of_import(import_id))
    reverse_many(uow, SOURCE, [fill_id for fill_id, _, _ in rows])
    uow[FILLS].remove_import(import_id)
    return [(vehicle_id, reading_id) for _, vehicle_id, reading_id in rows]
