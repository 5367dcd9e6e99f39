"""``fleet tyres``: tyre sets, where they are, how far they went, how worn they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import click

from fleetcore.kernel.wire import unstructure
from fleetcore.maintenance.fittings import (
    measure_tread,
    mount_tyres,
    remove_fitting,
    remove_tread_check,
    report_tyres,
    unmount_tyres,
)
from fleetcore.maintenance.tyre_model import (
    AddTyreSet,
    EditTyreSet,
    ListTyreSets,
    MeasureTread,
    MountTyres,
    RemoveFitting,
    RemoveTreadCheck,
    RemoveTyreSet,
    ReportTyres,
    RotateTyres,
    TreadDepth,
    Tyre,
    TyreKind,
    TyreMove,
    TyrePosition,
    TyreSet,
    TyreSetFields,
    UnmountTyres,
)
from fleetcore.maintenance.tyres import (
    add_tyre_set,
    edit_tyre_set,
    list_tyre_sets,
    remove_tyre_set,
    rotate_tyres,
)
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import find_vehicle, given, short_id, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import choice_of, clear_option, clearable, emptied, said, vehicle_option, with_options
from fleetserver.cli.tables import Column, table
from fleetserver.presentation.typed import Typed

from .tyre_words import find_set, report_lines

__all__ = ["tyres"]

NONE_YET = (
    "No tyres yet. Add a set: fleet tyres add --vehicle Golf --name Winter --kind winter --dot 3523 --cost 480\n"
    "then put it on: fleet tyres mount Winter --odometer 45210"
)
COLUMNS = (
    Column("Set", flexible=True),
    Column("Kind"),
    Column("Vehicle", flexible=True, drop=2),
    Column("Where", flexible=True),
    Column("Tyre", flexible=True, drop=1),
    Column("Id"),
)
SET_OPTIONS = with_options(
    click.option("--brand", help="Who made them."),
    click.option("--model", help="What they are called."),
    click.option("--size", help="Such as 205/55 R16 91H."),
    click.option("--dot", help="Week and year of making, the last four digits of the DOT code: 3523."),
    click.option(
        "--tyre", "each", multiple=True, metavar="POSITION[:DOT]",
        help="One tyre by its position, such as front_left or rear_right:1224; may be repeated. Default: four.",
    ),
    click.option("--purchased", metavar="DAY", help="The day they were bought."),
    click.option("--cost", metavar="AMOUNT", help="What they cost; it is booked to the vehicle."),
    click.option("--storage", "storage_place", help="Where they lie when they are off."),
    click.option("--limit", metavar="MM", help="The tread at which they are worn out. Default: 1.6."),
    click.option("--notes", help="Anything else."),
)  # fmt: skip
ODOMETER = click.option("--odometer", metavar="N", help="What the odometer showed.")
ACCEPT = click.option("--accept-jump", is_flag=True, help="Take the odometer though its neighbours contradict it.")
NOT_CLEARABLE = {"tyres", "limit_mm"}


@click.group("tyres", cls=FleetGroup)
def tyres() -> None:
    """Keep tyre sets: mount and store them, measure their tread, see when they are worn out."""


def _set_fields(typed: Typed, options: dict[str, Any]) -> dict[str, Any]:
    found = given(
        kind=options["kind"] and TyreKind(options["kind"]),
        tyres=tuple(_tyre(typed, number, text) for number, text in enumerate(options["each"], 1)) or None,
        purchased_on=typed.day("--purchased", options["purchased"]),
        cost=typed.money("--cost", options["cost"]),
        limit_mm=typed.decimal("--limit", options["limit"]),
        **{name: options[name] for name in ("name", "brand", "model", "size", "dot", "storage_place", "notes")},
    )
    typed.check()
    return found


def _tyre(typed: Typed, number: int, text: str) -> Tyre:
    place, _, dot = text.partition(":")
    return Tyre(number=number, position=_position(typed, "--tyre", place), dot=dot.strip())


def _position(typed: Typed, option: str, text: str) -> TyrePosition:
    word = text.strip().lower().replace(" ", "_").replace("-", "_")
    if word not in set(TyrePosition):
        typed.refuse(option, f"{text!r} is no position: {', '.join(TyrePosition)}")
        return TyrePosition.SPARE
    return TyrePosition(word)


def _json(tyre_set: TyreSet, names: dict[Any, Vehicle]) -> dict[str, Any]:
    vehicle = names.get(tyre_set.vehicle_id)
    return {**unstructure(tyre_set), "vehicle": vehicle.name if vehicle else None}


@tyres.command("add")
@vehicle_option(required=True)
@click.option("--name", required=True, help="What you call the set.")
@click.option("--kind", type=choice_of(TyreKind), required=True, help="For which season it is made.")
@SET_OPTIONS
@pass_session
def add(session: Session, /, vehicle: str, **options: Any) -> None:
    """Add a set of tyres to a vehicle, and book what it cost.

    fleet tyres add --vehicle Golf --name Winter --kind winter --size '205/55 R16' --dot 3523 --cost 480
    """
    chosen = find_vehicle(session, vehicle)
    fields = _set_fields(typed_for(session, chosen), options)
    made = session.run(add_tyre_set, AddTyreSet(vehicle_id=chosen.id, **fields))
    cost = f", {session.display.money(made.cost)}" if made.cost else ""
    session.done(_json(made, {chosen.id: chosen}), f"Added: {made.name} for {chosen.name}{cost} ({short_id(made.id)}).")


@tyres.command("edit")
@click.argument("tyre_set", metavar="SET")
@vehicle_option()
@click.option("--name", help="What you call the set.")
@click.option("--kind", type=choice_of(TyreKind), help="For which season it is made.")
@SET_OPTIONS
@click.option("--retired", metavar="DAY", help="The day it was thrown away.")
@clear_option([name for name in clearable(TyreSetFields) if name not in NOT_CLEARABLE])
@pass_session
def edit(
    session: Session, /, tyre_set: str, vehicle: str | None, retired: str | None, cleared: tuple[str, ...],
    **options: Any,
) -> None:  # fmt: skip
    """Change what is said of the set SET (its name or its id); what is not given stays."""
    before = find_set(session, tyre_set)
    names = vehicles_by_id(session)
    chosen = find_vehicle(session, vehicle) if vehicle else names.get(before.vehicle_id)
    typed = typed_for(session, chosen)
    fields = {
        **said(before, TyreSetFields),
        **emptied(TyreSetFields, cleared),
        **given(retired_on=typed.day("--retired", retired), vehicle_id=chosen.id if chosen else None),
        **_set_fields(typed, options),
    }
    after = session.run(edit_tyre_set, EditTyreSet(id=before.id, version=before.version, **fields))
    session.done(_json(after, names), f"Changed: {after.name}.")


@tyres.command("list")
@vehicle_option()
@click.option("--retired", is_flag=True, help="Those that were thrown away.")
@pass_session
def list_(session: Session, *, vehicle: str | None, retired: bool) -> None:
    """List tyre sets and where they are."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    found = session.read(list_tyre_sets, ListTyreSets(vehicle_id=chosen.id if chosen else None, retired=retired))
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No tyres were thrown away." if retired else NONE_YET
            return
        yield from table(COLUMNS, [_row(each, names) for each in found])

    session.show({"tyre_sets": [_json(each, names) for each in found]}, human)


def _row(each: TyreSet, names: dict[Any, Vehicle]) -> list[str]:
    owner, carrier = names.get(each.vehicle_id), names.get(each.mounted_on)
    where = f"on {carrier.name}" if carrier else each.storage_place or "off"
    what = " ".join(filter(None, (each.brand, each.model, each.size)))
    kind = each.kind.replace("_", "-")
    return [each.name, kind, owner.name if owner else "", where, what, short_id(each.id)]


@tyres.command("show")
@click.argument("tyre_set", metavar="SET")
@pass_session
def show(session: Session, tyre_set: str) -> None:
    """Show how far the set SET (its name or its id) went, how worn it is, and when it is worn out."""
    report = session.read(report_tyres, ReportTyres(id=find_set(session, tyre_set).id))
    session.show(report, lambda: report_lines(session, report))


@tyres.command("mount")
@click.argument("tyre_set", metavar="SET")
@click.option("--vehicle", metavar="NAME", help="The vehicle to put it on. Default: its own.")
@click.option("--on", metavar="DAY", help="The day. Default: today.")
@ODOMETER
@click.option("--until", metavar="DAY", help="The day it came off, for a stretch of the past.")
@click.option("--until-odometer", metavar="N", help="What the odometer showed when it came off.")
@ACCEPT
@pass_session
def mount(session: Session, /, tyre_set: str, vehicle: str | None, accept_jump: bool, **options: Any) -> None:
    """Put the set SET (its name or its id) on; what is on the vehicle comes off.

    fleet tyres mount Winter --on 2025-11-01 --odometer 45210
    """
    found = find_set(session, tyre_set)
    names = vehicles_by_id(session)
    chosen = find_vehicle(session, vehicle) if vehicle else names.get(found.vehicle_id)
    typed = typed_for(session, chosen)
    on = typed.day("--on", options["on"] or "today")
    command = MountTyres(
        set_id=found.id,
        on=on or typed.today,
        vehicle_id=chosen.id if chosen else None,
        odometer=typed.distance("--odometer", options["odometer"]),
        until=typed.day("--until", options["until"]),
        until_odometer=typed.distance("--until-odometer", options["until_odometer"]),
        accept_odometer_jump=accept_jump,
    )
    typed.check()
    fitting = session.run(mount_tyres, command)
    until = f" until {fitting.unmounted_on}" if fitting.unmounted_on else ""
    where = chosen.name if chosen else "the vehicle"
    session.done(fitting, f"{found.name} is on {where} from {fitting.mounted_on}{until}.")


@tyres.command("unmount")
@click.argument("tyre_set", metavar="SET")
@click.option("--on", metavar="DAY", help="The day. Default: today.")
@ODOMETER
@click.option("--storage", "storage_place", help="Where it lies from now on.")
@ACCEPT
@pass_session
def unmount(session: Session, /, tyre_set: str, accept_jump: bool, **options: Any) -> None:
    """Take the set SET (its name or its id) off the vehicle that it is on."""
    found = find_set(session, tyre_set)
    typed = typed_for(session, vehicles_by_id(session).get(found.mounted_on or found.vehicle_id))
    on = typed.day("--on", options["on"] or "today")
    command = UnmountTyres(
        set_id=found.id,
        on=on or typed.today,
        odometer=typed.distance("--odometer", options["odometer"]),
        storage_place=options["storage_place"],
        accept_odometer_jump=accept_jump,
    )
    typed.check()
    fitting = session.run(unmount_tyres, command)
    session.done(fitting, f"{found.name} is off since {fitting.unmounted_on}.")


@tyres.command("measure")
@click.argument("tyre_set", metavar="SET")
@click.argument("depths", metavar="MM...", nargs=-1, required=True)
@click.option("--on", metavar="DAY", help="The day. Default: today.")
@click.option("--new", "new", type=int, multiple=True, metavar="NUMBER", help="This tyre is new; may be repeated.")
@click.option("--accept-growth", is_flag=True, help="Take a tread that has grown on an old tyre.")
@pass_session
def measure(
    session: Session, *, tyre_set: str, depths: Sequence[str], on: str | None, new: tuple[int, ...], accept_growth: bool
) -> None:
    """Note how deep the tread of the set SET is: in the order of its tyres, or by NUMBER=MM.

    fleet tyres measure Winter 7.5 7.4 8 8
    """
    found = find_set(session, tyre_set)
    typed = typed_for(session)
    day = typed.day("--on", on or "today")
    measured = tuple(_depth(typed, found, index, text) for index, text in enumerate(depths))
    typed.check()
    command = MeasureTread(
        set_id=found.id, on=day or typed.today, depths=measured, new_tyres=new, accept_growth=accept_growth
    )
    check = session.run(measure_tread, command)
    least = min(depth.depth_mm for depth in check.depths)
    session.done(check, f"Noted for {check.on}: the least of {found.name} is {least} mm ({short_id(check.id)}).")


def _depth(typed: Typed, found: TyreSet, index: int, text: str) -> TreadDepth:
    number, sign, depth = text.partition("=")
    if not sign:
        number, depth = str(found.tyres[index].number if index < len(found.tyres) else index + 1), text
    value = typed.decimal("MM", depth)
    if not number.strip().isdigit():
        typed.refuse("MM", f"{text!r} does not look like 7.5 or 3=7.5")
        number = "0"
    return TreadDepth(number=int(number), depth_mm=Decimal(0) if value is None else value)


@tyres.command("rotate")
@click.argument("tyre_set", metavar="SET")
@click.argument("moves", metavar="NUMBER=POSITION...", nargs=-1, required=True)
@pass_session
def rotate(session: Session, *, tyre_set: str, moves: Sequence[str]) -> None:
    """Let tyres of the set SET change their places.

    fleet tyres rotate Winter 1=rear_left 3=front_left
    """
    found = find_set(session, tyre_set)
    typed = typed_for(session)
    wanted = []
    for text in moves:
        number, sign, place = text.partition("=")
        if not sign or not number.strip().isdigit():
            typed.refuse("NUMBER=POSITION", f"{text!r} does not look like 1=rear_left")
            continue
        wanted.append(TyreMove(number=int(number), position=_position(typed, "NUMBER=POSITION", place)))
    typed.check()
    after = session.run(rotate_tyres, RotateTyres(id=found.id, version=found.version, moves=tuple(wanted)))
    places = ", ".join(f"{tyre.number} {tyre.position.replace('_', ' ')}" for tyre in after.tyres)
    session.done(after, f"{after.name}: {places}.")


@tyres.command("undo")
@click.argument("record", metavar="ID")
@click.option("--set", "tyre_set", metavar="SET", required=True, help="The set, by its name or id.")
@pass_session
def undo(session: Session, *, record: str, tyre_set: str) -> None:
    """Take back the stretch or the measurement ID of a set, which was entered by mistake."""
    report = session.read(report_tyres, ReportTyres(id=find_set(session, tyre_set).id))
    ending = record.strip().lower().replace("-", "")
    for stretch in report.fittings:
        if stretch.fitting.id.hex.endswith(ending):
            session.done(session.run(remove_fitting, RemoveFitting(id=stretch.fitting.id)), "Taken back.")
            return
    for check in report.checks:
        if check.id.hex.endswith(ending):
            session.done(session.run(remove_tread_check, RemoveTreadCheck(id=check.id)), "Taken back.")
            return
    raise BadInput.because("", f"{report.tyre_set.name} has no stretch or measurement {record!r}")


@tyres.command("remove")
@click.argument("tyre_set", metavar="SET")
@pass_session
def remove(session: Session, tyre_set: str) -> None:
    """Remove the set SET that was entered by mistake, its cost too; a worn one: fleet tyres edit SET --retired DAY."""
    found = find_set(session, tyre_set)
    after = session.run(remove_tyre_set, RemoveTyreSet(id=found.id, version=found.version))
    session.done(after, f"Removed {after.name} with its cost.")
