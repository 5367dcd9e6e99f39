"""Many records at once: ``POST .../batch`` with ``{"items": [...]}``, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
from aiohttp import web
from attrs import frozen

from fleetcore.batches import BATCH_SIZE_MAX, problem_at
from fleetcore.kernel.errors import Problem, Rejected, reject_if_any
from fleetcore.kernel.wire import structure, to_json
from fleetcore.operations import Operation

from .handlers import CORRELATION_ID, IDEMPOTENCY, Endpoints
from .requests import CommandFields, json_body, query_values
from .routing import Route, Shape

__all__ = ["BATCHED", "BatchEndpoint", "with_batches"]

# The collections of which people record many, by the address at which they record one.
BATCHED = frozenset(
    (
        *("/vehicles", "/vehicles/{vehicle_id}/odometer", "/fuel", "/stations", "/expenses", "/trips", "/plans"),
        *("/maintenance", "/maintenance/jobs", "/inspections", "/reminders", "/documents", "/insurance"),
        *("/registration", "/ledger/accounts", "/assignments"),
    )
)


def with_batches(routes: Iterable[Route]) -> Iterator[Route]:
    """Yield *routes*, and behind each that records one of many the route that records several."""
    for route in routes:
        yield route
        if route.shape is Shape.CREATE and route.path in BATCHED:
            yield attrs.evolve(route, path=f"{route.path}/batch", shape=Shape.BATCH)


@frozen
class BatchEndpoint:
    """A route that runs its operation for each item of the body, in one transaction."""

    server: Endpoints
    route: Route
    operation: Operation[Any, Any]
    fields: CommandFields

    @property
    def parameters(self) -> frozenset[str]:
        """No field of an item comes from the address alone: every problem names its item."""
        return frozenset()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer *request*."""
        raw = await request.read()
        body = await self.server.bridge.call(lambda: self._run(request, raw))
        return web.Response(status=201, body=body, content_type="application/json")

    def _run(self, request: web.Request, raw: bytes) -> bytes:
        actor = self.server.authenticate(request, self.operation.permission)
        query_values(request, CommandFields({}))  # a change takes nothing from the query
        commands = self._commands(json_body(request, raw), {**self.route.fixed, **request.match_info})
        made = self.server.core.run_many(
            actor,
            self.operation,
            commands,
            idempotency_key=request.headers.get(IDEMPOTENCY),
            correlation_id=request[CORRELATION_ID],
            address=request.remote,
        )
        return b'{"items":' + to_json(made) + b',"next":null}'

    def _commands(self, body: Mapping[str, Any], implied: Mapping[str, Any]) -> Sequence[Any]:
        problems = [Problem(name, "is not a field of this", "unknown") for name in sorted(body.keys() - {"items"})]
        items = body.get("items")
        if not isinstance(items, list):
            code = "invalid" if "items" in body else "required"
            raise Rejected([Problem("items", "must be a list of what to record", code), *problems])
        if not 1 <= len(items) <= BATCH_SIZE_MAX:
            message = f"must hold 1 to {BATCH_SIZE_MAX}, not {len(items)}"
            raise Rejected([Problem("items", message, "items.count"), *problems])
        commands = []
        for number, item in enumerate(items):
            try:
                commands.append(self._command(item, implied))
            except Rejected as error:
                problems += [problem_at(problem, number) for problem in error.problems]
        reject_if_any(problems)
        return commands

    def _command(self, item: Any, implied: Mapping[str, Any]) -> Any:
        if not isinstance(item, dict):
            raise Rejected.because("", "must be an object")
        reject_if_any(
            Problem(name, f"the address says {value}", "contradicts")
            for name, value in implied.items()
            if name in item and str(item[name]) != str(value)
        )
        return structure({**item, **implied}, self.operation.command_type)
