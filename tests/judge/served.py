"""A server with a household of five years in it, for as long as its input stays open.

``python -m tests.judge.served FOLDER [--database URL] [--plant FAULT]`` writes one line of JSON: the address, and a
token that may do everything.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import attrs
from tests.judge.planted import PLANTED
from tests.server.serving import HOST, serving

import fleetcore
from fleetcore.accounts.model import Limit
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle
from fleetserver.app import create_app
from fleetserver.auth.keys import load_keys
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost, Limits
from fleetserver.cli.demo_life import live
from fleetserver.settings import ServerSettings

OWNER = {"email": "alex@example.org", "password": "forty narrow staircases"}
TODAY = date(2026, 10, 1)
ENOUGH = Limit(burst=10_000_000, period=timedelta(minutes=1))  # what is judged is not how much may be asked
LIMITS = Limits(**{each.name: ENOUGH for each in attrs.fields(Limits)})


def main() -> None:
    """Serve until the input ends."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--database")
    asked.add_argument("--plant", action="append", choices=sorted(PLANTED), help="and then with one vehicle only")
    said = asked.parse_args()
    url = said.database or f"sqlite:///{said.folder / 'judged.db'}"
    if said.plant:
        with fleetcore.open(url) as core:
            core.run(core.create_fleet("Home"), add_vehicle, AddVehicle(name="Golf"))
    else:
        live(url, TODAY, said.folder / "attachments")
    chosen = AuthSettings(
        data_dir=said.folder,
        hash_cost=HashCost(memory_kib=64, passes=1),
        access_lifetime=timedelta(days=1),
        limits=LIMITS,
    )
    with fleetcore.open(url, attachments=said.folder / "attachments") as core:
        accounts = Accounts(core, chosen, keys=load_keys(chosen, core.clock))
        actor = core.actor()
        accounts.set_email(actor.user_id, OWNER["email"])
        accounts.set_password(actor.user_id, OWNER["password"])
        token = accounts.login(**OWNER).access_token
        # A busy machine may take its time: what is judged is what is answered, not when.
        patient = ServerSettings(request_s=120.0, patience_s=60.0, crowded_s=60.0)
        app = create_app(core, patient, accounts)
        for fault in said.plant or ():
            app.middlewares.insert(0, PLANTED[fault])  # outside of what turns errors into problems
        with serving(app) as port:
            print(json.dumps({"url": f"http://{HOST}:{port}", "token": token}), flush=True)  # noqa: T201 - it is read
            with suppress(KeyboardInterrupt):
                sys.stdin.read()


if __name__ == "__main__":
    main()
