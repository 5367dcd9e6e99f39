"""Import the log of another app and print a report of it, without a plot.

``python import_and_report.py [LOG.csv]``; without a log it writes a small one of its own first.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import fleetcore
from fleetcore import Core
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log, preview_import
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected
from fleetcore.reports.model import CostReport, CostsBy, EconomyReport
from fleetcore.reports.service import cost_report, economy_report

SAMPLE = """\
vehicle,date,odometer (km),litres,total (EUR),full,notes
Golf,2025-03-01,45210,"40.50","67.09",yes,
Golf,2025-03-10,45905,"12.00","20.40",no,just enough to get home
Golf,2025-03-22,46520,"38.10","65.15",yes,
Golf,2025-04-04,47240,"41.70","70.89",yes,
Golf,2025-04-31,47900,"40.00","68.00",yes,a day that April does not have
"""


def bring_in(core: Core, actor: Actor, log: Path) -> None:
    """Import *log*, saying first what was found out about it and what is wrong with it."""
    command = ImportLog(source=log, file_name=log.name)
    preview = core.read(actor, preview_import, command)
    print(f"{log.name}: {preview.format_title}, {preview.distance_unit}, {preview.volume_unit}, {preview.currency}")
    for row in preview.rejected:
        print(f"  row {row.row} is left out: {'; '.join(map(str, row.problems))}")
    done = core.run(actor, import_log, command)
    again = core.run(actor, import_log, command)
    print(f"{done.imported} records imported; a second time: {again.imported}, as {again.duplicates} are known")


def report(core: Core, actor: Actor) -> None:
    """Print consumption and costs."""
    for row in core.read(actor, economy_report, EconomyReport()):
        taken = "unknown" if row.consumption_per_100km is None else f"{row.consumption_per_100km:.2f}"
        print(f"{row.name}, {row.carrier}: {row.distance.km:.0f} km, {taken} {row.consumption_unit}")
        print(f"  {row.trend.sentence}")
    costs = core.read(actor, cost_report, CostReport(by=CostsBy.MONTH))
    for month in costs.rows:
        print(f"{month.label}: {' + '.join(map(str, month.costs))}")


def main(arguments: list[str]) -> int:
    """Run the example."""
    with tempfile.TemporaryDirectory() as folder, fleetcore.open() as core:
        log = Path(arguments[0]) if arguments else Path(folder) / "log.csv"
        if not arguments:
            log.write_text(SAMPLE, "utf-8")
        actor = core.create_fleet("Home", currency="EUR")
        try:
            bring_in(core, actor, log)
        except Rejected as rejected:
            print(f"{log}: {rejected}", file=sys.stderr)
            return 2
        report(core, actor)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
