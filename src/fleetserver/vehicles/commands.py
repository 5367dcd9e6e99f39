"""``fleet vehicles``: add, list, show, edit, remove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills
from fleetcore.kernel.errors import FleetError
from fleetcore.kernel.quantities import DistanceUnit, VolumeUnit
from fleetcore.kernel.wire import unstructure
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import (
    AddVehicle,
    ChangeState,
    EditVehicle,
    PageVehicles,
    PurgeVehicles,
    RemoveVehicle,
    RestoreVehicle,
    Vehicle,
    VehicleFields,
    VehicleState,
)
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import (
    add_vehicle,
    change_state,
    edit_vehicle,
    page_vehicles,
    purge_vehicles,
    remove_vehicle,
    restore_vehicle,
)
from fleetcore.vin.numbers import vin_warnings
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.lists import narrowed_by
from fleetserver.cli.picking import everything, find_vehicle, given, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import (
    CARRIERS,
    ENERGY_CARRIERS,
    both,
    choice_of,
    clear_option,
    clearable,
    emptied,
    said,
    with_options,
)
from fleetserver.cli.tables import Column, details, table
from fleetserver.presentation.display import Scale
from fleetserver.presentation.typed import Typed

from .odometer import odometer

__all__ = ["odometer", "vehicles"]

NONE_YET = (
    "No vehicles yet. Add one: fleet vehicles add --name Golf --carrier petrol\n"
    "or read the log of another app: fleet import FILE"
)
ODOMETERS_MAX = 100  # a list shows them as long as asking for each is cheap

FIELD_OPTIONS = with_options(
    click.option("--name", help="What you call it. Default: make and model."),
    click.option("--make", help="Who built it."),
    click.option("--model", help="Which model."),
    click.option("--variant", help="Which variant of the model."),
    click.option("--year", type=int, help="The model year."),
    click.option("--vin", help="The vehicle identification number, 17 characters."),
    click.option("--plate", help="The licence plate."),
    click.option("--colour", "--color", help="Its colour."),
    click.option("--carrier", "carriers", type=ENERGY_CARRIERS, multiple=True, help="What it runs on; repeatable."),
    click.option("--tank", metavar="VOLUME", help="How much the tank holds."),
    click.option("--battery", metavar="KWH", help="How much the battery holds."),
    click.option("--seats", type=int, metavar="N", help="How many people it carries."),
    click.option("--load-limit", metavar="KG", help="How much it may carry."),
    click.option("--purchased-on", metavar="DAY", help="When it was bought."),
    click.option("--purchase-price", metavar="AMOUNT", help="For how much."),
    click.option("--sold-on", metavar="DAY", help="When it was sold."),
    click.option("--sale-price", metavar="AMOUNT", help="For how much."),
    click.option("--distance-unit", type=choice_of(DistanceUnit), help="What its odometer counts in."),
    click.option("--volume-unit", type=choice_of(VolumeUnit), help="What its fuel is bought in."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated."),
    click.option("--field", "extra", multiple=True, metavar="NAME=VALUE", help="A field of your own; may be repeated."),
    click.option("--notes", help="Anything else."),
)
LIST_COLUMNS = (
    Column("Vehicle", flexible=True),
    Column("Make and model", flexible=True, drop=3),
    Column("Year", drop=2),
    Column("Plate"),
    Column("Runs on", flexible=True, drop=4),
    Column("State", drop=1),
    Column("Odometer", right=True),
)


@click.group("vehicles", cls=FleetGroup)
def vehicles() -> None:
    """Add, list, show, edit and remove vehicles."""


vehicles.add_command(odometer)


def _fields(typed: Typed, options: dict[str, Any], before: Vehicle | None = None) -> dict[str, Any]:
    """Return the fields of a vehicle that *options* give."""
    extra = dict(_pair(typed, text) for text in options["extra"])
    distance_unit = options["distance_unit"] and DistanceUnit(options["distance_unit"])
    volume_unit = options["volume_unit"] and VolumeUnit(options["volume_unit"])
    typed.scale = Scale(distance=distance_unit or typed.scale.distance, volume=volume_unit or typed.scale.volume)
    words = ("name", "make", "model", "variant", "year", "vin", "plate", "colour", "notes")
    found = given(
        **{word: options[word] for word in words},
        carriers=tuple(map(Carrier, options["carriers"])) or None,
        tank_capacity=typed.volume("--tank", options["tank"]),
        battery_capacity=typed.energy("--battery", options["battery"]),
        passenger_capacity=options["seats"],
        load_limit=typed.mass("--load-limit", options["load_limit"]),
        purchased_on=typed.day("--purchased-on", options["purchased_on"]),
        purchase_price=typed.money("--purchase-price", options["purchase_price"]),
        sold_on=typed.day("--sold-on", options["sold_on"]),
        sale_price=typed.money("--sale-price", options["sale_price"]),
        distance_unit=distance_unit,
        volume_unit=volume_unit,
        tags=options["tags"] or None,
        custom_fields={**(before.custom_fields if before else {}), **extra} if extra else None,
    )
    typed.check()
    return found


def _pair(typed: Typed, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        typed.refuse("--field", f"{text!r} must look like NAME=VALUE")
    return name.strip(), value.strip()


def _warn_of_vin(session: Session, vehicle: Vehicle) -> None:
    if vehicle.vin is not None:
        for warning in vin_warnings(vehicle.vin):
            session.note(str(warning))


@vehicles.command("add")
@FIELD_OPTIONS
@pass_session
def add(session: Session, /, **options: Any) -> None:
    """Add a vehicle. A VIN fills in make, model and year where it tells them and you do not.

    fleet vehicles add --name Golf --make VW --model Golf --year 2019 --carrier petrol
    fleet vehicles add --vin 1HGCM82633A004352
    """
    fields = _fields(typed_for(session), options)
    vehicle = session.run(add_vehicle, AddVehicle(**fields, **_by_vin(session, fields)))
    _warn_of_vin(session, vehicle)
    session.done(vehicle, f"Added {vehicle.name}. Its first fill: fleet fuel add --vehicle {_quoted(vehicle.name)} ...")


def _by_vin(session: Session, fields: dict[str, Any]) -> dict[str, Any]:
    """Return make, model and year by the VIN, as far as they were not given; a failing decoder stops nobody."""
    if "vin" not in fields:
        return {}
    try:
        decoded = session.core.decode_vin(session.actor, fields["vin"])
    except FleetError:
        return {}  # adding the vehicle says what is wrong
    if not decoded.valid:
        return {}
    told = {name: getattr(decoded, name) for name in ("make", "model", "year")}
    filled = {name: value for name, value in told.items() if value is not None and name not in fields}
    if filled:
        said = ", ".join(f"{name} {value}" for name, value in filled.items())
        session.note(f"By its VIN: {said}. Wrong? fleet vehicles edit changes it.")
    return filled


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


@vehicles.command("list")
@click.option("--state", type=choice_of(VehicleState), help="Only those in this state.")
@click.option("--tag", help="Only those with this tag.")
@click.option("--carrier", type=CARRIERS, help="Only those that take this.")
@click.option("--removed", is_flag=True, help="Those that were removed and can be restored.")
@narrowed_by(PageVehicles)
@pass_session
def list_(
    session: Session, *, state: str | None, tag: str | None, carrier: str | None, removed: bool,
    narrowed: dict[str, Any],
) -> None:  # fmt: skip
    """List the vehicles by name."""
    asked: dict[str, Any] = {
        "state": VehicleState(state) if state else None,
        "carrier": Carrier(carrier) if carrier else None,
        "tag": tag,
        "removed": removed,
        **narrowed,
    }
    found = list(
        everything(lambda cursor, most: session.read(page_vehicles, PageVehicles(**asked, cursor=cursor, limit=most)))
    )

    def human() -> Iterator[str]:
        if not found:
            is_narrowed = state or tag or carrier or removed or narrowed["text"]
            yield "No vehicles of this kind." if is_narrowed else NONE_YET
            return
        yield from table(LIST_COLUMNS, [_row(session, vehicle, len(found)) for vehicle in found])

    session.show({"vehicles": found}, human)


def _row(session: Session, vehicle: Vehicle, count: int) -> list[str]:
    shown = None
    if count <= ODOMETERS_MAX and vehicle.deleted_at is None:
        shown = session.read(get_odometer, GetOdometer(vehicle_id=vehicle.id)).odometer
    return [
        vehicle.name,
        both(vehicle.make, vehicle.model),
        str(vehicle.year or ""),
        vehicle.plate or "",
        ", ".join(vehicle.carriers),
        vehicle.state.replace("_", " "),
        session.display.distance(shown, vehicle),
    ]


@vehicles.command("show")
@click.argument("name")
@pass_session
def show(session: Session, name: str) -> None:
    """Show everything about a vehicle: NAME is its name, plate, VIN or id."""
    vehicle = find_vehicle(session, name)
    meters = session.read(get_odometer, GetOdometer(vehicle_id=vehicle.id))
    display = session.display

    def human() -> Iterator[str]:
        newest = session.read(list_fills, ListFills(vehicle_id=vehicle.id, limit=1)).items
        last_fill = f"{display.day(newest[0].at)}, {display.quantity(newest[0].quantity, vehicle)}" if newest else ""
        yield from details(
            (
                ("Name", vehicle.name),
                ("Make and model", " ".join(filter(None, (vehicle.make, vehicle.model, vehicle.variant)))),
                ("Year", str(vehicle.year or "")),
                ("Plate", vehicle.plate or ""),
                ("VIN", vehicle.vin or ""),
                ("Colour", vehicle.colour),
                ("State", vehicle.state.replace("_", " ")),
                ("Runs on", ", ".join(vehicle.carriers)),
                ("Tank", display.quantity(vehicle.tank_capacity, vehicle)),
                ("Battery", display.quantity(vehicle.battery_capacity)),
                ("Seats", "" if vehicle.passenger_capacity is None else str(vehicle.passenger_capacity)),
                ("Load limit", display.quantity(vehicle.load_limit)),
                ("Bought", both(str(vehicle.purchased_on or ""), display.money(vehicle.purchase_price))),
                ("Sold", both(str(vehicle.sold_on or ""), display.money(vehicle.sale_price))),
                ("Odometer", display.distance(meters.odometer, vehicle)),
                ("Driven in all", display.distance(meters.total, vehicle) if meters.total != meters.odometer else ""),
                ("Engine hours", display.hours(meters.engine_hours)),
                ("Last fill", last_fill),
                ("Tags", ", ".join(vehicle.tags)),
                *vehicle.custom_fields.items(),
                ("Notes", vehicle.notes),
                ("Id", str(vehicle.id)),
            )
        )

    session.show({**unstructure(vehicle), "meters": meters}, human)


@vehicles.command("edit")
@click.argument("vehicle_name", metavar="NAME")
@FIELD_OPTIONS
@clear_option(clearable(VehicleFields))
@pass_session
def edit(session: Session, /, vehicle_name: str, cleared: tuple[str, ...], **options: Any) -> None:
    """Change what is said of the vehicle NAME; what is not given stays."""
    before = find_vehicle(session, vehicle_name)
    fields = {
        **said(before, VehicleFields),
        **emptied(VehicleFields, cleared),
        **_fields(typed_for(session, before), options, before),
    }
    vehicle = session.run(edit_vehicle, EditVehicle(id=before.id, version=before.version, **fields))
    _warn_of_vin(session, vehicle)
    session.done(vehicle, f"Changed {vehicle.name}.")


@vehicles.command("state")
@click.argument("name")
@click.argument("state", type=choice_of(VehicleState))
@pass_session
def state_(session: Session, name: str, state: str) -> None:
    """Move the vehicle NAME to another state, along the legal transitions."""
    before = find_vehicle(session, name)
    vehicle = session.run(change_state, ChangeState(id=before.id, state=VehicleState(state), version=before.version))
    session.done(vehicle, f"{vehicle.name} is {vehicle.state.replace('_', ' ')} now.")


@vehicles.command("remove")
@click.argument("name")
@pass_session
def remove(session: Session, name: str) -> None:
    """Put the vehicle NAME and its records out of sight; restore brings them back."""
    before = find_vehicle(session, name)
    vehicle = session.run(remove_vehicle, RemoveVehicle(id=before.id, version=before.version))
    session.done(vehicle, f"Removed {vehicle.name} with its records. Back: fleet vehicles restore {_quoted(name)}")


@vehicles.command("restore")
@click.argument("name")
@pass_session
def restore(session: Session, name: str) -> None:
    """Bring the removed vehicle NAME and its records back."""
    vehicle = session.run(restore_vehicle, RestoreVehicle(id=find_vehicle(session, name, removed=True).id))
    session.done(vehicle, f"{vehicle.name} is back, with its records.")


@vehicles.command("purge")
@click.option("--after-days", type=click.IntRange(min=0), default=30, show_default=True, help="Removed that long ago.")
@pass_session
def purge(session: Session, after_days: int) -> None:
    """Erase for good the vehicles that were removed a while ago, with their records."""
    purged = session.run(purge_vehicles, PurgeVehicles(after_days=after_days))
    session.done({"purged": purged}, f"Erased {len(purged)} vehicles for good.")
