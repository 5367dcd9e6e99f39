"""The reports that have a page: what each shows, drawn and in tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from attrs import field, frozen

from fleetcore.kernel.consumption import consumption_in
from fleetcore.ledger.model import CheckLedger, TrialBalance
from fleetcore.ledger.queries import check_ledger, trial_balance
from fleetcore.reports.comparing import OwnershipReport
from fleetcore.reports.costs import cost_report
from fleetcore.reports.economy import economy_report
from fleetcore.reports.foreseen import CostKind, ExpectedCost, UpcomingReport
from fleetcore.reports.model import CostReport, CostsBy, EconomyReport, MileageReport, TripTaxReport
from fleetcore.reports.ownership import ownership_report
from fleetcore.reports.trips import mileage_report, trip_tax_report
from fleetcore.reports.upcoming import upcoming_report
from fleetserver.pages.charts.figures import Figure
from fleetserver.pages.visits import Visit
from fleetserver.presentation.display import CONSUMPTION_LABELS

from .coming import due_figures, upcoming_figures
from .pictures import Asked, Pen
from .running import economy_figures, price_figures
from .sheets import Sheet, amount, distance, price
from .spending import cost_figures, per_distance_figures

__all__ = ["KINDS", "ReportKind"]

Draw = Callable[[Visit, Asked], list[Figure]]


def _no_sheets(_visit: Visit, _asked: Asked) -> Iterator[Sheet]:
    return iter(())


def _no_figures(_visit: Visit, _asked: Asked) -> list[Figure]:
    return []


@frozen(kw_only=True)
class ReportKind:
    """One report: its address and words, what it may be asked, and what it shows."""

    key: str
    title: str
    about: str
    icon: str
    permission: str = "reports.read"
    usual_period: str | None = "12-months"  # None: it has no period
    has_vehicle: bool = True
    figures: Draw = field(default=_no_figures)
    sheets: Callable[[Visit, Asked], Iterator[Sheet]] = field(default=_no_sheets)


def _economy(visit: Visit, asked: Asked) -> Iterator[Sheet]:
    pen, unit = Pen(visit), visit.display.scale(asked.vehicle).distance
    period = asked.period
    command = EconomyReport(vehicle_id=asked.vehicle_id, since=period.since, until=period.until)
    rows = []
    for row in visit.answer(economy_report, command):
        read_in = visit.display.consumption_unit(row.consumption_unit, asked.vehicle)
        taken = row.consumption_per_100km
        cost = row.costs_per_100km[0] if row.costs_per_100km else None
        rows.append(
            (
                row.name,
                pen.text(row.carrier.value),
                CONSUMPTION_LABELS[read_in],
                round(Decimal(consumption_in(read_in, taken)), 2) if taken else None,
                distance(row.distance, unit),
                row.fills,
                round(cost.amount, 2) if cost else None,
                cost.currency if cost else None,
                _trend(pen, row.trend.direction),
            )
        )
    yield Sheet(
        title=pen.text("Economy of each vehicle"),
        columns=(
            *(pen.text("Vehicle"), pen.text("Fuel type"), pen.text("Unit"), pen.text("Economy")),
            *(pen.text("Distance ({unit})", unit=str(unit)), pen.text("Fill-ups"), pen.text("Costs for 100 km")),
            *(pen.text("Currency"), pen.text("Trend")),
        ),
        rows=tuple(rows),
        numbers_from=3,
        empty=pen.text("Two full fill-ups with an odometer, and the economy between them stands here."),
    )


def _trend(pen: Pen, direction: str) -> str:
    words = {"rising": "takes more", "steady": "as before", "falling": "takes less"}
    return pen.text(words[direction]) if direction in words else ""


def _costs(visit: Visit, asked: Asked) -> Iterator[Sheet]:
    pen, period = Pen(visit), asked.period
    titles = {CostsBy.CATEGORY: pen.text("Costs by category"), CostsBy.VEHICLE: pen.text("Costs by vehicle")}
    firsts = {CostsBy.CATEGORY: pen.text("Category"), CostsBy.VEHICLE: pen.text("Vehicle")}
    for by, title in titles.items():
        if by is CostsBy.VEHICLE and asked.vehicle is not None:
            continue
        command = CostReport(vehicle_id=asked.vehicle_id, by=by, since=period.since, until=period.until)
        rows = [
            (_label(pen, row.label, by), each.currency, amount(each))
            for row in visit.answer(cost_report, command).rows
            for each in row.costs
        ]
        rows.sort(key=lambda row: (row[1], -(row[2] or 0)))
        columns = (firsts[by], pen.text("Currency"), pen.text("Costs"))
        yield Sheet(title=title, columns=columns, rows=tuple(rows), numbers_from=2, empty=pen.text("No costs yet."))


def _label(pen: Pen, label: str, by: CostsBy) -> str:
    if by is CostsBy.VEHICLE:
        return label or pen.text("No vehicle: the whole fleet")
    return ": ".join(pen.word(part) for part in label.split(":"))


def _ownership(visit: Visit, asked: Asked) -> Iterator[Sheet]:
    pen, unit = Pen(visit), visit.display.scale(asked.vehicle).distance
    command = OwnershipReport(vehicle_id=asked.vehicle_id, since=asked.period.since, until=asked.period.until)
    rows = []
    for row in visit.answer(ownership_report, command):
        for total in row.total:
            lost = sum(each.amount.minor for each in row.depreciation if each.amount.currency == total.currency)
            rates = [each for each in row.total_per_km if each.currency == total.currency]
            monthly = [each for each in row.total_per_month if each.currency == total.currency]
            rows.append(
                (
                    row.name,
                    total.currency,
                    distance(row.distance, unit),
                    amount(type(total)(total.minor - lost, total.currency)),
                    amount(type(total)(lost, total.currency)),
                    amount(total),
                    price(rates[0], unit) if rates else None,
                    amount(monthly[0]) if monthly else None,
                )
            )
    yield Sheet(
        title=pen.text("What owning costs"),
        columns=(
            *(pen.text("Vehicle"), pen.text("Currency"), pen.text("Distance ({unit})", unit=str(unit))),
            *(pen.text("Costs"), pen.text("Loss of value"), pen.text("In all")),
            *(pen.text("For each {unit}", unit=str(unit)), pen.text("A month")),
        ),
        rows=tuple(rows),
        numbers_from=2,
        empty=pen.text("No costs yet."),
    )


def _foreseen(pen: Pen, item: ExpectedCost) -> str:
    """Return what will be paid for; that of documents and fuel begins with a word of ours."""
    if item.kind not in {CostKind.DOCUMENT, CostKind.FUEL}:
        return item.title
    kind, mark, name = item.title.partition(": ")
    return f"{pen.word(kind)}{mark}{name}"


def _upcoming(visit: Visit, asked: Asked) -> Iterator[Sheet]:
    pen = Pen(visit)
    found = visit.answer(upcoming_report, UpcomingReport(vehicle_id=asked.vehicle_id))
    names = {each.vehicle_id: each.name for each in found.vehicles}
    items = sorted((*found.items, *found.unknown), key=lambda item: (item.on, item.title))
    yield Sheet(
        title=pen.text("One by one"),
        columns=(
            *(pen.text("Day"), pen.text("What"), pen.text("Vehicle"), pen.text("Where it is known from")),
            *(pen.text("Currency"), pen.text("Amount")),
        ),
        rows=tuple(
            (
                item.on,
                _foreseen(pen, item),
                names.get(item.vehicle_id, ""),
                pen.remark(item.basis),
                item.amount.currency if item.amount else "",
                amount(item.amount),
            )
            for item in items
        ),
        numbers_from=5,
        empty=pen.text("Nothing is foreseen yet."),
    )


def _mileage(visit: Visit, asked: Asked) -> Iterator[Sheet]:
    pen, unit = Pen(visit), visit.display.scale(asked.vehicle).distance
    command = MileageReport(vehicle_id=asked.vehicle_id, since=asked.period.since, until=asked.period.until)
    rows = [
        (
            row.driver_name,
            row.name,
            pen.word(row.purpose),
            row.trips,
            distance(row.distance, unit),
            amount(row.amounts[0]) if row.amounts else None,
            row.amounts[0].currency if row.amounts else None,
        )
        for row in visit.answer(mileage_report, command).rows
    ]
    yield Sheet(
        title=pen.text("Trips by driver, vehicle and purpose"),
        columns=(
            *(pen.text("Driver"), pen.text("Vehicle"), pen.text("Purpose"), pen.text("Trips")),
            *(pen.text("Distance ({unit})", unit=str(unit)), pen.text("Allowance"), pen.text("Currency")),
        ),
        rows=tuple(rows),
        numbers_from=3,
        empty=pen.text("No trips yet: note them, or import a track."),
    )


def _trip_tax(visit: Visit, asked: Asked) -> Iterator[Sheet]:
    pen, unit = Pen(visit), visit.display.scale(asked.vehicle).distance
    command = TripTaxReport(vehicle_id=asked.vehicle_id, since=asked.period.since, until=asked.period.until)
    rows = [
        (
            row.name,
            distance(row.driven, unit),
            distance(row.business_distance, unit),
            None if row.business_share is None else round(Decimal(row.business_share) * 100, 1),
            amount(row.costs[0]) if row.costs else None,
            amount(row.business_costs[0]) if row.business_costs else None,
            amount(row.allowance[0]) if row.allowance else None,
            row.costs[0].currency if row.costs else None,
        )
        for row in visit.answer(trip_tax_report, command)
    ]
    yield Sheet(
        title=pen.text("Business share of each vehicle"),
        columns=(
            *(pen.text("Vehicle"), pen.text("Distance ({unit})", unit=str(unit))),
            *(pen.text("Business ({unit})", unit=str(unit)), pen.text("Share (%)"), pen.text("Costs")),
            *(pen.text("Business part"), pen.text("Mileage allowance"), pen.text("Currency")),
        ),
        rows=tuple(rows),
        empty=pen.text("No trips yet: note them, or import a track."),
    )


def _ledger(visit: Visit, asked: Asked) -> Iterator[Sheet]:
    pen = Pen(visit)
    command = TrialBalance(vehicle_id=asked.vehicle_id, since=asked.period.since, as_of=asked.period.until)
    rows = [
        (_label(pen, row.name, CostsBy.CATEGORY), row.account_code, row.balance.currency, amount(row.balance))
        for row in visit.answer(trial_balance, command)
    ]
    yield Sheet(
        title=pen.text("Balance of each account"),
        columns=(pen.text("Account"), pen.text("Code"), pen.text("Currency"), pen.text("Balance")),
        rows=tuple(rows),
        numbers_from=3,
        empty=pen.text("Nothing was booked yet."),
    )
    found = visit.answer(check_ledger, CheckLedger())
    yield Sheet(
        title=pen.text("Check of the books"),
        columns=(pen.text("Entry"), pen.text("What is wrong")),
        rows=tuple((str(problem.entry_id or ""), problem.message) for problem in found.problems),
        numbers_from=9,
        empty=visit.language.count(
            "One entry was computed again, and all is right.",
            "{number} entries were computed again, and all is right.",
            found.entries,
        ),
    )


KINDS = (
    ReportKind(
        key="economy", title="Economy", about="What each vehicle takes, and whether it takes more than it used to.",
        icon="gauge", usual_period="36-months", figures=economy_figures, sheets=_economy,
    ),
    ReportKind(
        key="costs", title="Costs", about="What was spent, by month, category and vehicle.", icon="coins",
        figures=cost_figures, sheets=_costs,
    ),
    ReportKind(
        key="compare", title="Costs compared", about="Which vehicle costs most for each kilometre, and to own.",
        icon="chart-line", has_vehicle=False, usual_period="all", figures=per_distance_figures, sheets=_ownership,
    ),
    ReportKind(
        key="upcoming", title="Upcoming costs", about="What the next twelve months will probably cost.",
        icon="receipt", usual_period=None, figures=upcoming_figures, sheets=_upcoming,
    ),
    ReportKind(
        key="due", title="Due calendar", about="What is due in the next twelve months, and how sure that is.",
        icon="calendar", permission="reminders.read", usual_period=None, figures=due_figures,
    ),
    ReportKind(
        key="price", title="Prices paid", about="What a litre, a gallon or a kilowatt-hour cost.", icon="fuel",
        permission="fuel.read", figures=price_figures,
    ),
    ReportKind(
        key="mileage", title="Mileage allowance", about="What trips earn by the mileage rates, for the tax return.",
        icon="route", permission="trips.read", usual_period="last-year", sheets=_mileage,
    ),
    ReportKind(
        key="trip-tax", title="Business share", about="How much of each vehicle was business, by distance and by cost.",
        icon="map-pin", usual_period="last-year", sheets=_trip_tax,
    ),
    ReportKind(
        key="ledger", title="The books", about="Balances of all accounts, and the check that they are right.",
        icon="shield-check", permission="ledger.read", usual_period="all", sheets=_ledger,
    ),
)  # fmt: skip
