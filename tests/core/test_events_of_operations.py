"""Every operation that changes something tells an event."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import Any

from fleetcore.areas import built_in_areas
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import Operation, operation


def called(function: FunctionType, seen: set[FunctionType]) -> Iterator[FunctionType]:
    """Yield *function* and every function of the library that it may call, each once."""
    if function in seen or not function.__module__.startswith(("fleetcore", __name__)):
        return
    seen.add(function)
    yield function
    for code in (function.__code__, *(c for c in function.__code__.co_consts if hasattr(c, "co_names"))):
        for name in code.co_names:
            target = function.__globals__.get(name)
            target = target.function if isinstance(target, Operation) else target
            if isinstance(target, FunctionType):
                yield from called(target, seen)


def tells(found: Operation[Any, Any]) -> bool:
    """Say whether *found* reaches a call of ``emit``."""
    assert isinstance(found.function, FunctionType)
    return any("emit" in function.__code__.co_names for function in called(found.function, set()))


@operation("test.silent", permission=None)
def silent(uow: UnitOfWork, command: str) -> str:
    """Change something and tell nobody."""
    uow.record_change("test", uow.fleet_id, None, command)
    return command


def test_every_operation_tells_an_event() -> None:
    """No operation of a built-in area changes something silently."""
    operations = [each for area in built_in_areas() for each in area.operations if isinstance(each, Operation)]

    assert len(operations) > 30
    assert [] == [each.name for each in operations if not tells(each)]


def test_a_silent_operation_is_found() -> None:
    """The search does not take silence for an event."""
    assert not tells(silent)


def test_every_event_of_an_area_is_in_the_catalogue_under_its_area() -> None:
    """An event's name begins with the area that produces it."""
    for area in built_in_areas():
        for event in area.events:
            assert area.name == event.producer
