"""The page of a vehicle's logbook, month by month: sums, gaps, what was written late; and closing a month for good."""

from __future__ import annotations

import re
from datetime import date, timedelta

from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.kernel.when import local_date
from fleetcore.trips.logbook import GetLogbook
from fleetcore.trips.model import CloseMonth, ListClosedMonths
from fleetcore.trips.months import close_month, list_closed_months
from fleetcore.trips.queries import get_logbook
from fleetserver.pages.asking import is_sure
from fleetserver.pages.faults import told_error
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit
from fleetserver.vehicles.overview import vehicle_asked

__all__ = ["PAGES"]

MONTHS = 12


def _month(said: str, newest: date) -> date:
    """Return the first day of the month that *said* names, such as 2026-05; else the newest one that is over."""
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", said, re.ASCII) and int(said[:4]) > 0:
        return date(int(said[:4]), int(said[5:]), 1)
    return newest


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _last_day(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _view(visit: Visit, problem: str = "", *, asks: bool = False, status: int = 200) -> View:
    vehicle = vehicle_asked(visit)
    this = local_date(visit.core.clock.now(), visit.display.timezone).replace(day=1)
    said = str(visit.sent.form.get("month", "") or visit.sent.query.get("month", ""))
    month = _month(said, _before(this))
    months = [_before(this)]
    while len(months) < MONTHS:
        months.append(_before(months[-1]))
    closed = {each.month: each for each in visit.answer(list_closed_months, ListClosedMonths(vehicle_id=vehicle.id))}
    asked = GetLogbook(vehicle_id=vehicle.id, since=month, until=_last_day(month))
    values = {
        "vehicle": vehicle,
        "book": visit.answer(get_logbook, asked),
        "month": month,
        "months": sorted({*months, *closed, month} - {this}, reverse=True),
        "closed": closed,
        "is_over": month < this,
        "problem": problem,
        "asks": asks,
    }
    return View(template="trips/logbook.html", values=values, status=status)


def show(visit: Visit) -> Outcome:
    """Show a month of the logbook."""
    return _view(visit)


def close(visit: Visit) -> Outcome:
    """Close a month for good, after asking once more."""
    vehicle = vehicle_asked(visit)
    month = _month(str(visit.sent.form.get("month", "")), date.max)
    if month == date.max:
        return _view(visit, visit.language.text("Choose a month."), status=422)
    if not is_sure(visit):
        return _view(visit, asks=True)
    try:
        visit.run(close_month, CloseMonth(vehicle_id=vehicle.id, month=month))
    except (Conflict, Rejected) as refused:
        return _view(visit, told_error(visit.language, refused), status=422)
    to = f"/vehicles/{vehicle.id}/logbook?month={month:%Y-%m}"
    return Redirect(to=to, message=visit.language.text("The month is closed. A later change needs a reason."))


PAGES = (
    PageRoute(method="GET", path="/vehicles/{id}/logbook", show=show),
    PageRoute(method="POST", path="/vehicles/{id}/logbook", show=close),
)
