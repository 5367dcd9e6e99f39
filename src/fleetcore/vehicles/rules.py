"""What makes a vehicle acceptable; every rule yields all it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fleetcore.kernel.errors import Problem
from fleetcore.vin.numbers import vin_problems

from .assignments import Assignment
from .model import VehicleFields, VehicleState

__all__ = [
    "TRANSITIONS",
    "check_assignment",
    "check_transition",
    "check_vehicle",
    "clean_plate",
    "primary_problems",
]

TRANSITIONS: dict[VehicleState, frozenset[VehicleState]] = {
    VehicleState.ACTIVE: frozenset({VehicleState.RENTED, VehicleState.UNDER_MAINTENANCE, VehicleState.DECOMMISSIONED}),
    VehicleState.RENTED: frozenset({VehicleState.ACTIVE, VehicleState.UNDER_MAINTENANCE}),
    VehicleState.UNDER_MAINTENANCE: frozenset({VehicleState.ACTIVE, VehicleState.DECOMMISSIONED}),
    VehicleState.DECOMMISSIONED: frozenset({VehicleState.ACTIVE}),
}
TEXT_MAX = 200
NOTES_MAX = 10_000
PASSENGERS_MAX = 1000
YEAR_MIN = 1885  # the Benz Patent-Motorwagen


def clean_plate(plate: str | None) -> str | None:
    """Return the plate with single blanks; empty becomes None."""
    return " ".join((plate or "").split()) or None


def check_vehicle(fields: VehicleFields, this_year: int) -> Iterator[Problem]:
    """Yield every problem of what is said of a vehicle."""
    if not (fields.name.strip() or fields.make.strip() or fields.model.strip()):
        yield Problem("name", "give a name, or a make and model", "required")
    yield from _check_texts(fields)
    if fields.vin:
        yield from vin_problems(fields.vin)
    if fields.year is not None and not YEAR_MIN <= fields.year <= this_year + 2:
        yield Problem("year", f"must lie between {YEAR_MIN} and {this_year + 2}")
    yield from _check_numbers(fields)
    yield from _check_trade(fields)


def _check_texts(fields: VehicleFields) -> Iterator[Problem]:
    for name in ("name", "make", "model", "variant", "colour", "plate"):
        if len(getattr(fields, name) or "") > TEXT_MAX:
            yield Problem(name, f"is longer than {TEXT_MAX} characters")
    if len(fields.notes) > NOTES_MAX:
        yield Problem("notes", f"is longer than {NOTES_MAX} characters")
    for index, tag in enumerate(fields.tags):
        if not tag.strip() or len(tag) > TEXT_MAX:
            yield Problem(f"tags.{index}", f"must have 1 to {TEXT_MAX} characters")
    for key, value in fields.custom_fields.items():
        if not key.strip() or len(key) > TEXT_MAX or len(value) > NOTES_MAX:
            yield Problem(
                f"custom_fields.{key[:40]}",
                f"needs a name of 1 to {TEXT_MAX} and a value of at most {NOTES_MAX} characters",
            )


def _check_numbers(fields: VehicleFields) -> Iterator[Problem]:
    numbers: tuple[tuple[str, int | None], ...] = (
        ("tank_capacity_l", None if fields.tank_capacity is None else fields.tank_capacity.millilitres),
        ("battery_capacity_kwh", None if fields.battery_capacity is None else fields.battery_capacity.watt_hours),
        ("passenger_capacity", fields.passenger_capacity),
        ("load_limit_kg", None if fields.load_limit is None else fields.load_limit.grams),
    )
    for name, value in numbers:
        if value is not None and value < 0:
            yield Problem(name, "must be zero or more")
    if (fields.passenger_capacity or 0) > PASSENGERS_MAX:
        yield Problem("passenger_capacity", f"must be at most {PASSENGERS_MAX}")
    if len(set(fields.carriers)) != len(fields.carriers):
        yield Problem("carriers", "names a carrier twice")
    for carrier in fields.carriers:
        if not carrier.carries_energy:
            yield Problem("carriers", f"{carrier} is a consumable, not an energy carrier")


def _check_trade(fields: VehicleFields) -> Iterator[Problem]:
    for name, price in (("purchase_price", fields.purchase_price), ("sale_price", fields.sale_price)):
        if price is not None and price.minor < 0:
            yield Problem(name, "must be zero or more")
    if fields.purchased_on and fields.sold_on and fields.sold_on < fields.purchased_on:
        yield Problem("sold_on", "lies before the purchase")


def check_transition(old: VehicleState, new: VehicleState) -> Iterator[Problem]:
    """Yield a problem when a vehicle may not move from *old* to *new*."""
    if new not in TRANSITIONS[old]:
        allowed = ", ".join(sorted(TRANSITIONS[old]))
        yield Problem("state", f"cannot go from {old} to {new}; from {old} it can become {allowed}", "state.transition")


def check_assignment(assignment: Assignment) -> Iterator[Problem]:
    """Yield every problem of an assignment in itself."""
    if (assignment.driver_id is None) == (not assignment.driver_name):
        yield Problem("driver_id", "name the driver: a member, or driver_name for someone who is none", "required")
    if len(assignment.driver_name) > TEXT_MAX:
        yield Problem("driver_name", f"is longer than {TEXT_MAX} characters")
    if len(assignment.notes) > NOTES_MAX:
        yield Problem("notes", f"is longer than {NOTES_MAX} characters")
    if assignment.ends_at is not None and assignment.ends_at <= assignment.starts_at:
        yield Problem("ends_at", "must lie after the start")


def primary_problems(assignment: Assignment, others: Iterable[Assignment]) -> Iterator[Problem]:
    """Yield a problem when one of the *others*, which are primary too, lasts at the same time."""
    if not assignment.is_primary:
        return
    for other in others:
        begins_later = assignment.ends_at is not None and other.starts_at >= assignment.ends_at
        ended_before = other.ends_at is not None and other.ends_at <= assignment.starts_at
        if not begins_later and not ended_before:
            until = "with no end" if other.ends_at is None else f"until {other.ends_at:%Y-%m-%d %H:%M} UTC"
            yield Problem(
                "starts_at",
                f"the vehicle has a primary driver from {other.starts_at:%Y-%m-%d %H:%M} UTC {until}: hand it over, "
                "end that assignment first, or add this driver as not primary",
                "driver.overlap",
            )
            return
