"""``fleet report``: consumption and costs."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

import click

from fleetcore.reports.model import CostReport, CostsBy, EconomyReport, VehicleReport
from fleetcore.reports.service import cost_report, economy_report, vehicle_summary
from fleetcore.vehicles.carriers import Carrier
from fleetserver.cli.csv_file import csv_option, write_csv
from fleetserver.cli.groups import LaterGroup
from fleetserver.cli.picking import find_vehicle, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import CARRIERS, choice_of, vehicle_option

from .costs import costs_json, costs_text
from .economy import Every, economy_json, economy_text

__all__ = ["report"]

FROM = click.option("--from", "since", metavar="DAY", help="From this day, month or year on.")
TO = click.option("--to", "until", metavar="DAY", help="Up to and including this day, month or year.")


class _ReportGroup(LaterGroup):
    later = MappingProxyType(
        {
            "due": "fleetserver.reports.ahead:due",
            "upcoming": "fleetserver.reports.ahead:upcoming",
            "ownership": "fleetserver.reports.owning:ownership",
            "compare": "fleetserver.reports.owning:compare",
            "yearly": "fleetserver.reports.yearly:yearly",
        }
    )


@click.group("report", cls=_ReportGroup)
def report() -> None:
    """Consumption and costs: what was, what is, and what comes."""


@report.command("economy")
@vehicle_option()
@click.option("--carrier", type=CARRIERS, help="Only this fuel.")
@click.option("--by", "every", type=choice_of(Every), help="Also per fill, month or year.")
@FROM
@TO
@pass_session
def economy(
    session: Session, *, vehicle: str | None, carrier: str | None, every: str | None, since: str | None,
    until: str | None,
) -> None:  # fmt: skip
    """Show how far, how much and at what cost, and whether the consumption is rising."""
    show_economy(session, vehicle=vehicle, carrier=carrier, every=every, since=since, until=until)


def show_economy(
    session: Session,
    *,
    vehicle: str | None = None,
    carrier: str | None = None,
    every: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> None:
    """Write the report of consumption."""
    vehicles = vehicles_by_id(session)
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()
    rows = session.read(
        economy_report,
        EconomyReport(
            vehicle_id=chosen.id if chosen else None,
            carrier=Carrier(carrier) if carrier else None,
            since=first,
            until=last,
            with_intervals=every is not None,
        ),
    )
    by = Every(every) if every else None
    session.show(
        {"vehicles": [economy_json(row, by, session.display) for row in rows]},
        lambda: economy_text(rows, by, session.display, vehicles),
    )


@report.command("costs")
@vehicle_option()
@click.option("--by", type=choice_of(CostsBy), default=CostsBy.MONTH.value, show_default=True, help="In rows of what.")
@click.option("--rates", is_flag=True, help="With the costs per distance and per day of the whole fleet.")
@FROM
@TO
@csv_option
@pass_session
def costs(
    session: Session, *, vehicle: str | None, by: str, rates: bool, since: str | None, until: str | None,
    csv_file: str | None,
) -> None:  # fmt: skip
    """Show what was spent by month, year, category or vehicle, per distance and per day."""
    show_costs(session, vehicle=vehicle, by=by, rates=rates, since=since, until=until, csv_file=csv_file)


def show_costs(
    session: Session,
    *,
    vehicle: str | None = None,
    by: str = CostsBy.MONTH.value,
    rates: bool = False,
    since: str | None = None,
    until: str | None = None,
    csv_file: str | None = None,
) -> None:
    """Write the report of costs."""
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()
    summary = session.read(
        cost_report,
        CostReport(vehicle_id=chosen.id if chosen else None, by=CostsBy(by), since=first, until=last, with_rates=rates),
    )
    if csv_file is not None:
        kinds = [("cost", row, amount) for row in summary.rows for amount in row.costs]
        kinds += [("income", row, amount) for row in summary.rows for amount in row.income]
        rows = ((kind, row.key, row.label, amount.amount, amount.currency) for kind, row, amount in kinds)
        write_csv(csv_file, ("kind", "key", "label", "amount", "currency"), rows)
        return
    session.show(costs_json(summary), lambda: costs_text(summary, session.display, chosen))


@report.command("vehicle")
@click.argument("name")
@FROM
@TO
@pass_session
def vehicle_(session: Session, *, name: str, since: str | None, until: str | None) -> None:
    """Show everything that the owner of the vehicle NAME asks: how far, how much, at what cost."""
    chosen = find_vehicle(session, name)
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()
    summary = session.read(
        vehicle_summary,
        VehicleReport(vehicle_id=chosen.id, since=first, until=last),
    )

    def human() -> Iterator[str]:
        yield from economy_text(summary.economy, None, session.display, {chosen.id: chosen})
        yield ""
        yield from costs_text(summary.costs, session.display, chosen)

    session.show(
        {
            "vehicle_id": summary.vehicle_id,
            "name": summary.name,
            "vehicles": [economy_json(row, None, session.display) for row in summary.economy],
            "costs": costs_json(summary.costs),
        },
        human,
    )
