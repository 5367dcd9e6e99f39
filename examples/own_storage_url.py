"""Keep a fleet where you want: in a SQLite file, or in PostgreSQL.

``python own_storage_url.py postgresql://me@localhost/garage``, or FLEET_DATABASE. A SQLite file makes and
upgrades itself when it is opened; a PostgreSQL database is migrated first, by a role that may create tables.
"""

from __future__ import annotations

import os
import sys

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import FleetError, Rejected
from fleetcore.storage.schema import migrate
from fleetcore.vehicles.model import AddVehicle, ListVehicles
from fleetcore.vehicles.service import add_vehicle, list_vehicles


def the_owner(core: Core) -> Actor:
    """Return the owner of the only fleet, founding it where there is none."""
    try:
        return core.actor()
    except Rejected as rejected:
        if not rejected.has_code("fleet.none"):
            raise  # there are several: somebody has to say which one
        return core.create_fleet("Home", currency="EUR", owner_email="ada@example.org")


def main(arguments: list[str]) -> int:
    """Run the example."""
    url = arguments[0] if arguments else os.environ.get("FLEET_DATABASE", "sqlite://")
    try:
        if url.startswith("postgresql"):
            before, after = migrate(url)
            print(f"schema: {', '.join(sorted(before)) or 'none'} -> {', '.join(sorted(after))}")
        with fleetcore.open(url) as core:
            ada = the_owner(core)
            number = len(core.read(ada, list_vehicles, ListVehicles())) + 1
            vehicle = core.run(ada, add_vehicle, AddVehicle(name=f"Van {number}"))
            print(f"{core.database.name} has {number} vehicles; the newest is {vehicle.name}")
    except FleetError as error:  # what fleetcore says on purpose: a wrong URL, a locked file, a missing server
        print(f"cannot go on: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
