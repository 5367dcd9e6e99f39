"""Reports equal what one gets by adding up the facts by hand, whatever happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fleetcore
from fleetcore import Core
from fleetcore.fuel.economy import EconomyFill, economy_of
from fleetcore.fuel.model import DeleteFill, Fill
from fleetcore.fuel.odometers import positions_of
from fleetcore.fuel.service import delete_fill
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import local_date
from fleetcore.reports.model import CostsBy
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles

from .garage import Garage, day

ZONE = "America/New_York"
START = day("2025-11-01T00:30")

fill_facts = st.fixed_dictionaries(
    {
        "hours": st.integers(0, 24 * 90),
        "km": st.none() | st.integers(1000, 6000),
        "trip": st.none() | st.integers(1, 700),
        "litres": st.integers(1, 60),
        "minor": st.integers(0, 9_999),
        "currency": st.sampled_from(["EUR", "USD"]),
        "is_full": st.booleans(),
        "is_deleted": st.booleans(),
    }
)
days = st.none() | st.dates(date(2025, 10, 30), date(2026, 2, 10))


@pytest.fixture(scope="module")
def shared_core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    """One Core for all examples, each of which has a fleet of its own."""
    folder: Path = tmp_path_factory.mktemp("properties")
    with fleetcore.open(SqliteFiles(folder).database(), installed_plugins=False, clock=FixedClock()) as core:
        yield core


def economy_fill(fill: Fill) -> EconomyFill:
    """Return what economy needs of *fill*."""
    assert fill.volume is not None
    return EconomyFill(
        id=fill.id,
        at=fill.at,
        odometer_m=fill.odometer and fill.odometer.metres,
        quantity=fill.volume.millilitres,
        total_minor=fill.total.minor,
        currency=fill.total.currency,
        is_full=fill.is_full,
        trip_m=fill.trip and fill.trip.metres,
    )


def record(garage: Garage, facts: list[dict[str, Any]]) -> tuple[Any, list[Fill]]:
    """Record fills in the order of *facts*, delete some again, and return the vehicle with the kept ones."""
    vehicle, kept = garage.vehicle(), []
    for fact in facts:
        at = (START + timedelta(hours=fact["hours"])).replace(tzinfo=None).isoformat(timespec="minutes")
        trip = None if fact["trip"] is None else Distance.of(fact["trip"])
        total = f"{fact['minor'] / 100:.2f} {fact['currency']}"
        fill = garage.fill(vehicle, at, fact["km"], fact["litres"], total, is_full=fact["is_full"], trip=trip)
        if fact["is_deleted"]:
            garage.core.run(garage.actor, delete_fill, DeleteFill(id=fill.id, version=fill.version))
        else:
            kept.append(fill)
    return vehicle, kept


def driven_by_hand(fills: list[Fill]) -> int:
    """Return the distance of a log; an odometer decides over a trip."""
    rows = sorted((fill.at, fill.odometer.metres if fill.odometer else -1, fill.id, fill.trip) for fill in fills)
    told = [(odometer, trip and trip.metres) for _, odometer, _, trip in rows if odometer >= 0 or trip]
    odometers = [None if odometer < 0 else odometer for odometer, _ in told]
    return positions_of(odometers, [None if odometer >= 0 else trip for odometer, trip in told]).driven_m


@settings(max_examples=60, deadline=None)
@given(facts=st.lists(fill_facts, max_size=8), since=days, until=days)
def test_reports_equal_the_facts(
    shared_core: Core, facts: list[dict[str, Any]], since: date | None, until: date | None
) -> None:
    """Costs, consumption and distance of any log, within any days."""
    if since and until and since > until:
        since, until = until, since
    garage = Garage(shared_core, shared_core.create_fleet("Home", timezone=ZONE))
    vehicle, kept = record(garage, facts)
    chosen = [fill for fill in kept if (since or date.min) <= local_date(fill.at, ZONE) <= (until or date.max)]
    expected: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for fill in chosen:
        if fill.total.minor:
            expected[f"{local_date(fill.at, ZONE):%Y-%m}"][fill.total.currency] += fill.total.minor

    by_month = garage.costs(vehicle, since=since, until=until)
    economy = garage.economy(vehicle, since=since, until=until, with_intervals=True)

    assert expected == {row.key: {cost.currency: cost.minor for cost in row.costs} for row in by_month.rows}
    for by in CostsBy:
        found = garage.costs(vehicle, by=by, since=since, until=until)
        assert (by_month.costs, by_month.rates) == (found.costs, found.rates)
    assert by_month.costs == garage.costs(since=since, until=until).costs
    assert bool(chosen) == bool(economy)
    if chosen:
        hand = economy_of(map(economy_fill, chosen))
        (row,) = economy
        assert (hand.fills, hand.quantity, hand.distance_m, hand.per_100km) == (
            row.fills,
            row.volume.millilitres,
            row.distance.metres,
            row.consumption_per_100km,
        )
        assert [(i.opening_id, i.closing_id, i.distance_m, i.quantity) for i in hand.intervals] == [
            (i.opening_fill_id, i.closing_fill_id, i.distance.metres, i.volume.millilitres) for i in row.intervals
        ]
    assert by_month.rates is not None
    assert driven_by_hand(chosen) == by_month.rates.distance.metres
