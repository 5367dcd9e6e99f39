"""A fleet in which Ada has written wherever somebody can write, each word with a canary in it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from sqlalchemy import create_engine, inspect, text

from fleetcore import Core
from fleetcore.accounts.sessions import Origin
from fleetcore.attachments.model import AddAttachment
from fleetcore.attachments.service import add_attachment
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log
from fleetcore.kernel.actor import Actor, Scope
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost

CANARY = "kanarie"
EMAIL = f"{CANARY}@mail.example"
NAME = f"Ada {CANARY.title()}"
PASSWORD = "four words of somebody"
ADDRESS = "192.0.2.77"
HERE = Origin(ADDRESS, "request-1")
LOG = f"vehicle,at,odometer_km,volume_l,total,currency,notes\nGolf,2026-04-01 10:00,12000,40,60,EUR,{CANARY} raw\n"


@frozen
class Scene:
    """A fleet of Carl's with Ada in it, and what Ada signs in with."""

    core: Core
    accounts: Accounts
    carl: Actor
    ada: Actor
    tokens: Any
    vehicle_id: str

    @property
    def user_id(self) -> UUID:
        """Who Ada is."""
        return self.ada.user_id


@pytest.fixture
def accounts(core: Core, tmp_path: Path) -> Iterator[Accounts]:
    """The accounts of a host, without mail."""
    made = Accounts(core, AuthSettings(data_dir=tmp_path, hash_cost=HashCost(memory_kib=8, passes=1)))
    yield made
    made.close()


@pytest.fixture
def scene(core: Core, accounts: Accounts) -> Scene:
    """Ada has written something of every kind, and has signed in, and Carl has written her name."""
    carl = core.create_fleet("Works", owner_name="Carl", owner_email="carl@mail.example")
    added = core.perform(carl, "people.add_member", {"name": NAME, "email": EMAIL, "roles": ["fleet_manager"]})
    accounts.set_password(added.user_id, PASSWORD)
    tokens = accounts.login(EMAIL, PASSWORD, device=f"{CANARY} phone", origin=HERE)
    caller = accounts.identify(tokens.access_token)
    accounts.enrol_totp(caller, PASSWORD, origin=HERE)
    accounts.make_key(caller, f"{CANARY} key", {"fuel.read": Scope.ALL}, origin=HERE)
    accounts.request_reset(EMAIL, origin=HERE)
    accounts.refresh(tokens.refresh_token, origin=HERE)
    ada = caller.actor
    golf = write(core, ada, carl)
    return Scene(core, accounts, carl, ada, tokens, golf)


def write(core: Core, ada: Actor, carl: Actor) -> str:
    """Write canaries as Ada, and Ada's name as Carl; returns the vehicle."""

    def do(operation: str, /, **values: Any) -> Any:
        return core.perform(ada, operation, values, correlation_id="c-1", address=ADDRESS)

    golf = str(do("vehicles.add", name="Golf", carriers=["petrol"], notes=f"{CANARY} bought it").id)
    at = "2026-05-01T10:00:00Z"
    paid = {"amount": "60.00", "currency": "EUR"}
    place = f"{CANARY} street"
    filled = {"vehicle_id": golf, "at": at, "volume_l": 40, "total": paid, "place": place}
    fill = do("fuel.record_fill", **filled, notes=CANARY)
    do("fuel.edit_fill", **filled, id=str(fill.id), version=1, notes=f"{CANARY} again")
    do(
        "expenses.record",
        vehicle_id=golf,
        at=at,
        category="parking",
        amount=paid,
        title=f"{CANARY} parked",
        place=place,
        notes=CANARY,
        tags=[CANARY],
    )
    do(
        "trips.record",
        vehicle_id=golf,
        started_at=at,
        ended_at="2026-05-01T11:00:00Z",
        distance_km=40,
        driver_id=str(ada.user_id),
        start_place=place,
        end_place=f"home of {CANARY}",
        client=CANARY,
        purpose="business",
        notes=CANARY,
        start_latitude=52.5,
        start_longitude=13.4,
    )
    do("vehicles.record_reading", vehicle_id=golf, at=at, odometer_km=12500, note=f"{CANARY} read it")
    licence = do("documents.add", kind="licence", person_id=str(ada.user_id), number=f"{CANARY}-1", classes=["B"])
    scan = AddAttachment(
        entity="documents.document",
        entity_id=licence.document.id,
        content=io.BytesIO(b"%PDF-1.4\n" + CANARY.encode() + b"\n%%EOF\n"),
        name=f"{CANARY}.pdf",
    )
    core.run(ada, add_attachment, scan, address=ADDRESS)
    do("reminders.add", vehicle_id=golf, title="Oil", notes=CANARY, on="2027-01-01")
    do("sharing.invite", roles=["driver"], email="bob@mail.example", message=f"{CANARY} invites")
    do("calendars.make_feed", name=f"{CANARY} calendar")
    do("notifications.set_preferences", addresses={"chat": CANARY})
    core.run(ada, import_log, ImportLog(source=LOG.encode(), file_name=f"{CANARY}.csv"))
    for name, said in (("trips.record", {"started_at": "2026-05-02T10:00:00Z", "ended_at": "2026-05-02T11:00:00Z"}),):
        core.perform(carl, name, {"vehicle_id": golf, "distance_km": 5, "driver_name": NAME, **said})
    core.perform(carl, "sharing.invite", {"roles": ["driver"], "email": f"new.{EMAIL}", "message": "Hello"})
    return golf


def rows_with(url: str, *words: str) -> list[str]:
    """Return every row of every table that holds one of *words*, in any spelling, as text."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [
            f"{name}: {tuple(row)}"
            for name in inspect(connection).get_table_names()
            for row in connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608 - names of our own tables
        ]
    engine.dispose()
    assert len(found) > 40
    return [row for row in found if any(word.casefold() in row.casefold() for word in words)]
