"""``fleet inspections``: fill checklists, test again what failed, plan the repair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import click

from fleetcore.kernel.wire import unstructure
from fleetcore.maintenance.inspection_model import (
    CheckedItem,
    CheckKind,
    ChecklistItem,
    CheckResult,
    DeleteInspection,
    EditInspection,
    GetInspection,
    Inspection,
    ListInspections,
    Outcome,
    RecordInspection,
    ScheduleRepairs,
)
from fleetcore.maintenance.inspections import (
    delete_inspection,
    edit_inspection,
    get_inspection,
    list_inspections,
    record_inspection,
    schedule_repairs,
)
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, given, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, limit_option, rows_wanted, vehicle_option, with_options
from fleetserver.cli.tables import Column, details, table
from fleetserver.presentation.typed import Typed

from .answering import answered
from .checklists import checklists, find_checklist
from .providers import find_provider

__all__ = ["inspections"]

NONE_YET = (
    "No inspections yet. Check a vehicle: fleet inspections record --vehicle Golf --checklist pre-trip --pass-rest\n"
    "The checklists: fleet inspections checklists list"
)
COLUMNS = (
    Column("Day"),
    Column("Vehicle", flexible=True, drop=2),
    Column("Checklist", flexible=True),
    Column("Result"),
    Column("Failed", flexible=True, drop=1),
    Column("Id"),
)
ITEM_COLUMNS = (Column("Key"), Column("What", flexible=True), Column("Found"), Column("Note", flexible=True))
ANSWER_OPTIONS = with_options(
    click.option("--date", "on", metavar="DAY", help="The day of it. Default: today."),
    click.option("--odometer", metavar="N", help="What the odometer showed."),
    click.option("--pass", "passes", multiple=True, metavar="KEY", help="This item passed; may be repeated."),
    click.option("--fail", "fails", multiple=True, metavar="KEY", help="This item failed; may be repeated."),
    click.option("--skip", "skips", multiple=True, metavar="KEY", help="This one does not apply; may be repeated."),
    click.option("--value", "values", multiple=True, metavar="KEY=N", help="What was measured; may be repeated."),
    click.option("--note", "remarks", multiple=True, metavar="KEY=TEXT", help="A note on an item; may be repeated."),
    click.option("--pass-rest", is_flag=True, help="Every item that is not named passed; measured ones are skipped."),
    click.option("--notes", help="Anything else."),
    click.option(
        "--done", "dones", multiple=True, metavar="ITEM",
        help="The item of the service plan that it does when it is passed; may be repeated.",
    ),
    click.option(
        "--reminder", "answers", multiple=True, metavar="REMINDER",
        help="The reminder that it answers when it is passed; may be repeated.",
    ),
    click.option("--accept-jump", is_flag=True, help="Take the odometer though its neighbours contradict it."),
)  # fmt: skip


@click.group("inspections", cls=FleetGroup)
def inspections() -> None:
    """Check vehicles by checklists: before a trip, for the test station, for winter, at a handover."""


inspections.add_command(checklists)


def _pairs(typed: Typed, option: str, texts: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign:
            typed.refuse(option, f"{text!r} does not look like KEY=...")
        found[key.strip()] = value.strip()
    return found


def _results(
    typed: Typed, items: Sequence[ChecklistItem | CheckedItem], options: dict[str, Any]
) -> Iterator[CheckResult]:
    """Yield what *options* say of *items*, and of what is no item, so that it is refused by name."""
    said: dict[str, Outcome] = {}
    for name, outcome in (("passes", Outcome.PASS), ("fails", Outcome.FAIL), ("skips", Outcome.NOT_APPLICABLE)):
        for key in options[name]:
            if key in said:
                typed.refuse(f"--{outcome}", f"{key} has two answers")
            said[key] = outcome
    values = {key: typed.decimal("--value", text) for key, text in _pairs(typed, "--value", options["values"]).items()}
    notes = _pairs(typed, "--note", options["remarks"])
    known = {item.key: item for item in items}
    for key in dict.fromkeys((*known, *said, *values, *notes)):
        value: Decimal | None = values.get(key)
        answer: Outcome | None = said.get(key)
        if key in known and key not in {*said, *values, *notes}:
            if not options["pass_rest"]:
                continue
            plain = known[key].kind is CheckKind.PASS_FAIL
            answer = Outcome.PASS if plain else Outcome.NOT_APPLICABLE
        yield CheckResult(key=key, outcome=answer, value=value, note=notes.get(key, ""))


def _fields(session: Session, vehicle: Vehicle | None, items: Sequence[Any], options: dict[str, Any]) -> dict[str, Any]:
    typed = typed_for(session, vehicle)
    found = given(
        results=tuple(_results(typed, items, options)),
        done_on=typed.day("--date", options["on"]),
        odometer=typed.distance("--odometer", options["odometer"]),
        notes=options["notes"],
        reminder_ids=answered(session, vehicle.id if vehicle else None, options),
    )
    typed.check()
    return {**found, "accept_odometer_jump": options["accept_jump"]}


def _json(inspection: Inspection, vehicle: Vehicle | None) -> dict[str, Any]:
    return {**unstructure(inspection), "vehicle": vehicle.name if vehicle else None}


def _told(session: Session, inspection: Inspection, vehicle: Vehicle | None, word: str) -> None:
    whose = f"{vehicle.name}, " if vehicle else ""
    sentence = f"{word}: {whose}{inspection.title}, {_result(inspection)} ({short_id(inspection.id)})."
    if inspection.result is Outcome.FAIL:
        failed = ", ".join(item.title for item in inspection.failed)
        sentence += f"\nFailed: {failed}. Plan the repair: fleet inspections repair {short_id(inspection.id)}"
    session.done(_json(inspection, vehicle), sentence)


def _result(inspection: Inspection) -> str:
    if inspection.result is Outcome.PASS:
        return "passed"
    return "failed" if inspection.closed_by is None else "failed, tested again"


@inspections.command("record")
@vehicle_option(required=True)
@click.option("--checklist", required=True, help="A shipped one's word, a name or an id.")
@ANSWER_OPTIONS
@pass_session
def record(session: Session, /, vehicle: str, checklist: str, **options: Any) -> None:
    """Record an inspection of a vehicle; every item of the checklist needs its answer.

    fleet inspections record --vehicle Golf --checklist winter --value tread=5.5 --fail washer --pass-rest
    """
    chosen = find_vehicle(session, vehicle)
    found = find_checklist(session, checklist)
    options["on"] = options["on"] or "today"
    fields = _fields(session, chosen, found.items, options)
    made = session.run(record_inspection, RecordInspection(vehicle_id=chosen.id, checklist=found.key, **fields))
    _told(session, made, chosen, "Recorded")


@inspections.command("retest")
@click.argument("inspection", metavar="ID")
@click.option("--whole", is_flag=True, help="Test every item again, not only those that failed.")
@ANSWER_OPTIONS
@pass_session
def retest(session: Session, /, inspection: str, whole: bool, **options: Any) -> None:
    """Test again what failed in the inspection ID, and close it.

    fleet inspections retest 1a2b3c4d --pass-rest
    """
    first = _find(session, inspection)
    vehicle = vehicles_by_id(session).get(first.vehicle_id)
    options["on"] = options["on"] or "today"
    fields = _fields(session, vehicle, first.items if whole else first.failed, options)
    command = RecordInspection(vehicle_id=first.vehicle_id, retest_of=first.id, whole=whole, **fields)
    _told(session, session.run(record_inspection, command), vehicle, "Tested again")


@inspections.command("edit")
@click.argument("inspection", metavar="ID")
@ANSWER_OPTIONS
@pass_session
def edit(session: Session, /, inspection: str, **options: Any) -> None:
    """Change what the inspection ID found; what is not given stays."""
    before = _find(session, inspection)
    vehicle = vehicles_by_id(session).get(before.vehicle_id)
    fields = _fields(session, vehicle, before.items, options)
    new = {result.key: result for result in fields.pop("results")}
    old = {
        item.key: CheckResult(key=item.key, outcome=item.outcome, value=item.value, note=item.note)
        for item in before.items
    }
    same = {name: getattr(before, name) for name in ("done_on", "odometer", "notes", "reminder_ids", "inspector_id")}
    command = EditInspection(
        id=before.id,
        version=before.version,
        vehicle_id=before.vehicle_id,
        results=tuple({**old, **new}.values()),
        **{**same, **fields},
    )
    _told(session, session.run(edit_inspection, command), vehicle, "Changed")


@inspections.command("list")
@vehicle_option()
@click.option("--open", "open_only", is_flag=True, help="Only the failed ones that nobody tested again.")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, *, vehicle: str | None, open_only: bool, limit: int | None, show_all: bool) -> None:
    """List inspections, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    asked = chosen.id if chosen else None
    found, more = some_of(
        lambda cursor, most: session.read(
            list_inspections, ListInspections(vehicle_id=asked, open_only=open_only, cursor=cursor, limit=most)
        ),
        rows_wanted(limit, show_all, session.as_json),
    )
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No inspection is open." if open_only else NONE_YET
            return
        yield from table(COLUMNS, [_row(each, names) for each in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"inspections": [_json(each, names.get(each.vehicle_id)) for each in found]}, human)


def _row(inspection: Inspection, names: dict[UUID, Vehicle]) -> list[str]:
    vehicle = names.get(inspection.vehicle_id)
    return [
        str(inspection.done_on),
        vehicle.name if vehicle else "",
        inspection.title,
        _result(inspection),
        ", ".join(item.title for item in inspection.failed),
        short_id(inspection.id),
    ]


def _find(session: Session, text: str) -> Inspection:
    return pick(
        text,
        "inspection",
        lambda key: session.read(get_inspection, GetInspection(id=key)),
        lambda: everything(
            lambda cursor, most: session.read(list_inspections, ListInspections(cursor=cursor, limit=most))
        ),
    )


@inspections.command("show")
@click.argument("inspection", metavar="ID")
@pass_session
def show(session: Session, inspection: str) -> None:
    """Show everything that the inspection ID found."""
    found = _find(session, inspection)
    vehicle = vehicles_by_id(session).get(found.vehicle_id)

    def human() -> Iterator[str]:
        yield from details(
            (
                ("Vehicle", vehicle.name if vehicle else ""),
                ("Day", str(found.done_on)),
                ("Checklist", found.title),
                ("Odometer", session.display.distance(found.odometer, vehicle)),
                ("Result", _result(found)),
                ("Retest of", "" if found.retest_of is None else short_id(found.retest_of)),
                ("Tested again by", "" if found.closed_by is None else short_id(found.closed_by)),
                ("Job", "" if found.job_id is None else short_id(found.job_id)),
                ("Notes", found.notes),
                ("Id", str(found.id)),
            )
        )
        yield ""
        yield from table(ITEM_COLUMNS, [[item.key, item.title, _found(item), item.note] for item in found.items])

    session.show(_json(found, vehicle), human)


def _found(item: CheckedItem) -> str:
    words = "does not apply" if item.outcome is Outcome.NOT_APPLICABLE else str(item.outcome)
    return words if item.value is None else f"{item.value:f} {item.unit}".rstrip() + f", {words}"


@inspections.command("repair")
@click.argument("inspection", metavar="ID")
@click.option("--on", metavar="DAY", help="The day the repair is planned for.")
@click.option("--provider", metavar="NAME", help="Who is to do it: `fleet maintenance providers list`.")
@click.option("--estimate", metavar="AMOUNT", help="What it may cost.")
@pass_session
def repair(session: Session, *, inspection: str, on: str | None, provider: str | None, estimate: str | None) -> None:
    """Plan one job for everything that failed in the inspection ID."""
    before = _find(session, inspection)
    typed = typed_for(session)
    command = ScheduleRepairs(
        id=before.id,
        version=before.version,
        planned_on=typed.day("--on", on),
        provider_id=find_provider(session, provider).id if provider else None,
        estimated_cost=typed.money("--estimate", estimate),
    )
    typed.check()
    after = session.run(schedule_repairs, command)
    if after.job_id is None:
        raise BadInput.because("", "no job was planned")
    session.done(after, f"Planned the job {short_id(after.job_id)}: fleet maintenance jobs list")


@inspections.command("remove")
@click.argument("inspection", metavar="ID")
@pass_session
def remove(session: Session, inspection: str) -> None:
    """Remove the inspection ID with its odometer reading; what it closed as a retest is open again."""
    before = _find(session, inspection)
    after = session.run(delete_inspection, DeleteInspection(id=before.id, version=before.version))
    session.done(after, f"Removed {after.title} of {after.done_on}.")
