"""Charts of what vehicles cost: month by month in kinds, and per kilometre beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial

from fleetcore.kernel.html import Markup, fragment
from fleetcore.kernel.money import Money
from fleetcore.kernel.when import add_months, local_date
from fleetcore.reports.costs import cost_report
from fleetcore.reports.model import CostReport, CostRow, CostsBy, CostSummary
from fleetserver.pages.charts.figures import SERIES_MAX, Bar, Figure, Stack, Strip, Table, stacks
from fleetserver.pages.charts.marks import rectangle
from fleetserver.pages.visits import Visit

from .pictures import Asked, Pen, in_currency, nothing

__all__ = ["cost_figures", "per_distance_figures"]

MONTHS_MAX = 36  # more are drawn year by year
REST = "rest"


def cost_figures(visit: Visit, asked: Asked) -> list[Figure]:
    """Return a chart of the costs by month, in kinds, for each currency; beside the period before in words."""
    pen, period = Pen(visit), asked.period
    vehicle_id = asked.vehicle and asked.vehicle.id

    def ask(since: date | None, until: date | None, by: CostsBy) -> CostSummary:
        with_parts = by is not CostsBy.CATEGORY
        command = CostReport(vehicle_id=vehicle_id, by=by, since=since, until=until, with_parts=with_parts)
        return visit.answer(cost_report, command)

    found = ask(period.since, period.until, CostsBy.MONTH)
    is_yearly = len(_months(visit, asked, found)) > MONTHS_MAX
    if is_yearly:
        found = ask(period.since, period.until, CostsBy.YEAR)
    days_before = period.before()
    before = ask(*days_before, CostsBy.CATEGORY).costs if days_before else ()
    currencies = sorted(
        {each.currency for row in found.rows for each in row.costs},
        key=lambda currency: (currency != visit.display.currency, currency),
    )
    if not currencies:
        waits = pen.text("The costs of each month stand here, once a fill-up, a service or an expense says what it cost.")
        return [nothing("costs", pen.text("Costs by month"), waits)]
    labels = _years(found) if is_yearly else [(key, _month_label(pen, key)) for key in _months(visit, asked, found)]
    return [
        _costs_figure(
            pen,
            "costs" if number == 0 else f"costs-{number + 1}",
            currency,
            labels,
            {row.key: row for row in found.rows},
            in_currency(before, currency) if before else None,
            is_yearly=is_yearly,
        )
        for number, currency in enumerate(currencies)
    ]


def _months(visit: Visit, asked: Asked, found: CostSummary) -> list[str]:
    """Return every month of the period, those without costs too; without a period from the first cost on."""
    known = [row.key for row in found.rows]
    if not known:
        return []
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    first = asked.period.since or date.fromisoformat(f"{min(known)}-01")
    last = max(asked.period.until or today, date.fromisoformat(f"{max(known)}-01"))
    months, month = [], first.replace(day=1)
    while month <= last and len(months) <= MONTHS_MAX:
        months.append(f"{month:%Y-%m}")
        month = add_months(month, 1)
    return months


def _years(found: CostSummary) -> list[tuple[str, str]]:
    years = [int(row.key) for row in found.rows]
    return [(f"{year:04}", str(year)) for year in range(min(years), max(years) + 1)]


def _month_label(pen: Pen, key: str) -> str:
    day = date.fromisoformat(f"{key}-01")
    return pen.month(day, with_year=day.month == 1)


def _costs_figure(
    pen: Pen, figure_id: str, currency: str, labels: Sequence[tuple[str, str]], rows: Mapping[str, CostRow],
    before: int | None, *, is_yearly: bool,
) -> Figure:  # fmt: skip
    kinds = _kinds(pen, rows.values(), currency)
    numbers = {key: number for number, key in enumerate(kinds, 1)}

    def parts(key: str) -> dict[str, int]:
        sums: dict[str, int] = {}
        for part in rows[key].parts if key in rows else ():
            kind = part.key if part.key in kinds else REST
            sums[kind] = sums.get(kind, 0) + in_currency(part.costs, currency)
        return sums

    def amount(minor: int) -> float:
        return float(Money(minor, currency).amount)

    by_bar = [(key, label, parts(key)) for key, label in labels]
    bars = tuple(Bar(label, {numbers[kind]: amount(minor) for kind, minor in sums.items()}) for _, label, sums in by_bar)
    totals = [sum(sums.values()) for _, _, sums in by_bar]
    title = pen.text("Costs by year") if is_yearly else pen.text("Costs by month")
    table = Table(
        columns=(pen.text("Year") if is_yearly else pen.text("Month"), *kinds.values(), pen.text("Sum")),
        rows=(
            *(
                (_whole(pen, key), *(pen.number(amount(sums.get(kind, 0)), 2) if sums.get(kind) else "" for kind in kinds),
                 pen.number(amount(total), 2))
                for (key, _, sums), total in zip(by_bar, totals, strict=True)
            ),
            (pen.text("Sum"), *(pen.number(amount(sum(sums.get(kind, 0) for _, _, sums in by_bar)), 2) for kind in kinds),
             pen.number(amount(sum(totals)), 2)),
        ),
    )  # fmt: skip
    return stacks(
        partial(
            Figure,
            id=figure_id,
            title=title,
            unit=currency,
            says=_costs_say(pen, currency, by_bar, totals, kinds, before),
            table=table,
        ),
        Stack(chart=figure_id, bars=bars, names={numbers[key]: name for key, name in kinds.items()}),
        level=pen.number,
    )


def _whole(pen: Pen, key: str) -> str:
    return key if len(key) == 4 else pen.month(date.fromisoformat(f"{key}-01"), with_year=True)


def _kinds(pen: Pen, rows: Iterable[CostRow], currency: str) -> dict[str, str]:
    """Return the kinds of costs by their size, the smallest ones together as the rest."""
    sizes: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for row in rows:
        for part in row.parts:
            sizes[part.key] += abs(in_currency(part.costs, currency))
            labels[part.key] = part.label
    ordered = [key for key, size in sizes.most_common() if size]
    shown = ordered if len(ordered) <= SERIES_MAX else ordered[: SERIES_MAX - 1]
    kinds = {key: pen.text(labels[key]) for key in shown}
    return kinds if len(shown) == len(ordered) else {**kinds, REST: pen.text("Everything else")}


def _costs_say(
    pen: Pen, currency: str, by_bar: Sequence[tuple[str, str, Mapping[str, int]]], totals: Sequence[int],
    kinds: Mapping[str, str], before: int | None,
) -> str:  # fmt: skip
    total = sum(totals)
    dearest = max(range(len(totals)), key=lambda place: totals[place])
    of_kind = {kind: sum(sums.get(kind, 0) for _, _, sums in by_bar) for kind in kinds}
    largest = max(of_kind, key=lambda kind: of_kind[kind])
    says = pen.text(
        "{total} in all; most of it in {when}: {most}. The largest part is {kind}: {part}.",
        total=pen.money(total, currency),
        when=_whole(pen, by_bar[dearest][0]),
        most=pen.money(totals[dearest], currency),
        kind=kinds[largest],
        part=pen.money(of_kind[largest], currency),
    )
    if before:
        change = pen.number(abs(total - before) * 100 / abs(before), 0)
        if total > before:
            more = "That is {percent} % more than in the time before, when it was {amount}."
        else:
            more = "That is {percent} % less than in the time before, when it was {amount}."
        says += " " + pen.text(more, percent=change, amount=pen.money(before, currency))
    return says


def per_distance_figures(visit: Visit, asked: Asked) -> list[Figure]:
    """Return a chart of the costs per kilometre or mile of every vehicle, the dearest first, for each currency."""
    pen, period = Pen(visit), asked.period
    command = CostReport(by=CostsBy.VEHICLE, since=period.since, until=period.until)
    rows = [row for row in visit.answer(cost_report, command).rows if row.rates is not None and row.rates.costs_per_km]
    unit = visit.display.scale().distance
    metres = float(unit.metres) / 1000
    title = pen.text("Costs for each {unit}, compared", unit=str(unit))
    currencies = {price.currency for row in rows if row.rates for price in row.rates.costs_per_km}
    found = []
    for number, currency in enumerate(sorted(currencies, key=lambda each: (each != visit.display.currency, each))):
        rates = [
            (row, float(price.amount) * metres)
            for row in rows
            if row.rates is not None
            for price in row.rates.costs_per_km
            if price.currency == currency
        ]
        rates.sort(key=lambda each: (-each[1], each[0].label))
        found.append(_compared(pen, "per-km" if number == 0 else f"per-km-{number + 1}", title, f"{currency}/{unit}", rates))
    waits = pen.text("Each vehicle stands here, once it has costs and two readings of its odometer.")
    return found or [nothing("per-km", title, waits)]


def _compared(pen: Pen, figure_id: str, title: str, unit: str, rates: Sequence[tuple[CostRow, float]]) -> Figure:
    most = max((value for _, value in rates), default=0.0)

    def bar(value: float) -> Markup:
        share = max(value, 0.0) / most if most > 0 else 0.0
        return fragment(rectangle(0, share, 0.1, 0.9, 1, figure_id))

    def driven(row: CostRow) -> str:
        return pen.visit.display.distance(row.rates.distance) if row.rates else ""

    dearest, cheapest = rates[0], rates[-1]
    if len(rates) == 1:
        says = pen.text("{name}: {value} {unit}.", name=dearest[0].label, value=pen.number(dearest[1], 3), unit=unit)
    else:
        says = pen.text(
            "{dearest} costs most: {high} {unit}. {cheapest} costs least: {low} {unit}.",
            dearest=dearest[0].label,
            high=pen.number(dearest[1], 3),
            cheapest=cheapest[0].label,
            low=pen.number(cheapest[1], 3),
            unit=unit,
        )
    return Figure(
        id=figure_id,
        title=title,
        says=says,
        note=pen.text("Without the loss of value."),
        strips=tuple(
            Strip(
                label=row.label,
                value=f"{pen.number(value, 3)} {unit}",
                note=driven(row),
                drawing=bar(value),
                to=f"/vehicles/{row.vehicle_id}/charts",
            )
            for row, value in rates
        ),
        table=Table(
            columns=(pen.text("Vehicle"), pen.text("Distance"), unit),
            rows=tuple((row.label, driven(row), pen.number(value, 3)) for row, value in rates),
        ),
    )


