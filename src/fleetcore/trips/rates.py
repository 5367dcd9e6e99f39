"""Set, list and remove mileage rates."""

from __future__ import annotations

from fleetcore.kernel.errors import reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation, query
from fleetcore.vehicles.access import may_see_shared, require_whole_fleet

from .events import RateAdded, RateRemoved
from .model import AddRate, ListRates, Rate, RemoveRate, purpose_key
from .ports import RATES
from .rules import rate_problems
from .service import READ, WRITE

__all__ = ["add_rate", "known_rates", "list_rates", "remove_rate"]


@operation("trips.add_rate", permission=WRITE)
def add_rate(uow: UnitOfWork, command: AddRate) -> Rate:
    """Say what a kilometre of a purpose is worth from a day on.

    Needs the whole fleet. Raises Conflict for a second rate of a purpose on one day, Rejected with every problem.
    """
    require_whole_fleet(uow, WRITE)
    reject_if_any(rate_problems(command))
    user = uow.actor.user_id
    rate = Rate(
        id=command.id or uow.new_id(),
        purpose=purpose_key(command.purpose),
        valid_from=command.valid_from,
        per_km=command.per_km,
        tier=command.tier,
        tier_distance=command.tier_distance,
        per_km_beyond=command.per_km_beyond,
        year_starts=command.year_starts,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
    )
    uow[RATES].add(rate)
    uow.record_change("trips.rate", rate.id, None, rate)
    uow.emit(RateAdded(rate_id=rate.id, purpose=rate.purpose, valid_from=rate.valid_from))
    return rate


@operation("trips.remove_rate", permission=WRITE)
def remove_rate(uow: UnitOfWork, command: RemoveRate) -> Rate:
    """Remove a rate; the one before it holds on. Needs the whole fleet. Raises NotFound."""
    require_whole_fleet(uow, WRITE)
    rate = uow[RATES].get(command.id)
    uow[RATES].remove(rate.id)
    uow.record_change("trips.rate", rate.id, rate, None)
    uow.emit(RateRemoved(rate_id=rate.id, purpose=rate.purpose, valid_from=rate.valid_from))
    return rate


@query("trips.list_rates", permission=READ)
def list_rates(uow: UnitOfWork, command: ListRates) -> tuple[Rate, ...]:
    """List the mileage rates, by purpose, newest first; guests see none."""
    wanted = None if command.purpose is None else purpose_key(command.purpose)
    return tuple(
        rate for rate in known_rates(uow) if wanted in {None, rate.purpose} and may_see_shared(uow, rate.created_by)
    )


def known_rates(uow: UnitOfWork) -> tuple[Rate, ...]:
    """Return every rate for another area's report, which has asked for its own permission."""
    return tuple(uow[RATES].all())
