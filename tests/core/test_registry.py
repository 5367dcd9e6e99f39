"""Areas are imported when they are needed, and nothing is missing because one was not."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fleetcore.areas import BUILT_IN, AreaEntry, built_in_areas
from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import StoreKey
from fleetcore.registry import Registry
from fleetcore.storage.archive import archived_tables
from fleetcore.vehicles.events import VehiclePurged


def in_fresh_python(program: str, *arguments: str) -> str:
    """Run *program* in a new interpreter and return what it printed."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("entry", BUILT_IN, ids=lambda entry: entry.name)
def test_an_entry_knows_what_its_area_hears(entry: AreaEntry) -> None:
    """The names of events in the list are those that the area reacts to, no more and no fewer."""
    area = entry.load()
    assert sorted(kind.name for kind in area.reactions) == sorted(entry.hears)


def test_stores_are_named_after_their_area() -> None:
    """By that name a store's area is found before it is imported."""
    strangers = [
        key.name for area in built_in_areas() for key in area.stores if not key.name.startswith(f"{area.name}.")
    ]
    assert [] == strangers


def test_every_need_is_met() -> None:
    """A store that an area needs is brought by one."""
    registry = Registry()
    missing = [key.name for area in built_in_areas() for key in area.needs if registry.factory_of(key) is None]
    assert [] == missing


def test_opening_imports_no_area_that_nobody_asked_for(sqlite_url: str) -> None:
    """A core that was only opened knows neither fuel nor trips."""
    program = (
        "import sys, fleetcore; core = fleetcore.open(sys.argv[1], installed_plugins=False);"
        "print([name for name in ('fuel', 'trips', 'imports', 'reports') if f'fleetcore.{name}.area' in sys.modules])"
    )
    assert "[]" == in_fresh_python(program, sqlite_url)


def test_an_archive_of_a_fresh_process_holds_every_table(sqlite_url: str, tmp_path: Path) -> None:
    """Areas that nobody used in this process are in its backup."""
    program = (
        "import sys, pathlib, fleetcore; core = fleetcore.open(sys.argv[1], installed_plugins=False);"
        "core.create_fleet('Home'); target = pathlib.Path(sys.argv[2]);"
        "core.backup(target);"
        "from fleetcore.storage.archive import archived_tables; print(sorted(archived_tables()))"
    )
    assert str(sorted(archived_tables())) == in_fresh_python(program, sqlite_url, str(tmp_path / "all.zip"))


def test_an_unknown_store_is_a_key_error() -> None:
    """A key that no area brings is an error that names it."""
    with pytest.raises(KeyError, match="nowhere"):
        Registry().factory_of(StoreKey("nowhere.rows"))


def test_plugin_areas_react_after_built_in_ones() -> None:
    """Reactions keep the rank order of their areas, plugins' last."""
    plugin = Area(name="notes", reactions={VehiclePurged: lambda _uow, _event: None})
    reactions = Registry([plugin]).reactions_to(VehiclePurged)
    assert plugin.reactions[VehiclePurged] is reactions[-1]
    assert len(reactions) > 1


def test_threads_share_a_registry() -> None:
    """Threads that ask at once for what is not imported yet all get it."""
    registry, found = Registry(), []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        found.append(registry.reactions_to(VehiclePurged))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 8 == len(found)
    assert 1 == len(set(found))
