"""Store and erase the expenses of an import: the same rules as one by one, in a few statements per thousand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from fleetcore.kernel.days import noon_of
from fleetcore.kernel.errors import Problem
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.service import post_many, reverse_many
from fleetcore.vehicles.meters import ReadingNote, note_readings, void_imported
from fleetcore.vehicles.model import Vehicle

from .categories import known_categories
from .model import Category, Expense, ListExpenses, RecordExpense, category_key
from .ports import EXPENSES
from .rules import category_problems, day_of, expense_problems
from .service import SOURCE, accepted_fields, calendar_of, posting_of

__all__ = ["erase_expenses", "has_expenses", "problems_of", "remove_imported", "store_expenses"]

BATCH = 1000


def problems_of(uow: UnitOfWork, command: RecordExpense, categories: Collection[Category]) -> list[Problem]:
    """Return what is wrong with an expense by itself, without storing it; *categories* are those there will be."""
    return [*expense_problems(command, calendar_of(uow)), *category_problems(command.category, categories)]


def store_expenses(
    uow: UnitOfWork,
    vehicle: Vehicle,
    commands: Sequence[RecordExpense],
    import_id: UUID,
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[list[UUID], list[Problem | None]]:
    """Store expenses, in which :func:`problems_of` found nothing, of one *vehicle* whose lock the caller holds.

    Their categories exist. Odometer jumps are accepted and recorded. Returns the ids and, beside each, the
    jump it makes.
    """
    categories, calendar = known_categories(uow), calendar_of(uow)
    ids = [command.id or uow.new_id() for command in commands]
    notes, owners = [], []
    for index, command in enumerate(commands):
        if command.odometer is not None:
            owners.append(index)
            notes.append(
                ReadingNote(
                    vehicle_id=vehicle.id,
                    value=command.odometer.metres,
                    at=command.at or noon_of(day_of(command, calendar.timezone), calendar),
                    source=SOURCE,
                    source_id=ids[index],
                )
            )
    noted, found = note_readings(uow, notes)
    reading_ids: list[UUID | None] = [None] * len(ids)
    jumps: list[Problem | None] = [None] * len(ids)
    for index, reading_id, jump in zip(owners, noted, found, strict=True):
        reading_ids[index], jumps[index] = reading_id, jump
    for start in range(0, len(ids), BATCH):
        facts = []
        for index in range(start, min(start + BATCH, len(ids))):
            command = commands[index]
            said = accepted_fields(command, categories[category_key(command.category)], calendar.timezone)
            owned = {"id": ids[index], "vehicle_id": vehicle.id, "reading_id": reading_ids[index]}
            facts.append(_fact(uow, import_id, said | owned))
        uow[EXPENSES].add_many(facts)
        post_many(uow, [posting_of(fact, categories[fact.category]) for fact in facts])
        progress(len(facts))
    return ids, jumps


def _fact(uow: UnitOfWork, import_id: UUID, fields: dict[str, Any]) -> Expense:
    user = uow.actor.user_id
    return Expense(
        import_id=import_id, created_at=uow.now, created_by=user, updated_at=uow.now, updated_by=user, **fields
    )


def has_expenses(uow: UnitOfWork, vehicle_id: UUID) -> bool:
    """Say whether a vehicle has any expense that is not deleted."""
    return bool(uow[EXPENSES].page(ListExpenses(vehicle_id=vehicle_id), None, None, None, 1))


def erase_expenses(uow: UnitOfWork, facts: Sequence[Expense], note: str) -> None:
    """Erase expenses of one vehicle, whose lock the caller holds, for what takes their place.

    What they posted is reversed, their readings are voided with *note*.
    """
    reverse_many(uow, SOURCE, [fact.id for fact in facts])
    uow[EXPENSES].remove(fact.id for fact in facts)
    owned = frozenset(fact.reading_id for fact in facts if fact.reading_id is not None)
    for vehicle_id in {fact.vehicle_id for fact in facts if fact.vehicle_id is not None and owned}:
        void_imported(uow, vehicle_id, owned, note)


def remove_imported(uow: UnitOfWork, import_id: UUID) -> list[tuple[UUID | None, UUID | None]]:
    """Erase the expenses of an import and reverse what they posted; returns (vehicle id, reading id) of each."""
    rows = list(uow[EXPENSES].of_import(import_id))
    reverse_many(uow, SOURCE, [expense_id for expense_id, _, _ in rows])
    uow[EXPENSES].remove_import(import_id)
    return [(vehicle_id, reading_id) for _, vehicle_id, reading_id in rows]
