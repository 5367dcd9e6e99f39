"""Calendar arithmetic, instants, pages and their cursors, errors."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.paging import PAGE_LIMIT_MAX, Position, decode_cursor, encode_cursor, page_limit, page_of
from fleetcore.kernel.when import (
    Period,
    SystemClock,
    add_months,
    local_date,
    occurrence,
    occurrences,
    require_aware,
    zone,
)

SUMMER_ENDS = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # in Berlin the hour from 2 to 3 comes twice


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_are_clamped(start: date, months: int, end: date) -> None:
    """A month later is the same day, or the last of a shorter month."""
    assert end == add_months(start, months)


def test_recurrences_never_drift() -> None:
    """What began on a 31st returns to the 31st after each short month; a leap day to the leap day."""
    ends = [on for _, on in occurrences(date(2026, 1, 31), Period.MONTH, 1, date(2026, 5, 31))]

    assert [31, 28, 31, 30, 31] == [on.day for on in ends]
    assert date(2028, 2, 29) == occurrence(date(2024, 2, 29), Period.YEAR, 1, 4)
    assert date(2026, 1, 15) == occurrence(date(2026, 1, 1), Period.WEEK, 2, 1)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(Period), st.integers(1, 5), st.integers(0, 900))
def test_recurrences_run_to_the_end(start: date, period: Period, every: int, days: int) -> None:
    """Recurrences are numbered from 0, rise, and include both the start and the end."""
    until = start + timedelta(days=days)
    found = list(occurrences(start, period, every, until))

    assert list(range(len(found))) == [index for index, _ in found]
    assert start == found[0][1]
    assert all(earlier < later for (_, earlier), (_, later) in pairwise(found))
    assert found[-1][1] <= until < occurrence(start, period, every, len(found))


def test_recurrences_stop_at_the_end_of_time() -> None:
    """The calendar's last year ends a recurrence, and one that does not move is refused."""
    assert 2 == len(list(occurrences(date(9998, 6, 1), Period.YEAR, 1, date.max)))
    with pytest.raises(Rejected, match="every"):
        list(occurrences(date(2026, 1, 1), Period.DAY, 0, date(2026, 1, 2)))


@pytest.mark.parametrize(
    ("instant", "timezone", "on"),
    [
        (datetime(2026, 5, 1, 23, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 5, 2)),
        (datetime(2026, 5, 1, 0, 30, tzinfo=UTC), "America/New_York", date(2026, 4, 30)),
        (SUMMER_ENDS, "Europe/Berlin", date(2026, 10, 25)),
        (SUMMER_ENDS + timedelta(hours=22), "Europe/Berlin", date(2026, 10, 25)),  # a day of 25 hours
        (SUMMER_ENDS + timedelta(hours=23), "Europe/Berlin", date(2026, 10, 26)),
    ],
)
def test_dates_are_local(instant: datetime, timezone: str, on: date) -> None:
    """An instant falls on the date that the wall calendar of the zone shows, over changes of summer time too."""
    assert on == local_date(instant, timezone)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "a\x00b"])
def test_unknown_zones_are_refused(name: str) -> None:
    """What is no IANA zone is refused, whatever it does to the file system."""
    with pytest.raises(Rejected, match="timezone"):
        zone(name)


@pytest.mark.parametrize("text", ["2026-05-01T12:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_instants_have_an_offset_and_a_place_in_time(text: str) -> None:
    """A time without offset, or outside the calendar in UTC, is refused."""
    with pytest.raises(Rejected):
        require_aware(datetime.fromisoformat(text))


def test_the_machine_clock_is_aware() -> None:
    """The system's clock tells UTC."""
    assert timedelta(0) == SystemClock().now().utcoffset()


@frozen(kw_only=True)
class Question:
    """A list that is asked for, as the commands of lists are."""

    colour: str = ""
    cursor: str | None = None
    limit: int = 50


VALUES = st.datetimes(timezones=st.just(UTC)) | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8"))


def read_back(position: Position, written: Question, read: Question) -> Position | None:
    """Write a cursor of one question and read it as another's."""
    return decode_cursor(evolve(read, cursor=encode_cursor(position, written)))


@given(VALUES, st.uuids())
def test_cursors_come_back(value: object, record_id: UUID) -> None:
    """A position written as a cursor is read back, an instant to the microsecond; the size of a page may change."""
    position = Position(value, record_id)
    assert position == read_back(position, Question(), Question(limit=3))


def test_a_cursor_belongs_to_its_list() -> None:
    """With another filter, or in another list, it is refused by a code of its own."""
    position = Position(SUMMER_ENDS, UUID(int=1))
    with pytest.raises(Rejected) as refused:
        read_back(position, Question(colour="red"), Question(colour="blue"))
    assert refused.value.has_code("cursor.other")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ä",
        "%%%%",
        base64.urlsafe_b64encode(b"x" * 23).decode(),
        base64.urlsafe_b64encode(b"x" * 25).decode(),
        base64.urlsafe_b64encode(b"\x7f" + b"\xff" * 23).decode(),
        encode_cursor(Position(SUMMER_ENDS, UUID(int=1)), Question()) + "!",
        "!" + encode_cursor(Position(SUMMER_ENDS, UUID(int=1)), Question()),
        encode_cursor(Position(SUMMER_ENDS, UUID(int=1)), Question()) + "=",
    ],
)
def test_other_cursors_are_refused(cursor: str) -> None:
    """A cursor that we did not write is refused."""
    with pytest.raises(Rejected, match="cursor"):
        decode_cursor(Question(cursor=cursor))


def test_pages_are_cut() -> None:
    """Of one row more than asked the page has as many as asked, and a cursor behind the last."""
    rows = [Position(SUMMER_ENDS + timedelta(days=n), UUID(int=n)) for n in range(3)]
    page = page_of(rows, 2, lambda row: row, Question())

    assert (tuple(rows[:2]), rows[1]) == (page.items, decode_cursor(Question(cursor=page.next)))
    assert (tuple(rows), None) == (page_of(rows, 3, lambda row: row).items, page_of(rows, 3, lambda row: row).next)


def test_page_limits() -> None:
    """A page has at least one row, and at most the largest number."""
    assert [1, PAGE_LIMIT_MAX, PAGE_LIMIT_MAX] == [page_limit(n) for n in (1, PAGE_LIMIT_MAX, 10**30)]
    with pytest.raises(Rejected, match="limit"):
        page_limit(0)


def test_ids_sort_by_their_making() -> None:
    """Ids are UUIDv7 and rise."""
    ids = [new_id() for _ in range(1000)]

    assert sorted(set(ids)) == ids
    assert {7} == {made.version for made in ids}


def test_errors_tell_everything() -> None:
    """A rejection lists all its problems, by field; nothing wrong raises nothing."""
    problems = [Problem("a", "is wrong", "code"), Problem("", "is odd")]
    with pytest.raises(Rejected, match="a: is wrong; is odd") as caught:
        reject_if_any(problems)
    reject_if_any([])

    assert (True, False) == (caught.value.has_code("code"), caught.value.has_code("other"))
    assert "there is no fill 7 in this fleet" == str(NotFound("fill", "7"))


def test_actors_have_scopes() -> None:
    """A permission reaches as far as it was given, and its lack is Forbidden by name."""
    actor = Actor(user_id=UUID(int=1), fleet_id=UUID(int=2), permissions={"fuel.read": Scope.OWN})

    assert (Scope.OWN, None) == (actor.require("fuel.read"), actor.scope("fuel.write"))
    with pytest.raises(Forbidden, match=r"fuel\.write"):
        actor.require("fuel.write")
