"""Small logs written by us in the layouts of real apps, and what a fleet looks like from outside."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fleetcore import Core
from fleetcore.expenses.model import ListExpenses
from fleetcore.expenses.service import list_expenses
from fleetcore.fuel.model import ListFills, ListStations
from fleetcore.fuel.service import list_fills
from fleetcore.fuel.stations import list_stations
from fleetcore.imports.model import ImportLog, ImportReport
from fleetcore.imports.service import import_log
from fleetcore.kernel.actor import Actor
from fleetcore.ledger.model import TrialBalance
from fleetcore.ledger.queries import trial_balance
from fleetcore.reports.model import EconomyReport
from fleetcore.reports.service import economy_report
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import list_vehicles

HEADER = (
    '"Data","Odo (km)","Fuel (litres)","Full","Price (optional)","l/100km (optional)","latitude (optional)",'
    '"longitude (optional)","City (optional)","Notes (optional)","Missed","TankNumber","FuelType","VolumePrice",'
    '"StationID (optional)","ExcludeDistance","UniqueId","TankCalc"'
)


def fill_line(day: str, odometer_km: object, litres: object, price: object, *, station: int = 0, full: int = 1) -> str:
    """Write one fill as Fuelio does."""
    return (
        f'"{day} 12:00","{odometer_km}","{litres}","{full}","{price}","","0.0","0.0","","","0","1","110","1.5",'
        f'"{station}","0.0","1","0.0"'
    )


def fuelio(*lines: str, vehicle: str = "Punto", costs: Iterable[str] = ()) -> bytes:
    """Write a Fuelio log of *lines*, newest first as the app does."""
    parts = ['"## Vehicle"', '"Name","Description","DistUnit","FuelUnit"', f'"{vehicle}","","0","0"']
    parts += ['"## Log"', HEADER, *reversed(lines)]
    if costs := list(costs):
        parts += ['"## CostCategories"', '"CostTypeID","Name","priority","color"', '"5","Parking","0",""']
        parts += ['"99","Winter Garden","0",""', '"## Costs"']
        parts += ['"CostTitle","Date","Odo","CostTypeID","Notes","Cost","flag","idR","read","RemindOdo","RemindDate"']
        parts += costs
    return "\n".join([*parts, ""]).encode()


def cost_line(title: str, day: str, kind: int, cost: object, odometer_km: int = 0) -> str:
    """Write one cost as Fuelio does."""
    return f'"{title}","{day} 12:00","{odometer_km}","{kind}","","{cost}","0","0","1","0","2011-01-01"'


THREE_FILLS = fuelio(
    fill_line("2026-01-01", 1000, 40, 60),
    fill_line("2026-01-15", 1500, 30, 45, station=7),
    fill_line("2026-02-01", 2000, 35, 52.5, station=7),
)


def imported(core: Core, actor: Actor, source: bytes | Path, **said: Any) -> ImportReport:
    """Import *source* and return the report."""
    return core.run(actor, import_log, ImportLog(source=source, **said))


def outside(core: Core, actor: Actor) -> dict[str, object]:
    """Return what the fleet shows: facts, odometers, economy, balances."""
    vehicles = core.read(actor, list_vehicles, ListVehicles())
    return {
        "vehicles": [(v.name, v.carriers, v.vin, v.plate) for v in vehicles],
        "fills": core.read(actor, list_fills, ListFills(limit=1000)).items,
        "expenses": core.read(actor, list_expenses, ListExpenses(limit=1000)).items,
        "stations": core.read(actor, list_stations, ListStations(limit=1000)).items,
        "odometers": [core.read(actor, get_odometer, GetOdometer(vehicle_id=v.id)) for v in vehicles],
        "economy": core.read(actor, economy_report, EconomyReport()),
        "balances": core.read(actor, trial_balance, TrialBalance()),
    }
