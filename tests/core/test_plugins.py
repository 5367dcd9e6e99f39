"""Plugins: areas and listeners of third parties, and what happens when they are broken."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import attrs
import pytest
from pluggy import PluginValidationError

import fleetcore
from fleetcore import Core, hookimpl, plugins
from fleetcore.kernel.area import Area
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.kernel.ports import StoreKey
from fleetcore.storage.outbox import outbox
from fleetcore.testing.builders import a_vehicle, new_vehicle
from fleetcore.vehicles.ports import VEHICLES
from fleetcore.vehicles.service import add_vehicle

from .plugin import AREA, SHELF, Listener, ListNotes, NotesPlugin, WriteNote, list_notes, write_note


@pytest.fixture
def with_notes(database_url: str) -> Iterator[Core]:
    """A Core with the area of notes."""
    with fleetcore.open(database_url, plugins=[NotesPlugin()], installed_plugins=False) as core:
        yield core
    SHELF.clear()


def opened(url: str, *brought: Any) -> Core:
    """Open the database with the plugins *brought*."""
    return fleetcore.open(url, plugins=brought, installed_plugins=False)


def test_an_area_of_ones_own(with_notes: Core) -> None:
    """A plugin's area has a store, operations and events like the built-in ones."""
    owner = with_notes.create_fleet("Home")
    note = with_notes.run(owner, write_note, WriteNote(text="Oil leaks"))

    assert (note,) == with_notes.read(owner, list_notes, ListNotes())
    assert {"notes.write", "notes.list"} <= with_notes.operations.keys()
    with with_notes.database.system() as connection:
        assert "notes.note_written" in connection.execute(outbox.select()).mappings().all()[-1]["name"]


def test_operations_are_performed_by_name(with_notes: Core) -> None:
    """An operation can be called by its name, with plain values."""
    owner = with_notes.create_fleet("Home")

    assert "Hm" == with_notes.perform(owner, "notes.write", {"text": "Hm"}).text
    assert 1 == len(with_notes.perform(owner, "notes.list", {}))
    with pytest.raises(Rejected, match="no operation"):
        with_notes.perform(owner, "notes.sing", {})


def area_plugin(area: Area) -> Any:
    """Make a plugin that brings *area*."""

    class Plugin:
        @hookimpl
        def fleetcore_areas(self) -> list[Area]:
            return [area]

    return Plugin()


@pytest.mark.parametrize(
    ("area", "message"),
    [
        (attrs.evolve(AREA, needs=(StoreKey("notes.paper"),)), r"needs stores that no area brings: notes\.paper"),
        (attrs.evolve(AREA, stores={VEHICLES: object}), r"brings stores that exist: vehicles\.vehicles"),
        (attrs.evolve(AREA, operations=(add_vehicle,)), r"two operations are called vehicles\.add"),
    ],
)
def test_areas_that_do_not_fit_fail_at_open(sqlite_url: str, area: Area, message: str) -> None:
    """A missing or doubled store and a doubled operation are found when the Core is opened, not at use."""
    with pytest.raises(ValueError, match=message):
        opened(sqlite_url, area_plugin(area))


def test_a_misspelt_hook_is_an_error(sqlite_url: str) -> None:
    """A hook whose name no specification has fails at open, by its name."""

    class Misspelt:
        @hookimpl
        def fleetcore_event_comitted(self, committed: object) -> None:
            """Never called."""

    with pytest.raises(PluginValidationError, match="fleetcore_event_comitted"):
        opened(sqlite_url, Misspelt())


def test_a_hook_with_other_arguments_is_an_error(sqlite_url: str) -> None:
    """A hook that asks for what its specification does not give fails at open."""

    class Greedy:
        @hookimpl
        def fleetcore_event_committed(self, committed: object, money: object) -> None:
            """Never called."""

    with pytest.raises(PluginValidationError, match="money"):
        opened(sqlite_url, Greedy())


def test_listeners_hear_after_the_commit(database_url: str) -> None:
    """A listener is told when the rows are durable: it can read them on another connection."""
    seen = []

    class Reader(Listener):
        @hookimpl
        def fleetcore_event_committed(self, committed: Any) -> None:
            with core.database.system() as connection:
                seen.append(connection.execute(outbox.select().where(outbox.c.id == committed.id)).one().name)

    with opened(database_url, Reader()) as core:
        owner = core.create_fleet("Home")
        seen.clear()
        new_vehicle(core, owner)

    assert ["vehicles.vehicle_added"] == seen


def test_listeners_hear_nothing_of_what_failed(database_url: str) -> None:
    """An operation that was refused tells nobody."""
    listener = Listener()
    with opened(database_url, listener) as core:
        owner = core.create_fleet("Home")
        core.run(owner, add_vehicle, a_vehicle(vin="WVWZZZ1JZXW000001"))
        listener.heard.clear()
        with pytest.raises(Conflict):
            core.run(owner, add_vehicle, a_vehicle(vin="WVWZZZ1JZXW000001"))

    assert [] == listener.heard


def test_a_broken_listener_stops_nobody(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """When a listener raises, the operation stands, the others hear, and the log names the plugin."""
    before, broken, after = Listener(), Listener(fails=True), Listener()
    with opened(sqlite_url, before, broken, after) as core:
        new_vehicle(core, core.create_fleet("Home"))

    assert len(before.heard) == len(broken.heard) == len(after.heard) > 1
    assert "failed on vehicles.vehicle_added" in caplog.text


def test_a_listener_may_leave_out_the_argument(sqlite_url: str) -> None:
    """As everywhere in pluggy, an implementation takes only the arguments it wants."""
    rung = []

    class Bell:
        @hookimpl
        def fleetcore_event_committed(self) -> None:
            rung.append(1)

    with opened(sqlite_url, Bell()) as core:
        new_vehicle(core, core.create_fleet("Home"))

    assert rung


def test_replays_tell_nobody(database_url: str) -> None:
    """A request that is answered from its idempotency key emits nothing again."""
    listener = Listener()
    with opened(database_url, listener) as core:
        owner = core.create_fleet("Home")
        core.run(owner, add_vehicle, a_vehicle(), idempotency_key="k")
        listener.heard.clear()
        core.run(owner, add_vehicle, a_vehicle(), idempotency_key="k")

    assert [] == listener.heard


class Installed:
    """Plugins as the interpreter would find them installed, some broken."""

    notes = NotesPlugin()

    class Misspelt:
        """Implements a hook that does not exist."""

        @hookimpl
        def fleetcore_arias(self) -> None:
            """Never called."""

    class Failing:
        """Fails to bring its area."""

        @hookimpl
        def fleetcore_areas(self) -> list[Area]:
            """Fail."""
            raise OSError("the disk is gone")

    misspelt, failing = Misspelt(), Failing()


def test_installed_plugins_fail_one_by_one(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed plugin that cannot be loaded is listed with its reason; the rest work."""
    here = f"{__name__}:Installed"
    points = [
        EntryPoint("misspelt", f"{here}.misspelt", plugins.ENTRY_POINTS),
        EntryPoint("missing", "no_such_module_here:plugin", plugins.ENTRY_POINTS),
        EntryPoint("failing", f"{here}.failing", plugins.ENTRY_POINTS),
        EntryPoint("notes", f"{here}.notes", plugins.ENTRY_POINTS),
    ]
    monkeypatch.setattr(plugins, "entry_points", lambda **_: points)
    with fleetcore.open(sqlite_url) as core:
        assert ["misspelt", "missing", "failing"] == [failure.name for failure in core.plugins.failures]
        assert ("notes",) == core.plugins.names
        assert "the disk is gone" in core.plugins.failures[2].reason
        assert "notes.write" in core.operations
