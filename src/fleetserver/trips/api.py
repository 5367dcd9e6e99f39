"""Routes of trips, logbooks and mileage rates."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, create, read, resource

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    *resource("/trips/rates", add="trips.add_rate", list_="trips.list_rates", delete="trips.remove_rate"),
    read("/trips/logbook", "trips.logbook"),
    read("/trips/months", "trips.list_closed_months"),
    create("/trips/months", "trips.close_month"),
    act("/trips/start", "trips.start"),
    act("/trips/finish", "trips.finish"),
    *resource(
        "/trips",
        add="trips.record",
        get="trips.get",
        list_="trips.list",
        edit="trips.edit",
        delete="trips.delete",
        restore="trips.restore",
    ),
)
