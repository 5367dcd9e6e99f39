"""The town, built once on each engine: nothing that is asked of it changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .oracle import CUSTOM_CELLS, KEY_CELLS
from .town import Town, town_at

LETTERS = {"A": "all", "G": "granted", "O": "own"}


def built(request: pytest.FixtureRequest, paths: pytest.TempPathFactory, *, lasts: bool = False) -> Iterator[Town]:
    """Build the town on the engine that *request* names."""
    makers = {"sqlite": "sqlite_files", "postgres": "postgres_server"}
    url = request.getfixturevalue(makers[request.param]).database()
    custom, key = ({name: LETTERS[letter] for name, letter in held.items()} for held in (CUSTOM_CELLS, KEY_CELLS))
    with town_at(url, paths.mktemp("town"), custom, key, lasts=lasts) as made:
        yield made


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town on each engine."""
    yield from built(request, tmp_path_factory)
