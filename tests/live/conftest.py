"""A served fleet on each engine in turn, with live events, whose users are known by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from aiohttp import web
from attrs import frozen
from tests.live.listening import Listener
from tests.server.serving import known_as, serving

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.live.model import Bearer
from fleetcore.testing.databases import SqliteFiles
from fleetserver.app import API_ROOT, BRIDGE, create_api
from fleetserver.live.api import HUB, LiveRoutes
from fleetserver.live.hub import Hub
from fleetserver.live.settings import LiveSettings
from fleetserver.settings import ServerSettings
from fleetserver.web.problems import HttpProblem


@frozen
class Served:
    """A server, and the users that it knows by their names."""

    port: int
    actors: dict[str, Actor]
    app: web.Application

    @property
    def hub(self) -> Hub:
        """What brings events to the clients of this server."""
        return self.app[HUB]

    def as_(self, name: str) -> Listener:
        """Return a client of the user called *name*."""
        return Listener(self.port, name)


Serve = Callable[..., Served]


def started(stack: ExitStack, core: Core, actors: dict[str, Actor], **settings: object) -> Served:
    """Serve *core* to *actors* until *stack* is closed."""

    def bearer_of(request: web.Request) -> Bearer:
        name = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if (actor := actors.get(name)) is None:
            raise HttpProblem(status=401, kind="unauthenticated", detail="sign in first")
        return Bearer(user_id=actor.user_id, fleet_id=actor.fleet_id)

    app = create_api(core, ServerSettings(), known_as(actors))
    live = LiveSettings(**settings)  # type: ignore[arg-type]  # as tests name them
    LiveRoutes(core, app[BRIDGE], bearer_of, live).add_to(app, API_ROOT)
    return Served(stack.enter_context(serving(app)), actors, app)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a core to actors by name, as often as wanted."""
    with ExitStack() as stack:
        yield partial(started, stack)


@pytest.fixture
def served(core: Core, owner: Actor, serve: Serve) -> Served:
    """A server whose users are an owner, and a stranger with a fleet of their own."""
    return serve(core, {"owner": owner, "stranger": core.create_fleet("Elsewhere")})


@pytest.fixture(scope="module")
def shared_served(sqlite_files: SqliteFiles) -> Iterator[Served]:
    """A server on SQLite that the tests of a module share, for what does not depend on the engine."""
    with fleetcore.open(sqlite_files.database(), installed_plugins=False) as core, ExitStack() as stack:
        yield started(stack, core, {"owner": core.create_fleet("Home")})
