"""``fleet odometer``: note, list and correct what odometers and hour meters show."""

from __future__ import annotations

from collections.abc import Iterator

import click

from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.vehicles.meters import get_odometer, list_readings, record_reading, replace_meter, void_reading
from fleetcore.vehicles.model import Vehicle
from fleetcore.vehicles.readings import (
    GetOdometer,
    ListReadings,
    Meter,
    Reading,
    ReadingKind,
    RecordReading,
    ReplaceMeter,
    VoidReading,
)
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, pick, short_id, some_of, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, choice_of, limit_option, rows_wanted, vehicle_option
from fleetserver.cli.tables import Column, details, table

__all__ = ["odometer"]

COLUMNS = (
    Column("Day"),
    Column("Shows", right=True),
    Column("Kind", drop=1),
    Column("From", drop=2),
    Column("Note", flexible=True, drop=3),
    Column("Id"),
)
ON = click.option("--on", default="now", metavar="DAY", help="When: a day, or a day and a time. Default: now.")


@click.group("odometer", cls=FleetGroup)
def odometer() -> None:
    """Note and correct what odometers and hour meters show."""


@odometer.command("add")
@vehicle_option(required=True)
@click.option("--km", metavar="N", help="What the odometer shows, in kilometres.")
@click.option("--miles", metavar="N", help="What the odometer shows, in miles.")
@click.option("--hours", metavar="N", help="What the hour meter shows.")
@ON
@click.option("--note", default="", help="Anything to remember about it.")
@click.option("--accept-jump", is_flag=True, help="Take the number though its neighbours contradict it.")
@pass_session
def add(
    session: Session, *, vehicle: str, km: str | None, miles: str | None, hours: str | None, on: str, note: str,
    accept_jump: bool,
) -> None:  # fmt: skip
    """Note what a meter shows; older readings may be entered late.

    fleet odometer add --vehicle Golf --km 45210 --on 2026-03-10
    """
    if sum(value is not None for value in (km, miles, hours)) != 1:
        raise click.UsageError("give one of --km, --miles and --hours")
    chosen = find_vehicle(session, vehicle)
    typed = typed_for(session, chosen)
    shown = typed.distance("--km", km and f"{km} km") or typed.distance("--miles", miles and f"{miles} mi")
    counted = typed.decimal("--hours", hours)
    at = typed.instant("--on", on)
    typed.check()
    assert at is not None  # noqa: S101 - it has a default, and check() has passed
    reading = session.run(
        record_reading,
        RecordReading(
            vehicle_id=chosen.id,
            at=at,
            odometer=shown,
            engine_hours=None if counted is None else EngineHours.of(counted),
            note=note,
            accept_odometer_jump=accept_jump,
        ),
    )
    session.done(reading, f"Noted: {chosen.name} shows {_shown(session, reading, chosen)} ({short_id(reading.id)}).")


def _shown(session: Session, reading: Reading, vehicle: Vehicle) -> str:
    if reading.meter is Meter.ENGINE_HOURS:
        return session.display.hours(EngineHours(reading.value))
    return session.display.distance(Distance(reading.value), vehicle)


@odometer.command("show")
@vehicle_option(required=True)
@pass_session
def show(session: Session, vehicle: str) -> None:
    """Show where a vehicle's meters stand."""
    chosen = find_vehicle(session, vehicle)
    meters = session.read(get_odometer, GetOdometer(vehicle_id=chosen.id))
    display = session.display

    def human() -> Iterator[str]:
        if meters.at is None:
            yield f"Nothing noted yet. fleet odometer add --vehicle {chosen.name} --km N"
        yield from details(
            (
                ("Odometer", display.distance(meters.odometer, chosen)),
                ("Driven in all", display.distance(meters.total, chosen)),
                ("Engine hours", display.hours(meters.engine_hours)),
                ("As of", display.minute(meters.at)),
            )
        )

    session.show(meters, human)


@odometer.command("list")
@vehicle_option(required=True)
@click.option("--meter", type=choice_of(Meter), default=Meter.ODOMETER.value, help="Which of the two meters.")
@click.option("--voided", is_flag=True, help="With the readings that were taken back.")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, *, vehicle: str, meter: str, voided: bool, limit: int | None, show_all: bool) -> None:
    """List what a meter showed, newest first."""
    chosen = find_vehicle(session, vehicle)
    display = session.display
    found, more = some_of(
        lambda cursor, most: session.read(
            list_readings,
            ListReadings(vehicle_id=chosen.id, meter=Meter(meter), with_voided=voided, cursor=cursor, limit=most),
        ),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield f"Nothing noted yet. fleet odometer add --vehicle {chosen.name} --km N"
            return
        yield from table(
            COLUMNS,
            [
                [
                    display.day(reading.at),
                    _shown(session, reading, chosen),
                    "" if reading.kind is ReadingKind.READING else reading.kind,
                    reading.source,
                    reading.note,
                    short_id(reading.id),
                ]
                for reading in found
            ],
        )
        if more:
            session.note("There are more: --all lists them.")

    session.show({"readings": found}, human)


@odometer.command("void")
@vehicle_option(required=True)
@click.argument("reading_id", metavar="ID")
@click.option("--note", default="", help="Why.")
@pass_session
def void(session: Session, *, vehicle: str, reading_id: str, note: str) -> None:
    """Take the reading ID back; it stays in the books with the void beside it."""
    chosen = find_vehicle(session, vehicle)

    def candidates() -> Iterator[Reading]:
        for meter in Meter:
            yield from everything(
                lambda cursor, most, meter=meter: session.read(  # type: ignore[misc]
                    list_readings, ListReadings(vehicle_id=chosen.id, meter=meter, cursor=cursor, limit=most)
                )
            )

    by_id = {reading.id: reading for reading in candidates()}
    reading = pick(reading_id, "reading", by_id.__getitem__, by_id.values)
    voided = session.run(void_reading, VoidReading(id=reading.id, note=note))
    session.done(voided, f"Took back {_shown(session, voided, chosen)} of {session.display.day(voided.at)}.")


@odometer.command("replace")
@vehicle_option(required=True)
@click.option("--old", "old", required=True, metavar="N", help="What the old odometer showed last.")
@click.option("--new", "new", required=True, metavar="N", help="What the new odometer shows first.")
@ON
@click.option("--note", default="", help="Why.")
@pass_session
def replace(session: Session, *, vehicle: str, old: str, new: str, on: str, note: str) -> None:
    """Note that the odometer was exchanged, so that distances run on."""
    chosen = find_vehicle(session, vehicle)
    typed = typed_for(session, chosen)
    before, after, at = typed.distance("--old", old), typed.distance("--new", new), typed.instant("--on", on)
    typed.check()
    assert before is not None and after is not None and at is not None  # noqa: S101, PT018 - check() has passed
    reading = session.run(
        replace_meter,
        ReplaceMeter(vehicle_id=chosen.id, at=at, old_odometer=before, new_odometer=after, note=note),
    )
    session.done(reading, f"Noted the new odometer of {chosen.name}.")
