"""Pages of charts and reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.errors import NotFound
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import GetVehicle, ListVehicles, Vehicle
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import get_vehicle, list_vehicles
from fleetserver.pages.charts.figures import Figure
from fleetserver.pages.periods import Period
from fleetserver.pages.routing import Document, Outcome, PageRoute, View
from fleetserver.pages.visits import Visit

from .coming import due_figures
from .kinds import KINDS, ReportKind
from .pictures import Asked, Pen
from .running import economy_figures, odometer_figures, price_figures
from .sheets import csv_of
from .spending import cost_figures, per_distance_figures
from .year_pages import show_year

__all__ = ["PAGES"]

YEAR_DAYS = 365


@frozen(kw_only=True)
class ChartKind:
    """One chart of a vehicle: its address, what is needed to see it, and what it can be asked."""

    key: str
    title: str
    permission: str
    draw: Callable[[Visit, Asked], list[Figure]]
    has_period: bool = True
    has_comparison: bool = False


CHARTS = (
    ChartKind(key="economy", title="Economy", permission="reports.read", draw=economy_figures, has_comparison=True),
    ChartKind(key="costs", title="Costs by month", permission="reports.read", draw=cost_figures),
    ChartKind(key="odometer", title="Odometer", permission="reports.read", draw=odometer_figures),
    ChartKind(key="price", title="Prices paid", permission="fuel.read", draw=price_figures),
    ChartKind(key="due", title="Due calendar", permission="reminders.read", draw=due_figures, has_period=False),
    ChartKind(key="compared", title="Costs compared", permission="reports.read", draw=per_distance_figures),
)


def _vehicle(visit: Visit) -> Vehicle:
    if (vehicle_id := visit.id("id")) is None:
        raise NotFound("vehicle", visit.sent.names["id"])
    return visit.answer(get_vehicle, GetVehicle(id=vehicle_id))


def _named(vehicles: tuple[Vehicle, ...], text: str) -> Vehicle | None:
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    return next((vehicle for vehicle in vehicles if vehicle.id == wanted), None)


def _usual_period(visit: Visit, vehicle: Vehicle) -> str:
    """Return what is shown unasked: the last year, or all of a log that ended before it."""
    newest = visit.answer(get_odometer, GetOdometer(vehicle_id=vehicle.id)).at
    is_old = newest is not None and newest < visit.core.clock.now() - timedelta(days=YEAR_DAYS)
    return "all" if is_old else "12-months"


def show_charts(visit: Visit) -> Outcome:
    """Show every chart of a vehicle."""
    vehicle = _vehicle(visit)
    period = Period.of(visit, _usual_period(visit, vehicle))
    asked = Asked(vehicle=vehicle, period=period)
    drawn = [(chart, chart.draw(visit, asked)) for chart in CHARTS if visit.may(chart.permission)]
    return View(template="reports/charts.html", values={"vehicle": vehicle, "period": period, "drawn": drawn})


def show_chart(visit: Visit) -> Outcome:
    """Show one chart of a vehicle, over the period and beside the vehicle that were chosen."""
    name = visit.sent.names["kind"]
    chart = next((each for each in CHARTS if each.key == name and visit.may(each.permission)), None)
    if chart is None:
        raise NotFound("chart", name)
    vehicle = _vehicle(visit)
    period = Period.of(visit, "all")
    vehicles = visit.answer(list_vehicles, ListVehicles()) if chart.has_comparison else ()
    others = tuple(each for each in vehicles if each.id != vehicle.id)
    beside = _named(others, visit.sent.query.get("beside", ""))
    asked = Asked(vehicle=vehicle, beside=beside, period=period)
    values = {"of_kind": chart, "charts": [each for each in CHARTS if visit.may(each.permission)]}
    values |= {"vehicle": vehicle, "period": period, "others": others, "beside": beside}
    return View(template="reports/chart.html", values={**values, "figures": chart.draw(visit, asked)})


def _kind(visit: Visit) -> ReportKind:
    name = visit.sent.names["kind"]
    kind = next((each for each in KINDS if each.key == name and visit.may(each.permission)), None)
    if kind is None:
        raise NotFound("report", name)
    return kind


def _asked(visit: Visit, kind: ReportKind) -> tuple[Asked, tuple[Vehicle, ...]]:
    vehicles = visit.answer(list_vehicles, ListVehicles()) if kind.has_vehicle else ()
    chosen = _named(vehicles, visit.sent.query.get("vehicle", ""))
    return Asked(vehicle=chosen, period=Period.of(visit, kind.usual_period or "all")), vehicles


def show_reports(visit: Visit) -> Outcome:
    """Show which reports there are."""
    return View(template="reports/index.html", values={"kinds": [kind for kind in KINDS if visit.may(kind.permission)]})


def show_report(visit: Visit) -> Outcome:
    """Show one report."""
    kind = _kind(visit)
    asked, vehicles = _asked(visit, kind)
    pen = Pen(visit)
    sheets = [(sheet, sheet.shown(pen)) for sheet in kind.sheets(visit, asked)]
    values = {"kind": kind, "asked": asked, "vehicles": vehicles, "sheets": sheets, "now": visit.core.clock.now()}
    return View(template="reports/show.html", values={**values, "figures": kind.figures(visit, asked)})


def download(visit: Visit) -> Outcome:
    """Send a table of a report as CSV; *sheet* in the address counts from 0."""
    kind = _kind(visit)
    asked, _ = _asked(visit, kind)
    sheets = list(kind.sheets(visit, asked))
    number = visit.sent.query.get("sheet", "0")
    if not (number.isascii() and number.isdigit() and len(number) < 3 and int(number) < len(sheets)):
        raise NotFound("table", number)
    name = kind.key if len(sheets) == 1 else f"{kind.key}-{int(number) + 1}"
    return Document(body=csv_of(sheets[int(number)]), content_type="text/csv", file_name=f"{name}.csv")


PAGES = (
    PageRoute(method="GET", path="/vehicles/{id}/charts", show=show_charts),
    PageRoute(method="GET", path="/vehicles/{id}/charts/{kind}", show=show_chart),
    PageRoute(method="GET", path="/reports", show=show_reports),
    PageRoute(method="GET", path="/reports/yearly", show=show_year),
    PageRoute(method="GET", path="/reports/{kind}", show=show_report),
    PageRoute(method="GET", path="/reports/{kind}/csv", show=download),
)
