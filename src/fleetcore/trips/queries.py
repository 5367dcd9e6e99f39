"""Questions to the trips: one, a list, the logbook of a vehicle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.sorting import position_by
from fleetcore.kernel.when import Span, span_of_days
from fleetcore.operations import always, of_others, query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import reachable_vehicles, vehicle_for, vehicle_of
from fleetcore.vehicles.distances import odometer_lines, offsets_of

from .logbook import GetLogbook, Logbook, chain_of, entry_of, totals_of
from .model import GetTrip, ListTrips, Trip
from .ports import MONTHS, TRIPS
from .service import READ, is_own, seen

__all__ = ["get_logbook", "get_trip", "list_trips", "trips_within"]


@query("trips.get", permission=READ, sensitive=of_others("driver_id", "created_by"))
def get_trip(uow: UnitOfWork, command: GetTrip) -> Trip:
    """Return one trip, its places only for those who may see them. Raises NotFound."""
    trip = uow[TRIPS].get(command.id)
    vehicle_of(uow, "trip", trip, READ)
    if uow.actor.require(READ) is Scope.OWN and not is_own(uow, trip):
        raise NotFound("trip", trip.id)
    return seen(uow, trip)


SORTS = {"started_at": attrgetter("started_at")}


@query("trips.list", permission=READ, sensitive=of_others("driver_id", "created_by"))
def list_trips(uow: UnitOfWork, command: ListTrips) -> Page[Trip]:
    """List trips, newest first, of one vehicle or of all that the actor may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    if command.since is not None and command.until is not None and command.since > command.until:
        raise Rejected.because("until", f"lies before since, {command.since}")
    limit = page_limit(command.limit)
    span = span_of_days(command.since, command.until, fleet_of(uow).timezone)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    after = decode_cursor(command)
    rows = uow[TRIPS].page(command, reachable_vehicles(uow, READ), after, limit + 1, span=span, own=own)
    return page_of([seen(uow, row) for row in rows], limit, position_by(command.sort, SORTS), command)


def trips_within(uow: UnitOfWork, vehicle_ids: Sequence[UUID], span: Span) -> Iterator[Trip]:
    """Yield the ended trips of the vehicles for another area's report, which has asked for its own permission."""
    return uow[TRIPS].within(vehicle_ids, span)


@query("trips.logbook", permission=READ, snapshot=True, sensitive=always)
def get_logbook(uow: UnitOfWork, command: GetLogbook) -> Logbook:
    """Return the logbook of a vehicle: its trips with their marks, gaps and overlaps, and sums by purpose.

    Needs every trip of the vehicle in sight. Raises NotFound for the vehicle, Forbidden for who sees only their own
    trips, Rejected when *until* lies before *since*.
    """
    if uow.actor.require(READ) is Scope.OWN:
        raise Forbidden("a logbook is made of all trips of a vehicle, and your role sees only your own")
    vehicle = vehicle_for(uow, command.vehicle_id, READ)
    if command.since is not None and command.until is not None and command.since > command.until:
        raise Rejected.because("until", f"lies before since, {command.since}")
    span = span_of_days(command.since, command.until, fleet_of(uow).timezone)
    trips = [seen(uow, trip) for trip in uow[TRIPS].within([vehicle.id], span)]
    deleted = tuple(seen(uow, trip) for trip in uow[TRIPS].within([vehicle.id], span, deleted=True))
    before = uow[TRIPS].last_before(vehicle.id, span) if span.since is not None else None
    offset = offsets_of(uow, [vehicle.id]).get(vehicle.id, _no_offset)
    shown = odometer_lines(uow, [vehicle.id], Span(None, span.until)).get(vehicle.id, [])
    chain = chain_of(trips, offset, before, shown[-1] if shown else None)
    entries = tuple(map(entry_of, trips))
    return Logbook(
        vehicle_id=vehicle.id,
        name=vehicle.name,
        since=command.since,
        until=command.until,
        entries=entries,
        gaps=chain.gaps,
        overlaps=chain.overlaps,
        deleted=deleted,
        totals=totals_of(trips),
        distance=Distance(sum(trip.distance.metres for trip in trips if trip.distance)),
        unaccounted=Distance(sum(gap.distance.metres for gap in chain.gaps)),
        late=sum(entry.is_late for entry in entries),
        edited=sum(entry.is_edited for entry in entries),
        without_odometer=sum(trip.end_odometer is None for trip in trips),
        is_gap_free=not chain.gaps and not chain.overlaps,
        closed_months=tuple(
            closed.month
            for closed in uow[MONTHS].of_vehicle(vehicle.id)
            if (command.since is None or closed.month >= command.since.replace(day=1))
            and (command.until is None or closed.month <= command.until)
        ),
    )


def _no_offset(_at: datetime) -> int:
    return 0
