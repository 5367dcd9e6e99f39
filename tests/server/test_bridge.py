"""The line before the threads: who waits, in which order, and who is told to come back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fleetserver.web import bridge as bridges
from fleetserver.web.bridge import Bridge, Busy


class Gate:
    """Work that goes on until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def work(self) -> str:
        """Wait for the opening."""
        assert self.opened.wait(120)
        return "done"


def run(body: Callable[[Bridge, Gate], Awaitable[None]], **settings: Any) -> None:
    """Run *body* with a bridge of one thread, and a gate that is open at the end in any case."""

    async def main() -> None:
        gate = Gate()
        bridge = Bridge(**{"threads": 1, "waiting_max": 10, "patience_s": 60.0, "crowded_s": 60.0, **settings})
        try:
            await body(bridge, gate)
        finally:
            gate.opened.set()
            await bridge.close()

    asyncio.run(main())


async def _in_line(bridge: Bridge, function: Callable[[], Any]) -> asyncio.Task[Any]:
    made = asyncio.create_task(bridge.call(function))
    await asyncio.sleep(0)
    return made


def test_who_came_first_is_served_first() -> None:
    """The line is first in, first out."""
    order: list[int] = []

    async def body(bridge: Bridge, gate: Gate) -> None:
        tasks = [await _in_line(bridge, gate.work)]
        tasks += [await _in_line(bridge, lambda number=number: order.append(number)) for number in range(8)]
        gate.opened.set()
        await asyncio.gather(*tasks)

    run(body)
    assert list(range(8)) == order


def test_past_the_bound_one_is_refused_at_once() -> None:
    """A full line takes nobody more, and those in it are served."""

    async def body(bridge: Bridge, gate: Gate) -> None:
        first, second = await _in_line(bridge, gate.work), await _in_line(bridge, gate.work)
        with pytest.raises(Busy):
            await bridge.call(gate.work)
        gate.opened.set()
        assert ["done", "done"] == await asyncio.gather(first, second)

    run(body, waiting_max=1)


def test_patience_ends_even_when_no_thread_comes_free() -> None:
    """Who has waited too long is refused while everything still hangs."""

    async def body(bridge: Bridge, gate: Gate) -> None:
        await _in_line(bridge, gate.work)
        with pytest.raises(Busy):
            await asyncio.wait_for(bridge.call(gate.work), 60)
        assert 0 == bridge.waiting

    run(body, patience_s=0.05)


def test_a_burst_may_wait_where_a_standing_line_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that was empty a moment ago has patience; one that stands refuses after the shorter time."""

    async def body(bridge: Bridge, gate: Gate) -> None:
        tasks = [await _in_line(bridge, gate.work)]
        early = await _in_line(bridge, gate.work)
        await asyncio.sleep(0.2)
        assert not early.done()  # it has waited longer than a crowd may, in a line that is young
        monkeypatch.setattr(bridges, "CROWDED_AFTER_S", 0.0)
        with pytest.raises(Busy):
            await asyncio.wait_for(early, 60)
        gate.opened.set()
        await asyncio.gather(*tasks)

    monkeypatch.setattr(bridges, "CROWDED_AFTER_S", 3600.0)
    run(body, patience_s=3600.0, crowded_s=0.02)


def test_a_client_that_goes_away_gives_its_place_free() -> None:
    """What nobody waits for any more is not begun."""
    begun: list[str] = []

    async def body(bridge: Bridge, gate: Gate) -> None:
        first = await _in_line(bridge, gate.work)
        gone = await _in_line(bridge, lambda: begun.append("gone"))
        stays = await _in_line(bridge, lambda: begun.append("stays"))
        gone.cancel()
        gate.opened.set()
        await asyncio.gather(first, stays)

    run(body)
    assert ["stays"] == begun


def test_an_error_of_the_work_is_the_callers() -> None:
    """What the function raises arrives, and the thread goes on."""

    def fails() -> None:
        raise LookupError("no")

    async def body(bridge: Bridge, _gate: Gate) -> None:
        with pytest.raises(LookupError):
            await bridge.call(fails)
        assert 3 == await bridge.call(lambda: 3)

    run(body)
