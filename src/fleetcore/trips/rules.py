"""What a trip and a rate must obey; each rule yields every problem, named as on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import attrs
from attrs import frozen

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance

from .model import AddRate, RateTier, TripFields, purpose_key

__all__ = [
    "MONTH_CLOSED",
    "OVERLAP",
    "TOO_FAST",
    "Stretch",
    "completed",
    "overlap_problem",
    "rate_problems",
    "trip_problems",
    "wire_problem",
]

OVERLAP, TOO_FAST, MONTH_CLOSED = "trip.overlap", "trip.too_fast", "trip.month_closed"
ODOMETER_METRES_MAX = 10_000_000_000  # ten million kilometres: three times the record
NOT_BEFORE = datetime(1900, 1, 2, tzinfo=UTC)
FUTURE_MAX = timedelta(days=1)  # a clock or a time zone may be off by as much
DURATION_MAX = timedelta(days=31)
SPEED_METRES_PER_SECOND_MAX = 70  # 252 km/h on average
MINUTE = timedelta(minutes=1)  # people write down minutes, so an instant is a minute long
AGREES_METRES, AGREES_PERCENT = 2_000, 5  # odometers show whole units, and satellites cut corners
LINE_LENGTH_MAX = 200
PURPOSE_LENGTH_MAX = 40
NOTES_LENGTH_MAX = 10_000
TAGS_MAX = 50
ATTACHMENTS_MAX = 100
PASSENGERS_MAX = 300
FUEL_MILLILITRES_MAX = 10_000_000


@frozen
class Stretch:
    """The time that a trip takes; a running one has no end."""

    start: datetime
    end: datetime | None

    def overlaps(self, other: Stretch) -> bool:
        """Say whether both go on at the same time; one may end when the other begins."""
        begins_before_other_ends = other.end is None or self.start < other.end
        ends_after_other_begins = self.end is None or other.start < self.end
        return begins_before_other_ends and ends_after_other_begins


def completed(trip: TripFields) -> TripFields:
    """Return *trip* with what follows from the rest: of two odometers and the distance any two give the third.

    Where both odometers are known they decide, because the chain of a logbook is made of them.
    """
    start, end, distance = trip.start_odometer, trip.end_odometer, trip.distance
    if start is not None and end is not None:
        distance = end - start
    elif trip.ended_at is not None and distance is not None and start is not None:
        end = start + distance
    elif trip.ended_at is not None and distance is not None and end is not None and end >= distance:
        start = end - distance
    return attrs.evolve(
        trip, start_odometer=start, end_odometer=end, distance=distance, purpose=purpose_key(trip.purpose)
    )


def trip_problems(trip: TripFields, now: datetime) -> Iterator[Problem]:
    """Yield everything that is wrong with *trip* by itself."""
    yield from _time_problems(trip, now)
    yield from _distance_problems(trip)
    yield from _place_problems(trip)
    yield from _word_problems(trip)
    yield from _cost_problems((("tolls", trip.tolls), ("parking", trip.parking)))
    if not 0 <= trip.passengers <= PASSENGERS_MAX:
        yield Problem("passengers", f"must lie between 0 and {PASSENGERS_MAX}")
    if trip.fuel_used is not None and not 0 <= trip.fuel_used.millilitres <= FUEL_MILLILITRES_MAX:
        yield Problem("fuel_used_l", f"must lie between 0 and {FUEL_MILLILITRES_MAX // 1000}")
    if len(trip.attachment_ids) > ATTACHMENTS_MAX:
        yield Problem("attachment_ids", f"are more than {ATTACHMENTS_MAX}", "too_long")


def _time_problems(trip: TripFields, now: datetime) -> Iterator[Problem]:
    for name, at in (("started_at", trip.started_at), ("ended_at", trip.ended_at)):
        if at is not None and at > now + FUTURE_MAX:
            yield Problem(name, f"lies in the future: {at.isoformat()}", "time.future")
        elif at is not None and at < NOT_BEFORE:
            yield Problem(name, f"lies before the year {NOT_BEFORE.year}", "time.too_early")
    if trip.ended_at is None:
        return
    if trip.ended_at < trip.started_at:
        yield Problem("ended_at", "lies before the start: a trip does not run backwards", "trip.backwards")
    elif trip.ended_at - trip.started_at > DURATION_MAX:
        yield Problem("ended_at", f"lies more than {DURATION_MAX.days} days after the start", "absurd")


def _distance_problems(trip: TripFields) -> Iterator[Problem]:
    named = (
        ("start_odometer_km", trip.start_odometer),
        ("end_odometer_km", trip.end_odometer),
        ("distance_km", trip.distance),
    )
    if trip.ended_at is None:
        for name, value in named[1:]:
            if value is not None:
                yield Problem(name, "is known when the trip has ended: give ended_at too")
    wrong = list(_absurd(named))
    yield from wrong
    if not wrong and trip.ended_at is not None:
        yield from _chain_problems(trip)


def _absurd(named: Iterable[tuple[str, Distance | None]]) -> Iterator[Problem]:
    for name, value in named:
        if value is not None and value.metres < 0:
            yield Problem(name, "must not be negative")
        elif value is not None and value.metres > ODOMETER_METRES_MAX:
            yield Problem(name, f"{value.km} km is too far to be real", "absurd")


def _chain_problems(trip: TripFields) -> Iterator[Problem]:
    start, end, stated = trip.start_odometer, trip.end_odometer, trip.distance
    if start is not None and end is not None and end < start:
        yield Problem("end_odometer_km", f"is lower than the {start.km} km of the start", "trip.backwards")
        return
    driven = end - start if start is not None and end is not None else stated
    if driven is None:
        yield Problem("distance_km", "is needed, or both odometers", "required")
        return
    if stated is not None and not _agree(stated, driven):
        yield Problem("distance_km", f"is {stated.km} km, but the odometers say {driven.km} km: correct one of them")
    if start is None and end is not None and end < driven:
        yield Problem("end_odometer_km", f"is less than the distance of {driven.km} km")
    yield from _speed_problems(trip, driven)


def _agree(stated: Distance, shown: Distance) -> bool:
    apart = abs(stated.metres - shown.metres)
    return apart <= max(AGREES_METRES, max(stated.metres, shown.metres) * AGREES_PERCENT // 100)


def _speed_problems(trip: TripFields, driven: Distance) -> Iterator[Problem]:
    if trip.accept_speed or trip.ended_at is None or trip.ended_at < trip.started_at:
        return
    seconds = (trip.ended_at - trip.started_at + MINUTE).total_seconds()
    if driven.metres > SPEED_METRES_PER_SECOND_MAX * seconds:
        shown = driven.metres * 3.6 / max((trip.ended_at - trip.started_at).total_seconds(), 1)
        message = (
            f"{driven.km} km in this time is {shown:,.0f} km/h on average: check times and odometers; "
            "if it is right, accept the speed"
        )
        yield Problem("distance_km", message, TOO_FAST)


def _place_problems(trip: TripFields) -> Iterator[Problem]:
    for end in ("start", "end"):
        latitude, longitude = getattr(trip, f"{end}_latitude"), getattr(trip, f"{end}_longitude")
        if (latitude is None) != (longitude is None):
            missing = "latitude" if latitude is None else "longitude"
            yield Problem(f"{end}_{missing}", "is needed beside the other coordinate", "required")
        for name, value, limit in (("latitude", latitude, 90), ("longitude", longitude, 180)):
            if value is not None and not -limit <= value <= limit:
                yield Problem(f"{end}_{name}", f"must lie between -{limit} and {limit}")


def _word_problems(trip: TripFields) -> Iterator[Problem]:
    lines = ("driver_name", "start_place", "end_place", "client", "reason")
    yield from _too_long(((name, getattr(trip, name)) for name in lines), LINE_LENGTH_MAX)
    yield from _too_long((("notes", trip.notes),), NOTES_LENGTH_MAX)
    yield from _purpose_problems(trip.purpose)
    if len(trip.tags) > TAGS_MAX:
        yield Problem("tags", f"are more than {TAGS_MAX}", "too_long")
    for index, tag in enumerate(trip.tags):
        if not tag.strip():
            yield Problem(f"tags.{index}", "must not be empty")
        yield from _too_long(((f"tags.{index}", tag),), LINE_LENGTH_MAX)


def _too_long(texts: Iterable[tuple[str, str]], length_max: int) -> Iterator[Problem]:
    for name, text in texts:
        if len(text) > length_max:
            yield Problem(name, f"is longer than {length_max} characters", "too_long")


def _purpose_problems(purpose: str) -> Iterator[Problem]:
    if not purpose_key(purpose):
        yield Problem("purpose", "must have at least one letter: business, private, commute or a word of your own")
    if max(len(purpose), len(purpose_key(purpose))) > PURPOSE_LENGTH_MAX:
        yield Problem("purpose", f"is longer than {PURPOSE_LENGTH_MAX} characters", "too_long")


def _cost_problems(costs: Iterable[tuple[str, Money | None]]) -> Iterator[Problem]:
    for name, amount in costs:
        if amount is not None and amount.minor < 0:
            yield Problem(name, "must not be negative; a refund is an expense of its own")


def overlap_problem(stretch: Stretch, others: Iterable[Stretch]) -> Iterator[Problem]:
    """Yield a problem for each trip of the same vehicle that goes on at the same time."""
    for other in others:
        if stretch.overlaps(other):
            until = "and is still running" if other.end is None else f"and ends {other.end:%Y-%m-%d %H:%M}"
            message = f"overlaps with a trip of this vehicle that begins {other.start:%Y-%m-%d %H:%M} {until} (UTC)"
            yield Problem("started_at", message, OVERLAP)


def wire_problem(problem: Problem, end: str) -> Problem:
    """Return what is wrong with an odometer reading as a problem of that *end* (start, end) of a trip."""
    field = f"{end}_{problem.field}" if problem.field == "odometer_km" else problem.field
    return Problem(field, problem.message, problem.code)


def rate_problems(rate: AddRate) -> Iterator[Problem]:
    """Yield everything that is wrong with *rate* by itself."""
    yield from _purpose_problems(rate.purpose)
    if isinstance(rate.valid_from, datetime) or not date(1900, 1, 1) <= rate.valid_from <= date(2099, 12, 31):
        yield Problem("valid_from", "must be a day between 1900-01-01 and 2099-12-31")
    for name, price in (("per_km", rate.per_km), ("per_km_beyond", rate.per_km_beyond)):
        if price is not None and price.micros < 0:
            yield Problem(name, "must not be negative")
    parts = (rate.tier, rate.tier_distance, rate.per_km_beyond)
    if any(part is not None for part in parts) and any(part is None for part in parts):
        yield Problem("tier", "needs all of tier, tier_distance_km and per_km_beyond, or none of them")
    if rate.tier_distance is not None and not 0 < rate.tier_distance.metres <= ODOMETER_METRES_MAX:
        yield Problem("tier_distance_km", "must be more than 0")
    if rate.per_km_beyond is not None and rate.per_km_beyond.currency != rate.per_km.currency:
        yield Problem("per_km_beyond", f"must be in {rate.per_km.currency}, as the first tier")
    if not _is_day_of_year(rate.year_starts):
        yield Problem("year_starts", "must be a month and a day such as 01-01 or 04-06")
    elif rate.year_starts != "01-01" and rate.tier is not RateTier.YEAR:
        yield Problem("year_starts", "means something for a tier of a year only")


def _is_day_of_year(text: str) -> bool:
    try:
        date.fromisoformat(f"2001-{text}")  # no leap day: it would not come every year
    except ValueError:
        return False
    return len(text) == len("01-01")
