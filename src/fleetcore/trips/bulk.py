"""Store and erase the trips of an import: the same rules as one by one, in a few statements per thousand."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import local_date
from fleetcore.ledger.service import post_many, reverse_many
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.meters import note_readings
from fleetcore.vehicles.model import Vehicle

from .model import RecordTrip, Trip
from .ports import MONTHS, TRIPS, ImportedTrip
from .rules import MONTH_CLOSED, Stretch, overlap_problem, trip_problems
from .service import SOURCE, accepted_fields, closed_month_problems, notes_of, posting_of

__all__ = ["Timeline", "has_trips", "problems_of", "remove_imported", "store_trips"]

BATCH = 1000
_start = attrgetter("start")


class Timeline:
    """When a vehicle was on a trip: those that are stored, and those that an import will bring."""

    def __init__(self, stretches: Sequence[Stretch] = ()) -> None:
        self._stretches = sorted(stretches, key=_start)

    @classmethod
    def of(cls, uow: UnitOfWork, vehicle_id: UUID) -> Timeline:
        """Return the timeline of a vehicle as it is stored."""
        return cls(uow[TRIPS].stretches(vehicle_id))

    def conflicts(self, stretch: Stretch) -> Iterator[Problem]:
        """Yield a problem for each trip that goes on at the same time; trips in here never overlap each other."""
        place = bisect_left(self._stretches, stretch.start, key=_start)
        around = self._stretches[max(place - 1, 0) : place + 2]
        yield from overlap_problem(stretch, around)

    def take(self, stretch: Stretch) -> None:
        """Let a trip take its time."""
        insort(self._stretches, stretch, key=_start)


def problems_of(uow: UnitOfWork, command: RecordTrip, timeline: Timeline) -> list[Problem]:
    """Return what is wrong with a trip by itself and beside the others; without problems it takes its time."""
    problems = list(trip_problems(command, uow.now))
    if command.ended_at is None:
        problems.append(Problem("ended_at", "is missing: an imported trip has ended", "required"))
    elif command.ended_at >= command.started_at:
        stretch = Stretch(command.started_at, command.ended_at)
        problems += timeline.conflicts(stretch)
        if not problems:
            problems += closed_month_problems(uow, command)
        if not problems:
            timeline.take(stretch)
    return problems


def store_trips(
    uow: UnitOfWork,
    vehicle: Vehicle,
    commands: Sequence[RecordTrip],
    import_id: UUID,
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[list[UUID], list[Problem | None]]:
    """Store trips, in which :func:`problems_of` found nothing, of one *vehicle* whose lock the caller holds.

    Odometer jumps are accepted and recorded. Returns the ids and, beside each, the first jump it makes.
    """
    facts = [_fact(uow, command, import_id, vehicle.id) for command in commands]
    owners, notes = [], []
    for index, fact in enumerate(facts):
        for end, note in notes_of(fact, accept_jump=True).items():
            owners.append((index, end))
            notes.append(note)
    noted, found = note_readings(uow, notes)
    held: list[dict[str, Any]] = [{} for _ in facts]
    jumps: list[Problem | None] = [None] * len(facts)
    for (index, end), reading_id, jump in zip(owners, noted, found, strict=True):
        held[index][f"{end}_reading_id"] = reading_id
        jumps[index] = jumps[index] or jump
    facts = [attrs.evolve(fact, **ids) for fact, ids in zip(facts, held, strict=True)]
    timezone = fleet_of(uow).timezone
    for start in range(0, len(facts), BATCH):
        batch = facts[start : start + BATCH]
        uow[TRIPS].add_many(batch)
        post_many(uow, [posting_of(fact, timezone) for fact in batch])
        progress(len(batch))
    return [fact.id for fact in facts], jumps


def _fact(uow: UnitOfWork, command: RecordTrip, import_id: UUID, vehicle_id: UUID) -> Trip:
    user = uow.actor.user_id
    return Trip(
        id=command.id or uow.new_id(),
        import_id=import_id,
        finished_at=uow.now,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **(accepted_fields(command) | {"vehicle_id": vehicle_id}),
    )


def has_trips(uow: UnitOfWork, vehicle_id: UUID) -> bool:
    """Say whether a vehicle has any trip that is not deleted."""
    return bool(uow[TRIPS].stretches(vehicle_id))


def remove_imported(uow: UnitOfWork, import_id: UUID) -> list[ImportedTrip]:
    """Erase the trips of an import and reverse what they posted; returns what they owned.

    Raises Rejected when one of them lies in a closed month: no trip leaves such a month without a trace.
    """
    rows = list(uow[TRIPS].of_import(import_id))
    timezone = fleet_of(uow).timezone
    for vehicle_id, month in {(row.vehicle_id, local_date(row.started_at, timezone).replace(day=1)) for row in rows}:
        if uow[MONTHS].is_closed(vehicle_id, month):
            message = (
                f"this import brought trips to {month:%Y-%m}, which is closed: delete them one by one, with a reason"
            )
            raise Rejected.because("id", message, MONTH_CLOSED)
    reverse_many(uow, SOURCE, [row.id for row in rows])
    uow[TRIPS].remove_import(import_id)
    return rows
