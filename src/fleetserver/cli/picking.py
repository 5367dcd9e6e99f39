"""From what people call a record to the record: vehicles by name, other records by the end of their id."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar
from uuid import UUID

from fleetcore.kernel.errors import NotFound, Problem, Rejected
from fleetcore.kernel.paging import PAGE_LIMIT_MAX, Page
from fleetcore.vehicles.access import vehicle_named
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.service import list_vehicles
from fleetserver.presentation.typed import Typed

from .failures import BadInput
from .session import Session

__all__ = ["everything", "find_vehicle", "pick", "short_id", "some_of", "typed_for", "vehicles_by_id"]

ENDING_MIN = 4
SHORT = 8
T = TypeVar("T")


class _Identified(Protocol):
    @property
    def id(self) -> UUID: ...


I = TypeVar("I", bound=_Identified)  # noqa: E741 - a type variable


def short_id(key: UUID) -> str:
    """Return the end of an id: the part that differs between records made together."""
    return key.hex[-SHORT:]


def find_vehicle(session: Session, name: str, *, removed: bool = False) -> Vehicle:
    """Return the vehicle called *name* (or its plate, VIN, id); raises NotFound with what may be meant."""
    vehicles = session.read(list_vehicles, ListVehicles(removed=removed))
    try:
        return vehicle_named(name, vehicles)
    except NotFound:
        close = difflib.get_close_matches(name, [vehicle.name for vehicle in vehicles], 3, 0.5)
        kind = "removed vehicle" if removed else "vehicle"
        hint = f"did you mean {' or '.join(map(repr, close))}?" if close else "`fleet vehicles list` shows all"
        raise Rejected([Problem("", f"there is no {kind} {name!r} in this fleet: {hint}", "vehicle.unknown")]) from None


def vehicles_by_id(session: Session) -> dict[UUID, Vehicle]:
    """Return the fleet's vehicles by their ids."""
    return {vehicle.id: vehicle for vehicle in session.read(list_vehicles, ListVehicles())}


def typed_for(session: Session, vehicle: Vehicle | None = None) -> Typed:
    """Return a reader of what was typed about *vehicle*."""
    display = session.display
    return Typed(display.scale(vehicle), display.timezone, display.currency)


def everything(page_at: Callable[[str | None, int], Page[T]]) -> Iterator[T]:
    """Yield the items of all pages."""
    cursor: str | None = None
    while True:
        page = page_at(cursor, PAGE_LIMIT_MAX)
        yield from page.items
        if (cursor := page.next) is None:
            return


def some_of(page_at: Callable[[str | None, int], Page[T]], limit: int | None) -> tuple[list[T], bool]:
    """Return up to *limit* items (None: all of them), and whether there are more."""
    found: list[T] = []
    for item in everything(lambda cursor, most: page_at(cursor, most if limit is None else min(most, limit + 1))):
        if limit is not None and len(found) == limit:
            return found, True
        found.append(item)
    return found, False


def pick(text: str, what: str, get: Callable[[UUID], I], candidates: Callable[[], Iterable[I]]) -> I:
    """Return the record whose id is, or ends with, *text*; raises NotFound, or BadInput when several do."""
    ending = text.strip().lower().replace("-", "")
    if len(ending) == 32:
        try:
            return get(UUID(ending))
        except ValueError:
            raise NotFound(what, text) from None
    if len(ending) < ENDING_MIN or not set(ending) <= set("0123456789abcdef"):
        message = f"there is no {what} {text!r}: name it by its id, or the last {SHORT} characters, which lists show"
        raise BadInput.because("", message)
    found = [record for record in candidates() if record.id.hex.endswith(ending)]
    if not found:
        raise NotFound(what, text)
    if len(found) > 1:
        raise BadInput.because("", f"{len(found)} ids end with {text}: write more of it")
    return found[0]


def given(**values: Any) -> dict[str, Any]:
    """Return the values that were given."""
    return {name: value for name, value in values.items() if value is not None}
