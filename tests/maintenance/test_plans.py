"""Service plans: items of vehicles with their reminders, and templates of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
import pytest

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.quantities import EngineHours
from fleetcore.maintenance.model import Part, ServiceCategory
from fleetcore.maintenance.plan_files import shipped_templates
from fleetcore.maintenance.plan_model import (
    AddPlanItem,
    AddTemplate,
    AppliedTemplate,
    ApplyTemplate,
    EditPlanItem,
    EditTemplate,
    GetPlanItem,
    GetTemplate,
    LastDone,
    ListPlanItems,
    ListTemplates,
    ListTemplateUses,
    PlanItem,
    PlanItemFields,
    Powertrain,
    RemovePlanItem,
    RemoveTemplate,
    Template,
    TemplateItem,
)
from fleetcore.maintenance.plan_rules import template_problems
from fleetcore.maintenance.plans import (
    add_plan_item,
    edit_plan_item,
    get_plan_item,
    list_plan_items,
    remove_plan_item,
)
from fleetcore.maintenance.templates import (
    add_template,
    apply_template,
    edit_template,
    get_template,
    list_template_uses,
    list_templates,
    remove_template,
)
from fleetcore.reminders.model import FinishReminder, GetReminder, ListReminders, Reminder
from fleetcore.reminders.service import finish_reminder, get_reminder, list_reminders
from fleetcore.testing.builders import euros, km, new_vehicle
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import PurgeVehicles, RemoveVehicle
from fleetcore.vehicles.service import purge_vehicles, remove_vehicle

from .conftest import Desk

FIELDS = tuple(a.name for a in attrs.fields(PlanItemFields))
OIL: dict[str, Any] = {"title": "Engine oil", "every": km(15_000), "every_months": 12}


def plan(desk: Desk, **said: Any) -> PlanItem:
    """Add an oil change to the plan, with whatever is *said* instead."""
    return desk.core.run(desk.actor, add_plan_item, AddPlanItem(**{"vehicle_id": desk.vehicle_id} | OIL | said))


def edit(desk: Desk, item: PlanItem, **said: Any) -> PlanItem:
    """Change what is *said* of an item and leave the rest."""
    facts = {name: getattr(item, name) for name in FIELDS}
    return desk.core.run(
        desk.actor, edit_plan_item, EditPlanItem(**{"id": item.id, "version": item.version} | facts | said)
    )


def items(desk: Desk) -> tuple[PlanItem, ...]:
    """Return the plan of the vehicle."""
    return desk.core.read(desk.actor, list_plan_items, ListPlanItems(vehicle_id=desk.vehicle_id)).items


def reminders(desk: Desk) -> tuple[Reminder, ...]:
    """Return the reminders of the vehicle."""
    return desk.core.read(desk.actor, list_reminders, ListReminders(vehicle_id=desk.vehicle_id)).items


def apply(desk: Desk, template: str, **said: Any) -> AppliedTemplate:
    """Apply a template to the vehicle."""
    command = ApplyTemplate(vehicle_id=desk.vehicle_id, template=template, **said)
    return desk.core.run(desk.actor, apply_template, command)


def own_template(desk: Desk, **said: Any) -> Template:
    """Add a template with two items."""
    both = (
        TemplateItem(title="Engine oil", every=km(10_000), expected_cost=euros(90)),
        TemplateItem(title="Belt", every_months=60, parts=(Part(name="Kit"),), category=ServiceCategory.REPAIR),
    )
    return desk.core.run(desk.actor, add_template, AddTemplate(**{"name": "Ours", "items": both} | said))


def test_an_item_brings_its_reminder(desk: Desk) -> None:
    """The reminder says what the item says, follows its edits, sleeps while it is inactive, and goes with it."""
    desk.record(odometer=km(40_000))
    item = plan(desk, expected_cost=euros(120), notes="0W-20", is_fixed=True, parts=(Part(name="Filter"),))
    stored = desk.core.read(desk.actor, get_plan_item, GetPlanItem(id=item.id))
    (first,) = reminders(desk)
    edited = edit(desk, item, every=km(10_000), title="Oil")
    (second,) = reminders(desk)
    asleep = edit(desk, edited, is_active=False)
    silent = reminders(desk)
    awake = edit(desk, asleep, is_active=True)
    (third,) = reminders(desk)
    desk.core.run(desk.actor, remove_plan_item, RemovePlanItem(id=awake.id, version=awake.version))

    assert item == stored
    assert (item.reminder_id, "Engine oil", "0W-20", True) == (first.id, first.title, first.notes, first.is_fixed)
    assert (km(55_000), date(2027, 6, 1), euros(120)) == (first.due_odometer, first.due_on, first.expected_cost)
    assert (first.id, "Oil", km(50_000)) == (second.id, second.title, second.due_odometer)
    assert ((), first.id) == (silent, third.id)
    assert ((), ()) == (items(desk), reminders(desk))


def test_a_first_due_counts_from_the_present_meter_unless_it_was_done(desk: Desk) -> None:
    """With 40,000 km on the clock nothing is overdue; with a last time given it counts from there."""
    desk.record(odometer=km(40_000))
    plan(desk)
    plan(desk, title="Belt", last_done_on=date(2026, 1, 31), last_done_odometer=km(38_000))
    plan(desk, title="Hydraulics", every=None, every_months=None, every_engine_hours=EngineHours(5000),
         last_done_engine_hours=EngineHours(1000))  # fmt: skip
    due = {each.title: each for each in reminders(desk)}

    assert km(55_000) == due["Engine oil"].due_odometer
    assert (km(53_000), date(2027, 1, 31)) == (due["Belt"].due_odometer, due["Belt"].due_on)
    assert EngineHours(6000) == due["Hydraulics"].due_engine_hours


def test_an_item_is_done_by_a_service_or_by_hand(desk: Desk) -> None:
    """Its reminder is answered like any other, and editing the item keeps what was done."""
    item = plan(desk)
    assert item.reminder_id is not None
    desk.record(odometer=km(45_000), reminder_ids=(item.reminder_id,))
    desk.core.run(desk.actor, finish_reminder, FinishReminder(id=item.reminder_id, odometer=km(46_000)))
    edit(desk, item, every=km(20_000))
    reminder = desk.core.read(desk.actor, get_reminder, GetReminder(id=item.reminder_id))

    assert (2, km(66_000)) == (reminder.occurrence, reminder.due_odometer)


def test_an_item_is_unique_on_its_vehicle(desk: Desk) -> None:
    """The same title is the same item, whatever its case and accents; another vehicle has its own."""
    plan(desk, title="Öl & Filter")
    with pytest.raises(Rejected, match="has 'ol-filter' already"):
        plan(desk, title="öl  filter!")
    second = plan(desk, title="Öl & Filter", key="gearbox")
    with pytest.raises(Rejected, match="already"):
        edit(desk, second, key="")
    other = Desk(desk.core, desk.actor, new_vehicle(desk.core, desk.actor, name="Other").id)
    plan(other, title="Öl & Filter")
    removed = items(desk)[-1]
    desk.core.run(desk.actor, remove_plan_item, RemovePlanItem(id=removed.id, version=removed.version))
    plan(desk, title="Öl & Filter")

    assert 2 == len(items(desk))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "?!"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"every": km(0)}, "every_km"),
        ({"every_months": 0}, "every_months"),
        ({"every_months": 1201}, "every_months"),
        ({"every_engine_hours": EngineHours(-1)}, "every_engine_hours"),
        ({"every": None, "every_months": None}, "every_km"),
        ({"expected_cost": euros(-1)}, "expected_cost"),
        ({"parts": (Part(name=""),)}, "parts.0.name"),
        ({"last_done_on": date(2026, 6, 2)}, "last_done_on"),
        ({"last_done_odometer": km(-1)}, "last_done_odometer_km"),
        ({"notes": "x" * 10_001}, "notes"),
    ],
)
def test_odd_items_are_refused(desk: Desk, said: dict[str, Any], field: str) -> None:
    """Each mistake is named by its field, and nothing is kept."""
    with pytest.raises(Rejected) as caught:
        plan(desk, **said)

    assert field in [problem.field for problem in caught.value.problems]
    assert () == reminders(desk)


def test_nothing_is_planned_for_a_sold_vehicle(desk: Desk) -> None:
    """A sold vehicle takes neither an item nor a template."""
    sold = Desk(desk.core, desk.actor, new_vehicle(desk.core, desk.actor, name="Sold", sold_on=date(2026, 1, 1)).id)
    with pytest.raises(Rejected, match="was sold"):
        plan(sold)
    with pytest.raises(Rejected, match="was sold"):
        apply(sold, "petrol")


def test_an_item_changes_only_in_the_version_read_and_stays_with_its_vehicle(desk: Desk) -> None:
    """A stale version and another vehicle are refused."""
    item = plan(desk)
    edit(desk, item, notes="a")
    with pytest.raises(Conflict):
        edit(desk, item, notes="b")
    other = new_vehicle(desk.core, desk.actor, name="Other")
    with pytest.raises(Rejected, match="stays with its vehicle"):
        edit(desk, items(desk)[0], vehicle_id=other.id)


def test_shipped_templates_are_sound_and_cover_the_powertrains() -> None:
    """Each of the shipped plans obeys the rules of own ones, and there is one for each kind of vehicle."""
    shipped = shipped_templates()

    assert {template.powertrain for template in shipped.values()} == set(Powertrain)
    for key, template in shipped.items():
        assert key == template.key
        assert [] == list(template_problems(template))
        assert all(item.key == item.key.lower() for item in template.items)


def test_applying_adds_what_is_missing_and_keeps_what_is_there(desk: Desk) -> None:
    """A dry run tells the same and does nothing; the second time there is nothing left to add."""
    desk.record(odometer=km(40_000))
    kept = plan(desk, key="engine-oil", every=km(7_500))
    tried = apply(desk, "petrol", dry_run=True, leave_out=("wipers",))
    before = items(desk)
    done = apply(desk, "petrol", leave_out=("wipers",), last_done=(LastDone(key="brake-fluid", on=date(2025, 3, 1)),))
    again = apply(desk, "petrol", leave_out=("wipers",))
    by_key = {item.key: item for item in items(desk)}
    due = {each.title: each.due_on for each in reminders(desk)}

    assert (kept,) == before
    assert (tried.added, tried.kept) == (done.added, done.kept)
    assert len(shipped_templates()["petrol"].items) - 2 == len(done.added) == len(by_key) - 1
    assert ("engine-oil",) == tuple(each.key for each in done.kept)
    assert kept == by_key["engine-oil"]
    assert date(2027, 3, 1) == due["Brake fluid"]
    assert ((), ()) == (again.added, again.changed)
    assert len(by_key) == len(reminders(desk))


def test_updating_is_asked_for(desk: Desk) -> None:
    """A changed template changes no vehicle; its uses tell which differ, and applying it with update changes them."""
    template = own_template(desk)
    apply(desk, template.key)
    uses = desk.core.read(desk.actor, list_template_uses, ListTemplateUses(template=template.key))
    dearer = tuple(attrs.evolve(item, expected_cost=euros(99)) for item in template.items)
    more = (*dearer, TemplateItem(title="Wash", every_months=1))
    said = {name: getattr(template, name) for name in ("name", "make", "model", "powertrain", "notes")}
    changed = desk.core.run(desk.actor, edit_template, EditTemplate(id=template.id, version=1, items=more, **said))  # type: ignore[arg-type]
    unchanged = {item.key: item.expected_cost for item in items(desk)}
    (use,) = desk.core.read(desk.actor, list_template_uses, ListTemplateUses(template=template.key))
    applied = apply(desk, changed.key, update=True)
    costs = {item.key: item.expected_cost for item in items(desk)}

    assert [(2, (), ())] == [(each.items, each.missing, each.differing) for each in uses]
    assert {"engine-oil": euros(90), "belt": None} == unchanged
    assert (2, ("wash",), ("engine-oil", "belt")) == (use.items, use.missing, use.differing)
    assert (("wash",), ("engine-oil", "belt")) == tuple(
        tuple(each.key for each in group) for group in (applied.added, applied.changed)
    )
    assert {"engine-oil": euros(99), "belt": euros(99), "wash": None} == costs
    assert {euros(99), None} == {each.expected_cost for each in reminders(desk)}


def test_templates_are_found_by_vehicle(desk: Desk) -> None:
    """Make, model and powertrain narrow what is offered; what says nothing fits every vehicle."""
    ours = own_template(desk)
    golf = own_template(desk, name="Golf only", make="vw", model="GOLF")
    car = new_vehicle(desk.core, desk.actor, name="E", make="VW", model="Golf", carriers=(Carrier.ELECTRICITY,))

    def offered(vehicle_id: Any) -> set[str]:
        found = desk.core.read(desk.actor, list_templates, ListTemplates(vehicle_id=vehicle_id))
        return {each.key for each in found}

    assert {ours.key, golf.key, "electric"} == offered(car.id)
    assert {ours.key, "petrol", "hybrid", "motorcycle"} == offered(desk.vehicle_id)
    assert {ours.key, golf.key, *shipped_templates()} == offered(None)
    assert golf == desk.core.read(desk.actor, get_template, GetTemplate(key=golf.key))


def test_odd_templates_are_refused(desk: Desk) -> None:
    """No name, no items, the same item twice, an interval of zero: every problem at once."""
    wrong = (TemplateItem(title="A", every=km(0)), TemplateItem(title="a", every_months=1))
    for said, fields in (
        ({"name": "", "items": wrong}, ["name", "items.0.every_km", "items.1.key"]),
        ({"items": ()}, ["items"]),
    ):
        with pytest.raises(Rejected) as caught:
            own_template(desk, **said)
        assert fields == [problem.field for problem in caught.value.problems]
    for said in ({"leave_out": ("x",)}, {"last_done": (LastDone(key="x"),)}):
        with pytest.raises(Rejected, match="no item 'x'"):
            apply(desk, "petrol", **said)
    for key in ("steam", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NotFound):
            apply(desk, key)


def test_a_removed_template_leaves_its_items(desk: Desk) -> None:
    """The vehicle keeps what was made from it."""
    template = own_template(desk)
    apply(desk, template.key)
    assert template.id is not None
    desk.core.run(desk.actor, remove_template, RemoveTemplate(id=template.id, version=1))

    assert 2 == len(items(desk))
    with pytest.raises(NotFound):
        desk.core.read(desk.actor, get_template, GetTemplate(key=template.key))


def test_who_may_plan(desk: Desk) -> None:
    """A mechanic plans for granted vehicles only and changes no template; a driver reads; others see nothing."""
    mechanic, stranger, driver = desk.as_member("mechanic"), desk.as_member("technician"), desk.as_member("family")
    item = plan(mechanic)

    assert (item,) == items(driver)
    with pytest.raises(Forbidden):
        plan(driver, title="Wash")
    with pytest.raises(Forbidden):
        own_template(mechanic)
    with pytest.raises(Forbidden):
        plan(stranger, title="Wash")
    ungranted = Desk(desk.core, mechanic.actor, new_vehicle(desk.core, desk.actor, name="Other").id)
    with pytest.raises(NotFound):
        plan(ungranted)
    with pytest.raises(NotFound):
        apply(ungranted, "petrol")


def test_a_purged_vehicle_takes_its_plan_along(desk: Desk) -> None:
    """Purging erases items and reminders."""
    item = plan(desk)
    desk.core.run(desk.actor, remove_vehicle, RemoveVehicle(id=desk.vehicle_id))
    desk.core.run(desk.actor, purge_vehicles, PurgeVehicles(after_days=0))

    with pytest.raises(NotFound):
        desk.core.read(desk.actor, get_plan_item, GetPlanItem(id=item.id))
