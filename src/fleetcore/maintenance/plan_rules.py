"""What service items and templates must obey, and what reminder an item asks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import attrs

from fleetcore.kernel.days import NOT_BEFORE, text_problems
from fleetcore.kernel.errors import Problem
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.when import add_months
from fleetcore.reminders.model import ReminderFields
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import Vehicle, VehicleState

from .plan_model import ItemFields, PlanItemFields, Powertrain, Template, TemplateFields
from .rules import ENGINE_TENTHS_MAX, LINE_LENGTH_MAX, NOTES_LENGTH_MAX, ODOMETER_METRES_MAX, part_problems

__all__ = [
    "differences",
    "fits",
    "item_problems",
    "key_of",
    "last_done_problems",
    "plan_problems",
    "powertrains_of",
    "reminder_of",
    "template_problems",
    "vehicle_problems",
]

MONTHS_MAX = 1200
ITEMS_MAX = 200
KEY_LENGTH_MAX = 80
COMPARED = tuple(a.name for a in attrs.fields(ItemFields) if a.name != "key")


def key_of(item: ItemFields) -> str:
    """Return the stable word of an item: its own, or its title without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", item.key or item.title).casefold()
    word = "-".join(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))
    return word[:KEY_LENGTH_MAX].strip("-")


def item_problems(item: ItemFields, where: str = "") -> Iterator[Problem]:
    """Yield what is wrong with a service item; *where* stands before its fields."""
    if not key_of(item):
        yield Problem(f"{where}title", "is needed, with a letter or a digit: what is to be done?", "required")
    texts = ((f"{where}title", item.title), (f"{where}key", item.key))
    yield from text_problems(texts, LINE_LENGTH_MAX)
    yield from text_problems(((f"{where}notes", item.notes),), NOTES_LENGTH_MAX)
    intervals = (
        (f"{where}every_km", item.every and item.every.metres, ODOMETER_METRES_MAX, item.every),
        (f"{where}every_months", item.every_months, MONTHS_MAX, item.every_months),
        (
            f"{where}every_engine_hours",
            item.every_engine_hours and item.every_engine_hours.tenths,
            ENGINE_TENTHS_MAX,
            item.every_engine_hours,
        ),
    )
    if all(said is None for *_, said in intervals):
        yield Problem(f"{where}every_km", "is needed, or every_months, or every_engine_hours: how often?", "required")
    for name, value, most, said in intervals:
        if said is not None and not 0 < (value or 0) <= most:
            yield Problem(name, "must be more than zero, and real")
    if item.expected_cost is not None and item.expected_cost.minor < 0:
        yield Problem(f"{where}expected_cost", "must not be negative")
    yield from part_problems(item.parts, where)


def plan_problems(item: PlanItemFields, today: date) -> Iterator[Problem]:
    """Yield what is wrong with a service item of a vehicle."""
    yield from item_problems(item)
    yield from last_done_problems(item.last_done_on, item.last_done_odometer, item.last_done_engine_hours, today)


def last_done_problems(
    on: date | None, odometer: Distance | None, hours: EngineHours | None, today: date, where: str = "last_done"
) -> Iterator[Problem]:
    """Yield what is wrong with when an item was last done."""
    if on is not None and not NOT_BEFORE <= on <= today:
        yield Problem(f"{where}_on", f"must lie between {NOT_BEFORE} and today, {today}", "time.future")
    if odometer is not None and not 0 <= odometer.metres <= ODOMETER_METRES_MAX:
        yield Problem(f"{where}_odometer_km", "must lie between 0 and ten million")
    if hours is not None and not 0 <= hours.tenths <= ENGINE_TENTHS_MAX:
        yield Problem(f"{where}_engine_hours", "must lie between 0 and one million")


def vehicle_problems(vehicle: Vehicle) -> Iterator[Problem]:
    """Yield why nothing can be planned for *vehicle*."""
    if vehicle.sold_on is not None or vehicle.state is VehicleState.DECOMMISSIONED:
        what = "was sold" if vehicle.sold_on is not None else "is decommissioned"
        yield Problem("vehicle_id", f"{vehicle.name} {what}: nothing falls due on it", "vehicle.silent")


def reminder_of(item: PlanItemFields) -> ReminderFields:
    """Return what the reminder of *item* says; its first due follows from when it was last done, if that is known."""
    on, odometer, hours = item.last_done_on, item.last_done_odometer, item.last_done_engine_hours
    at_odometer = at_hours = None
    if odometer is not None and item.every is not None:
        at_odometer = odometer + item.every
    if hours is not None and item.every_engine_hours is not None:
        at_hours = EngineHours(hours.tenths + item.every_engine_hours.tenths)
    return ReminderFields(
        vehicle_id=item.vehicle_id,
        title=item.title,
        notes=item.notes,
        expected_cost=item.expected_cost,
        every=item.every,
        every_months=item.every_months,
        every_engine_hours=item.every_engine_hours,
        on=add_months(on, item.every_months) if on is not None and item.every_months is not None else None,
        at_odometer=at_odometer,
        at_engine_hours=at_hours,
        is_fixed=item.is_fixed,
    )


def template_problems(template: TemplateFields) -> Iterator[Problem]:
    """Yield everything that is wrong with a template."""
    if not template.name.strip():
        yield Problem("name", "is needed", "required")
    texts = (("name", template.name), ("make", template.make), ("model", template.model))
    yield from text_problems(texts, LINE_LENGTH_MAX)
    yield from text_problems((("notes", template.notes),), NOTES_LENGTH_MAX)
    if not template.items:
        yield Problem("items", "are needed: a template without items plans nothing", "required")
    if len(template.items) > ITEMS_MAX:
        yield Problem("items", f"are more than {ITEMS_MAX}", "too_long")
    seen: set[str] = set()
    for index, item in enumerate(template.items):
        yield from item_problems(item, f"items.{index}.")
        key = key_of(item)
        if key in seen:
            yield Problem(f"items.{index}.key", f"{key!r} stands twice in the template", "item.twice")
        seen.add(key)


def differences(item: ItemFields, wanted: ItemFields) -> tuple[str, ...]:
    """Return the fields in which *item* is not as *wanted* says."""
    return tuple(name for name in COMPARED if getattr(item, name) != getattr(wanted, name))


def powertrains_of(vehicle: Vehicle) -> frozenset[Powertrain]:
    """Return the powertrains that the carriers of *vehicle* let expect; none where they say nothing."""
    carriers = frozenset(carrier for carrier in vehicle.carriers if carrier.carries_energy)
    if not carriers:
        return frozenset()
    if Carrier.ELECTRICITY in carriers:
        return frozenset({Powertrain.ELECTRIC if len(carriers) == 1 else Powertrain.HYBRID})
    if Carrier.DIESEL in carriers:
        return frozenset({Powertrain.DIESEL})
    return frozenset({Powertrain.PETROL, Powertrain.HYBRID, Powertrain.MOTORCYCLE})


def fits(template: Template, vehicle: Vehicle) -> bool:
    """Say whether *template* is meant for *vehicle*, as far as both say."""
    expected = powertrains_of(vehicle)
    return (
        _same(template.make, vehicle.make)
        and _same(template.model, vehicle.model)
        and (template.powertrain is None or not expected or template.powertrain in expected)
    )


def _same(wanted: str, word: str) -> bool:
    return not wanted.strip() or wanted.strip().casefold() == word.strip().casefold()
