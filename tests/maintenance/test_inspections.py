"""Inspections by checklists: what was found, what failed, what is done about it, and the retest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.maintenance.checklists import (
    add_checklist,
    edit_checklist,
    get_checklist,
    list_checklists,
    remove_checklist,
)
from fleetcore.maintenance.commands import GetJob
from fleetcore.maintenance.inspection_model import (
    AddChecklist,
    CheckKind,
    Checklist,
    ChecklistItem,
    CheckResult,
    DeleteInspection,
    EditChecklist,
    EditInspection,
    GetChecklist,
    GetInspection,
    Inspection,
    ListChecklists,
    ListInspections,
    Outcome,
    RecordInspection,
    RemoveChecklist,
    ScheduleRepairs,
)
from fleetcore.maintenance.inspection_rules import checklist_problems, shipped_checklists
from fleetcore.maintenance.inspections import (
    delete_inspection,
    edit_inspection,
    get_inspection,
    list_inspections,
    record_inspection,
    schedule_repairs,
)
from fleetcore.maintenance.jobs import get_job
from fleetcore.maintenance.model import ServiceCategory
from fleetcore.reminders.model import AddReminder, GetReminder
from fleetcore.reminders.service import add_reminder, get_reminder
from fleetcore.testing.builders import km, new_vehicle
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.readings import GetOdometer

from .conftest import TODAY, Desk

PASS, FAIL, SKIPPED = Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE
ITEMS = (
    ChecklistItem(title="Lights"),
    ChecklistItem(title="Tread", kind=CheckKind.MEASURE, unit="mm", minimum=Decimal("1.6")),
    ChecklistItem(title="Remarks", kind=CheckKind.NOTE),
)


def checklist(desk: Desk, **said: Any) -> Checklist:
    """Add a checklist of lights, tread and remarks."""
    return desk.core.run(desk.actor, add_checklist, AddChecklist(**{"name": "Ours", "items": ITEMS} | said))


def found(
    lights: Outcome | None = PASS, tread: str | None = "5", remarks: str = "", **more: Any
) -> tuple[CheckResult, ...]:
    """Return the results of the three items."""
    return (
        CheckResult(key="lights", outcome=lights, **more),
        CheckResult(key="tread", value=None if tread is None else Decimal(tread)),
        CheckResult(key="remarks", note=remarks),
    )


def inspect(desk: Desk, results: Sequence[CheckResult], **said: Any) -> Inspection:
    """Record an inspection of today."""
    usual = {"vehicle_id": desk.vehicle_id, "done_on": TODAY, "results": tuple(results)}
    return desk.core.run(desk.actor, record_inspection, RecordInspection(**usual | said))


def edit(desk: Desk, inspection: Inspection, results: Sequence[CheckResult], **said: Any) -> Inspection:
    """Change what an inspection found."""
    facts = {"id": inspection.id, "version": inspection.version, "vehicle_id": inspection.vehicle_id}
    facts |= {"done_on": inspection.done_on, "odometer": inspection.odometer, "results": tuple(results)}
    return desk.core.run(desk.actor, edit_inspection, EditInspection(**facts | said))


def look(desk: Desk, inspection_id: UUID) -> Inspection:
    """Return an inspection as it is stored."""
    return desk.core.read(desk.actor, get_inspection, GetInspection(id=inspection_id))


def delete(desk: Desk, inspection: Inspection) -> Inspection:
    """Delete an inspection."""
    command = DeleteInspection(id=inspection.id, version=inspection.version)
    return desk.core.run(desk.actor, delete_inspection, command)


def still_open(desk: Desk) -> list[UUID]:
    """Return the failed inspections that no retest has closed."""
    asked = ListInspections(vehicle_id=desk.vehicle_id, open_only=True)
    return [each.id for each in desk.core.read(desk.actor, list_inspections, asked).items]


@pytest.fixture
def key(desk: Desk) -> str:
    """The key of the checklist."""
    return checklist(desk).key


def test_shipped_checklists_are_sound() -> None:
    """They obey the rules of own ones, and their keys are written out."""
    assert {"pre-trip", "roadworthiness", "winter", "handover"} == set(shipped_checklists())
    for shipped in shipped_checklists().values():
        assert [] == list(checklist_problems(shipped))
        assert all(item.key for item in shipped.items)


def test_a_shipped_checklist_can_be_filled(desk: Desk) -> None:
    """The walk before a trip is recorded by its word."""
    items = shipped_checklists()["pre-trip"].items
    inspection = inspect(desk, [CheckResult(key=item.key, outcome=PASS) for item in items], checklist="pre-trip")

    assert ("Before a trip", PASS, len(items)) == (inspection.title, inspection.result, len(inspection.items))


@pytest.mark.parametrize(
    ("said", "outcomes", "result"),
    [
        ({}, (PASS, PASS, SKIPPED), PASS),
        ({"lights": SKIPPED, "remarks": "dent"}, (SKIPPED, PASS, PASS), PASS),
        ({"lights": FAIL}, (FAIL, PASS, SKIPPED), FAIL),
        ({"tread": "1.6"}, (PASS, PASS, SKIPPED), PASS),
        ({"tread": "1.5"}, (PASS, FAIL, SKIPPED), FAIL),
    ],
)
def test_the_result_follows_from_the_items(
    desk: Desk, key: str, said: dict[str, Any], outcomes: tuple[Outcome, ...], result: Outcome
) -> None:
    """A value is judged by its limits, and one failure fails the whole."""
    inspection = inspect(desk, found(**said), checklist=key)

    assert outcomes == tuple(item.outcome for item in inspection.items)
    assert result is inspection.result
    assert inspection == look(desk, inspection.id)
    assert desk.actor.user_id == inspection.inspector_id


def test_odd_results_are_refused(desk: Desk, key: str) -> None:
    """Missing, unknown, double and impossible answers are told all at once."""
    cases: tuple[tuple[tuple[CheckResult, ...], list[str]], ...] = (
        ((), ["results"]),
        ((*found(), CheckResult(key="horn", outcome=PASS)), ["results.3.key"]),
        ((*found(), *found()[:1]), ["results.3.key"]),
        (found(lights=None), ["results.0.outcome"]),
        (found(tread=None), ["results.1.value"]),
        (found(value=Decimal(1)), ["results.0.value"]),
        (found(tread="NaN"), ["results.1.value"]),
        ((found()[0], CheckResult(key="tread", value=Decimal(1), outcome=PASS), found()[2]), ["results.1.outcome"]),
        (found(note="x" * 201), ["results.0.note"]),
    )
    for results, fields in cases:
        with pytest.raises(Rejected) as caught:
            inspect(desk, results, checklist=key)
        assert fields == [problem.field for problem in caught.value.problems]
    for said in ({"done_on": TODAY + timedelta(days=2)}, {"done_on": date(1899, 1, 1)}, {"odometer": km(-1)}):
        with pytest.raises(Rejected):
            inspect(desk, found(), checklist=key, **said)
    for said in ({}, {"checklist": ""}):
        with pytest.raises(Rejected, match="is needed"):
            inspect(desk, found(), **said)
    with pytest.raises(NotFound):
        inspect(desk, found(), checklist="steam")
    with pytest.raises(NotFound):
        inspect(desk, found(), checklist=key, inspector_id=new_id())


def test_its_odometer_is_a_reading_that_it_owns(desk: Desk, key: str) -> None:
    """Editing moves it, deleting voids it."""

    def shown() -> Any:
        return desk.core.read(desk.actor, get_odometer, GetOdometer(vehicle_id=desk.vehicle_id)).odometer

    inspection = inspect(desk, found(), checklist=key, odometer=km(45_000))
    first = shown()
    inspection = edit(desk, inspection, found(), odometer=km(46_000))
    second = shown()
    delete(desk, inspection)

    assert (km(45_000), km(46_000), None) == (first, second, shown())


def test_a_retest_covers_what_failed_and_closes(desk: Desk, key: str) -> None:
    """The retest asks for the failed items only; the first inspection is closed, and open again without it."""
    first = inspect(desk, found(lights=FAIL, tread="1.2"), checklist=key)
    opened = still_open(desk)
    with pytest.raises(Rejected, match="no item 'remarks'"):
        inspect(desk, found(tread="8"), retest_of=first.id)
    retest = inspect(desk, found(tread="8")[:2], retest_of=first.id)
    closed = look(desk, first.id)
    with pytest.raises(Rejected, match="closed by the retest"):
        inspect(desk, found(tread="8")[:2], retest_of=first.id)
    for change in (lambda: edit(desk, closed, found()), lambda: delete(desk, closed)):
        with pytest.raises(Rejected, match="delete the retest first"):
            change()
    nothing_open = still_open(desk)
    delete(desk, retest)

    assert ([first.id], []) == (opened, nothing_open)
    assert (PASS, ["lights", "tread"]) == (retest.result, [item.key for item in retest.items])
    assert (retest.id, first.id) == (closed.closed_by, retest.retest_of)
    assert [first.id] == still_open(desk)


def test_a_whole_retest_and_a_failed_one(desk: Desk, key: str) -> None:
    """All of it may be tested again; a retest that fails is itself open and can be tested again."""
    first = inspect(desk, found(lights=FAIL), checklist=key)
    second = inspect(desk, found(lights=FAIL), retest_of=first.id, whole=True)
    opened = still_open(desk)
    third = inspect(desk, found()[:1], retest_of=second.id)

    assert ([second.id], 3) == (opened, len(second.items))
    assert [] == still_open(desk)
    with pytest.raises(Rejected, match="nothing to test again"):
        inspect(desk, found(), retest_of=third.id)


def test_what_failed_becomes_a_job(desk: Desk, key: str) -> None:
    """One step plans a repair that lists the failures; a second one is refused, as is one for a passed inspection."""
    failed = inspect(desk, found(lights=FAIL, tread="1.2", note="left"), checklist=key)
    planned = desk.core.run(
        desk.actor, schedule_repairs, ScheduleRepairs(id=failed.id, version=1, planned_on=date(2026, 7, 1))
    )
    assert planned.job_id is not None
    job = desk.core.read(desk.actor, get_job, GetJob(id=planned.job_id))

    assert ("Repairs after: Ours", ServiceCategory.REPAIR, date(2026, 7, 1)) == (
        job.title, job.category, job.planned_on
    )  # fmt: skip
    assert "- Lights: left\n- Tread: 1.2 mm" == job.notes
    with pytest.raises(Rejected, match="planned for it already"):
        desk.core.run(desk.actor, schedule_repairs, ScheduleRepairs(id=failed.id, version=planned.version))
    passed = inspect(desk, found(), checklist=key)
    with pytest.raises(Rejected, match="nothing failed"):
        desk.core.run(desk.actor, schedule_repairs, ScheduleRepairs(id=passed.id, version=1))


def test_a_passed_inspection_answers_reminders(desk: Desk, key: str) -> None:
    """A failed one does not; turning it, failing it again and deleting it move the reminder each time."""
    yearly = AddReminder(vehicle_id=desk.vehicle_id, title="Roadworthiness", every_months=12)
    reminder = desk.core.run(desk.actor, add_reminder, yearly)

    def done() -> int:
        return desk.core.read(desk.actor, get_reminder, GetReminder(id=reminder.id)).occurrence

    named = {"reminder_ids": (reminder.id,)}
    inspection = inspect(desk, found(lights=FAIL), checklist=key, odometer=km(1), **named)
    counts = [done()]
    for lights in (PASS, FAIL, PASS):
        inspection = edit(desk, inspection, found(lights=lights), **named)
        counts.append(done())
    delete(desk, inspection)

    assert [0, 1, 0, 1, 0] == [*counts, done()]


def test_checklists_are_kept_by_the_fleet(desk: Desk, key: str) -> None:
    """A checklist changes and goes; inspections keep the items that they were made with."""
    inspection = inspect(desk, found(), checklist=key)
    before = desk.core.read(desk.actor, get_checklist, GetChecklist(key=key))
    assert before.id is not None
    command = EditChecklist(id=before.id, version=1, name="New", items=ITEMS[:1])
    after = desk.core.run(desk.actor, edit_checklist, command)
    with pytest.raises(Conflict):
        desk.core.run(desk.actor, edit_checklist, command)
    listed = desk.core.read(desk.actor, list_checklists, ListChecklists())
    desk.core.run(desk.actor, remove_checklist, RemoveChecklist(id=before.id, version=2))

    assert ("New", 1) == (after.name, len(after.items))
    assert (after, 5) == (listed[0], len(listed))
    assert 3 == len(look(desk, inspection.id).items)
    assert 3 == len(edit(desk, look(desk, inspection.id), found()).items)
    with pytest.raises(NotFound):
        inspect(desk, found(), checklist=key)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"items": ()}, "items"),
        ({"items": (ChecklistItem(title="?"),)}, "items.0.title"),
        ({"items": (ITEMS[0], ITEMS[0])}, "items.1.key"),
        ({"items": (attrs.evolve(ITEMS[1], maximum=Decimal(1)),)}, "items.0.maximum"),
        ({"items": (attrs.evolve(ITEMS[1], kind=CheckKind.NOTE),)}, "items.0.kind"),
        ({"items": (attrs.evolve(ITEMS[1], minimum=Decimal("NaN")),)}, "items.0.minimum"),
    ],
)
def test_odd_checklists_are_refused(desk: Desk, said: dict[str, Any], field: str) -> None:
    """Each mistake is named by its field."""
    with pytest.raises(Rejected) as caught:
        checklist(desk, **said)

    assert field in [problem.field for problem in caught.value.problems]


def test_who_may_inspect(desk: Desk, key: str) -> None:
    """A mechanic inspects granted vehicles, a driver only reads, a technician changes their own alone."""
    mechanic, technician, driver = desk.as_member("mechanic"), desk.as_member("technician"), desk.as_member("family")
    theirs = inspect(mechanic, found(), checklist=key)
    own = inspect(technician, found(lights=FAIL), checklist=key)

    assert theirs == look(driver, theirs.id)
    assert (own.id,) == tuple(
        each.id for each in technician.core.read(technician.actor, list_inspections, ListInspections()).items
    )
    with pytest.raises(Forbidden):
        inspect(driver, found(), checklist=key)
    with pytest.raises(NotFound):
        edit(technician, theirs, found())
    with pytest.raises(NotFound):
        look(technician, theirs.id)
    with pytest.raises(Forbidden):
        technician.core.run(technician.actor, schedule_repairs, ScheduleRepairs(id=own.id, version=1))
    with pytest.raises(Forbidden):
        checklist(mechanic)
    ungranted = Desk(desk.core, mechanic.actor, new_vehicle(desk.core, desk.actor, name="Other").id)
    with pytest.raises(NotFound):
        inspect(ungranted, found(), checklist=key)
    with pytest.raises(NotFound):
        inspect(Desk(desk.core, desk.actor, ungranted.vehicle_id), found()[:1], retest_of=own.id)
