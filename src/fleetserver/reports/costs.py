"""The report of costs, as JSON and as people read it; amounts of several currencies stand side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fleetcore.kernel.money import Money
from fleetcore.kernel.wire import unstructure
from fleetcore.reports.model import CostsBy, CostSummary, Rates
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.tables import Column, details, table
from fleetserver.presentation.display import Display

__all__ = ["costs_json", "costs_text"]

NONE_YET = (
    "No costs yet. Fills and expenses make them: fleet fuel add --help, fleet expenses add --help\n"
    "or read the log of another app: fleet import FILE"
)
TITLES = {
    CostsBy.MONTH: "Month",
    CostsBy.YEAR: "Year",
    CostsBy.CATEGORY: "Category",
    CostsBy.VEHICLE: "Vehicle",
}


def costs_json(summary: CostSummary) -> dict[str, Any]:
    """Return the report as it goes out: rows, and totals per currency."""
    out: dict[str, Any] = unstructure(summary)
    for row in out["rows"]:
        row["cost"] = row["costs"][0] if len(row["costs"]) == 1 else None
    return {
        "by": out["by"],
        "rows": out["rows"],
        "totals": out["costs"],
        "income": out["income"],
        "rates": out["rates"],
    }


def costs_text(summary: CostSummary, display: Display, vehicle: Vehicle | None = None) -> Iterator[str]:
    """Yield the lines of the report."""
    if not summary.rows:
        yield NONE_YET
        return
    paid = sorted({cost.currency for row in summary.rows for cost in row.costs} | {c.currency for c in summary.costs})
    earned = sorted({gain.currency for row in summary.rows for gain in row.income})
    columns = [Column(TITLES[summary.by], flexible=True)]
    columns += [Column(f"Costs in {currency}", right=True) for currency in paid]
    columns += [Column(f"Income in {currency}", right=True, drop=2) for currency in earned]
    with_rates = any(row.rates for row in summary.rows)
    if with_rates:
        columns += [Column("Per distance", right=True, drop=1)]
    rows = []
    for row in summary.rows:
        cells = [row.label, *_by_currency(row.costs, paid), *_by_currency(row.income, earned)]
        rows.append([*cells, _per_km(row.rates, display, vehicle)] if with_rates else cells)
    total = ["Sum", *_by_currency(summary.costs, paid), *_by_currency(summary.income, earned)]
    rows.append([*total, ""] if with_rates else total)
    yield from table(columns, rows, totals=1)
    if summary.rates is not None:
        yield ""
        yield from _rates(summary.rates, display, vehicle)


def _by_currency(amounts: Sequence[Money], currencies: Sequence[str]) -> list[str]:
    found = {amount.currency: f"{amount.amount:,}" for amount in amounts}
    return [found.get(currency, "") for currency in currencies]


def _per_km(rates: Rates | None, display: Display, vehicle: Vehicle | None) -> str:
    return "" if rates is None else " + ".join(display.per_distance(price, vehicle) for price in rates.costs_per_km)


def _rates(rates: Rates, display: Display, vehicle: Vehicle | None) -> Iterator[str]:
    lost = " + ".join(display.money(each.amount) for each in rates.depreciation)
    yield from details(
        (
            ("Driven", display.distance(rates.distance, vehicle)),
            ("Days", f"{rates.days:,}" + (f", {rates.since} to {rates.until}" if rates.since else "")),
            ("Per distance", _per_km(rates, display, vehicle)),
            ("Per day", " + ".join(f"{price.amount:,.2f} {price.currency}" for price in rates.costs_per_day)),
            ("Depreciation", lost),
        )
    )
