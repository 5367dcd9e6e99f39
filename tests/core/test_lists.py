"""Lists in every order, narrowed by every filter, continued by cursors that belong to their question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.choices import choices_of
from fleetcore.kernel.errors import Rejected
from fleetcore.operations import Query
from fleetcore.testing.builders import join_fleet

FUEL, LAST = "petrol", 7


@pytest.fixture
def golf(core: Core, owner: Actor) -> str:
    """The id of a vehicle with a week of everything, two of a kind on some days."""
    vehicle = str(core.perform(owner, "vehicles.add", {"name": "Golf", "carriers": [FUEL], "tags": ["Work"]}).id)
    core.perform(owner, "vehicles.add", {"name": "Zoe", "carriers": ["electricity"], "tags": ["work"]})
    join_fleet(core, owner)
    for number in range(LAST):
        day = f"2025-03-{1 + number - number % 2:02}"
        told = {"vehicle_id": vehicle, "notes": f"note {number}"}
        price = {"amount": f"{50 + number % 3}.00", "currency": "EUR"}
        core.perform(owner, "fuel.record_fill", told | {"at": f"{day}T12:00:00Z", "volume_l": 40, "total": price})
        core.perform(owner, "expenses.record", told | {"spent_on": day, "category": "parking", "amount": price})
        parts = [{"name": "Filter", "quantity": 1, "unit_cost": price}]
        core.perform(owner, "maintenance.record_service", told | {"done_on": day, "title": "Oil", "parts": parts})
        core.perform(owner, "maintenance.schedule_job", told | {"title": "Look"})
        core.perform(
            owner,
            "reminders.add",
            {"vehicle_id": vehicle, "title": f"Look {number}", "on": f"2027-01-0{1 + number % 3}"},
        )
        days = {"starts_on": day, "ends_on": f"2026-03-{1 + number:02}"} if number else {"starts_on": day}
        core.perform(owner, "documents.add", told | {"kind": "registration"} | days)
        trip = {
            "started_at": f"{day}T{number + 10}:00:00Z",
            "ended_at": f"{day}T{number + 10}:30:00Z",
            "distance_km": 5,
        }
        core.perform(owner, "trips.record", told | trip | {"purpose": "private"})
    return vehicle


def sorted_lists(core: Core) -> Iterator[tuple[str, str]]:
    """Yield every list with every order that it can be asked for in."""
    for name, operation in core.operations.items():
        for attribute in attrs.fields(operation.command_type):
            if attribute.name == "sort":
                yield from ((name, choice) for choice in choices_of(attribute))


def walked(core: Core, owner: Actor, name: str, question: Mapping[str, Any], limit: int) -> list[Any]:
    """Return every item of a list, read by pages of *limit*."""
    items: list[Any] = []
    cursor = None
    while True:
        page = core.perform(owner, name, {**question, "limit": limit, "cursor": cursor})
        items += page.items
        if (cursor := page.next) is None:
            return items
        assert limit == len(page.items)


def test_every_order_is_the_same_by_pages_and_at_once(core: Core, owner: Actor, golf: str) -> None:
    """Whatever the order, pages of two give each item once, in the order of the whole; backwards is the reverse."""
    asked = list(sorted_lists(core))
    assert len(asked) > 20
    for name, sort in asked:
        question = {"sort": sort} | ({"vehicle_id": golf} if name == "attachments.list" else {})
        whole = walked(core, owner, name, question, 1000)
        assert whole == walked(core, owner, name, question, 2), (name, sort)
        backwards = sort[1:] if sort.startswith("-") else f"-{sort}"
        assert whole[::-1] == walked(core, owner, name, question | {"sort": backwards}, 3), (name, sort)
        if name not in {"attachments.list", "notifications.list"}:
            assert len(whole) > 1, name


def value_of(item: Any, name: str) -> Any:
    """Return what *item* is sorted by under *name*."""
    value = getattr(item, name)
    return getattr(value, "minor", value)


@pytest.mark.usefixtures("golf")
def test_the_order_is_that_of_the_values(core: Core, owner: Actor) -> None:
    """Amounts rise or fall as asked."""
    for name, sort in (
        ("fuel.list_fills", "total"),
        ("expenses.list", "amount"),
        ("maintenance.list_services", "total"),
    ):
        values = [value_of(item, sort) for item in walked(core, owner, name, {"sort": f"-{sort}"}, 2)]
        assert values == sorted(values, reverse=True)
        assert len(set(values)) > 1


@pytest.mark.usefixtures("golf")
def test_papers_without_an_end_come_after_those_with_one(core: Core, owner: Actor) -> None:
    """What has no value stands at the end of the rising order."""
    ends = [item.ends_on for item in walked(core, owner, "documents.list", {"sort": "ends_on"}, 2)]
    assert (None, sorted(ends[:-1])) == (ends[-1], ends[:-1])


@pytest.mark.usefixtures("golf")
@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("fuel.list_fills", {}, {"carrier": "diesel"}),
        ("fuel.list_fills", {}, {"sort": "total"}),
        ("fuel.list_fills", {"text": "note"}, {"text": "notes"}),
        ("expenses.list", {"since": "2025-01-01"}, {"since": "2025-01-02"}),
    ],
)
def test_a_cursor_of_another_question_is_refused(
    core: Core, owner: Actor, name: str, first: Mapping[str, Any], second: Mapping[str, Any]
) -> None:
    """With other filters or in another order a cursor would skip and repeat: it is refused by name."""
    cursor = core.perform(owner, name, {**first, "limit": 2}).next
    assert core.perform(owner, name, {**first, "limit": 3, "cursor": cursor}).items
    with pytest.raises(Rejected) as refused:
        core.perform(owner, name, {**second, "cursor": cursor})
    assert refused.value.has_code("cursor.other")


@pytest.mark.usefixtures("golf")
def test_a_cursor_of_another_list_is_refused(core: Core, owner: Actor) -> None:
    """A cursor of the fills means nothing to the trips."""
    cursor = core.perform(owner, "fuel.list_fills", {"limit": 2}).next
    with pytest.raises(Rejected, match="another list"):
        core.perform(owner, "trips.list", {"cursor": cursor})


def test_an_unknown_order_is_refused_with_the_possible_ones(core: Core, owner: Actor) -> None:
    """The problem names what there is."""
    with pytest.raises(Rejected) as refused:
        core.perform(owner, "fuel.list_fills", {"sort": "colour"})
    (problem,) = refused.value.problems
    assert ("sort", "choice.unknown") == (problem.field, problem.code)
    assert "at, -at, total, -total" in problem.message


@pytest.mark.usefixtures("golf")
@pytest.mark.parametrize(
    ("name", "question", "count"),
    [
        ("fuel.list_fills", {"text": "NOTE 3"}, 1),
        ("fuel.list_fills", {"text": "note"}, LAST),
        ("fuel.list_fills", {"text": "50%"}, 0),
        ("fuel.list_fills", {"deleted": True}, 0),
        ("expenses.list", {"text": "note 1", "category": "parking"}, 1),
        ("trips.list", {"text": "note 2"}, 1),
        ("maintenance.list_services", {"text": "oil"}, LAST),
        ("maintenance.list_jobs", {"text": "note 6"}, 1),
        ("documents.list", {"text": "note 5", "kind": "registration"}, 1),
        ("reminders.list", {"text": "look 4"}, 1),
        ("vehicles.page", {"text": "gol"}, 1),
        ("people.list_members", {"text": "BOB@"}, 1),
        ("people.list_members", {"text": "nobody"}, 0),
        ("vehicles.page", {"carrier": "electricity"}, 1),
        ("vehicles.page", {"tag": "Work"}, 1),
        ("vehicles.page", {"state": "decommissioned"}, 0),
        ("audit.list", {"entity": "fuel.fill", "operation": "fuel.record_fill"}, LAST),
        ("audit.list", {"until": "2020-01-01T00:00:00Z"}, 0),
        ("ledger.list_entries", {"text": "petrol"}, LAST),
    ],
)
def test_filters_narrow_a_list(core: Core, owner: Actor, name: str, question: Mapping[str, Any], count: int) -> None:
    """Each filter leaves what fits it, whatever the case of a text."""
    assert count == len(walked(core, owner, name, question, 4))


@pytest.mark.usefixtures("golf")
def test_deleted_fills_are_listed_when_asked_for(core: Core, owner: Actor) -> None:
    """They can be found, and so restored."""
    (last, *_rest) = core.perform(owner, "fuel.list_fills", {}).items
    core.perform(owner, "fuel.delete_fill", {"id": str(last.id), "version": last.version})
    (found,) = core.perform(owner, "fuel.list_fills", {"deleted": True}).items
    assert last.id == found.id


def test_every_list_by_pages_is_a_query_with_a_bounded_page(core: Core) -> None:
    """What has a cursor has a limit, and changes nothing."""
    for operation in core.operations.values():
        names = {attribute.name for attribute in attrs.fields(operation.command_type)}
        assert ("cursor" in names) <= ("limit" in names and isinstance(operation, Query)), operation.name
