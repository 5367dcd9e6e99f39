"""Pages of stations: places that sell fuel or electricity, named once."""

from __future__ import annotations

from fleetcore.fuel.stations import add_station, delete_station, edit_station, get_station, list_stations
from fleetserver.pages.forms import Field
from fleetserver.pages.records import Column, Desk, Records, Words

__all__ = ["PAGES"]


def _fields(desk: Desk) -> tuple[Field, ...]:
    _ = desk.visit.language.text
    return (
        Field(name="name", label=_("Name"), is_required=True),
        Field(name="brand", label=_("Brand"), beside=True),
        Field(name="address", label=_("Address"), length_max=500),
        Field(name="phone", label=_("Phone")),
        Field(name="website", label=_("Website"), beside=True),
    )


PAGES = Records(
    path="/stations",
    words=Words(
        one="Station",
        many="Stations",
        add="Add a station",
        save="Save station",
        empty="Where you fill up or charge: named once, chosen with every fill-up.",
    ),
    columns=(
        Column(title="Name", text=lambda _visit, station, _vehicle: station.name),
        Column(title="Brand", text=lambda _visit, station, _vehicle: station.brand),
        Column(title="Address", text=lambda _visit, station, _vehicle: station.address),
    ),
    fields=_fields,
    list=list_stations,
    get=get_station,
    record=add_station,
    edit=edit_station,
    delete=delete_station,
    needs_vehicle=False,
    lands="list",
).routes()
