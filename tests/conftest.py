"""Fixtures for every test: a fleet on SQLite and on PostgreSQL, and the folder of real data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

import fleetcore
from fleetcore import Core
from fleetcore.areas import built_in_areas
from fleetcore.kernel.actor import Actor
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import PostgresServer, SqliteFiles

built_in_areas()  # tests look at the tables of every area, in use or not

# Shared machines are noisy: how long an example takes says nothing about the code. What decides about a change draws
# the same examples each time; the drills and whoever asks for "exploring" draw new ones.
settings.register_profile("deciding", deadline=None, derandomize=True)
settings.register_profile("exploring", deadline=None)
settings.load_profile(os.environ.get("FLEET_HYPOTHESIS_PROFILE", "deciding"))

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
MEMORY, MEMORY_SIZE_MIN = Path("/dev/shm"), 2 * 1024**3  # noqa: S108 - a folder of the session's own is made in it


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteFiles]:
    """A folder of SQLite databases for the whole session, in memory where there is room.

    Each commit waits for the disk to keep it, and no test takes the power away.
    """
    is_roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and disk_usage(MEMORY).free > MEMORY_SIZE_MIN
    if not is_roomy:
        yield SqliteFiles(tmp_path_factory.mktemp("sqlite"))
        return
    with TemporaryDirectory(prefix="fleetcore-tests-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield SqliteFiles(Path(folder))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the whole session, from a pip wheel."""
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def sqlite_url(sqlite_files: SqliteFiles) -> Iterator[str]:
    """A migrated, empty SQLite database."""
    url = sqlite_files.database()
    yield url
    name = Path(url.removeprefix("sqlite:///")).name
    for path in sqlite_files.folder.glob(f"{name}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A migrated, empty PostgreSQL database."""
    url = postgres_server.database()
    yield url
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database on each engine in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon UTC of 1 June 2026."""
    return FixedClock()


@pytest.fixture
def core(database_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Core]:
    """A Core on each engine in turn, without installed plugins."""
    files = tmp_path / "attachments"
    with fleetcore.open(database_url, installed_plugins=False, clock=clock, attachments=files) as opened:
        yield opened


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared_core(request: pytest.FixtureRequest) -> Iterator[Core]:
    """A Core on each engine in turn that the tests of a module share, each in a fleet of its own."""
    makers = {"sqlite": "sqlite_files", "postgres": "postgres_server"}
    url = request.getfixturevalue(makers[request.param]).database()
    with fleetcore.open(url, installed_plugins=False, clock=FixedClock()) as opened:
        yield opened


@pytest.fixture
def resident(shared_core: Core) -> Actor:
    """The owner of a fresh fleet in euros, in UTC, beside those of other tests."""
    return shared_core.create_fleet("Home", currency="EUR", timezone="UTC", owner_name="Ada")


@pytest.fixture
def sqlite_core(sqlite_url: str, clock: FixedClock) -> Iterator[Core]:
    """A Core on SQLite only, for what does not depend on the engine."""
    with fleetcore.open(sqlite_url, installed_plugins=False, clock=clock) as opened:
        yield opened


@pytest.fixture
def owner(core: Core) -> Actor:
    """The owner of a fleet in euros, in UTC."""
    return core.create_fleet("Home", currency="EUR", timezone="UTC", owner_name="Ada", owner_email="ada@example.org")


@pytest.fixture
def sqlite_owner(sqlite_core: Core) -> Actor:
    """The owner of a fleet on the SQLite-only Core."""
    return sqlite_core.create_fleet(
        "Home", currency="EUR", timezone="UTC", owner_name="Ada", owner_email="ada@example.org"
    )


@pytest.fixture
def shared_data() -> Path:
    """The folder of real logs, which stands beside the checkout; tests that need it skip without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real logs are not here: {SHARED_DATA} does not exist")
    return SHARED_DATA
