"""When a message may be sent: quiet hours and digests by the reader's clock, which may be put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.notifications.model import Digest, PreferenceFields
from fleetcore.notifications.timing import is_quiet, parse_time, send_at, wake_at

BERLIN = "Europe/Berlin"
NIGHT = PreferenceFields(quiet_from="22:00", quiet_until="07:00")


def utc(text: str) -> datetime:
    """Return an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "wakes"),
    [
        ("2026-06-01 19:59:59", "2026-06-01 19:59:59"),  # 21:59:59
        ("2026-06-01 20:00", "2026-06-02 05:00"),  # 22:00
        ("2026-06-01 23:30", "2026-06-02 05:00"),  # 01:30
        ("2026-06-02 04:59:59", "2026-06-02 05:00"),  # 06:59:59
        ("2026-06-02 05:00", "2026-06-02 05:00"),  # 07:00
        ("2026-03-28 22:00", "2026-03-29 05:00"),  # 23:00, a night of eight hours
        ("2026-10-24 21:00", "2026-10-25 06:00"),  # 23:00, a night of ten hours
    ],
)
def test_quiet_hours_over_midnight(at: str, wakes: str) -> None:
    """A message of the night waits for seven o'clock, also in the nights in which clocks are changed."""
    assert utc(wakes) == wake_at(utc(at), NIGHT, BERLIN)


@pytest.mark.parametrize(
    ("hours", "at", "wakes"),
    [
        (("01:00", "02:30"), "2026-03-29 00:30", "2026-03-29 01:00"),  # the end is left out: when clocks are put on
        (("02:00", "03:00"), "2026-03-29 01:00", "2026-03-29 01:00"),  # all of it is left out: nothing is quiet
        (("01:00", "02:30"), "2026-10-25 00:00", "2026-10-25 00:30"),  # the first of two ends
        (("02:15", "02:30"), "2026-10-25 01:20", "2026-10-25 01:30"),  # in the second of two hours
        (("12:00", "13:00"), "2026-06-01 10:30", "2026-06-01 11:00"),  # at noon
    ],
)
def test_quiet_hours_where_clocks_change(hours: tuple[str, str], at: str, wakes: str) -> None:
    """A message comes out at the first instant at which the reader's clock shows no quiet hour."""
    fields = PreferenceFields(quiet_from=hours[0], quiet_until=hours[1])

    assert utc(wakes) == wake_at(utc(at), fields, BERLIN)


@pytest.mark.parametrize(
    ("fields", "at", "sent"),
    [
        ({"digest": Digest.DAILY}, "2026-06-01 05:59", "2026-06-01 06:00"),
        ({"digest": Digest.DAILY}, "2026-06-01 06:00", "2026-06-02 06:00"),
        ({"digest": Digest.DAILY, "digest_hour": 2}, "2026-03-28 12:00", "2026-03-29 01:00"),  # left out
        ({"digest": Digest.DAILY, "digest_hour": 2}, "2026-10-24 12:00", "2026-10-25 00:00"),  # twice: the first
        ({"digest": Digest.WEEKLY}, "2026-06-02 12:00", "2026-06-08 06:00"),
        ({"digest": Digest.WEEKLY, "digest_weekday": 6}, "2026-06-01 12:00", "2026-06-07 06:00"),
        ({"digest": Digest.DAILY, "digest_hour": 6, "quiet_from": "22:00", "quiet_until": "07:00"},
         "2026-06-01 12:00", "2026-06-02 05:00"),
    ],
)  # fmt: skip
def test_digests_have_their_hour(fields: dict[str, str], at: str, sent: str) -> None:
    """A digest goes out at its hour of the reader's day or week, after the quiet hours if it falls into them."""
    assert utc(sent) == send_at(utc(at), PreferenceFields(**fields), BERLIN)  # type: ignore[arg-type]


def test_what_is_urgent_waits_for_nothing() -> None:
    """Neither night nor digest holds back what concerns an account."""
    fields = PreferenceFields(quiet_from="22:00", quiet_until="07:00", digest=Digest.WEEKLY)

    assert utc("2026-06-01 23:00") == send_at(utc("2026-06-01 23:00"), fields, BERLIN, is_urgent=True)


TIMES = st.integers(0, 1439).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")
FIELDS = st.builds(
    PreferenceFields,
    quiet_from=TIMES,
    quiet_until=TIMES,
    digest=st.sampled_from(Digest),
    digest_hour=st.integers(0, 23),
    digest_weekday=st.integers(0, 6),
)
ZONES = ["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]


@given(st.integers(0, 10 * 365 * 86_400), st.sampled_from(ZONES), FIELDS)
def test_nothing_is_sent_in_quiet_hours_or_lost(seconds: int, timezone: str, fields: PreferenceFields) -> None:
    """Whenever something happens, it is sent outside the quiet hours, not before, and within nine days."""
    at = utc("2020-01-01") + timedelta(seconds=seconds)
    sent = send_at(at, fields, timezone)

    assert not is_quiet(sent, fields, timezone)
    assert at <= sent <= at + timedelta(days=9)
    if fields.digest is Digest.NONE and sent > at:
        assert is_quiet(sent - timedelta(seconds=1), fields, timezone)
        assert sent - at <= timedelta(hours=26)


@pytest.mark.parametrize("text", ["", "7:00", "24:00", "12:60", "noon", "\uff11\uff12:00", "12:00:00", "-1:00"])
def test_what_is_no_time_of_day(text: str) -> None:
    """Only HH:MM is a time of day."""
    assert parse_time(text) is None
