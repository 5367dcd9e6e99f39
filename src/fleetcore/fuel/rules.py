"""What a fill and a station must obey; each rule yields every problem, named as on the wire."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from attrs import frozen

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.money import MICROS, MINOR_MAX, Money, UnitPrice, exponent_of
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity, Volume
from fleetcore.vehicles.carriers import Carrier

from .model import FillFields, StationFields

__all__ = [
    "Purchase",
    "complete_price",
    "complete_purchase",
    "fill_problems",
    "find_carrier",
    "sold_as",
    "station_problems",
    "thousandths_of",
]

ODOMETER_METRES_MAX = 10_000_000_000  # ten million kilometres: three times the record
THOUSANDTHS_MAX: dict[type[Quantity], int] = {
    Volume: 10_000_000,  # 10,000 l: several times the tanks of a road train
    Mass: 2_000_000,  # 2,000 kg
    Energy: 5_000_000,  # 5,000 kWh: several times the battery of a mining truck
}
NOT_BEFORE = datetime(1900, 1, 1, tzinfo=UTC)
FUTURE_MAX = timedelta(days=1)  # a clock or a time zone may be off by as much
PRICE_SLACK_MINOR = 2  # rounding at the pump, and of prices printed with few places
PRICE_ROUNDING_PERCENT = 1  # up to here the stated unit price explains the total
PRICE_DIFFERENCE_PERCENT_MAX = 5  # above, one of the three numbers is a typing error
LINE_LENGTH_MAX = 200
NOTES_LENGTH_MAX = 10_000
TAGS_MAX = 50
ATTACHMENTS_MAX = 100

_WIRE_NAMES: dict[type[Quantity], str] = {Volume: "volume_l", Mass: "mass_kg", Energy: "energy_kwh"}


@frozen(kw_only=True)
class Purchase:
    """Carrier, quantity and price of a fill, completed from what was stated."""

    carrier: Carrier
    quantity: Quantity
    total: Money
    unit_price: UnitPrice


def sold_as(carrier: Carrier) -> tuple[type[Quantity], ...]:
    """Return the kinds of quantity in which *carrier* is sold, the usual one first.

    Natural gas and LPG are sold by mass in some countries and by volume in others.
    """
    match carrier:
        case Carrier.CNG:
            return (Mass, Volume)
        case Carrier.LPG:
            return (Volume, Mass)
        case _:
            return (carrier.quantity_type,)


def thousandths_of(quantity: Quantity) -> int:
    """Return *quantity* in millilitres, grams or watt-hours."""
    match quantity:
        case Volume():
            return quantity.millilitres
        case Mass():
            return quantity.grams
        case Energy():
            return quantity.watt_hours


def find_carrier(fill: FillFields, vehicle_carriers: Collection[Carrier]) -> Carrier | None:
    """Return the stated carrier, else the vehicle's only one that is sold like this; None if unclear."""
    if fill.carrier is not None:
        return fill.carrier
    quantity = fill.quantity
    fitting = [
        carrier
        for carrier in set(vehicle_carriers)
        if carrier.carries_energy and (quantity is None or type(quantity) in sold_as(carrier))
    ]
    return fitting[0] if len(fitting) == 1 else None


def complete_purchase(fill: FillFields, vehicle_carriers: Collection[Carrier]) -> Purchase:
    """Complete *fill*, in which :func:`fill_problems` found nothing."""
    carrier = find_carrier(fill, vehicle_carriers)
    if carrier is None:
        raise ValueError("the carrier is unclear; check the fill with fill_problems first")
    quantity, total, unit_price = complete_price(carrier, fill.quantity, fill.total, fill.unit_price)
    return Purchase(carrier=carrier, quantity=quantity, total=total, unit_price=unit_price)


def complete_price(
    carrier: Carrier, quantity: Quantity | None, total: Money | None, unit_price: UnitPrice | None
) -> tuple[Quantity, Money, UnitPrice]:
    """Return all three of quantity, total and unit price from any two; raises ValueError from fewer.

    Of three, quantity and total are the facts. The stated unit price stays when it explains the total
    to 2 minor units or 1 %; otherwise (a discount at the till) it becomes total over quantity.
    """
    if quantity is None:
        if total is None or unit_price is None or unit_price.micros <= 0:
            raise ValueError("a quantity needs a total and a unit price above 0")
        quantity = carrier.quantity_type(_thousandths_for(total, unit_price))
        return quantity, total, unit_price
    if total is None:
        if unit_price is None:
            raise ValueError("a price needs a total or a unit price")
        return quantity, Money(_total_minor(quantity, unit_price), unit_price.currency), unit_price
    if unit_price is None or not _explains(_total_minor(quantity, unit_price), total, PRICE_ROUNDING_PERCENT):
        unit_price = UnitPrice(_unit_price_micros(quantity, total), total.currency)
    return quantity, total, unit_price


def fill_problems(fill: FillFields, vehicle_carriers: Collection[Carrier], now: datetime) -> Iterator[Problem]:
    """Yield everything that is wrong with *fill* by itself; its neighbours in time are the odometer's."""
    yield from _time_problems(fill.at, now)
    yield from _distance_problems(fill)
    carrier = find_carrier(fill, vehicle_carriers)
    yield from _carrier_problems(carrier, vehicle_carriers)
    yield from _quantity_problems(fill, carrier)
    yield from _price_problems(fill, carrier)
    yield from _charge_problems(fill, carrier)
    yield from _position_problems(fill.latitude, fill.longitude)
    yield from _text_problems((("grade", fill.grade), ("place", fill.place)), LINE_LENGTH_MAX)
    yield from _text_problems((("notes", fill.notes),), NOTES_LENGTH_MAX)
    yield from _collection_problems(fill)


def station_problems(station: StationFields) -> Iterator[Problem]:
    """Yield everything that is wrong with *station*."""
    if not station.name.strip():
        yield Problem("name", "must not be empty", "required")
    if (station.provider is None) != (station.external_id is None):
        missing = "external_id" if station.external_id is None else "provider"
        yield Problem(missing, "is needed: provider and external id name a station together", "required")
    lines = ("name", "brand", "address", "phone", "website", "provider", "external_id")
    yield from _text_problems(((name, getattr(station, name) or "") for name in lines), LINE_LENGTH_MAX)
    if station.website and not station.website.startswith(("https://", "http://")):
        yield Problem("website", "must begin with https:// or http://")
    yield from _position_problems(station.latitude, station.longitude)


def _time_problems(at: datetime, now: datetime) -> Iterator[Problem]:
    if at.tzinfo is None:
        yield Problem("at", "needs an offset, for example +00:00")
    elif at > now + FUTURE_MAX:
        yield Problem("at", f"lies in the future: {at.isoformat()}", "time.future")
    elif at < NOT_BEFORE:
        yield Problem("at", f"lies before the year {NOT_BEFORE.year}", "time.too_early")


def _distance_problems(fill: FillFields) -> Iterator[Problem]:
    named: tuple[tuple[str, Distance | None], ...] = (
        ("odometer_km", fill.odometer),
        ("trip_km", fill.trip),
        ("excluded_distance_km", fill.excluded_distance),
    )
    for name, distance in named:
        if distance is None:
            continue
        if distance.metres < 0:
            yield Problem(name, "must not be negative")
        elif distance.metres > ODOMETER_METRES_MAX:
            yield Problem(name, f"{distance.km} km is too far to be real", "absurd")


def _carrier_problems(carrier: Carrier | None, vehicle_carriers: Collection[Carrier]) -> Iterator[Problem]:
    if carrier is not None and (carrier in vehicle_carriers or not carrier.carries_energy):
        return
    known = [each for each in Carrier if each in vehicle_carriers and each.carries_energy]
    names = ", ".join(known)
    if carrier is None:
        which = f"one of {names}" if known else "what was filled in, for example petrol or electricity"
        yield Problem("carrier", f"is unclear; say {which}", "carrier.unclear")
    elif known:
        yield Problem("carrier", f"this vehicle takes {names}, not {carrier}", "carrier.not_of_vehicle")


def _quantity_problems(fill: FillFields, carrier: Carrier | None) -> Iterator[Problem]:
    stated: list[Quantity] = [quantity for quantity in (fill.volume, fill.mass, fill.energy) if quantity is not None]
    if len(stated) > 1:
        names = " and ".join(_WIRE_NAMES[type(quantity)] for quantity in stated)
        yield Problem(_WIRE_NAMES[type(stated[1])], f"only one quantity is possible, not {names}")
    for quantity in stated:
        name, amount = _WIRE_NAMES[type(quantity)], thousandths_of(quantity)
        if amount <= 0:
            yield Problem(name, "must be more than 0", "quantity.not_positive")
        elif amount > THOUSANDTHS_MAX[type(quantity)]:
            yield Problem(name, f"{amount / 1000:g} is too much to be real", "absurd")
        if carrier is not None and len(stated) == 1 and type(quantity) not in sold_as(carrier):
            usual = " or ".join(_WIRE_NAMES[kind] for kind in sold_as(carrier))
            yield Problem(name, f"{carrier} is sold as {usual}", "quantity.wrong_kind")


def _price_problems(fill: FillFields, carrier: Carrier | None) -> Iterator[Problem]:
    total, unit_price, quantity = fill.total, fill.unit_price, fill.quantity
    if total is not None and total.minor < 0:
        yield Problem("total", "must not be negative; free is 0")
    if unit_price is not None and unit_price.micros < 0:
        yield Problem("unit_price", "must not be negative; free is 0")
    if total is None and unit_price is None:
        yield Problem("total", "or the unit price is needed; free is 0", "price.missing")
    elif quantity is None and (total is None or unit_price is None or unit_price.micros == 0):
        message = "is needed, or both a total and a unit price above 0, from which it follows"
        yield Problem(_usual_name(carrier), message, "quantity.missing")
    yield from _size_problems(quantity, total, unit_price)
    if total is None or unit_price is None:
        return
    if total.currency != unit_price.currency:
        message = f"is in {unit_price.currency}, but the total in {total.currency}"
        yield Problem("unit_price", message, "currency.differs")
    elif quantity is not None:
        yield from _agreement_problems(quantity, total, unit_price)
    elif unit_price.micros > 0:
        yield from _derived_quantity_problems(carrier, total, unit_price)


def _size_problems(quantity: Quantity | None, total: Money | None, unit_price: UnitPrice | None) -> Iterator[Problem]:
    if quantity is None or thousandths_of(quantity) <= 0:
        return
    if unit_price is not None and abs(_total_minor(quantity, unit_price)) >= MINOR_MAX:
        yield Problem("unit_price", "times the quantity is too much to be real", "absurd")
    if total is not None and abs(_unit_price_micros(quantity, total)) >= MINOR_MAX:
        yield Problem("total", "is too much for this quantity to be real", "absurd")


def _agreement_problems(quantity: Quantity, total: Money, unit_price: UnitPrice) -> Iterator[Problem]:
    positive = thousandths_of(quantity) > 0 and total.minor >= 0 and unit_price.micros >= 0
    minor = _total_minor(quantity, unit_price)
    if not positive or minor >= MINOR_MAX:
        return
    if not _explains(minor, total, PRICE_DIFFERENCE_PERCENT_MAX):
        message = (
            f"{unit_price} times the quantity is {Money(minor, total.currency)}, but the total is "
            f"{total}; if a discount explains it, leave the unit price out"
        )
        yield Problem("total", message, "price.disagrees")


def _derived_quantity_problems(carrier: Carrier | None, total: Money, unit_price: UnitPrice) -> Iterator[Problem]:
    amount = _thousandths_for(total, unit_price)
    kind = carrier.quantity_type if carrier else Volume
    if total.minor >= 0 and not 0 < amount <= THOUSANDTHS_MAX[kind]:
        yield Problem(_usual_name(carrier), f"{amount / 1000:g}, from total and unit price, cannot be real")


def _usual_name(carrier: Carrier | None) -> str:
    return _WIRE_NAMES[carrier.quantity_type if carrier else Volume]


def _charge_problems(fill: FillFields, carrier: Carrier | None) -> Iterator[Problem]:
    start, end = fill.start_soc_percent, fill.end_soc_percent
    for name, percent in (("start_soc_percent", start), ("end_soc_percent", end)):
        if percent is not None and not 0 <= percent <= 100:
            yield Problem(name, "must be from 0 to 100")
    if start is not None and end is not None and end < start:
        yield Problem("end_soc_percent", f"must not be below the start, {start}")
    if carrier is None or carrier is Carrier.ELECTRICITY:
        return
    for name in ("start_soc_percent", "end_soc_percent", "charge_place", "current"):
        if getattr(fill, name) is not None:
            yield Problem(name, f"belongs to a charge, not to {carrier}")


def _position_problems(latitude: float | None, longitude: float | None) -> Iterator[Problem]:
    if latitude is not None and not -90 <= latitude <= 90:
        yield Problem("latitude", "must be from -90 to 90")
    if longitude is not None and not -180 <= longitude <= 180:
        yield Problem("longitude", "must be from -180 to 180")
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        yield Problem(missing, "is needed: a position is a latitude and a longitude", "required")


def _text_problems(texts: Iterable[tuple[str, str]], length_max: int) -> Iterator[Problem]:
    for name, text in texts:
        if len(text) > length_max:
            yield Problem(name, f"is longer than {length_max} characters", "too_long")
        if "\x00" in text or not _is_unicode(text):
            yield Problem(name, "contains characters that are not text")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from a badly decoded command line
        return False
    return True


def _collection_problems(fill: FillFields) -> Iterator[Problem]:
    if len(fill.tags) > TAGS_MAX:
        yield Problem("tags", f"are more than {TAGS_MAX}", "too_long")
    if len(fill.attachment_ids) > ATTACHMENTS_MAX:
        yield Problem("attachment_ids", f"are more than {ATTACHMENTS_MAX}", "too_long")
    for index, tag in enumerate(fill.tags):
        if not tag.strip():
            yield Problem(f"tags.{index}", "must not be empty")
        yield from _text_problems(((f"tags.{index}", tag),), LINE_LENGTH_MAX)


def _explains(minor: int, total: Money, percent: int) -> bool:
    """Say whether *minor*, which is unit price times quantity, is as good as *total*."""
    return abs(minor - total.minor) <= max(PRICE_SLACK_MINOR, abs(total.minor) * percent // 100)


def _total_minor(quantity: Quantity, unit_price: UnitPrice) -> int:
    scale = 10 ** exponent_of(unit_price.currency)
    return _divided(unit_price.micros * thousandths_of(quantity) * scale, MICROS * 1000)


def _unit_price_micros(quantity: Quantity, total: Money) -> int:
    scale = 10 ** exponent_of(total.currency)
    return _divided(total.minor * MICROS * 1000, thousandths_of(quantity) * scale)


def _thousandths_for(total: Money, unit_price: UnitPrice) -> int:
    scale = 10 ** exponent_of(total.currency)
    return _divided(total.minor * MICROS * 1000, unit_price.micros * scale)


def _divided(numerator: int, denominator: int) -> int:
    """Divide two integers, *denominator* positive, rounding half to even like the rest of the money."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))
