"""``fleet fuel``: record, list, edit and remove fills and charges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click

from fleetcore.fuel.model import (
    ChargeCurrent,
    ChargePlace,
    DeleteFill,
    EditFill,
    Fill,
    FillFields,
    GetFill,
    ListFills,
    RecordFill,
    RestoreFill,
)
from fleetcore.fuel.service import delete_fill, edit_fill, get_fill, list_fills, record_fill, restore_fill
from fleetcore.kernel.quantities import Energy, Mass
from fleetcore.kernel.wire import unstructure
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.lists import narrowed_by
from fleetserver.cli.picking import everything, find_vehicle, given, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import (
    CARRIERS,
    all_option,
    choice_of,
    clear_option,
    clearable,
    emptied,
    limit_option,
    rows_wanted,
    said,
    vehicle_option,
    with_options,
)
from fleetserver.cli.tables import Column, details, table
from fleetserver.presentation.typed import Typed

from .stations import find_station, stations

__all__ = ["fuel", "stations"]

NONE_YET = (
    "No fills yet. Record one: fleet fuel add --vehicle Golf --odometer 45210 --volume 40.5 --total 67.09\n"
    "or read the log of another app: fleet import FILE"
)
COLUMNS = (
    Column("Day"),
    Column("Vehicle", flexible=True, drop=5),
    Column("Fuel", drop=4),
    Column("Quantity", right=True),
    Column("", drop=3),
    Column("Total", right=True),
    Column("Price", right=True, drop=2),
    Column("Odometer", right=True),
    Column("Place", flexible=True, drop=1),
    Column("Id"),
)
QUANTITIES = ("volume", "mass", "energy")
PRICES = ("total", "unit_price")

FIELD_OPTIONS = with_options(
    click.option("--date", "at", metavar="TIME", help="When: 2026-03-10, or '2026-03-10 16:01'. Default: now."),
    click.option("--odometer", metavar="N", help="What the odometer shows."),
    click.option("--trip", metavar="N", help="The distance since the fill before, instead."),
    click.option("--carrier", type=CARRIERS, help="What was filled in. Default: what the vehicle runs on."),
    click.option("--volume", metavar="N", help="How much, in litres or your gallons."),
    click.option("--mass", metavar="KG", help="How much, in kilograms."),
    click.option("--energy", metavar="KWH", help="How much, in kilowatt-hours."),
    click.option("--total", metavar="AMOUNT", help="What was paid. Of quantity, total and price two are enough."),
    click.option("--price", metavar="AMOUNT", help="The price of one litre, gallon, kg or kWh."),
    click.option("--currency", metavar="CODE", help="The currency of both. Default: the fleet's."),
    click.option("--full/--partial", "is_full", default=None, help="Was it filled to the brim? Default: full."),
    click.option("--missed/--no-missed", "missed_previous", default=None, help="Was a fill before it not recorded?"),
    click.option("--grade", help="Which grade, such as E10."),
    click.option("--station", metavar="NAME", help="The station, from `fleet stations list`."),
    click.option("--place", help="Where, in words."),
    click.option("--start-soc", type=int, metavar="PERCENT", help="State of charge before."),
    click.option("--end-soc", type=int, metavar="PERCENT", help="State of charge after."),
    click.option("--charge-place", type=choice_of(ChargePlace), help="Where it was charged."),
    click.option("--current", type=choice_of(ChargeCurrent), help="With which current."),
    click.option("--excluded-distance", metavar="N", help="Distance not driven on this fuel, such as on a tow."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated."),
    click.option("--notes", help="Anything else."),
    click.option("--accept-jump", is_flag=True, help="Take the odometer though its neighbours contradict it."),
)


@click.group("fuel", cls=FleetGroup)
def fuel() -> None:
    """Record fills and charges."""


def _fields(session: Session, typed: Typed, options: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a fill that *options* give, over *before*; what follows from others is left to follow."""
    currency = options["currency"] and options["currency"].upper()
    new = given(
        at=typed.instant("--date", options["at"]),
        odometer=typed.distance("--odometer", options["odometer"]),
        trip=typed.distance("--trip", options["trip"]),
        carrier=options["carrier"] and Carrier(options["carrier"]),
        volume=typed.volume("--volume", options["volume"]),
        mass=typed.mass("--mass", options["mass"]),
        energy=typed.energy("--energy", options["energy"]),
        total=typed.money("--total", options["total"], currency),
        unit_price=typed.unit_price("--price", options["price"], _sold(options, before), currency),
        start_soc_percent=options["start_soc"],
        end_soc_percent=options["end_soc"],
        charge_place=options["charge_place"] and ChargePlace(options["charge_place"]),
        current=options["current"] and ChargeCurrent(options["current"]),
        excluded_distance=typed.distance("--excluded-distance", options["excluded_distance"]),
        tags=options["tags"] or None,
        **{name: options[name] for name in ("is_full", "missed_previous", "grade", "place", "notes")},
    )
    typed.check()
    if options["station"]:
        new["station_id"] = find_station(session, options["station"]).id
    return {**_without_derived(before, new), **new, "accept_odometer_jump": options["accept_jump"]}


def _sold(options: dict[str, Any], before: dict[str, Any]) -> str:
    """Say in which of volume, mass and energy the fill is sold, which its price is per."""
    for name in QUANTITIES:
        if options[name] is not None:
            return name
    carrier = options["carrier"] and Carrier(options["carrier"])
    if carrier is not None:
        return {Mass: "mass", Energy: "energy"}.get(carrier.quantity_type, "volume")
    return next((name for name in QUANTITIES if before.get(name) is not None), "volume")


def _without_derived(before: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Leave out of *before* what the *new* values replace: the other quantities, and the price that no longer fits."""
    gone: set[str] = set()
    if new.keys() & set(QUANTITIES):
        gone |= {*QUANTITIES, "unit_price"}
    if "total" in new:
        gone.add("unit_price")
    elif "unit_price" in new:
        gone.add("total")
    return {name: value for name, value in before.items() if name not in gone}


@fuel.command("add")
@vehicle_option(required=True)
@FIELD_OPTIONS
@pass_session
def add(session: Session, /, vehicle: str, **options: Any) -> None:
    """Record a fill or a charge. Of quantity, total and price any two are enough.

    fleet fuel add --vehicle Golf --odometer 45210 --volume 40.5 --total 67.09

    fleet fuel add --vehicle Leaf --odometer 30120mi --energy 22.4 --price 0.31 --start-soc 20 --end-soc 80
    """
    chosen = find_vehicle(session, vehicle)
    typed = typed_for(session, chosen)
    options["at"] = options["at"] or "now"
    fields = _fields(session, typed, options, {})
    fill = session.run(record_fill, RecordFill(vehicle_id=chosen.id, **fields))
    session.done(_json(fill, chosen), f"Recorded: {_sentence(session, fill, chosen)} ({short_id(fill.id)}).")


def _sentence(session: Session, fill: Fill, vehicle: Vehicle) -> str:
    display = session.display
    return (
        f"{vehicle.name}, {display.day(fill.at)}, {display.quantity(fill.quantity, vehicle)} {fill.carrier} "
        f"for {display.money(fill.total)}"
    )


def _json(fill: Fill, vehicle: Vehicle | None) -> dict[str, Any]:
    return {**unstructure(fill), "vehicle": vehicle.name if vehicle else None}


@fuel.command("list")
@vehicle_option()
@click.option("--carrier", type=CARRIERS, help="Only this fuel.")
@click.option("--from", "since", metavar="DAY", help="From this day, month or year on.")
@click.option("--to", "until", metavar="DAY", help="Up to and including this day, month or year.")
@click.option("--removed", is_flag=True, help="Those that were removed and can be restored.")
@narrowed_by(ListFills)
@limit_option()
@all_option()
@pass_session
def list_(
    session: Session, *, vehicle: str | None, carrier: str | None, since: str | None, until: str | None,
    limit: int | None, show_all: bool, narrowed: dict[str, Any], removed: bool,
) -> None:  # fmt: skip
    """List fills, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()

    def asked(cursor: str | None, most: int) -> ListFills:
        return ListFills(
            vehicle_id=chosen.id if chosen else None,
            carrier=Carrier(carrier) if carrier else None,
            since=typed.midnight(first),
            until=typed.midnight_after(last),
            deleted=removed,
            **narrowed,
            cursor=cursor,
            limit=most,
        )

    found, more = some_of(
        lambda cursor, most: session.read(list_fills, asked(cursor, most)),
        rows_wanted(limit, show_all, session.as_json),
    )
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No fills of this kind." if vehicle or carrier or since or until else NONE_YET
            return
        yield from table(COLUMNS, [_row(session, fill, names, chosen is not None) for fill in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"fills": [_json(fill, names.get(fill.vehicle_id)) for fill in found]}, human)


def _row(session: Session, fill: Fill, names: dict[UUID, Vehicle], one_vehicle: bool) -> list[str]:
    display, vehicle = session.display, names.get(fill.vehicle_id)
    marks = [] if fill.is_full else ["partial"]
    if fill.missed_previous:
        marks.append("missed")
    return [
        display.day(fill.at),
        "" if one_vehicle or vehicle is None else vehicle.name,
        fill.carrier,
        display.quantity(fill.quantity, vehicle),
        " ".join(marks),
        display.money(fill.total),
        display.unit_price(fill.unit_price, fill.quantity, vehicle),
        display.distance(fill.odometer, vehicle) or ("+" + display.distance(fill.trip, vehicle) if fill.trip else ""),
        fill.place,
        short_id(fill.id),
    ]


def _find_fill(session: Session, text: str) -> Fill:
    return pick(
        text,
        "fill",
        lambda key: session.read(get_fill, GetFill(id=key)),
        lambda: everything(lambda cursor, most: session.read(list_fills, ListFills(cursor=cursor, limit=most))),
    )


@fuel.command("show")
@click.argument("fill_id", metavar="ID")
@pass_session
def show(session: Session, fill_id: str) -> None:
    """Show everything about the fill ID: a whole id, or the end of one as lists show it."""
    fill = _find_fill(session, fill_id)
    vehicle = vehicles_by_id(session).get(fill.vehicle_id)
    display = session.display

    def human() -> Iterator[str]:
        yield from details(
            (
                ("Vehicle", vehicle.name if vehicle else ""),
                ("When", display.minute(fill.at)),
                ("Odometer", display.distance(fill.odometer, vehicle)),
                ("Trip", display.distance(fill.trip, vehicle)),
                ("Fuel", f"{fill.carrier} {fill.grade}".strip()),
                ("Quantity", display.quantity(fill.quantity, vehicle) + ("" if fill.is_full else " (partial)")),
                ("Missed one before", "yes" if fill.missed_previous else ""),
                ("Total", display.money(fill.total)),
                ("Price", display.unit_price(fill.unit_price, fill.quantity, vehicle)),
                ("Charge", _charge(fill)),
                ("Not driven on it", display.distance(fill.excluded_distance, vehicle)),
                ("Place", fill.place),
                ("Tags", ", ".join(fill.tags)),
                ("Notes", fill.notes),
                ("Id", str(fill.id)),
            )
        )

    session.show(_json(fill, vehicle), human)


def _charge(fill: Fill) -> str:
    levels = (fill.start_soc_percent, fill.end_soc_percent)
    span = "" if levels == (None, None) else " to ".join("?" if soc is None else f"{soc} %" for soc in levels)
    return ", ".join(part for part in (span, fill.charge_place or "", (fill.current or "").upper()) if part)


@fuel.command("edit")
@click.argument("fill_id", metavar="ID")
@vehicle_option()
@FIELD_OPTIONS
@clear_option([name for name in clearable(FillFields) if name not in {"accept_odometer_jump", *QUANTITIES, *PRICES}])
@pass_session
def edit(session: Session, /, fill_id: str, vehicle: str | None, cleared: tuple[str, ...], **options: Any) -> None:
    """Change what is said of the fill ID; what is not given stays, its odometer and its cost follow."""
    fill = _find_fill(session, fill_id)
    chosen = find_vehicle(session, vehicle or str(fill.vehicle_id))
    before = {**said(fill, FillFields), **emptied(FillFields, cleared), "vehicle_id": chosen.id}
    fields = _fields(session, typed_for(session, chosen), options, before)
    after = session.run(edit_fill, EditFill(id=fill.id, version=fill.version, **fields))
    session.done(_json(after, chosen), f"Changed: {_sentence(session, after, chosen)}.")


@fuel.command("remove")
@click.argument("fill_id", metavar="ID")
@pass_session
def remove(session: Session, fill_id: str) -> None:
    """Remove the fill ID, with its odometer reading and its cost; restore brings it back."""
    fill = _find_fill(session, fill_id)
    after = session.run(delete_fill, DeleteFill(id=fill.id, version=fill.version))
    session.done(after, f"Removed the fill of {session.display.day(fill.at)}. Back: fleet fuel restore {fill.id}")


@fuel.command("restore")
@click.argument("fill_id", metavar="ID", type=click.UUID)
@pass_session
def restore(session: Session, fill_id: UUID) -> None:
    """Bring the removed fill ID back; this needs its whole id."""
    fill = session.run(restore_fill, RestoreFill(id=fill_id))
    session.done(fill, f"The fill of {session.display.day(fill.at)} is back.")
