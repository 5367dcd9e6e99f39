"""Measure speed and size against the budgets: ``python benchmarks/run.py [--smoke] [--only NAME] [--json FILE]``.

Starts a PostgreSQL server of its own, from a wheel, and keeps SQLite files in a temporary folder. Counts and ratios
hold on every machine: a clear miss of one ends the run with exit status 1. Seconds and rows a second depend on the
machine: they are marked, and left to the reader.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import api
import attrs
import authenticate
import browsed_pages
import import_fills
import large_fleet
import ledger_post
import record_fill
import relay
import start_up
import timeline
import used_pages
from measuring import Databases, Figure, databases

import live
import pages
import reminders
import reports

Measure = Callable[..., Iterator[Figure]]
CLEARLY = 1.1  # beyond its limit by a tenth: medians on a shared machine wander by less


def posting(_bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield what posting costs against raw statements."""
    for name, found in ledger_post.run(1 if smoke else 9).items():
        yield Figure(
            name=f"ledger {name}: CPU against raw SQL",
            engine="postgresql",
            value=found["entry_us"],
            unit="us/entry",
            ratio=found["ratio"],
            budget=f"<= {found['limit']:g}x",
            is_within=None if smoke else found["ratio"] <= found["limit"],
            is_firm=found["ratio"] > found["limit"] * CLEARLY,
            detail=f"raw {found['raw_entry_us']:.0f} us; ratios {found['ratio_min']:.2f} to {found['ratio_max']:.2f}",
        )


def reporting(_bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield what reports cost, of one vehicle and of a big fleet."""
    found = reports.run(smoke)
    for engine in ("sqlite", "postgresql"):
        one, most = found[engine], found["limits"]["vehicle_cpu_ms"]
        yield Figure(
            name=f"economy and costs of {one['fills']:,} fills",
            engine=engine,
            value=one["both_cpu_ms"],
            unit="ms CPU",
            budget=f"< {most:g}",
            is_within=None if smoke else one["both_cpu_ms"] < most,
            detail=f"economy {one['economy_cpu_ms']:g}, costs {one['costs_cpu_ms']:g}",
        )
    fleet, most = found["fleet"], found["limits"]["fleet_seconds"]
    for by in ("month", "category"):
        yield Figure(
            name=f"costs by {by}, {fleet['vehicles']:,} vehicles, {fleet['fills']:,} fills",
            engine="postgresql",
            value=fleet[f"costs_by_{by}_seconds"],
            unit="s",
            budget=f"< {most:g}" if by == "month" else "",
            is_within=fleet[f"costs_by_{by}_seconds"] < most if by == "month" and not smoke else None,
        )


def timelines(_bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield what a page of a long timeline costs, wherever it lies."""
    found = timeline.run(smoke)
    for engine in ("sqlite", "postgresql"):
        for place in ("first", "middle", "last"):
            value = found[engine][f"{place}_cpu_ms"]
            yield Figure(
                name=f"{place} page of {found[engine]['records']:,} timeline records",
                engine=engine,
                value=value,
                unit="ms CPU",
                budget=f"< {found['limit_cpu_ms']:g}",
                is_within=None if smoke else value < found["limit_cpu_ms"],
            )


def reminding(_bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield what verdicts in memory and daily ticks over stored reminders cost."""
    found = reminders.run(smoke)
    rows, limits = found["rows"], found["limits"]
    yield Figure(
        name=f"reminders: {rows:,} verdicts in memory",
        engine="",
        value=found["engine_s"],
        unit="s CPU",
        budget=f"< {limits['engine_s']:g}",
        is_within=None if smoke else found["engine_s"] < limits["engine_s"],
    )
    one_percent = next(tick["seconds"] for tick in found["ticks"] if tick["share"] == 0.01)
    for tick in found["ticks"]:
        is_judged = tick["share"] == 0.01
        yield Figure(
            name=f"reminders: tick over {rows:,}, {tick['share']:.1%} changed",
            engine="postgresql",
            value=tick["seconds"],
            unit="s",
            ratio=tick["seconds"] / one_percent if one_percent else None,
            budget=f"< {limits['tick_one_percent_s']:g}" if is_judged else "",
            is_within=tick["seconds"] < limits["tick_one_percent_s"] if is_judged and not smoke else None,
            detail=f"{1e6 * tick['seconds'] / tick['changed']:.0f} us each",
        )


def paging(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield what pages cost: that of fifty vehicles, the most used ones, and in a browser."""
    for part in (pages, used_pages, browsed_pages):
        yield from part.measure(bases, smoke=smoke)


BENCHMARKS: dict[str, Measure] = {
    "start_up": start_up.measure,
    "api": api.measure,
    "record_fill": record_fill.measure,
    "ledger_post": posting,
    "import_fills": import_fills.measure,
    "reports": reporting,
    "authenticate": authenticate.measure,
    "timeline": timelines,
    "reminders": reminding,
    "relay": relay.measure,
    "live": live.measure,
    "pages": paging,
    "large_fleet": large_fleet.measure,
}


def written(figure: Figure) -> str:
    """Return the line of the table that *figure* is."""
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}x"
    verdict = {None: "-", True: "ok", False: "over"}[figure.is_within]
    number = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
    value = f"{number} {figure.unit}".strip()
    line = f"{figure.name:<52} {figure.engine:<11} {value:>16} {ratio:>6} {figure.budget:>20} {verdict:>5}"
    return f"{line}  {figure.detail}".rstrip()


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure speed and size against the budgets.")
    parser.add_argument("--smoke", action="store_true", help="only see to it that every benchmark runs, in small")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="run only this one; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # the servers that were started end with it
    figures: list[Figure] = []
    print(f"{'what':<52} {'engine':<11} {'figure':>16} {'ratio':>6} {'budget':>20}      ")
    with databases() as bases:
        for name in chosen.only or BENCHMARKS:
            for figure in BENCHMARKS[name](bases, smoke=chosen.smoke):
                figures.append(figure)
                print(written(figure), flush=True)
    if chosen.json is not None:
        chosen.json.write_text(json.dumps([attrs.asdict(figure) for figure in figures], indent=2), encoding="utf-8")
    missed = [figure.name for figure in figures if figure.is_firm and figure.is_within is False]
    if missed and not chosen.smoke:
        print(f"over budget: {', '.join(missed)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
