"""``fleet drivers``: who has which vehicle when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import click

from fleetcore.trips.model import ListTrips, Trip
from fleetcore.trips.queries import list_trips
from fleetcore.vehicles.assignments import (
    AssignDriver,
    Assignment,
    DeleteAssignment,
    EditAssignment,
    HandOver,
    ListAssignments,
    WhoDrove,
)
from fleetcore.vehicles.drivers import (
    assign_driver,
    delete_assignment,
    edit_assignment,
    hand_over,
    list_assignments,
    who_drove,
)
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, limit_option, rows_wanted, vehicle_option
from fleetserver.cli.tables import Column, table
from fleetserver.people.finding import find_member, name_of, names_of_members

from .moments import beginning, ending

__all__ = ["drivers"]

NONE_YET = "Nobody was assigned a vehicle yet. Say who has one: fleet drivers assign --vehicle NAME --driver MEMBER"
COLUMNS = (
    Column("Vehicle", flexible=True),
    Column("Driver", flexible=True),
    Column("From"),
    Column("Until"),
    Column("", drop=2),
    Column("Notes", flexible=True, drop=1),
    Column("Id"),
)
NAME = click.option("--name", metavar="TEXT", help="The driver's name, for someone who is no member.")


@click.group("drivers", cls=FleetGroup)
def drivers() -> None:
    """Who has which vehicle when, and who had it on a day."""


def _driver(session: Session, member: str | None, name: str | None) -> dict[str, Any]:
    if (member is None) == (name is None):
        raise BadInput.because("--driver", "name the driver: a member with --driver, someone else with --name")
    return {"driver_name": name} if member is None else {"driver_id": find_member(session, member).user_id}


@drivers.command("assign")
@vehicle_option(required=True)
@click.option("--driver", metavar="MEMBER", help="Name, e-mail or id of a member.")
@NAME
@click.option("--from", "since", metavar="DAY", help="The first day, or a time. Default: now.")
@click.option("--until", metavar="DAY", help="The last day, or a time. Default: until further notice.")
@click.option("--along", is_flag=True, help="Besides the primary driver, of whom there is one at a time.")
@click.option("--notes", default="", help="Anything worth remembering.")
@pass_session
def assign(
    session: Session, *, vehicle: str, driver: str | None, name: str | None, since: str | None, until: str | None,
    along: bool, notes: str,
) -> None:  # fmt: skip
    """Say that somebody has a vehicle, from now on or for a time, also one long past.

    fleet drivers assign --vehicle Golf --driver bob@example.org --from 2026-03-01 --until 2026-03-31
    """
    typed = typed_for(session)
    starts_at, ends_at = beginning(typed, "--from", since), ending(typed, "--until", until)
    typed.check()
    found = find_vehicle(session, vehicle)
    command = AssignDriver(
        vehicle_id=found.id,
        starts_at=starts_at,
        ends_at=ends_at,
        is_primary=not along,
        notes=notes,
        **_driver(session, driver, name),
    )
    made = session.run(assign_driver, command)
    session.done(made, f"{driver or name} has {found.name} from {session.display.minute(made.starts_at)}.")


@drivers.command("hand-over")
@vehicle_option(required=True)
@click.option("--to", "driver", metavar="MEMBER", help="Name, e-mail or id of the member who gets it.")
@NAME
@click.option("--at", metavar="TIME", help="When, such as '2026-03-10 16:00'. Default: now.")
@click.option("--notes", default="", help="Anything worth remembering.")
@pass_session
def give(session: Session, *, vehicle: str, driver: str | None, name: str | None, at: str | None, notes: str) -> None:
    """Give a vehicle to its next driver: whoever has it gives it up in the same step.

    fleet drivers hand-over --vehicle Golf --to cleo@example.org
    """
    typed = typed_for(session)
    moment = beginning(typed, "--at", at)
    typed.check()
    found = find_vehicle(session, vehicle)
    command = HandOver(vehicle_id=found.id, at=moment, notes=notes, **_driver(session, driver, name))
    made = session.run(hand_over, command)
    session.done(made, f"{driver or name} has {found.name} from {session.display.minute(made.starts_at)}.")


def _table(session: Session, found: Sequence[Assignment]) -> Iterator[str]:
    vehicles, show = vehicles_by_id(session), session.display.minute
    names = names_of_members(session)
    return table(
        COLUMNS,
        [
            [
                vehicles[each.vehicle_id].name if each.vehicle_id in vehicles else "(removed)",
                each.driver_name if each.driver_id is None else name_of(each.driver_id, names),
                *(show(each.starts_at), show(each.ends_at), "" if each.is_primary else "along"),
                *(each.notes, short_id(each.id)),
            ]
            for each in found
        ],
    )


@drivers.command("history")
@vehicle_option()
@click.option("--driver", metavar="MEMBER", help="Only of this member.")
@limit_option()
@all_option()
@pass_session
def history(session: Session, *, vehicle: str | None, driver: str | None, limit: int | None, show_all: bool) -> None:
    """List who had which vehicle, newest first."""
    vehicle_id = find_vehicle(session, vehicle).id if vehicle else None
    driver_id = find_member(session, driver).user_id if driver else None
    found, more = some_of(
        lambda cursor, most: session.read(
            list_assignments,
            ListAssignments(vehicle_id=vehicle_id, driver_id=driver_id, cursor=cursor, limit=most),
        ),
        rows_wanted(limit, show_all, session.as_json),
    )
    session.show({"assignments": found}, lambda: _table(session, found) if found else [NONE_YET])
    if more and not session.as_json:
        session.note("There are more: --all shows them.")


@drivers.command("who")
@vehicle_option(required=True)
@click.option("--on", metavar="DAY", help="A day, such as 2026-03-10.")
@click.option("--at", metavar="TIME", help="A time, such as '2026-03-10 16:01'.")
@pass_session
def who(session: Session, *, vehicle: str, on: str | None, at: str | None) -> None:
    """Say who had a vehicle on a day or at a time, as for a fine, and which trips are recorded.

    fleet drivers who --vehicle Golf --at "2026-03-10 16:01"
    """
    if (on is None) == (at is None):
        raise BadInput.because("--on", "say when: --on a day, or --at a time")
    typed = typed_for(session)
    since = typed.instant("--at", at) if at else beginning(typed, "--on", on)
    until = None if at else ending(typed, "--on", on)
    typed.check()
    found_vehicle = find_vehicle(session, vehicle)
    if since is None:
        raise BadInput.because("--on", "is needed")
    found = session.read(who_drove, WhoDrove(vehicle_id=found_vehicle.id, since=since, until=until))
    trips = _trips(session, found_vehicle.id, since, until or since)

    def human() -> Iterator[str]:
        if not found and not trips:
            yield f"Nobody was assigned {found_vehicle.name} then, and no trip is recorded."
        if found:
            yield from _table(session, found)
        names = names_of_members(session) if trips else {}
        for trip in trips:
            name = trip.driver_name if trip.driver_id is None else name_of(trip.driver_id, names)
            show = session.display.minute
            yield f"Trip {show(trip.started_at)} to {show(trip.ended_at) or 'now'}: {name}"

    session.show({"assignments": found, "trips": trips}, human)


def _trips(session: Session, vehicle_id: UUID, since: datetime, until: datetime) -> list[Trip]:
    """Return the recorded trips that touch the stretch, the earliest first."""
    if session.actor.scope("trips.read") is None:
        return []
    day = timedelta(days=1)  # a trip may have begun the day before, and days are the fleet's own
    found = everything(
        lambda cursor, most: session.read(
            list_trips,
            ListTrips(
                vehicle_id=vehicle_id,
                since=since.date() - day,
                until=until.date() + day,
                cursor=cursor,
                limit=most,
            ),
        )
    )
    touching = (
        trip
        for trip in found
        if (trip.started_at < until or trip.started_at == since) and (trip.ended_at is None or trip.ended_at > since)
    )
    return sorted(touching, key=lambda trip: trip.started_at)


def _find(session: Session, text: str) -> Assignment:
    by_id = {
        each.id: each
        for each in everything(
            lambda cursor, most: session.read(list_assignments, ListAssignments(cursor=cursor, limit=most))
        )
    }
    return pick(text, "assignment", lambda key: by_id[key], by_id.values)


@drivers.command("end")
@click.argument("assignment_id", metavar="ID")
@click.option("--at", metavar="TIME", help="When, such as '2026-03-10 16:00'; a day is its end. Default: now.")
@pass_session
def end(session: Session, *, assignment_id: str, at: str | None) -> None:
    """End the assignment ID: its driver gives the vehicle back.

    fleet drivers end 5f3a09c1 --at 2026-03-31
    """
    typed = typed_for(session)
    moment = ending(typed, "--at", at) or session.core.clock.now()
    typed.check()
    held = _find(session, assignment_id)
    command = EditAssignment(
        id=held.id,
        version=held.version,
        starts_at=held.starts_at,
        ends_at=moment,
        is_primary=held.is_primary,
        notes=held.notes,
    )
    ended = session.run(edit_assignment, command)
    session.done(ended, f"The assignment ended at {session.display.minute(ended.ends_at)}.")


@drivers.command("delete")
@click.argument("assignment_id", metavar="ID")
@pass_session
def delete(session: Session, *, assignment_id: str) -> None:
    """Delete the assignment ID, which never was.

    fleet drivers delete 5f3a09c1
    """
    held = _find(session, assignment_id)
    gone = session.run(delete_assignment, DeleteAssignment(id=held.id, version=held.version))
    session.done(gone, "Deleted the assignment.")
