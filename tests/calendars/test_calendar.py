"""The calendar as programs of other people read it (vobject and dateutil; we write with icalendar)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.reports.garage import statements

from fleetcore.calendars.ics import calendar_text
from fleetcore.calendars.model import CalendarEntry
from fleetcore.calendars.rules import series_of
from fleetcore.kernel.quantities import Distance
from fleetcore.reminders.forecast import days_ahead
from fleetcore.testing.builders import km
from fleetcore.vehicles.model import EditVehicle, GetVehicle, VehicleFields
from fleetcore.vehicles.service import edit_vehicle, get_vehicle

from .conftest import Diary

LONG_AGO = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


def an_entry(**said: Any) -> CalendarEntry:
    """Make an entry with what is *said*."""
    usual: dict[str, Any] = {
        "uid": "1@fleetcore",
        "day": date(2026, 6, 1),
        "summary": "Golf: Oil",
        "description": "Due.",
        "category": "Soon",
        "is_projected": False,
        "alarm_days": (),
        "series": None,
        "created_at": LONG_AGO,
        "changed_at": LONG_AGO,
        "sequence": 0,
    }
    return CalendarEntry(**usual | said)


def read_back(text: str) -> Any:
    """Return the first event as the other library reads it."""
    import vobject

    return vobject.readOne(text).vevent


def test_a_due_date_is_a_whole_day(diary: Diary) -> None:
    """A reminder on a date is one whole, free day with the vehicle's name, and says why."""
    diary.add(title="TÜV", on=date(2026, 9, 30))

    event = diary.event()

    assert (date(2026, 9, 30), date(2026, 10, 1)) == (event.dtstart.value, event.dtend.value)
    assert ("Polo: TÜV", "Due on 30 September 2026.") == (event.summary.value, event.description.value)
    assert ("CONFIRMED", "TRANSPARENT") == (event.status.value, event.transp.value)
    assert ["Not due"] == event.categories.value


def test_the_calendar_has_a_name_and_says_how_often_to_look(diary: Diary) -> None:
    """Programs that subscribe show the fleet's name and look again every six hours."""
    text = diary.calendar().text

    assert "X-WR-CALNAME:Home: what is due\r\n" in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in text


def test_alarms_ring_at_the_rules_thresholds(diary: Diary) -> None:
    """It rings at nine in the morning when a date becomes soon, very soon and due, by its own thresholds."""
    diary.add(on=date(2026, 9, 30), soon_days=14, very_soon_days=3)

    triggers = [alarm.trigger.value for alarm in diary.event().valarm_list]

    assert [timedelta(hours=9) - timedelta(days=days) for days in (14, 3, 0)] == triggers


def test_alarms_of_a_distance_ring_by_the_pace(diary: Diary) -> None:
    """1,000 km ahead is 20 days ahead at 50 km a day, 250 km is 5."""
    diary.read(10_000)
    diary.clock.advance(days=100)
    diary.read(15_000)
    diary.add(every=km(10_000))

    triggers = [alarm.trigger.value for alarm in diary.event().valarm_list]

    assert [timedelta(hours=9) - timedelta(days=days) for days in (20, 5, 0)] == triggers


def test_a_projected_day_is_marked(diary: Diary) -> None:
    """A day that comes from recent use is tentative and says so, with the span in which it likely lies."""
    diary.read(10_000)
    diary.clock.advance(days=100)
    diary.read(15_000)
    diary.add(every=km(10_000))

    event = diary.event()

    assert date(2027, 3, 28) == event.dtstart.value
    assert "TENTATIVE" == event.status.value
    assert event.description.value.startswith(
        "Due at 25,000 km, which will be reached about 28 March 2027 at 50 km/day; "
        "the last reading was 15,000 km on 9 September 2026.\nThis day is a projection from recent use, likely between"
    )


def test_the_first_metric_decides_the_day(diary: Diary) -> None:
    """Of a date and a distance the sooner is the day, also where the other one is more urgent by its threshold."""
    diary.read(10_000)
    diary.clock.advance(days=100)
    diary.read(11_000)
    diary.add(every=km(900), every_months=2)

    assert date(2026, 11, 9) == diary.event().dtstart.value


def test_what_nobody_can_foresee_is_not_in_the_calendar(diary: Diary) -> None:
    """A distance on a vehicle without readings has no day; it is counted, and in the calendar once it has one."""
    diary.add(every=km(10_000))

    assert (0, 1) == (diary.calendar().entries, diary.calendar().undated)


def test_the_uid_stays_while_the_occurrence_moves(diary: Diary) -> None:
    """A reading moves the day: the same event, a later sequence and change; done, the next time is another event."""
    diary.read(10_000)
    diary.clock.advance(days=100)
    diary.read(15_000)
    reminder = diary.add(every=km(10_000))
    before = diary.event()
    diary.clock.advance(days=10)
    diary.read(16_500)
    after = diary.event()
    diary.done(reminder)
    following = diary.event()

    assert before.dtstart.value > after.dtstart.value
    assert before.uid.value == after.uid.value != following.uid.value
    assert int(before.sequence.value) < int(after.sequence.value) < int(following.sequence.value)
    assert before.last_modified.value < after.last_modified.value


def test_time_alone_changes_nothing_but_the_category(diary: Diary) -> None:
    """As long as nothing happens the bytes stay; when the urgency changes, the category does."""
    diary.add(on=date(2026, 9, 30))
    before = diary.calendar()
    diary.clock.advance(days=50)
    same = diary.calendar()
    diary.clock.advance(days=50)
    soon = diary.calendar()

    assert before == same
    assert before.etag != soon.etag
    assert before.text.replace("Not due", "Soon") == soon.text


def test_another_name_of_the_vehicle_is_a_change(diary: Diary) -> None:
    """The entry tells the vehicle's new name and that it changed."""
    diary.add(on=date(2026, 9, 30))
    before = diary.event()
    diary.clock.advance(days=1)
    vehicle = diary.core.read(diary.actor, get_vehicle, GetVehicle(id=diary.vehicle_id))
    said = {name: getattr(vehicle, name) for name in (a.name for a in VehicleFields.__attrs_attrs__)}
    diary.core.run(diary.actor, edit_vehicle, EditVehicle(id=vehicle.id, version=1, **said | {"name": "Blue one"}))

    assert "Blue one: Oil" == diary.event().summary.value
    assert before.last_modified.value < diary.event().last_modified.value


def test_a_clock_set_back_makes_nothing_older(diary: Diary) -> None:
    """A change after the clock went back an hour has a later sequence and no earlier time of change."""
    diary.read(10_000)
    diary.clock.advance(days=100)
    diary.read(15_000)
    reminder = diary.add(every=km(10_000))
    before = diary.event()
    diary.clock.advance(hours=-1)
    diary.snooze(reminder, date(2027, 6, 1))
    after = diary.event()

    assert before.last_modified.value <= after.last_modified.value
    assert int(before.sequence.value) < int(after.sequence.value)


def test_what_is_snoozed_waits_for_its_day(diary: Diary) -> None:
    """A snoozed reminder stands on the day on which it speaks again, and says what it was."""
    reminder = diary.add(on=date(2026, 6, 10))
    diary.snooze(reminder, date(2026, 7, 1))

    event = diary.event()

    assert date(2026, 7, 1) == event.dtstart.value
    assert "Due on 10 June 2026.\nSnoozed until 2026-07-01." == event.description.value


def test_what_is_overdue_stands_on_its_day(diary: Diary) -> None:
    """An overdue date stays where it was due, as overdue."""
    diary.add(on=date(2026, 5, 10))

    event = diary.event()

    assert (date(2026, 5, 10), ["Overdue"]) == (event.dtstart.value, event.categories.value)


def test_fixed_dates_are_a_series(diary: Diary) -> None:
    """A grid of dates is one recurring event that another library unrolls, the last of February included."""
    diary.add(title="Tax", on=date(2028, 2, 29), every_months=12, is_fixed=True)

    event = diary.event()
    days = [found.date() for found in event.getrruleset(addRDate=True)[:5]]

    assert ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"] == [str(day) for day in days]


def test_rules_with_a_meter_are_no_series(diary: Diary) -> None:
    """What also counts kilometres, or counts from when it was done, recurs nobody knows when: one event."""
    diary.read(10_000)
    diary.add(every=km(1000), every_months=12, is_fixed=True)
    diary.add(every_months=12)

    assert all("rrule" not in event.contents for event in diary.events())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    on=st.dates(date(2026, 6, 2), date(2031, 12, 31)),
    months=st.integers(1, 36),
    skipped=st.integers(0, 2),
)
@example(on=date(2028, 1, 31), months=1, skipped=1)
@example(on=date(2028, 2, 29), months=12, skipped=0)
@example(on=date(2027, 8, 30), months=6, skipped=1)
def test_a_series_unrolls_to_the_dues_of_the_engine(sqlite_diary: Diary, on: date, months: int, skipped: int) -> None:
    """Another library finds the same days in the series as the engine foresees, also after some were answered."""
    reminder = sqlite_diary.add(on=on, every_months=months, is_fixed=True)
    for _ in range(skipped):
        sqlite_diary.clock.set(datetime.fromisoformat(f"{reminder.due_on}T12:00:00+00:00"))
        reminder = sqlite_diary.done(reminder)
    sqlite_diary.clock.set(datetime.fromisoformat("2026-06-01T12:00:00+00:00"))
    assert reminder.due_on is not None

    text = calendar_text("x", [an_entry(day=reminder.due_on, series=series_of(reminder))])
    unrolled = [found.date() for found in read_back(text).getrruleset(addRDate=True)[:8]]

    assert [each.day for each in days_ahead(reminder, on, date(2199, 1, 1))[:8]] == unrolled


@given(st.text(max_size=300), st.text(max_size=900))
@example("a" * 200 + "äöü€😀" * 30, "x,y;z\\n\\, \r\n\ttab\x00\x0b")
def test_any_text_is_read_back(summary: str, description: str) -> None:
    """Commas, backslashes, line ends and any script come back as they were; lines fold at 75 bytes."""
    text = calendar_text("x", [an_entry(summary=summary, description=description)])
    event = read_back(text)

    def plain(said: str) -> str:
        kept = said.replace("\r\n", "\n")
        return "".join("\ufffd" if (ord(c) < 32 and c not in "\t\n") or ord(c) == 127 else c for c in kept)

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert plain(summary) == event.summary.value
    assert plain(description) == event.description.value


def test_a_calendar_needs_no_statement_per_reminder(diary: Diary) -> None:
    """Ten reminders are read with as many statements as one."""
    diary.read(10_000)
    diary.add(every=Distance.of(10_000))
    with statements(diary.core) as few:
        diary.calendar()
    for number in range(9):
        diary.add(title=f"Work {number}", on=date(2027, 1, 1))
    with statements(diary.core) as many:
        diary.calendar()

    assert 0 < len(few) == len(many)
