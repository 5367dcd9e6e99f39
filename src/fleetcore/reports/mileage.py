"""What trips earn by the mileage rates, to the metre and the millionth, rounded once per row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from fleetcore.kernel.money import exponent_of
from fleetcore.trips.model import Rate, RateTier, Trip

from .rules import METRES_PER_KM, MICROS_EXPONENT, divided

__all__ = ["Allowance", "RateBook", "merged"]


def merged(target: dict[str, int], more: Mapping[str, int]) -> None:
    """Add amounts per currency to *target*."""
    for currency, minor in more.items():
        target[currency] = target.get(currency, 0) + minor


def year_of(day: date, year_starts: str) -> date:
    """Return the first day of the year around *day* that begins each *year_starts*, a month and a day."""
    start = date.fromisoformat(f"{day.year:04}-{year_starts}")
    return start if start <= day else date.fromisoformat(f"{day.year - 1:04}-{year_starts}")


class RateBook:
    """Finds the rate that holds on a day, and keeps count of what each driver drove in a year of tiers."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._by_purpose: dict[str, list[Rate]] = {}
        for rate in sorted(rates, key=lambda rate: rate.valid_from, reverse=True):
            self._by_purpose.setdefault(rate.purpose, []).append(rate)
        self._driven: dict[tuple[UUID | str, str, date], int] = {}

    def find(self, purpose: str, day: date) -> Rate | None:
        """Return the rate for *purpose* on *day*, or None."""
        return next((rate for rate in self._by_purpose.get(purpose, ()) if rate.valid_from <= day), None)

    def counts_from(self, since: date) -> date:
        """Return the first day whose trips decide what a trip on *since* earns."""
        yearly = (rate for rates in self._by_purpose.values() for rate in rates if rate.tier is RateTier.YEAR)
        return min((year_of(since, rate.year_starts) for rate in yearly), default=since)

    def earned(self, trip: Trip, day: date) -> tuple[Rate, int] | None:
        """Return the rate of *trip* and what it earns, in millionths times metres; None without a rate.

        Trips come in the order of time, for each of them uses up the tier of its driver's year.
        """
        rate = self.find(trip.purpose, day)
        if rate is None or trip.distance is None:
            return None
        metres = trip.distance.metres
        if rate.tier is None or rate.tier_distance is None or rate.per_km_beyond is None:
            return rate, metres * rate.per_km.micros
        left = rate.tier_distance.metres
        if rate.tier is RateTier.YEAR:
            key = (trip.driver_id or trip.driver_name, trip.purpose, year_of(day, rate.year_starts))
            used = self._driven.get(key, 0)
            self._driven[key] = used + metres
            left = max(left - used, 0)
        first = min(metres, left)
        return rate, first * rate.per_km.micros + (metres - first) * rate.per_km_beyond.micros


class Allowance:
    """What some trips earn together, with their tolls and parking, in minor units per currency."""

    def __init__(self) -> None:
        self.trips = self.metres = self.unrated_metres = 0
        self.tolls: dict[str, int] = {}
        self.parking: dict[str, int] = {}
        self._earned: dict[str, int] = {}

    def add(self, trip: Trip, earned: tuple[Rate, int] | None) -> None:
        """Add *trip* and what it *earned*."""
        metres = trip.distance.metres if trip.distance is not None else 0
        self.trips += 1
        self.metres += metres
        if earned is None:
            self.unrated_metres += metres
        else:
            merged(self._earned, {earned[0].per_km.currency: earned[1]})
        for sums, amount in ((self.tolls, trip.tolls), (self.parking, trip.parking)):
            if amount is not None:
                merged(sums, {amount.currency: amount.minor})

    @property
    def amounts(self) -> dict[str, int]:
        """What the trips earn, rounded half to even."""
        return {
            currency: divided(exact, METRES_PER_KM * 10 ** (MICROS_EXPONENT - exponent_of(currency)))
            for currency, exact in self._earned.items()
        }
