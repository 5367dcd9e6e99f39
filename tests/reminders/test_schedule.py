"""When a reminder is due next: fixed and rolling, early and late, done and skipped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.kernel.ids import new_id
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.kernel.when import add_months
from fleetcore.reminders.model import Completion, CompletionKind, ReminderFields
from fleetcore.reminders.schedule import Origin, Schedule, schedule_of

NOBODY = UUID(int=0)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def km(distance: int) -> Distance:
    """Make a distance in kilometres."""
    return Distance(distance * 1000)


def rule(**said: Any) -> ReminderFields:
    """Make a rule."""
    return ReminderFields(vehicle_id=NOBODY, title="Oil", **said)


def answer(on: str, odometer_km: int | None = None, kind: CompletionKind = CompletionKind.DONE) -> Completion:
    """Make an answer on a day, with what the odometer showed."""
    total = None if odometer_km is None else odometer_km * 1000
    return Completion(
        id=new_id(), reminder_id=NOBODY, kind=kind, done_on=date.fromisoformat(on), total_m=total,
        created_at=NOON, created_by=NOBODY,
    )  # fmt: skip


def after(fields: ReminderFields, *answers: Completion, origin_km: int | None = 0) -> Schedule:
    """Return the schedule of a rule set on 31 January 2026 at *origin_km*."""
    total = None if origin_km is None else origin_km * 1000
    origin = Origin(on=date(2026, 1, 31), total_m=total, tenths=0, said_offset_m=0)
    return schedule_of(fields, origin, answers)


def test_a_first_due_counts_from_the_present_meter() -> None:
    """A bare interval on a car that has run 85,000 km is due at 90,000, not at 5,000 for ever."""
    assert 90_000_000 == after(rule(every=km(5000)), origin_km=85_000).due_total_m


def test_without_a_reading_a_distance_waits() -> None:
    """Before the first reading there is no limit."""
    assert None is after(rule(every=km(5000)), origin_km=None).due_total_m


@pytest.mark.parametrize(("is_fixed", "due"), [(False, 17_500), (True, 20_000)])
def test_done_early_a_fixed_rule_keeps_its_grid(is_fixed: bool, due: int) -> None:
    """Due at 10,000 every 10,000 and done at 7,500: rolling 17,500, fixed 20,000."""
    fields = rule(every=km(10_000), at_odometer=km(10_000), is_fixed=is_fixed)

    assert due * 1000 == after(fields, answer("2026-03-01", 7500)).due_total_m


def test_a_fee_paid_early_keeps_its_day() -> None:
    """Due on 31 December every year and paid on the 15th, it is due on the next 31 December."""
    fields = rule(every_months=12, on=date(2026, 12, 31), is_fixed=True)

    assert date(2027, 12, 31) == after(fields, answer("2026-12-15")).due_on


def test_far_overdue_moves_on_in_one_step() -> None:
    """Done years late, a fixed rule is due next after the record, not once for each time it was missed."""
    fields = rule(every_months=6, on=date(2020, 1, 31), every=km(10_000), at_odometer=km(10_000), is_fixed=True)
    due = after(fields, answer("2026-03-01", 95_000))

    assert (date(2026, 7, 31), 100_000_000) == (due.due_on, due.due_total_m)


def test_months_are_counted_from_the_anchor() -> None:
    """The last day of January gives the last of February and the 31st of March again: no drift."""
    fields = rule(every_months=1, on=date(2026, 1, 31), is_fixed=True)
    days = [after(fields, *[answer(f"2026-0{month}-01") for month in range(1, last)]).due_on for last in range(1, 5)]

    assert [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)] == days


def test_only_metrics_with_an_interval_go_on() -> None:
    """A date that is said once is over when the work is done; the distance goes on."""
    due = after(rule(on=date(2026, 5, 1), every=km(10_000)), answer("2026-04-01", 4000))

    assert (None, 14_000_000, False) == (due.due_on, due.due_total_m, due.is_finished)


def test_a_single_reminder_ends_when_it_is_done() -> None:
    """Without an interval, done is finished."""
    due = after(rule(on=date(2026, 5, 1), at_odometer=km(9000)), answer("2026-04-01", 4000))

    assert (None, None, True) == (due.due_on, due.due_total_m, due.is_finished)


def test_a_skip_goes_on_to_the_next_to_come() -> None:
    """A skip leaves out what has passed and keeps the distance between dues."""
    fields = rule(every_months=12, every=km(15_000))
    due = after(fields, answer("2028-03-01", 20_000, CompletionKind.SKIPPED))

    assert (date(2029, 1, 31), 30_000_000, None) == (due.due_on, due.due_total_m, due.last_done_on)


def test_a_record_entered_late_does_not_turn_back() -> None:
    """The newest record by date decides, whatever the order in which they were written down."""
    answers = (answer("2026-09-01", 30_000), answer("2026-05-01", 20_000))

    assert 45_000_000 == after(rule(every=km(15_000)), *answers).due_total_m


def test_engine_hours_go_on_like_a_distance() -> None:
    """Every 250 hours from zero is due at 250."""
    assert 2500 == after(rule(every_engine_hours=EngineHours(2500))).due_tenths


@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.integers(1, 30),
    st.lists(st.dates(date(2000, 1, 1), date(2060, 1, 1)), min_size=1, max_size=5),
)
def test_fixed_dates_stay_on_their_grid(first: date, months: int, days: list[date]) -> None:
    """After any answers, the due is a point of the grid after the newest of them."""
    due = after(rule(every_months=months, on=first, is_fixed=True), *[answer(day.isoformat()) for day in days])

    assert due.due_on in {add_months(first, months * index) for index in range(1500)}
    assert due.due_on is not None
    assert due.due_on > max(days)
