"""The demo's garage for judges, with what it has none of, so that each kind of page has a record to show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fleetcore
from fleetcore import Core
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log
from fleetcore.testing.clock import FixedClock
from fleetserver.cli.demo_life import live

from .chromium import NOW, Site, give_password, served

__all__ = ["live_five_years", "live_on", "serving_garage"]

LOG = b"Date,Odometer,Litres,Total\n2026-01-05,10000,4,6.00\n2026-01-20,10150,3,4.80\n"


def live_on(core: Core) -> None:
    """Give the only fleet a category, a station, a workshop, a job, a driver, a role, an import: the demo has none."""
    actor = core.actor()
    vehicle = core.perform(actor, "vehicles.list", {})[0]
    driver = {"vehicle_id": str(vehicle.id), "driver_name": "Ana", "at": "2026-01-10T08:00:00Z"}
    core.perform(actor, "vehicles.hand_over", driver)
    core.perform(actor, "people.define_role", {"name": "Courier", "permissions": {"vehicles.read": "all"}})
    core.perform(actor, "expenses.add_category", {"name": "Bicycle"})
    core.perform(actor, "fuel.add_station", {"name": "Station at the ring road"})
    core.perform(actor, "maintenance.add_provider", {"name": "Workshop by the bridge"})
    job = {"vehicle_id": str(vehicle.id), "title": "Replace the wiper blades", "planned_on": "2026-06-12"}
    core.perform(actor, "maintenance.schedule_job", job)
    core.run(actor, import_log, ImportLog(source=LOG, file_name="log.csv", vehicle="Zodiac"))


def live_five_years(folder: Path) -> None:
    """Live the demo's life in *folder*, with a database and its files."""
    live(_url(folder), NOW.date(), folder / "attachments")


@contextmanager
def serving_garage(folder: Path) -> Iterator[Site]:
    """Serve the garage that lived in *folder*; its owner has a password."""
    attachments = folder / "attachments"
    with (
        fleetcore.open(_url(folder), installed_plugins=False, clock=FixedClock(NOW), attachments=attachments) as core,
        served(core, folder) as site,
    ):
        give_password(site)
        yield site


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'demo.db'}"
