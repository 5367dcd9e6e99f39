"""Store and erase the fills of an import: the same rules as one by one, in a few statements per thousand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.service import post_many, reverse_many
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.meters import ReadingNote, note_readings
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
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[list[UUID], list[Problem | None]]:
    """Store *fills*, in which :func:`problems_of` found nothing, of one *vehicle* whose lock the caller holds.

    Odometer jumps are accepted and recorded. Returns the ids and, beside each, the jump it makes.
    """
    ids = [command.id or uow.new_id() for command in fills]
    notes, owners = [], []
    for index, command in enumerate(fills):
        if command.odometer is not None:
            owners.append(index)
            notes.append(
                ReadingNote(
                    vehicle_id=vehicle.id,
                    value=command.odometer.metres,
                    at=command.at,
                    source=SOURCE,
                    source_id=ids[index],
                )
            )
    noted, found = note_readings(uow, notes)
    reading_ids: list[UUID | None] = [None] * len(fills)
    jumps: list[Problem | None] = [None] * len(fills)
    for index, reading_id, jump in zip(owners, noted, found, strict=True):
        reading_ids[index], jumps[index] = reading_id, jump
    for start in range(0, len(fills), BATCH):
        facts = [
            _fact(uow, vehicle, fills[i], fill_id=ids[i], reading_id=reading_ids[i], import_id=import_id)
            for i in range(start, min(start + BATCH, len(fills)))
        ]
        _store(uow, facts)
        progress(len(facts))
    return ids, jumps


def _fact(
    uow: UnitOfWork,
    vehicle: Vehicle,
    command: RecordFill,
    *,
    fill_id: UUID,
    reading_id: UUID | None,
    import_id: UUID,
) -> Fill:
    user = uow.actor.user_id
    return Fill(
        id=fill_id,
        reading_id=reading_id,
        import_id=import_id,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **completed_fields(vehicle, command),
    )


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
