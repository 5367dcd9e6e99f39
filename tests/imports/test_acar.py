"""aCar: blocks, units per row, thousands separators and currency signs."""

# ruff: noqa: E501 (lines as long as the app writes them)

from __future__ import annotations

from decimal import Decimal

from fleetcore import Core
from fleetcore.imports.model import ImportLog, UndoImport
from fleetcore.imports.rows import ParsedTrip, ParsedVehicle
from fleetcore.imports.service import import_log, undo_import
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.trips.model import ListTrips
from fleetcore.trips.queries import list_trips
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import list_vehicles

from .reading import detected, expenses_of, fills_of, problems_of, rows_of, skipped_of

METADATA = '"Metadata"\n"Android Version","aCar Version","Date Format","Time Format"\n"13","5.4","{order}","HH:mm"\n\n'
VEHICLES = (
    '"Vehicles"\n"Name","Type","Year","Make","Model","SubModel","Active","License Plate","VIN","Fuel Tank Capacity",'
    '"Volume Unit","Distance Unit","Notes"\n"Sedan","CAR","2012","Nissan","Sentra","S","Yes","AB","","13.0","US_GALLON",'
    '"MILE",""\n\n'
)
FILLS = (
    '"Fill-Up Records"\n"Vehicle","Date","Time","Odometer Reading","Distance Unit","Volume","Volume Unit",'
    '"Price per Unit","Total Cost","Payment","Partial Fill-Up?","Previously Missed Fill-Ups?","Fuel Efficiency",'
    '"Fuel Efficiency Unit","Fuel Category","Fuel Type","Fuel Brand","Fueling Station Address","Place City",'
    '"Place Latitude","Place Longitude","Device Latitude","Device Longitude","Tags","Notes"\n'
)
EVENTS = (
    '\n"Event Records"\n"Vehicle","Date","Time","Odometer Reading","Distance Unit","Type","Sub Types","Total Cost",'
    '"Payment","Place Name","Tags","Notes"\n'
)
TRIPS = (
    '\n"Trip Records"\n"Vehicle","Start Date","Start Time","Start Odometer Reading","Start Location","End Date","End Time",'
    '"End Odometer Reading","End Location","Distance Unit","Distance","Duration","Type","Purpose","Client","Tax Deduction Rate",'
    '"Reimbursement Rate","Paid","Tags","Notes"\n'
)
TRIP = (
    '"Sedan","7/1/2023","10:00","106,000","Home","7/1/2023","10:45","{end}","Office","mi","","","{kind}","Fair","ACME",'
    '"","","","","wet"\n'
)


def fill(date: str = "7/15/2023", *, odometer: str = "106,421", unit: str = "mi", partial: str = "No") -> str:
    """Write one fill-up."""
    return (
        f'"Sedan","{date}","08:11","{odometer}","{unit}","20.101","gal","$3.969","$79.78","Visa","{partial}","No","23",'
        '"MPG","Gasoline","Gasoline - Regular (87)","Maverik","1 Road","Vineyard","","","40.2","-111.7","a, b","x"\n'
    )


def test_a_fill_with_signs_and_thousands() -> None:
    """Currency signs and thousands separators are taken off, units read from the row."""
    (found,) = fills_of(METADATA.format(order="M/d/yyyy") + VEHICLES + FILLS + fill())
    assert (found.vehicle, found.odometer, found.quantity) == ("Sedan", Distance(171_267_998), Volume(76_091))
    assert (found.total, found.carrier, found.grade) == (Decimal("79.78"), Carrier.PETROL, "Gasoline - Regular (87)")
    assert (found.at.hour, found.at.minute, found.is_full, found.tags) == (8, 11, True, ("a", "b"))
    assert (found.latitude, found.longitude) == (Decimal("40.2"), Decimal("-111.7"))


def test_the_metadata_settle_the_date_order() -> None:
    """The same date is read by the format that the app names."""
    orders = {
        order: fills_of(METADATA.format(order=order) + FILLS + fill("3/4/2023"))[0].at.month
        for order in ("M/d/yyyy", "d/M/yyyy")
    }
    assert orders == {"M/d/yyyy": 3, "d/M/yyyy": 4}


def test_each_row_names_its_own_distance_unit() -> None:
    """A change of units in the app does not spoil the older rows."""
    first, second = fills_of(FILLS + fill() + fill("8/15/2023", odometer="171,900", unit="km"))
    assert (first.odometer, second.odometer) == (Distance(171_267_998), Distance(171_900_000))


def test_partial_fill_ups() -> None:
    """Yes in the partial column means not full."""
    (found,) = fills_of(FILLS + fill(partial="Yes"))
    assert not found.is_full


def test_events_become_costs() -> None:
    """A service is marked; an expense gets its category; an event without a cost is skipped."""
    text = (
        FILLS + fill() + EVENTS
        + '"Sedan","5/14/2022","10:43","93,600","mi","Service","Engine Oil, Oil Filter","$22.00","Visa","Home","",""\n'
        + '"Sedan","5/15/2022","10:43","93,610","mi","Expense","Parking","$1,022.50","","","",""\n'
        + '"Sedan","5/16/2022","10:43","93,620","mi","Note","","$0.00","","","",""\n'
    )  # fmt: skip
    service, parking = expenses_of(text)
    assert (service.category, service.is_service, service.title) == ("service", True, "Engine Oil, Oil Filter")
    assert (parking.category, parking.amount) == ("parking", Decimal("1022.50"))
    assert [each.reason for each in skipped_of(text)] == ["an event without a cost"]


def test_vehicles() -> None:
    """Vehicles are read with their units."""
    text = VEHICLES + FILLS + fill()
    vehicle = next(each for each in rows_of(text) if isinstance(each, ParsedVehicle))
    assert (vehicle.make, vehicle.tank_capacities, vehicle.distance_unit) == ("Nissan", (Volume(49_210),), "mi")


def test_trips() -> None:
    """A trip has both odometers, its places, its client, and its purpose in our words."""
    text = FILLS + fill() + TRIPS + TRIP.format(end="106,031", kind="Business")
    (trip,) = (row for row in rows_of(text) if isinstance(row, ParsedTrip))
    assert (trip.start_odometer, trip.end_odometer) == (Distance(170_590_464), Distance(170_640_354))
    assert (trip.at.hour, trip.ended_at.minute, trip.purpose, trip.client) == (10, 45, "Business", "ACME")
    assert (trip.start_place, trip.end_place, trip.notes) == ("Home", "Office", "Fair\nwet")


def test_a_vacation_is_private() -> None:
    """The app's kinds of trips become our purposes."""
    text = FILLS + fill() + TRIPS + TRIP.format(end="106,031", kind="Vacation")
    assert ["private"] == [row.purpose for row in rows_of(text) if isinstance(row, ParsedTrip)]


def test_trips_are_stored_and_taken_back(core: Core, owner: Actor) -> None:
    """Trips come with their readings; overlapping ones are rejected; undoing leaves nothing."""
    text = TRIPS + TRIP.format(end="106,031", kind="Business") + TRIP.format(end="106,040", kind="Business")
    command = ImportLog(source=text.encode(), file_name="acar.csv", format="acar", distance_unit="mi", date_order="mdy")

    report = core.run(owner, import_log, command)

    (trip,) = core.read(owner, list_trips, ListTrips()).items
    assert (1, ["trip.overlap"]) == (
        report.imported,
        [problem.code for row in report.rejected for problem in row.problems],
    )
    assert (Distance(49_890), "business", 1) == (trip.distance, trip.purpose, report.vehicles[0].trips)
    shown = core.read(owner, get_odometer, GetOdometer(vehicle_id=trip.vehicle_id)).odometer
    assert shown == trip.end_odometer
    assert report.import_id is not None
    core.run(owner, undo_import, UndoImport(id=report.import_id))
    assert ((), ()) == (
        core.read(owner, list_trips, ListTrips()).items,
        core.read(owner, list_vehicles, ListVehicles()),
    )


def test_a_trip_without_an_end_is_rejected() -> None:
    """A row that lacks its end date says so."""
    text = FILLS + fill() + TRIPS + TRIP.format(end="106,031", kind="").replace(',"7/1/2023","10:45"', ',"",""')
    assert [{"ended_at": "missing"}] == list(problems_of(text).values())


def test_a_dollar_sign_is_shown_but_not_taken_for_one_currency() -> None:
    """Several currencies use it, so the notes say so."""
    found = detected(FILLS + fill())
    assert (found.currency, found.currency_sign) == (None, "$")
