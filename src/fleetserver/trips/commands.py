"""``fleet trips``: record, start, finish, list, edit and remove trips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from fleetcore.imports.model import ImportLog
from fleetcore.kernel.wire import unstructure
from fleetcore.trips.model import (
    DeleteTrip,
    EditTrip,
    FinishTrip,
    GetTrip,
    ListTrips,
    RecordTrip,
    RestoreTrip,
    StartTrip,
    Trip,
    TripFields,
)
from fleetcore.trips.queries import get_trip, list_trips
from fleetcore.trips.service import delete_trip, edit_trip, finish_trip, record_trip, restore_trip, start_trip
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.lists import narrowed_by
from fleetserver.cli.picking import everything, find_vehicle, given, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import (
    all_option,
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
from fleetserver.imports.commands import as_json, import_file, told
from fleetserver.presentation.typed import Typed

from .logbook import close, logbook, report
from .rates import rates

__all__ = ["trips"]

NONE_YET = (
    "No trips yet. Record one: fleet trips add --vehicle Golf --from '2026-03-10 08:00' --to '2026-03-10 09:10'\n"
    "  --start-odometer 12000 --end-odometer 12064 --purpose business\n"
    "or now: fleet trips start --vehicle Golf, and on arrival: fleet trips finish --vehicle Golf --odometer 12064\n"
    "or read a track: fleet trips import FILE.gpx --vehicle Golf"
)
COLUMNS = (
    Column("Began"),
    Column("Ended", drop=4),
    Column("Vehicle", flexible=True, drop=5),
    Column("Purpose"),
    Column("Distance", right=True),
    Column("Odometer", right=True, drop=2),
    Column("From", flexible=True, drop=1),
    Column("To", flexible=True),
    Column("", drop=3),
    Column("Id"),
)
WAY_OPTIONS = with_options(
    click.option("--start-odometer", metavar="N", help="What the odometer showed at the start."),
    click.option("--end-odometer", metavar="N", help="What it showed at the end."),
    click.option("--distance", metavar="N", help="How far, where the odometers are not known."),
    click.option("--start-place", help="Where it began."),
    click.option("--end-place", help="Where it ended."),
)
WHY_OPTIONS = with_options(
    click.option("--purpose", metavar="WORD", help="business, private, commute or a word of your own."),
    click.option("--client", help="Whom it was for."),
    click.option("--notes", help="Anything else."),
)
COST_OPTIONS = with_options(
    click.option("--passengers", type=click.IntRange(min=0), metavar="N", help="How many came along."),
    click.option("--fuel-used", metavar="N", help="How much fuel it took."),
    click.option("--tolls", metavar="AMOUNT", help="Tolls paid on the way; they are booked."),
    click.option("--parking", metavar="AMOUNT", help="Parking paid on the way; it is booked."),
)
ODD_OPTIONS = with_options(
    click.option("--reason", help="Why a trip of a closed month changes."),
    click.option("--accept-jump", is_flag=True, help="Take the odometer though its neighbours contradict it."),
    click.option("--accept-speed", is_flag=True, help="Take it though nobody drives that fast."),
)
FIELD_OPTIONS = with_options(
    WAY_OPTIONS,
    WHY_OPTIONS,
    COST_OPTIONS,
    click.option("--driver", metavar="NAME", help="Who drove, if not you."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated."),
    ODD_OPTIONS,
)


@click.group("trips", cls=FleetGroup)
def trips() -> None:
    """Keep a logbook of trips, with mileage rates and reports for tax offices."""


for command in (logbook, close, report, rates):
    trips.add_command(command)


def _fields(typed: Typed, options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a trip that *options* give."""
    found = given(
        started_at=typed.instant("--from", options.get("since")),
        ended_at=typed.instant("--to", options.get("until")),
        start_odometer=typed.distance("--start-odometer", options.get("start_odometer")),
        end_odometer=typed.distance("--end-odometer", options.get("end_odometer")),
        distance=typed.distance("--distance", options.get("distance")),
        fuel_used=typed.volume("--fuel-used", options.get("fuel_used")),
        tolls=typed.money("--tolls", options.get("tolls")),
        parking=typed.money("--parking", options.get("parking")),
        driver_name=options.get("driver"),
        tags=options.get("tags") or None,
        reason=options.get("reason"),
        **{
            name: options.get(name) for name in ("start_place", "end_place", "purpose", "client", "notes", "passengers")
        },
    )
    typed.check()
    odd = {"accept_odometer_jump": options.get("accept_jump"), "accept_speed": options.get("accept_speed")}
    return found | {name: value for name, value in odd.items() if value is not None}


def _json(trip: Trip, vehicle: Vehicle | None) -> dict[str, Any]:
    return {**unstructure(trip), "vehicle": vehicle.name if vehicle else None}


def _sentence(session: Session, trip: Trip, vehicle: Vehicle | None) -> str:
    display = session.display
    parts = [vehicle.name if vehicle else "", display.minute(trip.started_at), trip.purpose]
    parts.append("running" if trip.is_running else display.distance(trip.distance, vehicle))
    return ", ".join(part for part in parts if part)


@trips.command("add")
@vehicle_option(required=True)
@click.option("--from", "since", metavar="TIME", required=True, help="When it began: a day and a time.")
@click.option("--to", "until", metavar="TIME", required=True, help="When it ended.")
@FIELD_OPTIONS
@pass_session
def add(session: Session, /, vehicle: str, **options: Any) -> None:
    """Record a trip: of the odometers and the distance any two are enough, or the distance alone.

    fleet trips add --vehicle Golf --from '2026-03-10 08:00' --to '2026-03-10 09:10' --distance 64 --purpose business
    """
    chosen = find_vehicle(session, vehicle)
    trip = session.run(record_trip, RecordTrip(vehicle_id=chosen.id, **_fields(typed_for(session, chosen), options)))
    session.done(_json(trip, chosen), f"Recorded: {_sentence(session, trip, chosen)} ({short_id(trip.id)}).")


@trips.command("start")
@vehicle_option(required=True)
@click.option("--at", "since", metavar="TIME", help="When, if not now.")
@click.option("--odometer", "start_odometer", metavar="N", help="What the odometer shows.")
@click.option("--place", "start_place", help="Where it begins.")
@WHY_OPTIONS
@click.option("--accept-jump", is_flag=True, help="Take the odometer though its neighbours contradict it.")
@pass_session
def start(session: Session, /, vehicle: str, **options: Any) -> None:
    """Begin a trip now; a vehicle is on one trip at a time.

    fleet trips start --vehicle Golf --odometer 12000 --purpose business
    """
    chosen = find_vehicle(session, vehicle)
    trip = session.run(start_trip, StartTrip(vehicle_id=chosen.id, **_fields(typed_for(session, chosen), options)))
    session.done(_json(trip, chosen), f"Started: {_sentence(session, trip, chosen)}. On arrival: fleet trips finish")


@trips.command("finish")
@vehicle_option(required=True)
@click.option("--at", "until", metavar="TIME", help="When, if not now.")
@click.option("--odometer", "end_odometer", metavar="N", help="What the odometer shows.")
@click.option("--distance", metavar="N", help="How far, where the odometers are not known.")
@click.option("--place", "end_place", help="Where it ends.")
@WHY_OPTIONS
@COST_OPTIONS
@ODD_OPTIONS
@pass_session
def finish(session: Session, /, vehicle: str, **options: Any) -> None:
    """End the running trip of a vehicle.

    fleet trips finish --vehicle Golf --odometer 12064 --parking 4.50
    """
    chosen = find_vehicle(session, vehicle)
    trip = session.run(finish_trip, FinishTrip(vehicle_id=chosen.id, **_fields(typed_for(session, chosen), options)))
    session.done(_json(trip, chosen), f"Finished: {_sentence(session, trip, chosen)} ({short_id(trip.id)}).")


@trips.command("list")
@vehicle_option()
@click.option("--purpose", metavar="WORD", help="Only of this purpose.")
@click.option("--from", "since", metavar="DAY", help="From this day, month or year on.")
@click.option("--to", "until", metavar="DAY", help="Up to and including this day, month or year.")
@click.option("--running", is_flag=True, help="Those that have not ended.")
@click.option("--removed", is_flag=True, help="Those that were removed and can be restored.")
@narrowed_by(ListTrips)
@limit_option()
@all_option()
@pass_session
def list_(session: Session, /, vehicle: str | None, **options: Any) -> None:
    """List trips, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(options["since"], options["until"])
    typed.check()

    def asked(cursor: str | None, most: int) -> ListTrips:
        return ListTrips(
            vehicle_id=chosen.id if chosen else None,
            purpose=options["purpose"],
            since=first,
            until=last,
            running=options["running"],
            deleted=options["removed"],
            **options["narrowed"],
            cursor=cursor,
            limit=most,
        )

    found, more = some_of(
        lambda cursor, most: session.read(list_trips, asked(cursor, most)),
        rows_wanted(options["limit"], options["show_all"], session.as_json),
    )
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            narrowed = vehicle or any(options[name] for name in ("purpose", "since", "until", "running", "removed"))
            yield "No trips of this kind." if narrowed else NONE_YET
            return
        yield from table(COLUMNS, [_row(session, trip, names[trip.vehicle_id], chosen is not None) for trip in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"trips": [_json(trip, names.get(trip.vehicle_id)) for trip in found]}, human)


def _row(session: Session, trip: Trip, vehicle: Vehicle, one_vehicle: bool) -> list[str]:
    display = session.display
    return [
        display.minute(trip.started_at),
        display.minute(trip.ended_at) or "running",
        "" if one_vehicle else vehicle.name,
        trip.purpose,
        display.distance(trip.distance, vehicle),
        display.distance(trip.end_odometer, vehicle),
        trip.start_place,
        trip.end_place or trip.client or trip.notes,
        "edited" if trip.edits else "",
        short_id(trip.id),
    ]


def _find(session: Session, text: str, *, removed: bool = False) -> Trip:
    def candidates() -> Iterator[Trip]:
        return everything(
            lambda cursor, most: session.read(list_trips, ListTrips(deleted=removed, cursor=cursor, limit=most))
        )

    def get(key: UUID) -> Trip:
        if removed:
            return next(trip for trip in candidates() if trip.id == key)
        return session.read(get_trip, GetTrip(id=key))

    return pick(text, "trip", get, candidates)


@trips.command("show")
@click.argument("trip_id", metavar="ID")
@pass_session
def show(session: Session, *, trip_id: str) -> None:
    """Show everything that is said of the trip ID."""
    trip = _find(session, trip_id)
    vehicle = vehicles_by_id(session).get(trip.vehicle_id)
    display = session.display

    def human() -> Iterator[str]:
        yield from details(
            (
                ("Vehicle", vehicle.name if vehicle else ""),
                ("Driver", trip.driver_name),
                ("Began", f"{display.minute(trip.started_at)} {trip.start_place}"),
                ("Ended", f"{display.minute(trip.ended_at) or 'still running'} {trip.end_place}"),
                ("Odometer", f"{display.distance(trip.start_odometer, vehicle)} to "
                             f"{display.distance(trip.end_odometer, vehicle)}" if trip.end_odometer else ""),
                ("Distance", display.distance(trip.distance, vehicle)),
                ("Purpose", trip.purpose),
                ("Client", trip.client),
                ("Passengers", str(trip.passengers) if trip.passengers else ""),
                ("Fuel used", display.quantity(trip.fuel_used, vehicle)),
                ("Tolls", display.money(trip.tolls)),
                ("Parking", display.money(trip.parking)),
                ("Notes", trip.notes),
                ("Tags", ", ".join(trip.tags)),
                ("Edits", f"{trip.edits}, last {display.minute(trip.edited_at)}" if trip.edits else ""),
                ("Reason", trip.reason),
            )
        )  # fmt: skip

    session.show(_json(trip, vehicle), human)


EDITABLE = [
    name
    for name in clearable(TripFields)
    if name not in {"accept_odometer_jump", "accept_speed", "reason", "purpose", "passengers", "ended_at", "driver_id"}
]


@trips.command("edit")
@click.argument("trip_id", metavar="ID")
@vehicle_option()
@click.option("--from", "since", metavar="TIME", help="When it began.")
@click.option("--to", "until", metavar="TIME", help="When it ended.")
@FIELD_OPTIONS
@clear_option(EDITABLE)
@pass_session
def edit(session: Session, /, trip_id: str, vehicle: str | None, cleared: tuple[str, ...], **options: Any) -> None:
    """Change what is said of the trip ID; what is not given stays. The edit is marked in the logbook."""
    trip = _find(session, trip_id)
    names = vehicles_by_id(session)
    chosen = find_vehicle(session, vehicle) if vehicle else names[trip.vehicle_id]
    new = _fields(typed_for(session, chosen), options)
    before = {**said(trip, TripFields), "vehicle_id": chosen.id, "reason": ""}
    if {"start_odometer", "end_odometer"} & new.keys():  # the distance follows from the odometers
        before["distance"] = None
    elif "distance" in new:  # and the end from the distance
        before["end_odometer"] = None
    if "driver_name" in new:
        before["driver_id"] = None
    fields = {**before, **emptied(TripFields, cleared), **new}
    after = session.run(edit_trip, EditTrip(id=trip.id, version=trip.version, **fields))
    session.done(_json(after, chosen), f"Changed: {_sentence(session, after, chosen)}.")


@trips.command("remove")
@click.argument("trip_id", metavar="ID")
@click.option("--reason", default="", help="Why a trip of a closed month goes.")
@pass_session
def remove(session: Session, *, trip_id: str, reason: str) -> None:
    """Remove the trip ID, with its odometers and its costs; restore brings it back."""
    trip = _find(session, trip_id)
    after = session.run(delete_trip, DeleteTrip(id=trip.id, version=trip.version, reason=reason))
    session.done(after, f"Removed: {_sentence(session, after, None)}. Back: fleet trips restore {short_id(after.id)}")


@trips.command("restore")
@click.argument("trip_id", metavar="ID")
@click.option("--reason", default="", help="Why a trip of a closed month comes back.")
@pass_session
def restore(session: Session, *, trip_id: str, reason: str) -> None:
    """Bring the removed trip ID back."""
    trip = _find(session, trip_id, removed=True)
    after = session.run(restore_trip, RestoreTrip(id=trip.id, reason=reason))
    session.done(after, f"It is back: {_sentence(session, after, None)}.")


@trips.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@vehicle_option()
@click.option("--purpose", metavar="WORD", help="What the trips were for. Default: private.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; store nothing.")
@pass_session
def import_(session: Session, *, file: Path, vehicle: str | None, purpose: str | None, dry_run: bool) -> None:
    """Read the tracks of the GPX FILE as trips.

    fleet trips import morning.gpx --vehicle Golf --purpose business
    """
    name = find_vehicle(session, vehicle).name if vehicle else None
    command = ImportLog(source=file, file_name=file.name, format="gpx", vehicle=name, purpose=purpose)
    outcome = import_file(session, command, dry_run=dry_run)
    session.show(as_json(outcome), lambda: told(outcome, dry_run=dry_run))
