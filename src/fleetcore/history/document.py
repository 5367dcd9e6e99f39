"""The service passport as a page: what was gathered, in the words of a language, without asking anything more."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from attrs import frozen

from fleetcore.documents.model import Document
from fleetcore.kernel.charts import Point, line_chart
from fleetcore.kernel.consumption import ConsumptionUnit, consumption_in
from fleetcore.kernel.html import Cell, Markup, element, facts, fragment, page, section, table
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, DistanceUnit
from fleetcore.maintenance.commands import Job
from fleetcore.maintenance.inspection_model import Inspection
from fleetcore.maintenance.model import Service, ServiceCategory
from fleetcore.maintenance.tyre_model import TyreReport
from fleetcore.reports.model import EconomyRow
from fleetcore.vehicles.model import Vehicle

from .papers import checks_table, roadworthiness, tyres_table, warranties_table

__all__ = ["Material", "Mileage", "Shown", "passport_page"]

DAYS_A_YEAR = 365.25
YEARS_FOR_MONTH_MARKS = 2
ORDER = (
    ServiceCategory.ROUTINE,
    ServiceCategory.REPAIR,
    ServiceCategory.RECALL,
    ServiceCategory.UPGRADE,
)


@cache
def _books() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((files(__package__) / "passport.toml").read_text("utf-8"))


@frozen
class Shown:
    """One reading of the odometer: its day, what was driven in all by then, and whether it looks odd."""

    on: date
    total_m: int
    shown_m: int
    is_odd: bool = False
    is_replacement: bool = False


@frozen(kw_only=True)
class Mileage:
    """The readings of the odometer by time, and what the meters show now."""

    readings: Sequence[Shown]
    odometer: Distance | None = None
    total: Distance | None = None
    engine_hours: Decimal | None = None


@frozen(kw_only=True)
class Material:
    """Everything that the page tells."""

    vehicle: Vehicle
    fleet_name: str
    today: date
    mileage: Mileage
    services: Sequence[Service]
    providers: Mapping[Any, str]
    jobs: Sequence[Job]
    economy: Sequence[EconomyRow]
    unit: DistanceUnit
    consumption_unit: ConsumptionUnit
    with_costs: bool
    with_plate: bool
    with_vin: bool
    owners: int | None
    drivers: int | None = None
    inspections: Sequence[Inspection] = ()
    papers: Sequence[Document] = ()
    tyres: Sequence[TyreReport] = ()
    paper: str = "A4"


@frozen
class _Pen:
    """Writes numbers, days and sentences in one language and one unit of distance."""

    words: Mapping[str, str]
    unit: DistanceUnit

    def __call__(self, key: str, **filled: str) -> str:
        text = self.words.get(key, key.replace("_", " "))
        return text.format(**filled) if filled else text

    def number(self, value: float | Decimal, places: int = 0) -> str:
        swaps = str.maketrans({",": self.words["thousands"], ".": self.words["decimal"]})
        return f"{value:,.{places}f}".translate(swaps)

    def day(self, on: date) -> str:
        return on.strftime(self.words["date"])

    def distance(self, value: Distance | None) -> str:
        return "" if value is None else f"{self.number(value.in_unit(self.unit))} {self.unit}"

    def money(self, value: Money) -> str:
        return f"{self.number(value.amount, max(-int(value.amount.as_tuple().exponent), 0))} {value.currency}"

    def sums(self, services: Iterable[Service]) -> str:
        totals: dict[str, Money] = {}
        for service in services:
            nothing = Money(0, service.total.currency)
            totals[nothing.currency] = totals.get(nothing.currency, nothing) + service.total
        return " + ".join(self.money(total) for _, total in sorted(totals.items()) if total.minor)


def passport_page(material: Material, language: str) -> tuple[str, Markup]:
    """Return the title and the whole page."""
    pen = _Pen(_books()[language], material.unit)
    vehicle = material.vehicle
    named = " ".join(filter(None, (vehicle.make, vehicle.model, vehicle.variant))) or vehicle.name
    title = f"{pen('title')}: {named}"
    costs = pen("costs_shown" if material.with_costs else "costs_hidden")
    body = (
        element("h1", title),
        element("p", pen("subtitle", today=pen.day(material.today), fleet=material.fleet_name), class_="subtitle"),
        section(pen("vehicle"), _facts(material, pen, named)),
        section(pen("mileage"), *_mileage(material.mileage.readings, pen)),
        section(pen("services"), *_services(material, pen)),
        section(pen("inspection"), *_inspections(material, pen)),
        section(pen("tyres"), tyres_table(material.tyres, pen)),
        section(pen("warranties"), warranties_table(material.papers, material.today, material.mileage.odometer, pen)),
        section(pen("planned"), _planned(material.jobs, pen)),
        section(pen("consumption"), *_consumption(material, pen)),
        element("footer", element("p", pen("footer", today=pen.day(material.today), costs=costs))),
    )
    return title, page(title, *body, language=language, style=f"@page {{ size: {material.paper}; }}\n")


def _facts(material: Material, pen: _Pen, named: str) -> Markup:
    vehicle, mileage = material.vehicle, material.mileage
    hours = mileage.engine_hours
    driven = mileage.total if mileage.total != mileage.odometer else None
    return facts(
        (
            (pen("make_model"), named),
            (pen("year"), str(vehicle.year or "")),
            (pen("vin"), vehicle.vin if material.with_vin else None),
            (pen("plate"), vehicle.plate if material.with_plate else None),
            (pen("colour"), vehicle.colour),
            (pen("carriers"), ", ".join(pen(str(carrier)) for carrier in vehicle.carriers)),
            (pen("seats"), str(vehicle.passenger_capacity or "")),
            (pen("bought"), pen.day(vehicle.purchased_on) if vehicle.purchased_on else None),
            (pen("owners"), None if material.owners is None else str(material.owners)),
            (pen("drivers"), str(material.drivers or "")),
            (pen("odometer"), pen.distance(mileage.odometer)),
            (pen("total"), pen.distance(driven)),
            (pen("hours"), None if hours is None else pen.number(hours, 1)),
        )
    )


def _mileage(readings: Sequence[Shown], pen: _Pen) -> Iterator[Markup]:
    if len(readings) < 2 or readings[0].on == readings[-1].on:
        yield element("p", pen("readings_few"))
        return
    first, last = readings[0], readings[-1]
    driven = last.total_m - first.total_m
    per_year = driven / ((last.on - first.on).days / DAYS_A_YEAR)
    said = pen(
        "mileage_sentence",
        first=pen.day(first.on),
        last=pen.day(last.on),
        distance=pen.distance(Distance(driven)),
        per_year=pen.distance(Distance(round(per_year))),
    )
    odd = sum(reading.is_odd for reading in readings)
    judged = pen("readings_odd", odd=str(odd), count=pen.number(len(readings))) if odd else ""
    judged = judged or pen("readings_fine", count=pen.number(len(readings)))
    yield line_chart(
        [Point(one.on.toordinal(), float(Distance(one.total_m).in_unit(pen.unit)), one.is_odd) for one in readings],
        title=pen("mileage_chart"),
        description=f"{said} {judged}",
        y_label=lambda value: f"{pen.number(value)} {pen.unit}",
        x_marks=_marks(first.on, last.on),
    )
    if replaced := [pen.day(one.on) for one in readings if one.is_replacement]:
        yield element("p", pen("replaced", days=", ".join(replaced)))
    days, until = max(((b.on - a.on).days, b.on) for a, b in pairwise(readings))
    yield element("p", pen("gap", days=pen.number(days), until=pen.day(until)))
    yield _by_year(readings, pen)


def _marks(first: date, last: date) -> list[tuple[float, str]]:
    if last.year - first.year >= YEARS_FOR_MONTH_MARKS:
        return [(date(year, 1, 1).toordinal(), str(year)) for year in range(first.year + 1, last.year + 1)]
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    return [(date(m // 12, m % 12 + 1, 1).toordinal(), f"{m // 12}-{m % 12 + 1:02}") for m in months]


def _by_year(readings: Sequence[Shown], pen: _Pen) -> Markup:
    rows, before = [], readings[0]
    for year in range(readings[0].on.year, readings[-1].on.year + 1):
        within = [one for one in readings if one.on.year == year]
        last = within[-1] if within else before
        shown = pen.distance(Distance(last.shown_m)) if within else ""
        count = str(len(within)) if within else pen("none")
        rows.append((str(year), count, shown, pen.distance(Distance(max(last.total_m - before.total_m, 0)))))
        before = last
    titles = (pen("year_column"), pen("reading_count"), pen("last_reading"), pen("distance"))
    return table(pen("by_year"), titles, rows, numbers=(1, 2, 3), is_compact=True)


def _services(material: Material, pen: _Pen) -> Iterator[Markup]:
    done = material.services
    if not done:
        yield element("p", pen("no_services"))
        return
    days = sorted(service.done_on for service in done)
    how_many = "one_service_sentence" if len(done) == 1 else "services_sentence"
    said = [pen(how_many, count=str(len(done)), first=pen.day(days[0]), last=pen.day(days[-1]))]
    if len(done) > 1 and material.with_costs and (total := pen.sums(done)):
        said.append(pen("costs_sentence", sum=total))
    yield element("p", " ".join(said))
    for category in ORDER:
        yield _category(material, pen, category)


def _inspections(material: Material, pen: _Pen) -> Iterator[Markup | None]:
    yield from roadworthiness(material.papers, material.today, pen)
    yield _category(material, pen, ServiceCategory.INSPECTION)
    yield checks_table(material.inspections, pen)


def _category(material: Material, pen: _Pen, category: ServiceCategory) -> Markup:
    services = [service for service in material.services if service.category is category]
    if not services:
        return Markup("")
    titles = [pen("day"), pen("odometer"), pen("what"), pen("parts"), pen("who")]
    rows: list[tuple[Cell, ...]] = [_service_row(service, material, pen) for service in services]
    totals, titled = 0, category is ServiceCategory.INSPECTION
    if material.with_costs:
        titles.append(pen("cost"))
        if len(services) > 1 and (total := pen.sums(services)):
            rows.append((pen("sum"), "", "", "", "", total))
            totals = 1
    return table(pen(str(category)), titles, rows, numbers=(1, 5), whole=(0,), totals=totals, is_under_heading=titled)


def _service_row(service: Service, material: Material, pen: _Pen) -> tuple[Cell, ...]:
    parts = ", ".join(
        part.name if part.quantity == 1 else f"{part.quantity.normalize():f} x {part.name}" for part in service.parts
    )
    until = service.warranty_until
    title = service.title or pen(str(service.category))
    what: Cell = title
    if until is not None:
        what = fragment(title, ", ", element("span", pen("warranty", day=pen.day(until)), class_="whole"))
    by = material.providers.get(service.provider_id, "") or service.place
    row = (pen.day(service.done_on), pen.distance(service.odometer), what, parts, by)
    return (*row, pen.money(service.total) if service.total.minor else "") if material.with_costs else row


def _planned(jobs: Sequence[Job], pen: _Pen) -> Markup | None:
    if not jobs:
        return None
    rows = [
        (job.title or pen(str(job.category)), pen(str(job.status)), pen.day(job.planned_on) if job.planned_on else "")
        for job in jobs
    ]
    return table(pen("planned"), (pen("what"), pen("status"), pen("planned_on")), rows, is_under_heading=True)


def _consumption(material: Material, pen: _Pen) -> Iterator[Markup]:
    for row in material.economy:
        per_100km = row.consumption_per_100km
        if per_100km is None or not row.distance_closed.metres:
            continue
        unit = row.consumption_unit
        if unit is ConsumptionUnit.L_PER_100KM:
            unit = material.consumption_unit
        known: dict[str, str] = {
            "carrier": pen(str(row.carrier)),
            "value": _rate(per_100km, unit, pen),
            "distance": pen.distance(row.distance_closed),
        }
        best, worst = (one and one.consumption_per_100km for one in (row.best, row.worst))
        if best and worst and best != worst:
            extremes = {"best": _rate(best, unit, pen), "worst": _rate(worst, unit, pen)}
            yield element("p", pen("consumption_sentence", **known, **extremes))
        else:
            yield element("p", pen("consumption_short", **known))


def _rate(per_100km: float, unit: ConsumptionUnit, pen: _Pen) -> str:
    label = {ConsumptionUnit.MPG_US: "mpg (US)", ConsumptionUnit.MPG_UK: "mpg (UK)"}.get(unit, "")
    label = label or unit.value.replace("kwh", "kWh").replace("/100km", "/100 km")
    return f"{pen.number(consumption_in(unit, per_100km), 2 if per_100km < 100 else 1)} {label}"
