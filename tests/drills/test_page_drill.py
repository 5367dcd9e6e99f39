"""A long list that is read page by page while others add to it and take from it."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import Connection, event

import fleetcore
from fleetcore import Core
from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills
from fleetcore.fuel.storage import FILL_ROWS, fills
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.storage.bulk import insert_many
from fleetcore.testing.builders import a_fill

from .server_process import GOLF, Household, moved_in

ROWS = int(os.environ.get("FLEET_DRILL_ROWS", "3000"))
SINCE = datetime(2010, 1, 1, tzinfo=UTC)
SPACING = timedelta(minutes=7)
MEDDLERS = 3
PAGE = 100
RATIO_MAX = 1.5
COST_MAX = 50_000  # far from what it takes to look at every row
ROWS_WITH_INDEX = 50_000  # of fewer rows the planner may look at all


def seed(core: Core, owner: Actor, vehicle_ids: list[UUID]) -> list[UUID]:
    """Store ROWS fills of several cars; some instants are shared, so ids decide too. Returns the ids."""
    from fleetcore.fuel.service import record_fill

    sample = core.run(owner, record_fill, a_fill(vehicle_ids[0], odometer=None))
    plain = FILL_ROWS.to_row(sample) | {"reading_id": None}
    ids = [new_id() for _number in range(ROWS)]
    rows = (
        (
            owner.fleet_id,
            *(
                plain
                | {"id": key, "at": SINCE + number // 3 * SPACING, "vehicle_id": vehicle_ids[number % len(vehicle_ids)]}
            ).values(),
        )
        for number, key in enumerate(ids)
    )
    core.database.write(owner.fleet_id, lambda connection: insert_many(connection, fills, ("fleet_id", *plain), rows))
    return ids


@define
class Meddling:
    """Clients that add fills anywhere in the list and delete others while somebody reads it."""

    household: Household
    ids: list[UUID]
    deleted: set[str] = field(factory=set)
    added: list[str] = field(factory=list)
    is_over: threading.Event = field(factory=threading.Event)

    def work(self, client: int) -> None:
        """Be one of them."""
        draw = random.Random(client)  # noqa: S311 - no secret
        with self.household.caller() as caller:
            for victim in draw.sample(self.ids[client::MEDDLERS], len(self.ids) // MEDDLERS // 4):
                if self.is_over.is_set():
                    return
                reply = caller.ask("DELETE", f"/fuel/{victim}", headers={"If-Match": '"1.x"'})
                assert reply.status == 200, reply.body
                self.deleted.add(str(victim))
                at = SINCE + draw.random() * (ROWS / 3) * SPACING
                fill = {"vehicle_id": self.household.vehicle_id, "at": at.isoformat(), "volume_l": 40}
                made = caller.ask("POST", "/fuel", {**fill, "total": {"amount": "60.00", "currency": "EUR"}})
                assert made.status == 201, made.body
                self.added.append(made.value["id"])

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Meddle while the block runs."""
        threads = [threading.Thread(target=self.work, args=(client,)) for client in range(MEDDLERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join(60)


def test_a_walk_skips_and_doubles_nothing(household: Household, module_url: str) -> None:
    """Every fill that was there all the time is seen once, whatever else comes and goes; the last page costs no more.

    What a page costs is told by the database: instructions of SQLite, rows that PostgreSQL looks at.
    """
    with household.caller() as caller:
        others = [UUID(caller.made("/vehicles", GOLF)["id"]) for _number in range(4)]
    with fleetcore.open(module_url) as core:
        owner = core.actor()
        ids = seed(core, owner, [UUID(household.vehicle_id), *others])
        meddling = Meddling(household, ids)
        with household.caller() as caller, meddling.going_on():
            seen = [fill["id"] for fill in caller.every("/fuel")]
        first, last = (cost(core, owner, cursor) for cursor in (None, _cursor_near_the_end(core, owner)))
    assert len(seen) == len(set(seen))
    assert set() == {str(key) for key in ids} - meddling.deleted - set(seen)
    assert meddling.deleted
    assert meddling.added
    print(f"{len(seen):,} rows; first page {first}, last {last}: {last / first:.2f}")  # noqa: T201 - shown on request
    assert last <= first * RATIO_MAX
    assert first <= COST_MAX or ROWS < ROWS_WITH_INDEX


def _cursor_near_the_end(core: Core, owner: Actor) -> str:
    """Return the cursor of the last page that is full."""
    cursors: list[str] = []
    question = ListFills(limit=1000)
    while (page := core.read(owner, list_fills, question)).next is not None:
        cursors.append(page.next)
        question = ListFills(limit=1000, cursor=page.next)
    before = ListFills(limit=1000 - PAGE if len(page.items) < PAGE else len(page.items) - PAGE, cursor=cursors[-1])
    if len(page.items) < PAGE:
        before = ListFills(limit=1000 - PAGE, cursor=cursors[-2] if len(cursors) > 1 else None)
    return core.read(owner, list_fills, before).next or cursors[-1]


def cost(core: Core, owner: Actor, cursor: str | None) -> int:
    """Return what the database does for a page: instructions on SQLite, rows on PostgreSQL."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "FROM fuel_fills" in statement:
            asked.append((statement, parameters))

    event.listen(core.database._reads, "before_cursor_execute", hear)
    page = core.read(owner, list_fills, ListFills(limit=PAGE, cursor=cursor))
    event.remove(core.database._reads, "before_cursor_execute", hear)
    assert len(page.items) == PAGE
    [(statement, parameters)] = asked
    with core.database.read(owner.fleet_id) as connection:
        counted = _instructions if core.database.dialect == "sqlite" else _rows
        return counted(connection, statement, parameters)


def _instructions(connection: Connection, statement: str, parameters: Any) -> int:
    driver: Any = connection.connection.driver_connection
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    driver.set_progress_handler(step, 1)
    connection.exec_driver_sql(statement, parameters).all()
    driver.set_progress_handler(None, 1)
    return count


def _rows(connection: Connection, statement: str, parameters: Any) -> int:
    [told] = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
    return _looked_at(told["Plan"])


def _looked_at(node: dict[str, Any]) -> int:
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if "Relation Name" in node else 0
    return int(own * node["Actual Loops"]) + sum(_looked_at(child) for child in node.get("Plans", []))


def test_a_cursor_fits_only_the_list_it_was_made_for(household: Household) -> None:
    """A cursor that was cut, made up, or comes from another list or other filters is refused.

    One of another fleet is a place in a list and no more: it shows nothing but one's own.
    """
    stranger = moved_in(household.server, "stranger@example.org")
    cursors = []
    for someone in (household, stranger):
        with someone.caller() as caller:
            for number in range(3):
                caller.made("/expenses", someone.parking(number))
            cursors.append(caller.ask("GET", "/expenses?limit=2").value["next"])
    own, foreign = cursors
    with household.caller() as caller:
        assert 200 == caller.ask("GET", f"/expenses?limit=2&cursor={own}").status
        bad = [own[:-1], own[:-2] + "AA", "A" * len(own), "x", "%00", ""]
        refused = [caller.ask("GET", f"/expenses?limit=2&cursor={cursor}") for cursor in bad]
        elsewhere = (f"/fuel?cursor={own}", f"/expenses?vehicle_id={household.vehicle_id}&cursor={own}")
        refused += [caller.ask("GET", path) for path in elsewhere]
        beyond = caller.ask("GET", f"/expenses?limit=50&cursor={foreign}")
    assert {household.vehicle_id} >= {expense["vehicle_id"] for expense in beyond.value["items"]}
    assert [422] * len(refused) == [reply.status for reply in refused]
    assert {"cursor"} == {reply.value["errors"][0]["parameter"] for reply in refused}
