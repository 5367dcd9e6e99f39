"""The catalogues of events and operations: current, true to what is told, and compatible with what was published."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from fleetcore.catalogue import breaking_changes, event_catalogue, main, operation_catalogue, pages

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
# The events of the last release. Written anew at a release, and by hand before the first one.
PUBLISHED = Path(__file__).with_name("published_events.json")


@pytest.mark.parametrize("name", ["events.json", "events.md", "operations.md"])
def test_the_reference_is_current(name: str) -> None:
    """The checked-in pages are what the catalogue generates now."""
    current = pages()[name] == (REFERENCE / name).read_bytes()

    assert current, "run: python -m fleetcore.catalogue docs/reference"


def test_published_events_keep_their_promise() -> None:
    """No event of the last release lost or changed a field without a new version."""
    published = orjson.loads(PUBLISHED.read_bytes())["events"]

    assert published
    assert [] == breaking_changes(published, event_catalogue())


def changed(**changes: Any) -> list[dict[str, Any]]:
    """Return the published events with the fill's event changed: each change maps a field to None or a schema."""
    events = copy.deepcopy(event_catalogue())
    fill = next(entry for entry in events if entry["name"] == "fuel.fill_recorded")
    for name, schema in changes.items():
        if name == "version":
            fill["version"] = schema
        elif schema is None:
            del fill["schema"]["properties"][name]
        else:
            fill["schema"]["properties"][name] = schema
    return events


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"is_full": None}, "the field is_full is gone"),
        ({"is_full": {"type": "string"}}, "is_full"),
        ({"at": {"type": "string"}}, "at.format is gone"),
        ({"is_full": {"type": "boolean", "enum": [True]}}, "is_full is limited by enum"),
        ({"carrier": {"type": "string", "enum": ["petrol"]}}, "lost diesel"),
        ({"version": 0}, "went back"),
    ],
)
def test_breaking_changes_are_found(changes: dict[str, Any], word: str) -> None:
    """Negative control: a removed field, another type, a lost word or an older version is a breaking change."""
    (found,) = breaking_changes(event_catalogue(), changed(**changes))

    assert word in found


def test_a_missing_event_is_found() -> None:
    """An event that is no longer told is a breaking change."""
    assert ["fuel.fill_recorded is gone"] == breaking_changes(
        event_catalogue(), [entry for entry in event_catalogue() if entry["name"] != "fuel.fill_recorded"]
    )


@pytest.mark.parametrize("changes", [{"colour": {"type": "string"}}, {"is_full": None, "version": 2}])
def test_growth_and_new_versions_are_fine(changes: dict[str, Any]) -> None:
    """A new field, or any change under a new version, breaks nobody."""
    assert [] == breaking_changes(event_catalogue(), changed(**changes))


def test_every_event_is_described() -> None:
    """Each event has a name of its area, a key among its fields, and a summary; names are distinct."""
    events = event_catalogue()

    assert len({entry["name"] for entry in events}) == len(events)
    for entry in events:
        assert entry["name"].startswith(f"{entry['producer']}.")
        assert entry["key"] in entry["schema"]["required"]
        assert entry["summary"].endswith(".")


def test_every_operation_is_described() -> None:
    """Each operation is named after its area and has a summary."""
    for entry in operation_catalogue():
        assert entry["name"].startswith(f"{entry['area']}.")
        assert entry["summary"].rstrip(":").endswith((".", ";")) or entry["summary"]


def test_the_pages_are_written(tmp_path: Path) -> None:
    """The writer puts every page into the folder that it is given."""
    main([str(tmp_path)])

    assert pages().keys() == {path.name for path in tmp_path.iterdir()}
