"""What is usual where a newcomer is, by the country that their browser names: currency, units, time zone."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from fleetcore.people.model import Units

__all__ = ["Customs", "customs_of"]

BY_MILE = {"US": Units.US, "GB": Units.IMPERIAL}


@frozen(kw_only=True)
class Customs:
    """With what a fleet begins; its owner changes it at any time."""

    currency: str = "EUR"
    units: Units = Units.METRIC
    timezone: str = "UTC"
    country: str | None = None


def customs_of(tags: Iterable[str]) -> Customs:
    """Return what is usual in the first country that *tags* name, as ``de-AT`` does; without one, euros and UTC.

    The time zone is told where the country has one only: elsewhere a guess would be wrong more often than right.
    """
    from babel.core import get_global

    for tag in tags:
        country = tag.replace("_", "-").rpartition("-")[2].upper()
        if "-" not in tag or len(country) != 2 or not country.isalpha():
            continue
        currencies = [
            code for code, begins, ends, is_tender in get_global("territory_currencies").get(country, ())
            if is_tender and ends is None
        ]  # fmt: skip
        if not currencies:
            continue
        zones = [zone for zone in get_global("territory_zones").get(country, ()) if zone != "Europe/Busingen"]
        return Customs(
            currency=currencies[0],
            units=BY_MILE.get(country, Units.METRIC),
            timezone=zones[0] if len(zones) == 1 else "UTC",
            country=country,
        )
    return Customs()
