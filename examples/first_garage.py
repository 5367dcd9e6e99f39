"""A first garage: add a car, record two fills, ask how much it takes. Ten lines besides the imports."""

from __future__ import annotations

from datetime import UTC, datetime

import fleetcore
from fleetcore.fuel.model import RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.reports.model import EconomyReport
from fleetcore.reports.service import economy_report
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle

with fleetcore.open() as core:  # in memory; "sqlite:////home/me/garage.db" keeps it
    ada = core.create_fleet("Home", currency="EUR", timezone="Europe/Berlin")
    golf = core.run(ada, add_vehicle, AddVehicle(name="Golf", carriers=(Carrier.PETROL,)))
    for day, km, litres, paid in ((1, "45210", "40.5", "67.09"), (14, "45820", "35", "59.50")):
        at = datetime(2025, 3, day, 17, 30, tzinfo=UTC)
        odometer, volume, total = Distance.of(km), Volume.of(litres), Money.of(paid, "EUR")
        fill = RecordFill(vehicle_id=golf.id, at=at, odometer=odometer, volume=volume, total=total)
        core.run(ada, record_fill, fill)
    for row in core.read(ada, economy_report, EconomyReport()):
        print(f"{row.name}: {row.consumption_l_per_100km:.2f} l/100 km, {row.costs[0]} in all")
