"""The logbook: a chain without gaps, late entries, later changes, closed months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fleetcore.kernel.errors import Conflict
from fleetcore.testing.builders import a_reading, km
from fleetcore.testing.clock import FixedClock
from fleetcore.trips.model import CloseMonth, ListClosedMonths
from fleetcore.trips.months import close_month, list_closed_months
from fleetcore.vehicles.meters import record_reading, replace_meter
from fleetcore.vehicles.readings import ReplaceMeter

from .conftest import MORNING, Desk, after, problems_of

MAY = date(2026, 5, 1)


def close(desk: Desk, month: date = MAY) -> None:
    """Close a month of the logbook."""
    desk.core.run(desk.actor, close_month, CloseMonth(vehicle_id=desk.vehicle_id, month=month))


def test_a_chain_without_gaps(desk: Desk) -> None:
    """Trips whose odometers meet have neither gaps nor overlaps, and sums by purpose."""
    desk.drive(0, 100, 150)
    desk.drive(2, 150, 250, purpose="private")

    book = desk.logbook()

    assert book.is_gap_free
    assert [("private", km(100)), ("business", km(50))] == [(total.purpose, total.distance) for total in book.totals]
    assert (km(150), km(0)) == (book.distance, book.unaccounted)


def test_a_gap_is_found(desk: Desk) -> None:
    """Distance that no trip tells is named with the trips on both sides."""
    first, second = desk.drive(0, 100, 150), desk.drive(2, 157, 200)

    book = desk.logbook()

    (gap,) = book.gaps
    assert (km(7), first.id, second.id) == (gap.distance, gap.after_trip_id, gap.before_trip_id)
    assert (km(7), False) == (book.unaccounted, book.is_gap_free)


def test_distance_told_twice_is_found(desk: Desk) -> None:
    """Odometers that fall back between two trips are an overlap."""
    desk.drive(0, 100, 150)
    desk.drive(2, 145, 200, accept_odometer_jump=True)

    (overlap,) = desk.logbook().overlaps

    assert overlap.distance == km(5)


def test_driving_after_the_last_trip_is_found(desk: Desk) -> None:
    """A reading above the last trip tells of driving that no trip tells."""
    desk.drive(0, 100, 150)
    desk.core.run(desk.actor, record_reading, a_reading(desk.vehicle_id, 180, at=after(5)))

    (gap,) = desk.logbook().gaps

    assert (km(30), None) == (gap.distance, gap.before_trip_id)


def test_a_trip_without_odometers_bridges_the_chain(desk: Desk) -> None:
    """A distance alone is believed within two kilometres."""
    desk.drive(0, 100, 150)
    desk.record(2, distance=km(21))
    desk.drive(4, 170, 200)

    book = desk.logbook()

    assert (True, 1) == (book.is_gap_free, book.without_odometer)


def test_the_chain_reaches_back_before_the_asked_days(desk: Desk) -> None:
    """The first trip of the asked days is compared with the last one before them."""
    desk.drive(0, 100, 150)
    desk.drive(24, 160, 200)

    (gap,) = desk.logbook(since=date(2026, 5, 5)).gaps

    assert gap.distance == km(10)


def test_the_chain_runs_on_over_a_replaced_meter(desk: Desk) -> None:
    """A new meter that begins at zero makes no gap."""
    desk.drive(0, 100, 150)
    command = ReplaceMeter(vehicle_id=desk.vehicle_id, at=after(1.5), old_odometer=km(150), new_odometer=km(0))
    desk.core.run(desk.actor, replace_meter, command)
    desk.drive(2, 0, 20)

    assert desk.logbook().is_gap_free


def test_late_entries_are_marked(desk: Desk, clock: FixedClock) -> None:
    """A trip written down more than a week after its end is late, one of yesterday is not."""
    desk.record(0)
    yesterday = clock.now() - timedelta(days=1)
    desk.record(started_at=yesterday, ended_at=yesterday + timedelta(hours=1))

    book = desk.logbook()

    assert ([True, False], 1) == ([entry.is_late for entry in book.entries], book.late)


def test_edits_and_deletions_are_shown(desk: Desk) -> None:
    """What was changed or deleted afterwards is in the logbook."""
    desk.edit(desk.record(0), notes="later")
    gone = desk.delete(desk.record(2))

    book = desk.logbook()

    assert (1, [gone.id]) == (book.edited, [trip.id for trip in book.deleted])


def test_a_closed_month_asks_for_a_reason(desk: Desk) -> None:
    """After closing, recording, editing, deleting and restoring need a reason, and are marked."""
    trip = desk.record()
    close(desk)

    for act in (lambda: desk.record(2), lambda: desk.edit(trip, notes="x"), lambda: desk.delete(trip)):
        assert {"reason": "trip.month_closed"} == problems_of(act)
    trip = desk.edit(trip, notes="x", reason="typing error")
    assert (True, "typing error") == (trip.changed_after_closing, trip.reason)
    gone = desk.delete(trip, "told twice")
    assert {"reason": "trip.month_closed"} == problems_of(lambda: desk.restore(gone))
    assert desk.restore(gone, "was right").changed_after_closing
    assert desk.logbook().closed_months == (MAY,)


def test_a_trip_does_not_leave_a_closed_month_silently(desk: Desk) -> None:
    """Moving a trip out of a closed month is a change of it."""
    trip = desk.record()
    close(desk)
    earlier = datetime(2026, 4, 4, tzinfo=UTC)

    found = problems_of(lambda: desk.edit(trip, started_at=earlier, ended_at=earlier + timedelta(hours=1)))

    assert {"reason": "trip.month_closed"} == found


def test_a_month_closes_once_and_when_it_is_over(desk: Desk) -> None:
    """The present month stays open; a closed one cannot be closed again."""
    close(desk, MORNING.date())

    with pytest.raises(Conflict, match="2026-05"):
        close(desk)
    assert {"month": "invalid"} == problems_of(lambda: close(desk, date(2026, 6, 1)))
    listed = desk.core.read(desk.actor, list_closed_months, ListClosedMonths(vehicle_id=desk.vehicle_id))
    assert [MAY] == [closed.month for closed in listed]
