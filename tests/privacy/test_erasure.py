"""Erasing a person: nothing of theirs is left, and the books stay as they were."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.ledger.model import CheckLedger, TrialBalance
from fleetcore.ledger.queries import check_ledger, trial_balance
from fleetcore.storage.holdings import HOLDINGS
from fleetcore.storage.types import metadata
from fleetserver.auth.errors import Unauthenticated

from .conftest import ADDRESS, CANARY, EMAIL, PASSWORD, Scene, rows_with

BOOKS = ("ledger_journal_entries", "ledger_journal_lines", "ledger_accounts")


def test_nothing_of_a_person_is_left(scene: Scene, database_url: str) -> None:
    """No table holds a word of theirs, their name or an address; before, many did."""
    before = {row.partition(":")[0] for row in rows_with(database_url, CANARY, ADDRESS)}
    scene.core.erase_person(scene.user_id)

    assert {"audit_log", "trips_trips", "fuel_fills", "people_users", "sharing_invitations"} <= before
    assert len(before) >= 15
    assert [] == rows_with(database_url, CANARY, ADDRESS)


def test_the_books_stay_as_they_were(scene: Scene, database_url: str) -> None:
    """Entries, lines, balances and the check of the journal are the same before and after."""

    def books() -> object:
        core, carl = scene.core, scene.carl
        rows = [row for row in rows_with(database_url, "") if row.startswith(BOOKS)]
        return (
            sorted(rows),
            core.read(carl, trial_balance, TrialBalance()),
            core.read(carl, check_ledger, CheckLedger()),
        )

    before = books()
    scene.core.erase_person(scene.user_id)

    assert before == books()


def test_records_stay_without_their_words(scene: Scene) -> None:
    """What was driven, filled and paid is still there; places and notes are a mark."""
    scene.core.erase_person(scene.user_id)
    trips = scene.core.perform(scene.carl, "trips.list", {}).items
    fills = scene.core.perform(scene.carl, "fuel.list_fills", {}).items
    member_ids = {each.user_id for each in scene.core.perform(scene.carl, "people.list_members", {}).items}

    assert {"[erased]"} == {trip.driver_name or trip.start_place for trip in trips}
    assert all(trip.start_latitude is None for trip in trips)
    assert [40, 40] == [fill.quantity.litres for fill in fills]
    assert {scene.carl.user_id} == member_ids


def test_nobody_gets_in_any_more(scene: Scene) -> None:
    """Tokens, password and keys of an erased person are nobody's, in this process at once."""
    scene.accounts.erase_person(scene.user_id)
    for act in (
        lambda: scene.accounts.identify(scene.tokens.access_token),
        lambda: scene.accounts.login(EMAIL, PASSWORD),
    ):
        with pytest.raises(Unauthenticated):
            act()
    with pytest.raises(NotFound):
        scene.core.erase_person(scene.carl.fleet_id)


def test_a_dry_run_changes_nothing(scene: Scene, database_url: str) -> None:
    """It tells the rows that would be erased, and keeps them all."""
    before = rows_with(database_url, "")
    planned = scene.core.erase_person(scene.user_id, dry_run=True)

    assert planned.is_dry_run
    assert planned.rows["trips_trips"] == 2
    assert before == rows_with(database_url, "")
    assert scene.core.erase_person(scene.user_id).rows == planned.rows


def test_the_log_says_who_was_erased_when(scene: Scene) -> None:
    """The rows of the log are as many as before and two more; those that lost words tell the time."""
    before = {row.id: row for row in scene.core.perform(scene.carl, "audit.list", {"limit": 200}).items}
    scene.core.erase_person(scene.user_id, by=scene.carl.user_id)
    after = {row.id: row for row in scene.core.perform(scene.carl, "audit.list", {"limit": 200}).items}
    told = [after[key] for key in after.keys() - before.keys()]

    assert before.keys() < after.keys()
    assert {"privacy.erase_person"} == {row.operation for row in told}
    assert {scene.carl.user_id} == {row.actor_id for row in told}
    for key, row in before.items():
        now = after[key]
        kept = ("at", "actor_id", "operation", "entity", "entity_id", "correlation_id")
        assert [getattr(row, name) for name in kept] == [getattr(now, name) for name in kept]
        assert (row == now) is (now.erased_at is None)


def test_the_last_owner_hands_over_first(scene: Scene) -> None:
    """Others depend on them: the answer says so, and says which fleet."""
    with pytest.raises(Conflict, match="hand it over"):
        scene.core.erase_person(scene.carl.user_id, with_fleets=True)
    member = scene.core.perform(scene.carl, "people.get_member", {"user_id": str(scene.user_id)})
    scene.core.perform(scene.carl, "people.transfer_ownership", {"user_id": str(member.user_id)})
    scene.core.erase_person(scene.carl.user_id)


def test_an_only_member_says_what_becomes_of_the_fleet(core: Core, database_url: str) -> None:
    """Without a word it is refused; with it, names and plates of the fleet go too, and its numbers stay."""
    alone = core.create_fleet(f"{CANARY} home", owner_name=f"Eve {CANARY}", owner_email=EMAIL)
    golf = {"name": f"{CANARY} car", "carriers": ["petrol"], "plate": "KA-NA 1", "vin": "WVWZZZ1JZXW000001"}
    vehicle = core.perform(alone, "vehicles.add", golf)
    core.perform(alone, "vehicles.edit", {"id": str(vehicle.id), "version": 1, **golf, "notes": CANARY})
    with pytest.raises(Conflict, match="no other member"):
        core.erase_person(alone.user_id)
    done = core.erase_person(alone.user_id, with_fleets=True)

    assert (alone.fleet_id,) == done.emptied_fleets
    assert [] == rows_with(database_url, CANARY, "KA-NA", "WVWZZZ1JZXW000001")


def test_every_table_says_what_it_holds_of_persons() -> None:
    """A new table gets a line in holdings: whose its rows are, or why they are nobody's."""
    assert set(metadata.tables) == set(HOLDINGS)
    for name, holding in HOLDINGS.items():
        columns = metadata.tables[name].c
        named = (*holding.owners, *holding.words, *holding.names, *holding.blanks, *holding.hidden)
        assert [] == [column for column in named if column not in columns], name
        assert holding.words or holding.names or holding.is_dropped or holding.why, name
