"""``fleet stations``: the places that sell fuel and electricity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from fleetcore.fuel.model import AddStation, DeleteStation, EditStation, ListStations, Station, StationFields
from fleetcore.fuel.stations import add_station, delete_station, edit_station, list_stations
from fleetcore.kernel.errors import NotFound
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, given, short_id, some_of
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, limit_option, rows_wanted, said, with_options
from fleetserver.cli.tables import Column, table

__all__ = ["find_station", "stations"]

COLUMNS = (
    Column("Station", flexible=True),
    Column("Brand", flexible=True, drop=2),
    Column("Address", flexible=True, drop=1),
    Column("Phone", drop=3),
    Column("Id"),
)
FIELD_OPTIONS = with_options(
    click.option("--brand", help="Whose station it is."),
    click.option("--address", help="Where it is."),
    click.option("--latitude", type=float, help="North is positive."),
    click.option("--longitude", type=float, help="East is positive."),
    click.option("--phone", help="Its number."),
    click.option("--website", help="Its address on the web."),
    click.option("--provider", help="Whose directory knows it."),
    click.option("--external-id", help="Its id in that directory."),
)


@click.group("stations", cls=FleetGroup)
def stations() -> None:
    """Keep the places that sell fuel and electricity."""


def find_station(session: Session, text: str) -> Station:
    """Return the station that is called *text*, or whose id ends so; raises NotFound, BadInput when several are."""
    wanted = text.strip().casefold()
    found = [
        station
        for station in everything(
            lambda cursor, most: session.read(list_stations, ListStations(cursor=cursor, limit=most))
        )
        if wanted in {station.name.casefold(), str(station.id)} or (len(wanted) > 3 and station.id.hex.endswith(wanted))
    ]
    if not found:
        raise NotFound("station", text)
    if len(found) > 1:
        ids = ", ".join(short_id(station.id) for station in found)
        raise BadInput.because("", f"{len(found)} stations are called {text!r}: name one of {ids}")
    return found[0]


@stations.command("add")
@click.option("--name", required=True, help="What it is called.")
@FIELD_OPTIONS
@pass_session
def add(session: Session, /, name: str, **options: Any) -> None:
    """Add a station."""
    station = session.run(add_station, AddStation(name=name, **given(**options)))
    session.done(station, f"Added {station.name} ({short_id(station.id)}).")


@stations.command("list")
@click.option("--name", "text", default="", metavar="TEXT", help="Only those with this in their name.")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, *, text: str, limit: int | None, show_all: bool) -> None:
    """List the stations, newest first."""
    found, more = some_of(
        lambda cursor, most: session.read(list_stations, ListStations(name_contains=text, cursor=cursor, limit=most)),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield "No stations. Imports add them; or: fleet stations add --name NAME"
            return
        rows = [[each.name, each.brand, each.address, each.phone, short_id(each.id)] for each in found]
        yield from table(COLUMNS, rows)
        if more:
            session.note("There are more: --all lists them.")

    session.show({"stations": found}, human)


@stations.command("edit")
@click.argument("station", metavar="STATION")
@click.option("--name", help="What it is called.")
@FIELD_OPTIONS
@pass_session
def edit(session: Session, /, station: str, **options: Any) -> None:
    """Change what is known about STATION, its name or the end of its id; what is not given stays."""
    before = find_station(session, station)
    fields = {**said(before, StationFields), **given(**options)}
    after = session.run(edit_station, EditStation(id=before.id, version=before.version, **fields))
    session.done(after, f"Changed {after.name}.")


@stations.command("remove")
@click.argument("station", metavar="STATION")
@pass_session
def remove(session: Session, station: str) -> None:
    """Remove STATION; its fills keep their place as text."""
    before = find_station(session, station)
    after = session.run(delete_station, DeleteStation(id=before.id, version=before.version))
    session.done(after, f"Removed {after.name}.")
