"""One timeline of a vehicle across all areas: merged, filtered, paged, and no wider than each permission."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.engine import Engine

from fleetcore import Core
from fleetcore.history.sources import KINDS
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.kernel.money import Money
from fleetcore.testing.builders import NOON, euros, join_fleet, new_fill, new_vehicle
from fleetcore.vehicles.model import GrantVehicle
from fleetcore.vehicles.service import grant_vehicle

from .conftest import House

ALL_KINDS = ["vehicle", "vehicle", "job", "reminder", "reading", "trip", "service", "expense", "fill"]


def test_every_kind_of_record_is_there_newest_first(house: House) -> None:
    """What happened to the vehicle stands in one list, whichever area keeps it."""
    entries = house.entries()

    assert sorted(ALL_KINDS) == sorted(entry.kind for entry in entries)
    assert sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True) == list(entries)
    assert ["reading", "trip", "service", "expense", "fill"] == [entry.kind for entry in entries][-5:]


def test_an_entry_says_what_where_and_how_much(house: House) -> None:
    """Titles and details are words, costs and meters values; a record of a day has no instant of its own."""
    found = {entry.kind: entry for entry in house.entries(kinds=("service", "expense", "trip", "reading", "reminder"))}

    assert ("Brakes", Money(24000, "EUR")) == (found["service"].title, found["service"].cost)
    assert (date(2026, 5, 2), "Ölmühle", "parking") == (
        found["expense"].on,
        found["expense"].detail,
        found["expense"].title,
    )
    assert ("business trip", "12.0 km, Clinic") == (found["trip"].title, found["trip"].detail)
    assert ("odometer read", "15,000 km") == (found["reading"].title, found["reading"].detail)
    assert ("Oil", "reminder done") == (found["reminder"].title, found["reminder"].detail)


def test_a_change_of_state_says_from_where_to_where(house: House) -> None:
    """The vehicle's own changes are on its timeline too."""
    titles = {(entry.title, entry.detail) for entry in house.entries(kinds=("vehicle",))}

    assert {("added", ""), ("state", "active to under maintenance")} == titles


def test_readings_of_records_stand_with_their_records(empty: House) -> None:
    """A fill with an odometer is one entry, not two."""
    vehicle = empty.does("vehicles.get", id=str(empty.vehicle_id))
    new_fill(empty.core, empty.actor, vehicle)

    assert ["fill"] == empty.kinds(kinds=("fill", "reading"))


def test_what_was_taken_back_is_gone(house: House) -> None:
    """Deleted records and voided readings leave the timeline; a completed job is told by its service record."""
    entries = {entry.kind: entry for entry in house.entries()}
    house.does("fuel.delete_fill", id=str(entries["fill"].id), version=1)
    house.does("vehicles.void_reading", id=str(entries["reading"].id))
    house.does("vehicles.change_state", id=str(house.vehicle_id), state="active")
    house.does("maintenance.start_job", id=str(entries["job"].id), version=1)
    house.does("maintenance.complete_job", id=str(entries["job"].id), version=2, done_on="2026-05-09")

    kinds = house.kinds()
    assert ([], 2) == ([kind for kind in kinds if kind in {"fill", "reading", "job"}], kinds.count("service"))


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ({"kinds": ("fill", "trip")}, ["trip", "fill"]),
        ({"since": date(2026, 5, 2), "until": date(2026, 5, 3)}, ["service", "expense"]),
        ({"since": date(2026, 5, 5), "until": date(2026, 5, 5)}, ["trip"]),
        ({"text": "bRaKe"}, ["service"]),
        ({"text": "ölmühle"}, ["expense"]),
        ({"text": "clinic"}, ["trip"]),
        ({"text": "100%"}, []),
        ({"cost_min": euros("9.01"), "cost_max": euros("239.99")}, ["fill"]),
        ({"cost_min": euros("9.00")}, ["service", "expense", "fill"]),
        ({"cost_max": euros("9.00")}, ["expense"]),
        ({"cost_min": Money(1, "USD")}, []),
    ],
)
def test_the_timeline_can_be_narrowed(house: House, asked: dict[str, Any], kinds: list[str]) -> None:
    """By kind, period, text and cost; a period has both its days, a text no wildcards, a cost its currency."""
    assert kinds == house.kinds(**asked)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"kinds": ("nonsense",)}, "kinds.0"),
        ({"since": date(2026, 5, 2), "until": date(2026, 5, 1)}, "until"),
        ({"text": "x" * 201}, "text"),
        ({"cost_min": euros("2.00"), "cost_max": euros("1.00")}, "cost_max"),
        ({"cost_min": euros("2.00"), "cost_max": Money(300, "USD")}, "cost_max"),
        ({"limit": 0}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
    ],
)
def test_impossible_questions_are_refused(house: House, asked: dict[str, Any], field: str) -> None:
    """Each says which field is wrong."""
    with pytest.raises(Rejected) as told:
        house.page(**asked)
    assert field in {problem.field for problem in told.value.problems}


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_join_into_the_whole(house: House, limit: int) -> None:
    """Page by page comes what one page would show, whatever the order of days and instants."""
    whole = house.entries()
    joined, cursor = [], None
    for _ in range(len(whole) + 1):
        page = house.page(limit=limit, cursor=cursor)
        joined += page.items
        if (cursor := page.next) is None:
            break

    assert list(whole) == joined


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    hours=st.lists(st.integers(0, 72), max_size=8),
    days=st.lists(st.integers(1, 4), max_size=6),
    limit=st.integers(1, 4),
)
def test_days_and_instants_page_together(sqlite_core: Core, hours: list[int], days: list[int], limit: int) -> None:
    """However fills at an instant and expenses of a day lie, each comes once, newest first, on any size of page."""
    actor = sqlite_core.create_fleet("Home")
    vehicle = new_vehicle(sqlite_core, actor)
    house = House(sqlite_core, actor, vehicle.id)
    for hour in hours:
        at = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=hour)
        new_fill(sqlite_core, actor, vehicle, at=at, odometer=None)
    for day in days:
        amount = {"amount": "1.00", "currency": "EUR"}
        house.does("expenses.record", vehicle_id=str(vehicle.id), spent_on=f"2026-05-0{day}", category="parking",
                   amount=amount)  # fmt: skip
    found, cursor = [], None
    while True:
        page = house.page(kinds=("fill", "expense"), limit=limit, cursor=cursor)
        found += page.items
        if (cursor := page.next) is None:
            break

    assert (len(hours) + len(days), len(found)) == (len({entry.id for entry in found}), len({e.id for e in found}))
    assert all(a.at >= b.at for a, b in itertools.pairwise(found))


def test_a_mechanic_sees_what_mechanics_see(house: House) -> None:
    """Without the permission for expenses, fills and trips there are none; services and state stay."""
    someone = join_fleet(house.core, house.actor, "Max", "mechanic")
    mechanic = attrs.evolve(house, actor=someone)
    with pytest.raises(NotFound):
        mechanic.page()
    house.core.run(house.actor, grant_vehicle, GrantVehicle(vehicle_id=house.vehicle_id, user_id=someone.user_id))

    assert {"vehicle", "reading", "service", "job", "reminder"} == set(mechanic.kinds())


def test_whose_role_reaches_their_own_sees_their_own(house: House) -> None:
    """A driver sees every fill of their vehicle, but only the expenses and trips of their own."""
    bob = join_fleet(house.core, house.actor, "Bob", "driver")
    house.core.run(house.actor, grant_vehicle, GrantVehicle(vehicle_id=house.vehicle_id, user_id=bob.user_id))
    driver = attrs.evolve(house, actor=bob)
    assert ("fill" in driver.kinds(), {"expense", "trip"} & set(driver.kinds())) == (True, set())

    driver.does("trips.record", vehicle_id=str(house.vehicle_id), started_at="2026-05-08T08:00:00+00:00",
                ended_at="2026-05-08T09:00:00+00:00", distance_km=5, end_place="Bakery")  # fmt: skip
    (trip,) = driver.entries(kinds=("trip",))
    assert "Bakery" in trip.detail


def test_places_are_a_permission_of_their_own(house: House) -> None:
    """An accountant sees trips without where they went, and cannot find them by it."""
    accountant = attrs.evolve(house, actor=join_fleet(house.core, house.actor, "Cora", "accountant"))
    (trip,) = accountant.entries(kinds=("trip",))

    assert "Clinic" not in trip.detail + trip.title
    assert [] == accountant.kinds(text="clinic", kinds=("trip",))


def test_nobody_sees_another_fleets_vehicle(house: House) -> None:
    """An outsider, a stranger without permissions and a removed vehicle find nothing."""
    stranger = attrs.evolve(house, actor=house.core.create_fleet("Other"))
    with pytest.raises(NotFound):
        stranger.page()
    with pytest.raises(Forbidden):
        attrs.evolve(house, actor=attrs.evolve(house.actor, permissions={"fuel.read": Scope.ALL})).page()
    house.does("vehicles.remove", id=str(house.vehicle_id))
    with pytest.raises(NotFound):
        house.page()


def test_an_expired_grant_ends_the_timeline(core: Core, owner: Any, clock: Any) -> None:
    """A grant opens the timeline until its end, and not a moment longer."""
    vehicle = new_vehicle(core, owner)
    bob = join_fleet(core, owner, "Bob", "driver")
    ends = clock.now() + timedelta(hours=1)
    core.run(owner, grant_vehicle, GrantVehicle(vehicle_id=vehicle.id, user_id=bob.user_id, ends_at=ends))
    driver = House(core, bob, vehicle.id)
    assert ["vehicle"] == driver.kinds()
    clock.advance(hours=1)
    with pytest.raises(NotFound):
        driver.page()


def test_imports_stand_on_the_timelines_that_they_filled(empty: House) -> None:
    """An import is told on the vehicle it brought records for, until it is taken back."""
    log = b"date,odometer,liters,total cost,full\n2026-01-01,1000,40,60.00,1\n"
    other = attrs.evolve(empty, vehicle_id=new_vehicle(empty.core, empty.actor, name="Van").id)
    command = ImportLog(source=log, file_name="log.csv", vehicle="Golf", currency="EUR")
    done = empty.core.run(empty.actor, import_log, command)

    (entry,) = empty.entries(kinds=("import",))
    assert ("import of log.csv", []) == (entry.title, other.kinds(kinds=("import",)))
    empty.does("imports.undo", id=str(done.import_id))
    assert [] == empty.kinds(kinds=("import", "fill"))


SORTED = (  # of these a vehicle has a few, or the index gives almost the order
    *("reminders_completions", "audit_log", "tyre_sets", "vehicles_assignments", "documents_payments"),
    "coalesce(documents_documents",
)


def test_a_page_asks_once_what_there_is_and_then_each_kind_that_it_shows(house: House) -> None:
    """However long the lists; each part of the statements walks an index instead of sorting."""
    core = house.core
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT") and "set_config" not in statement:
            statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        shown = {entry.kind for entry in house.page().items}
        whole = len(statements)
        statements.clear()
        newest = {entry.kind for entry in house.page(limit=3).items}
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    others = 3  # what there is; the fleet's time zone and the vehicle
    assert whole <= len(shown) + others
    assert len(statements) <= len(newest) + others + 1  # the one that says whether there are more
    assert len(newest) < len(shown)
    if core.database.dialect == "sqlite":
        for statement, parameters in [pair for pair in statements if "LIMIT" in pair[0]]:
            with core.database.read(house.actor.fleet_id) as connection:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            told = " / ".join(str(row[-1]) for row in plan)
            parts = re.split("UNION ALL|LEFT-MOST SUBQUERY", told)
            asked = statement.split(" UNION ALL ")
            for said, part in zip(asked, parts[-len(asked) :], strict=True):
                assert "SCAN" not in re.sub(r"SCAN anon_\d+", "", part), (said, part)
                if not any(name in said for name in SORTED):
                    assert "TEMP B-TREE" not in part, (said, part)


def test_every_kind_has_one_source() -> None:
    """Kinds are told apart by their name alone."""
    assert len(KINDS) == len(set(KINDS))
    assert NOON.tzinfo is UTC
