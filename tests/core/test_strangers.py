"""Whoever has no business with a record reaches it by no request: commands of every operation are drawn at random.

They are drawn from the types of the commands, with ids from every table, so what an area adds is tried here without
a change to this file. The requests run with the filters of the stores as they are, and on PostgreSQL also with every
``fleet_id = ...`` taken out of the statements, where row-level security alone is left.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, get_args, get_origin
from uuid import UUID, uuid4

import attrs
import pytest
from attrs import frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, event, select
from tests.exports.garage import furnish

import fleetcore
from fleetcore import Core
from fleetcore.areas import built_in_areas
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import FleetError, Forbidden
from fleetcore.kernel.money import UnitPrice
from fleetcore.kernel.wire import bare_type, to_json
from fleetcore.operations import AnyOperation, Query
from fleetcore.sharing.model import Invite, OfferedGrant
from fleetcore.sharing.service import invite
from fleetcore.storage.types import metadata
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import GetVehicle, GrantScope, ListVehicles, Vehicle
from fleetcore.vehicles.service import get_vehicle, list_vehicles

from .inventions import VALUES

AREAS = sorted(area.name for area in built_in_areas())
CONFIGURATIONS = [
    pytest.param(("sqlite", True), id="sqlite"),
    pytest.param(("postgres", True), id="postgres", marks=pytest.mark.postgres),
    pytest.param(("postgres", False), id="postgres-without-filters", marks=pytest.mark.postgres),
]
EXAMPLES = 4
CHOSEN_BY_CLIENT = {"people.add_member": "user_id"}  # the id of a record that is yet to be, under another name
STRANGERS = ("neighbour", "expired", "reader", "borrower")
# A predicate on the fleet, as both engines see it; what is compared with another column is a join, not a filter.
FILTER = re.compile(r'(?:"?\w+"?\.)?"?\bfleet_id"?\s*=\s*(%\(\w+\)s(?:::UUID)?|%s|\?)', re.IGNORECASE)
LOG = b"vehicle,date,odometer,liters,total cost,full\nB,2026-01-01,1000,40,60.00,1\nB,2026-01-10,1500,35,52.50,1\n"


@frozen
class Street:
    """A fleet full of records, and those who have no business with them."""

    core: Core
    owner: Actor
    neighbour: Actor
    expired: Actor
    reader: Actor
    borrower: Actor
    lent: Vehicle
    bystander: Engine

    def actor(self, name: str) -> Actor:
        """Return the stranger called *name*."""
        found: Actor = getattr(self, name)
        return found

    def rows(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Return every row of the fleet with its table, past the stores and past row-level security."""
        with self.bystander.connect() as connection:
            return [
                (table.name, tuple(row))
                for table in metadata.sorted_tables
                if "fleet_id" in table.c
                for row in connection.execute(select(table).where(table.c.fleet_id == self.owner.fleet_id))
            ]


def street_at(url: str, files: Path) -> Iterator[Street]:
    """Build the street in the database at *url*, its attachments in the folder *files*."""
    clock = FixedClock()
    with fleetcore.open(url, installed_plugins=False, clock=clock, attachments=files) as core:
        owner, neighbour = core.create_fleet("Theirs", owner_name="Eve"), core.create_fleet("Ours")
        furnish(core, owner)
        lent = new_vehicle(core, owner, name="Lent")

        def guest(name: str, scope: GrantScope | None, ends_at: datetime | None = None) -> Actor:
            offered = OfferedGrant(vehicle_id=lent.id, scope=scope, ends_at=ends_at)
            return core.accept_invitation(str(core.run(owner, invite, Invite(grants=(offered,))).token), name=name)

        expired = guest("Over", None, clock.now() + timedelta(hours=1))
        reader, borrower = guest("Reader", GrantScope.READ), guest("Borrower", None)
        clock.advance(days=1)
        bystander = create_engine(url)
        yield Street(core, owner, neighbour, expired, reader, borrower, lent, bystander)
        bystander.dispose()


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """The street on each engine, on PostgreSQL with and without the filters of the stores."""
    engine, filtered = request.param
    makers = {"sqlite": "sqlite_files", "postgres": "postgres_server"}
    url = request.getfixturevalue(makers[engine]).database()
    for made in street_at(url, tmp_path_factory.mktemp("files")):
        if not filtered:
            drop_filters(made.core)
        yield made


def drop_filters(core: Core) -> None:
    """Take the fleet out of every condition that the core sends from now on."""

    def rewritten(*told: Any) -> tuple[str, Any]:
        statement, parameters = told[2], told[3]
        return FILTER.sub(r"(\1 IS NOT NULL)", statement), parameters

    database = core.database
    for engine in {database._writes, database._reads}:
        event.listen(engine, "before_cursor_execute", rewritten, retval=True)


def later(start: Any, days: int) -> Any:
    """Return the day or instant *days* after *start*."""
    return start + timedelta(days=days)


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(0, 3),
    str: st.sampled_from(["", "x", "family", "fuel", "Polo", "9999-12"]),
    Decimal: st.just(Decimal(1)),
    UnitPrice: st.just(UnitPrice.of("1.5", "EUR")),
    **{kind: st.just(value) for kind, value in VALUES.items() if kind not in {bool, int, str, date, datetime}},
    **{kind: st.integers(-200, 200).map(partial(later, VALUES[kind])) for kind in (date, datetime)},
}


def values(declared: Any, ids: list[UUID]) -> st.SearchStrategy[Any]:
    """Draw a value of the type *declared*; where it is an id, one of *ids* or nobody's."""
    kind = bare_type(declared)
    if kind != declared:
        return st.none() | values(kind, ids)
    if kind is UUID:
        return st.sampled_from([*ids, uuid4()])
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) is not None:
        return _parts(get_origin(kind), get_args(kind), ids)
    return st.sampled_from(list(kind)) if issubclass(kind, Enum) else commands(kind, ids)


def _parts(origin: Any, parts: tuple[Any, ...], ids: list[UUID]) -> st.SearchStrategy[Any]:
    """Draw a tuple, a mapping, or a source or target of a file, which is in memory here."""
    if origin is tuple:
        return st.lists(values(parts[0], ids), max_size=2).map(tuple)
    if BinaryIO in parts:
        return st.builds(io.BytesIO)
    return st.just(LOG if bytes in parts else {"vehicles.read": Scope.ALL} if Scope in parts else {})


def commands(command_type: Any, ids: list[UUID], new_id: str = "id") -> st.SearchStrategy[Any]:
    """Draw a command that names records of *ids*, and leaves out about half of what it may.

    Where *new_id* may be left out, it is the id of a record that is yet to be: the answer may repeat it.
    """
    attrs.resolve_types(command_type)
    drawn = {}
    for field in attrs.fields(command_type):
        is_new_id = field.name == new_id and field.default is None
        is_callback = field.name == "progress"
        if field.name == "cursor" or is_new_id or is_callback:
            continue
        strategy = values(field.type, ids)
        if field.default is not attrs.NOTHING:
            default = field.default
            plain = st.builds(default.factory) if isinstance(default, attrs.Factory) else st.just(default)  # type: ignore[arg-type]
            strategy = plain | strategy
        drawn[field.name] = strategy
    return st.fixed_dictionaries(drawn).map(lambda said: command_type(**said))


# What strangers asked of sensitive things stands in their own audit log, with the ids that they named.
OWN_READS = re.compile(rb'\{[^{}]*"entity":"read"[^{}]*\{[^{}]*\}[^{}]*\}')


def answer_to(core: Core, actor: Actor, found: AnyOperation, command: Any) -> tuple[bytes, bool]:
    """Return what the actor is told, with what was written for them, and whether it was an error."""
    try:
        result = core.read(actor, found, command) if isinstance(found, Query) else core.run(actor, found, command)
    except FleetError as error:
        return str(error).encode(), True
    files = b"".join(
        archive.read(name)
        for value in (getattr(command, field.name) for field in attrs.fields(type(command)))
        if isinstance(value, io.BytesIO) and value.getbuffer().nbytes
        for archive in (zipfile.ZipFile(value),)
        for name in archive.namelist()
    )
    return OWN_READS.sub(b"", to_json(result) + files), False


def is_about(row: tuple[Any, ...], ids: set[UUID]) -> bool:
    """Say whether *row* names one of *ids*."""
    return any(value in ids for value in row if isinstance(value, UUID))


def secrets_of(rows: list[tuple[str, tuple[Any, ...]]], open_to_them: set[UUID]) -> tuple[set[UUID], set[str]]:
    """Return the ids and the unusual texts of the fleet's *rows* but those about what is open to the stranger."""
    known = set(open_to_them)
    for table, row in rows:
        if is_about(row, open_to_them) or table == "people_fleets":
            known |= {value for value in row if isinstance(value, UUID)}
    hidden = [row for table, row in rows if not is_about(row, open_to_them) and table != "people_fleets"]
    ids = {value for row in hidden for value in row if isinstance(value, UUID)} - known
    texts = {value for row in hidden for value in row if isinstance(value, str) and not value.isascii()}
    return ids, {text for text in texts if len(text) < 40 and "{" not in text}


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_reach_nothing_beyond(street: Street, stranger: str, area: str) -> None:
    """No drawn request tells an id or a word of what is not theirs, or changes such a row.

    The owner next door and the guest whose loan is over reach nothing; a guest reaches what is about the vehicle
    that is lent to them, and what they made.
    """
    actor = street.actor(stranger)
    theirs = {"neighbour": set(), "expired": {actor.user_id}}.get(stranger, {actor.user_id, street.lent.id})
    before = street.rows()
    ids, texts = secrets_of(before, theirs | {actor.user_id})
    kept = {repr(row) for row in before if not is_about(row[1], theirs)}
    pool = sorted(ids | {street.lent.id})
    operations = [found for name, found in street.core.operations.items() if name.partition(".")[0] == area]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        for found in operations:
            drawn_ids = commands(found.command_type, pool, CHOSEN_BY_CLIENT.get(found.name, "id"))
            command = data.draw(drawn_ids, label=found.name)
            told, refused = answer_to(street.core, actor, found, command)
            if stranger == "expired" and found.permission is not None:
                assert refused, f"{found.name} answered {told!r}"
            if not refused:
                assert not {record for record in ids if str(record).encode() in told}, f"{found.name}: {told!r}"
            assert not {text for text in texts if text.encode() in told}, f"{found.name}: {told!r}"
        assert not kept - set(map(repr, street.rows()))

    drawn()


def test_strangers_have_the_rights_they_should_have(street: Street) -> None:
    """Negative control: the guests do reach the vehicle that is lent, and the owner everything."""
    for guest in (street.reader, street.borrower):
        assert (street.lent.id,) == tuple(each.id for each in street.core.read(guest, list_vehicles, ListVehicles()))
    with pytest.raises(Forbidden):
        street.core.read(street.expired, get_vehicle, GetVehicle(id=street.lent.id))
    assert 2 < len(street.core.read(street.owner, list_vehicles, ListVehicles()))


def test_dropping_the_filters_drops_them(sqlite_url: str, tmp_path: Path) -> None:
    """Negative control: on SQLite, without row-level security behind the filters, the neighbour then sees all."""
    for street in street_at(sqlite_url, tmp_path):
        assert () == street.core.read(street.neighbour, list_vehicles, ListVehicles())
        drop_filters(street.core)
        seen = street.core.read(street.neighbour, list_vehicles, ListVehicles())

        assert street.lent.id in {vehicle.id for vehicle in seen}
