"""A served household on each engine in turn, for the drills over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .server_process import Household, ServerProcess, moved_in, server_process


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def module_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database on each engine in turn, for the drills of a module."""
    makers = {"sqlite": "sqlite_files", "postgres": "postgres_server"}
    return str(request.getfixturevalue(makers[request.param]).database())


@pytest.fixture(scope="module")
def server(module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server process over it, that the drills of a module share."""
    with server_process(module_url, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def household(server: ServerProcess) -> Household:
    """Ada with her car."""
    return moved_in(server)
