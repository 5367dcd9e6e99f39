"""Ten simulated years of one vehicle, on each engine: nothing is missed, nothing told twice, everything adds up.

The life has both changes of the clock, two leap days, a move to another time zone and a clock that is set back.
Here somebody looks every sixth day; the drill (tests/drills) looks every day.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest

import fleetcore
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.reminders.model import GetReminder, Urgency
from fleetcore.reminders.service import get_reminder
from fleetcore.reports.model import CostReport, CostsBy
from fleetcore.reports.service import cost_report
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.readings import GetOdometer

from .ten_years import LAST, RULES, Decade, ReminderDone, anniversaries

STEP = 1 if os.environ.get("FLEET_DRILL_ROUNDS") else 6
RISING = (Urgency.NOT_DUE, Urgency.SOON, Urgency.VERY_SOON, Urgency.DUE, Urgency.OVERDUE)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def decade(request: pytest.FixtureRequest) -> Iterator[Decade]:
    """The ten years, lived once on each engine."""
    makers = {"sqlite": "sqlite_files", "postgres": "postgres_server"}
    url = request.getfixturevalue(makers[request.param]).database()
    clock = FixedClock()
    with fleetcore.open(url, installed_plugins=False, clock=clock) as core:
        lived = Decade(core, clock, STEP)
        lived.live()
        yield lived


def test_each_change_is_told_once(decade: Decade) -> None:
    """Of each reminder the changes form a chain: each begins where the last one ended, so none is missed or doubled."""
    urgencies = dict.fromkeys(decade.titles, Urgency.NOT_DUE)
    for change in decade.told():
        assert urgencies[change.reminder_id] is change.old_urgency is not change.new_urgency
        urgencies[change.reminder_id] = change.new_urgency

    assert urgencies == {
        key: decade.core.read(decade.actor, get_reminder, GetReminder(id=key)).urgency for key in decade.titles
    }


def test_dates_are_told_level_by_level(decade: Decade) -> None:
    """Within one time of a rule that goes by date alone, the urgency only rises, each level once at most."""
    levels: dict[tuple[str, int], list[Urgency]] = {}
    for change in decade.told():
        if (title := decade.titles[change.reminder_id]) not in {"Oil", "Belt", "Pump"}:
            levels.setdefault((title, change.occurrence), []).append(change.new_urgency)

    assert len(levels) > 80
    for found in levels.values():
        risen = [each for each in found if each is not Urgency.NOT_DUE]  # done: the next time begins
        assert sorted(set(risen), key=RISING.index) == risen


def test_nothing_was_done_that_was_not_told(decade: Decade) -> None:
    """Whenever work was done because the list showed it as due, that had been told for this very time."""
    told = {
        (decade.titles[change.reminder_id], change.occurrence)
        for change in decade.told()
        if change.new_urgency in {Urgency.DUE, Urgency.OVERDUE}
    }

    assert {(title, occurrence) for title, occurrence, _ in decade.answered} <= told
    assert set(RULES) == {title for title, *_ in decade.answered}


def test_no_date_of_a_grid_is_missed_or_doubled(decade: Decade) -> None:
    """The dues that were met are exactly the days of the calendar, counted the slow way, 29 February included."""
    for title, on, months in (("Leap check", date(2028, 2, 29), 12), ("Tyres", date(2026, 3, 29), 7)):
        met = [due.due_on for name, _, due in decade.answered if name == title]
        days = anniversaries(on, months, LAST)

        assert days[: len(met)] == met
        assert len(days) - len(met) <= 1  # the last one may still be open
    assert date(2032, 2, 29) in [due.due_on for name, _, due in decade.answered if name == "Leap check"]


def test_dates_are_told_on_their_day(decade: Decade) -> None:
    """A date is due no earlier than its day, and told at the first look on or after it, wherever the fleet is."""
    for change in decade.told():
        if change.new_urgency is Urgency.DUE and change.metric == "date":
            assert change.due_on == change.looked_on
        if change.new_urgency is Urgency.OVERDUE and change.metric == "date":
            assert change.due_on < change.looked_on <= change.due_on + timedelta(days=STEP)


def test_rolling_rules_count_from_what_was_done(decade: Decade) -> None:
    """Each time of the oil is 15,000 km or twelve months after the time before, whichever came first."""
    oil = [due for name, _, due in decade.answered if name == "Oil"]

    assert len(oil) >= 8
    for before, after in pairwise(oil):
        assert after.due_odometer > before.due_odometer
        assert after.due_on > before.due_on
    done = [told for told in decade.told(ReminderDone) if decade.titles[told.reminder_id] == "Oil"]
    assert [due.due_odometer for due in oil[1:]] == [told.due_odometer for told in done[:-1]]


def test_a_record_is_done_once(decade: Decade) -> None:
    """Every service finished one time of one reminder."""
    records = [told.record_id for told in decade.told(ReminderDone)]

    assert len(records) == len(set(records)) == len(decade.answered)


def test_what_is_stored_is_what_a_fresh_look_finds(decade: Decade) -> None:
    """After ten years the stored state equals a look at all readings as of today."""
    today = LAST if decade.step == 1 else decade.clock.now().date()
    stored = {row.reminder_id: (row.due_on, row.due_odometer, row.projected_on) for row in decade.dues()}

    assert stored == {
        row.reminder_id: (row.due_on, row.due_odometer, row.projected_on) for row in decade.dues(today=today)
    }


def test_the_books_balance(decade: Decade) -> None:
    """The journal is sound and holds exactly what was paid at pumps and workshops."""
    ledger = decade.core.read(decade.actor, check_ledger, CheckLedger())
    costs = decade.core.read(decade.actor, cost_report, CostReport(by=CostsBy.YEAR))

    assert ledger.is_sound
    assert [decade.filled_minor + decade.served_minor] == [cost.minor for cost in costs.costs]
    assert 10 <= len(costs.rows) <= 11


def test_the_odometer_is_where_the_car_drove(decade: Decade) -> None:
    """The newest reading is not beyond what was driven, and the distance of all years is that of the readings."""
    meter = decade.core.read(decade.actor, get_odometer, GetOdometer(vehicle_id=decade.vehicle_id))
    costs = decade.core.read(decade.actor, cost_report, CostReport(vehicle_id=decade.vehicle_id, by=CostsBy.YEAR))

    assert meter.odometer is not None
    assert costs.rates is not None
    assert decade.odometer_m - 3_000_000 <= meter.odometer.metres <= decade.odometer_m
    assert meter.odometer.metres - 20_000_000 == costs.rates.distance.metres
