"""Charts of what comes: the calendar of the next twelve months, and what they will probably cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from fleetcore.kernel.money import Money
from fleetcore.kernel.when import add_months, local_date
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, ListDue
from fleetcore.reports.foreseen import UpcomingCosts, UpcomingReport
from fleetcore.reports.upcoming import upcoming_report
from fleetserver.pages.charts.figures import Bar, Figure, Label, Stack, Strip, Table, stacks
from fleetserver.pages.charts.marks import tracks
from fleetserver.pages.charts.scales import DayScale
from fleetserver.pages.visits import Visit

from .pictures import Asked, Pen, in_currency, nothing

__all__ = ["due_figures", "upcoming_figures"]

MONTHS = 12
ROWS_MAX = 40
KINDS = {
    "fuel": "Fuel",
    "reminder": "Services and reminders",
    "recurring": "Recurring expenses",
    "document": "Documents",
    "other": "Everything else",
}


def _axis(today: date) -> DayScale:
    first = today.replace(day=1)
    return DayScale(first, 1, 0, MONTHS)


def due_figures(visit: Visit, asked: Asked) -> list[Figure]:
    """Return the calendar of what is due in the next twelve months, with the days between which it will be."""
    pen = Pen(visit)
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    axis, title = _axis(today), pen.text("What is due in the next twelve months")
    end = add_months(axis.first, MONTHS)
    dues = visit.answer(list_due, ListDue(vehicle_id=asked.vehicle_id))
    dated = sorted(((_day(due), due) for due in dues if _day(due) < end), key=lambda each: each[0])
    if not dated:
        return [nothing("due", title, pen.text("Nothing is due in the next twelve months, as far as anybody knows."))]
    shown = dated[:ROWS_MAX]
    overdue = sum(day < today for day, _ in dated)
    says = visit.language.count("One thing is due.", "{number} things are due.", len(dated))
    if overdue:
        says += " " + visit.language.count("One is overdue.", "{number} are overdue.", overdue)
    if overdue < len(dated):
        day, first = dated[overdue]
        says += " " + pen.text("Next: {title}, on {day}.", title=_title(first, asked), day=pen.day(day))
    rows = [(_title(due, asked), pen.day(day), _between(pen, due)) for day, due in dated]
    return [
        Figure(
            id="due",
            title=title,
            says=says,
            note=visit.language.count(
                "One more is in the table.", "{number} more are in the table.", len(dated) - len(shown)
            )
            if len(dated) > len(shown)
            else "",
            strips=tuple(_strip(pen, axis, today, each, asked) for each in shown),
            strip_stops=tuple(
                Label(pen.month(day, with_year=number == 0 or day.month == 1), number % 2 == 1)
                for number, day in enumerate(axis.ticks[:-1])
            ),
            table=Table(
                columns=(pen.text("What is due"), pen.text("Day"), pen.text("Between")),
                rows=tuple(rows),
                numbers_from=9,
            ),
        )
    ]


def _day(due: DueReminder) -> date:
    return due.expected_on or date.max


def _title(due: DueReminder, asked: Asked) -> str:
    if asked.vehicle is not None or not due.vehicle_name:
        return due.title
    return f"{due.title}, {due.vehicle_name}"


def _between(pen: Pen, due: DueReminder) -> str:
    if (
        due.earliest_on is None
        or due.latest_on is None
        or due.earliest_on == due.latest_on
        or due.expected_on == due.due_on
    ):
        return ""
    return pen.text("{first} to {last}", first=pen.day(due.earliest_on), last=pen.day(due.latest_on))


def _strip(pen: Pen, axis: DayScale, today: date, dated: tuple[date, DueReminder], asked: Asked) -> Strip:
    day, due = dated
    place = axis.place(max(day, axis.first))
    has_bounds = bool(_between(pen, due))
    since = axis.place(max(due.earliest_on or day, axis.first)) if has_bounds else place
    until = axis.place(due.latest_on or day) if has_bounds else place
    return Strip(
        label=_title(due, asked),
        value=pen.day(day),
        note=pen.text("overdue") if day < today else _between(pen, due),
        is_urgent=day < today,
        drawing=tracks(since, until, place, MONTHS),
        to=f"/vehicles/{due.vehicle_id}" if due.vehicle_id is not None else "",
    )


def upcoming_figures(visit: Visit, asked: Asked) -> list[Figure]:
    """Return a chart of what the next twelve months will probably cost, in kinds, for each currency."""
    found = visit.answer(upcoming_report, UpcomingReport(vehicle_id=asked.vehicle_id, months=MONTHS))
    pen = Pen(visit)
    currencies = sorted(each.currency for each in found.costs)
    figures = [_upcoming(pen, found, currency, number) for number, currency in enumerate(currencies)]
    waits = pen.text("What comes stands here, once reminders, contracts or a year of fill-ups say what it costs.")
    return figures or [nothing("upcoming", pen.text("What the next twelve months will cost"), waits)]


def _upcoming(pen: Pen, found: UpcomingCosts, currency: str, number: int) -> Figure:
    months = [add_months(found.since.replace(day=1), count) for count in range(MONTHS + 1)]
    months = [month for month in months if month <= found.until]
    kinds = [kind for kind in KINDS if any(item.kind == kind and _has(item.amount, currency) for item in found.items)]

    def of(month: date, kind: str) -> int:
        items = [item for item in found.items if item.kind == kind and item.on.replace(day=1) == month]
        return in_currency((item.amount for item in items if item.amount is not None), currency)

    def amount(minor: int) -> float:
        return float(Money(minor, currency).amount)

    sums = [[of(month, kind) for kind in kinds] for month in months]
    total = in_currency(found.costs, currency)
    dearest = max(range(len(months)), key=lambda place: sum(sums[place]))
    says = pen.text(
        "Probably {total}; most of it in {when}: {most}. {part} of it rest on recent use and last prices.",
        total=pen.money(total, currency),
        when=pen.month(months[dearest], with_year=True),
        most=pen.money(sum(sums[dearest]), currency),
        part=pen.money(in_currency(found.projected, currency), currency),
    )
    return stacks(
        partial(
            Figure,
            id="upcoming" if number == 0 else f"upcoming-{number + 1}",
            title=pen.text("What the next twelve months will cost"),
            unit=currency,
            says=says,
            note=" ".join(f"{note[:1].upper()}{note[1:]}." for note in map(pen.remark, found.notes)),
            table=_table(pen, months, kinds, sums, amount),
        ),
        Stack(
            chart="upcoming" if number == 0 else f"upcoming-{number + 1}",
            bars=tuple(
                Bar(
                    pen.month(month, with_year=place == 0 or month.month == 1),
                    {series: amount(minor) for series, minor in enumerate(row, 1)},
                )
                for place, (month, row) in enumerate(zip(months, sums, strict=True))
            ),
            names={series: pen.text(KINDS[kind]) for series, kind in enumerate(kinds, 1)},
        ),
        level=pen.number,
    )


def _has(amount: Money | None, currency: str) -> bool:
    return amount is not None and amount.currency == currency


def _table(
    pen: Pen, months: Sequence[date], kinds: Sequence[str], sums: Sequence[Sequence[int]], amount: object
) -> Table:
    write = amount if callable(amount) else float

    def cells(name: str, row: Sequence[int]) -> tuple[str, ...]:
        return (name, *(pen.number(write(minor), 2) if minor else "" for minor in row), pen.number(write(sum(row)), 2))

    whole = [sum(column) for column in zip(*sums, strict=True)]
    return Table(
        columns=(pen.text("Month"), *(pen.text(KINDS[kind]) for kind in kinds), pen.text("Sum")),
        rows=(
            *(cells(pen.month(month, with_year=True), row) for month, row in zip(months, sums, strict=True)),
            cells(pen.text("Sum"), whole),
        ),
    )
