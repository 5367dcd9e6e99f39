"""Charts of what vehicles cost: month by month in kinds, and per kilometre beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from attrs import frozen

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

ROWS_MAX = 20
MONTHS_MAX = 36  # more are drawn year by year
YEARS_MAX = 60
REST = "rest"


def cost_figures(visit: Visit, asked: Asked) -> list[Figure]:
    """Return a chart of the costs by month, in kinds, for each currency; beside the period before in words."""
    pen, period = Pen(visit), asked.period
    vehicle_id = asked.vehicle_id

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
        {each.currency for row in found.rows for part in row.parts for each in part.costs if each.minor},
        key=lambda currency: (currency != visit.display.currency, currency),
    )
    if not currencies:
        waits = pen.text(
            "The costs of each month stand here, once a fill-up, a service or an expense says what it cost."
        )
        return [nothing("costs", pen.text("Costs by month"), waits)]
    labels = _years(found) if is_yearly else _month_labels(pen, _months(visit, asked, found))
    figures = []
    for number, currency in enumerate(currencies):
        kinds, rows = _kinds(pen, found.rows, currency), {row.key: row for row in found.rows}
        spent = _Spent(
            pen=pen,
            currency=currency,
            kinds=kinds,
            bars=tuple((key, label, _parts(rows.get(key), kinds, currency)) for key, label in labels),
            before=in_currency(before, currency) if before else None,
            is_yearly=is_yearly,
        )
        figures.append(spent.figure("costs" if number == 0 else f"costs-{number + 1}"))
    return figures


@frozen(kw_only=True)
class _Spent:
    """What was spent in one currency: (key, label, smallest units by kind) of each bar, and the names of the kinds."""

    pen: Pen
    currency: str
    kinds: Mapping[str, str]
    bars: tuple[tuple[str, str, Mapping[str, int]], ...]
    before: int | None
    is_yearly: bool

    @property
    def totals(self) -> list[int]:
        """The sum of each bar."""
        return [sum(sums.values()) for _, _, sums in self.bars]

    @property
    def of_kinds(self) -> dict[str, int]:
        """The sum of each kind."""
        return {kind: sum(sums.get(kind, 0) for _, _, sums in self.bars) for kind in self.kinds}

    def amount(self, minor: int) -> float:
        """Return an amount as a number."""
        return float(Money(minor, self.currency).amount)

    def figure(self, figure_id: str) -> Figure:
        """Return the chart."""
        numbers = {key: number for number, key in enumerate(self.kinds, 1)}
        bars = tuple(
            Bar(label, {numbers[kind]: self.amount(minor) for kind, minor in sums.items()})
            for _, label, sums in self.bars
        )
        title = self.pen.text("Costs by year") if self.is_yearly else self.pen.text("Costs by month")
        blank = partial(Figure, id=figure_id, title=title, unit=self.currency, says=self.says(), table=self.table())
        names = {numbers[key]: name for key, name in self.kinds.items()}
        return stacks(blank, Stack(chart=figure_id, bars=bars, names=names), level=self.pen.number)

    def table(self) -> Table:
        """Return a row for each bar, and the sums."""
        pen = self.pen

        def cells(name: str, sums: Mapping[str, int]) -> tuple[str, ...]:
            shown = [pen.number(self.amount(sums[kind]), 2) if sums.get(kind) else "" for kind in self.kinds]
            return (name, *shown, pen.number(self.amount(sum(sums.values())), 2))

        return Table(
            columns=(pen.text("Year") if self.is_yearly else pen.text("Month"), *self.kinds.values(), pen.text("Sum")),
            rows=(
                *(cells(_whole(pen, key), sums) for key, _, sums in self.bars),
                cells(pen.text("Sum"), self.of_kinds),
            ),
        )

    def says(self) -> str:
        """Return what is to be seen."""
        pen, totals, of_kinds = self.pen, self.totals, self.of_kinds
        total = sum(totals)
        dearest = max(range(len(totals)), key=lambda place: totals[place])
        largest = max(of_kinds, key=lambda kind: of_kinds[kind])
        says = pen.text(
            "{total} in all; most of it in {when}: {most}. The largest part is {kind}: {part}.",
            total=pen.money(total, self.currency),
            when=_whole(pen, self.bars[dearest][0]),
            most=pen.money(totals[dearest], self.currency),
            kind=self.kinds[largest],
            part=pen.money(of_kinds[largest], self.currency),
        )
        if not self.before:
            return says
        change = pen.number(abs(total - self.before) * 100 / abs(self.before), 0)
        if change == "0":
            more = "That is about as much as in the time before, when it was {amount}."
        elif total > self.before:
            more = "That is {percent} % more than in the time before, when it was {amount}."
        else:
            more = "That is {percent} % less than in the time before, when it was {amount}."
        return f"{says} {pen.text(more, percent=change, amount=pen.money(self.before, self.currency))}"


def _parts(row: CostRow | None, kinds: Mapping[str, str], currency: str) -> dict[str, int]:
    """Return the parts of one bar by their kinds; those that are not shown by themselves are the rest."""
    sums: dict[str, int] = {}
    for part in () if row is None else row.parts:
        kind = part.key if part.key in kinds else REST
        if minor := in_currency(part.costs, currency):
            sums[kind] = sums.get(kind, 0) + minor
    return sums


def _months(visit: Visit, asked: Asked, found: CostSummary) -> list[str]:
    """Return every month of the period, those without costs too; without a period from the first cost on."""
    known = [row.key for row in found.rows]
    if not known:
        return []
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    first = asked.period.since or date.fromisoformat(f"{min(known)}-01")
    last = max(asked.period.until or today, date.fromisoformat(f"{max(known)}-01"))
    months: list[str] = []
    month = first.replace(day=1)
    while month <= last and len(months) <= MONTHS_MAX:
        months.append(f"{month:%Y-%m}")
        month = add_months(month, 1)
    return months


def _years(found: CostSummary) -> list[tuple[str, str]]:
    years = sorted(int(row.key) for row in found.rows)
    if years[-1] - years[0] < YEARS_MAX:  # years without costs are shown too
        years = list(range(years[0], years[-1] + 1))
    return [(f"{year:04}", str(year)) for year in years]


def _month_labels(pen: Pen, keys: Sequence[str]) -> list[tuple[str, str]]:
    days = {key: date.fromisoformat(f"{key}-01") for key in keys}
    return [(key, pen.month(day, with_year=key == keys[0] or day.month == 1)) for key, day in days.items()]


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
    kinds = {key: pen.word(labels[key]) for key in shown}
    return kinds if len(shown) == len(ordered) else {**kinds, REST: pen.text("Everything else")}


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
        figure = partial(Figure, id="per-km" if number == 0 else f"per-km-{number + 1}", title=title)
        found.append(_compared(pen, figure, f"{currency}/{unit}", rates, asked.vehicle_id))
    waits = pen.text("Each vehicle stands here, once it has costs and two readings of its odometer.")
    return found or [nothing("per-km", title, waits)]


def _compared(
    pen: Pen, figure: Callable[..., Figure], unit: str, rates: Sequence[tuple[CostRow, float]], this: UUID | None
) -> Figure:
    """Draw the dearest vehicles, and *this* one wherever it stands; all are in the table."""
    most = max((value for _, value in rates), default=0.0)

    def bar(value: float) -> Markup:
        share = max(value, 0.0) / most if most > 0 else 0.0
        return fragment(rectangle((0, share), (0.1, 0.9), 1, ""))

    def driven(row: CostRow) -> str:
        return pen.visit.display.distance(row.rates.distance) if row.rates else ""

    def told(row: CostRow) -> str:
        return pen.text("{distance}, this vehicle", distance=driven(row)) if row.vehicle_id == this else driven(row)

    shown = [each for place, each in enumerate(rates) if place < ROWS_MAX or each[0].vehicle_id == this]
    left_out = len(rates) - len(shown)
    notes = [pen.text("Without the loss of value.")]
    if left_out:
        more = ("One more is in the table.", "{number} more are in the table.")
        notes.append(pen.visit.language.count(*more, left_out))
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
    return figure(
        says=says,
        note=" ".join(notes),
        strips=tuple(
            Strip(
                label=row.label,
                value=f"{pen.number(value, 3)} {unit}",
                note=told(row),
                drawing=bar(value),
                to=f"/vehicles/{row.vehicle_id}",
            )
            for row, value in shown
        ),
        table=Table(
            columns=(pen.text("Vehicle"), pen.text("Distance"), unit),
            rows=tuple((row.label, driven(row), pen.number(value, 3)) for row, value in rates),
        ),
    )
