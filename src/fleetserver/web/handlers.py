"""One handler for each shape of route: read the request, run the operation in the pool, write the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from attrs import evolve, field, frozen

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, KeyReused, NotFound, Rejected
from fleetcore.kernel.paging import Page
from fleetcore.kernel.wire import structure, to_json, unstructure
from fleetcore.operations import AnyOperation, Query
from fleetcore.people.model import Units

from .bridge import Bridge
from .compression import COMPRESSED_FROM, packed, takes_gzip
from .cursors import CursorSeal
from .problems import Fault, HttpProblem
from .requests import CommandFields, fields_of, json_body, query_values, version_wanted, whole_body
from .routing import Route, Shape
from .tables import as_csv
from .units import beside_metric, units_of

__all__ = ["CORRELATION_ID", "Authenticate", "Endpoint", "Endpoints"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# Who asks, for an operation with that permission; it runs in a thread, as it may ask the database.
Authenticate = Callable[[web.Request, str | None], Actor]
JSON, CSV = "application/json", "text/csv"
CORRELATION_ID: web.RequestKey[str] = web.RequestKey("correlation_id", str)
VARY = "Accept, Accept-Encoding, Authorization, Cookie"
IDEMPOTENCY = "Idempotency-Key"
MEDIA_TYPES = {JSON: JSON, CSV: f"{CSV}; charset=utf-8"}


@frozen(kw_only=True)
class Wish:
    """How the client wants to read the answer."""

    units: Units | None = None
    as_table: bool = False


AS_IT_IS = Wish()


@frozen(kw_only=True)
class Answer:
    """What a unit of work gave, written already: bytes for the client, and the facts for the headers."""

    body: bytes
    version: int | None = None
    id: str | None = None
    content_type: str = JSON
    packed: bytes | None = None

    tag: str = field(init=False)

    @tag.default
    def _tag(self) -> str:
        """Return the ETag: the record's version, if it has one, and a digest of what is sent.

        If-Match compares the version; If-None-Match the whole, as a record can look different without a new version.
        """
        digest = hashlib.sha256(self.body).hexdigest()[:16]  # the quickest one: processors know it
        return f'"{self.version}.{digest}"' if self.version is not None else f'"{digest}"'

    def packed_for(self, request: web.Request) -> Answer:
        """Return the answer, compressed as well where *request* takes that and it is worth it."""
        if len(self.body) < COMPRESSED_FROM or not takes_gzip(request.headers.get("Accept-Encoding")):
            return self
        return evolve(self, packed=packed(self.body))


@frozen
class Endpoints:
    """Makes the handlers of routes over one core."""

    core: Core
    bridge: Bridge
    authenticate: Authenticate
    upload_max: int

    def of(self, route: Route) -> Endpoint:
        """Return the endpoint of *route*. Raises KeyError for an operation that is not there."""
        operation = self.core.operations[route.operation]
        getter = self.core.operations[route.getter] if route.getter else None
        if getter is not None and not isinstance(getter, Query):
            raise TypeError(f"{route.method} {route.path}: {getter.name} is no query")
        return Endpoint(self, route, operation, getter, fields_of(operation.command_type))


@frozen
class Endpoint:
    """One route with its operation."""

    server: Endpoints
    route: Route
    operation: AnyOperation
    getter: Query[Any, Any] | None
    fields: CommandFields

    @property
    def needs_version(self) -> bool:
        """Whether a change must say which version it was made of."""
        return "version" in self.fields.required and self.route.shape is not Shape.CREATE

    @property
    def parameters(self) -> frozenset[str]:
        """The fields that come from the address and not from the body."""
        named = frozenset(self.route.path_fields)
        return named | frozenset(self.fields.types) if self.route.shape is Shape.READ else named

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer *request*."""
        if self.route.shape is Shape.READ:
            return _told(request, await self.server.bridge.call(lambda: self._read(request).packed_for(request)))
        raw = await whole_body(request)
        return self._done(request, await self.server.bridge.call(lambda: self._write(request, raw).packed_for(request)))

    def _read(self, request: web.Request) -> Answer:
        actor = self.server.authenticate(request, self.operation.permission)
        values = {**query_values(request, self.fields), **self.route.fixed, **request.match_info}
        wish = _wish_of(request)
        return self._written(self._asked(actor, values), wish)

    def _asked(self, actor: Actor, values: Mapping[str, Any]) -> Any:
        """Return what the query says; cursors are bound to this list and its filters."""
        command = structure(values, self.operation.command_type)
        ask = self.server.core.read
        if "cursor" not in self.fields.types:
            return ask(actor, self.operation, command)  # type: ignore[arg-type]  # READ routes name queries: a test says so
        seal = CursorSeal.of(self.operation.name, values, actor.fleet_id)
        if command.cursor is not None:
            command = evolve(command, cursor=seal.open(command.cursor))
        page = ask(actor, self.operation, command)  # type: ignore[arg-type]  # as above
        return page if page.next is None else evolve(page, next=seal.seal(page.next))

    def _write(self, request: web.Request, raw: bytes) -> Answer:
        actor = self.server.authenticate(request, self.operation.permission)
        query_values(request, CommandFields({}))  # a change takes nothing from the query
        wanted = version_wanted(request)
        said = self._said(json_body(request, raw), {**self.route.fixed, **request.match_info}, wanted)
        keys = {
            "idempotency_key": request.headers.get(IDEMPOTENCY),
            "correlation_id": request[CORRELATION_ID],
            "address": request.remote,
        }
        return self._change(actor, said, wanted, keys)

    def _said(self, body: Mapping[str, Any], implied: Mapping[str, Any], wanted: int | None) -> dict[str, Any]:
        """Return the command's fields: the body's, those of the address, the version of If-Match."""
        if wanted is not None and "version" in self.fields.types:
            implied = {**implied, "version": wanted}
        for name, value in implied.items():
            if name in body and str(body[name]) != str(value):
                fault = Fault(pointer=f"/{name}", detail=f"the address or If-Match says {value}", code="contradicts")
                raise HttpProblem(status=422, kind="rejected", detail=f"{name}: {fault.detail}", faults=(fault,))
        return {**body, **implied}

    def _change(self, actor: Actor, said: dict[str, Any], wanted: int | None, keys: dict[str, Any]) -> Answer:
        if self.route.shape is Shape.MERGE:
            if (key := keys["idempotency_key"]) is not None:
                # The record that this was merged with may be another by now: what counts is what was said.
                keys["said"] = f"{self.route.path} {wanted} ".encode() + to_json(said)
                if (answer := self.server.core.answered(actor, self.operation, key, keys["said"])) is not None:  # type: ignore[arg-type]  # what merges is no query
                    return self._written(answer)
            said = self._merged(actor, said)
        if self.needs_version and "version" not in said:
            self._require_record(actor, said)
            raise HttpProblem(
                status=428, kind="precondition-required", detail="send If-Match with the ETag of what you read"
            )
        command = structure(said, self.operation.command_type)
        try:
            if isinstance(self.operation, Query):
                return self._written(self.server.core.read(actor, self.operation, command))
            return self._written(self.server.core.run(actor, self.operation, command, **keys))
        except KeyReused:
            raise
        except Conflict as conflict:
            if wanted is not None and self._has_moved_on(actor, said, wanted):
                detail = "the record was changed meanwhile: read it again, then repeat your change"
                raise HttpProblem(status=412, kind="precondition-failed", detail=detail) from conflict
            raise

    def _merged(self, actor: Actor, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return *said* over what the record says now; null empties a field."""
        record = unstructure(self._record(actor, said))
        kept = {name: value for name, value in record.items() if name in self.fields.types and name != "version"}
        return {**kept, **said}

    def _record(self, actor: Actor, said: Mapping[str, Any]) -> Any:
        """Return the record that the address names. Raises NotFound."""
        if self.getter is None:
            raise TypeError(f"{self.route.method} {self.route.path} changes part of a record that nothing reads")
        keys = {
            name: said[name] for name in self.route.path_fields if name in fields_of(self.getter.command_type).types
        }
        return self.server.core.read(actor, self.getter, structure(keys, self.getter.command_type))

    def _require_record(self, actor: Actor, said: Mapping[str, Any]) -> None:
        if self.getter is not None:
            self._record(actor, said)

    def _has_moved_on(self, actor: Actor, said: Mapping[str, Any], wanted: int) -> bool:
        if self.getter is None:
            return True
        try:
            return bool(getattr(self._record(actor, said), "version", None) != wanted)
        except (NotFound, Rejected):
            return True

    def _written(self, result: Any, wish: Wish = AS_IT_IS) -> Answer:
        if isinstance(result, tuple | list):
            result = Page(tuple(result))
        if wish.as_table and isinstance(result, Page):
            rows = unstructure(result)["items"]
            table = as_csv(rows if wish.units is None else beside_metric(rows, wish.units))
            return Answer(body=table, content_type=CSV)
        record = getattr(result, self.route.record) if self.route.record else result
        version, key = getattr(record, "version", None), getattr(record, "id", None)
        body = to_json(result if wish.units is None else beside_metric(unstructure(result), wish.units))
        return Answer(body=body, version=version, id=None if key is None else str(key))

    def _done(self, request: web.Request, answer: Answer) -> web.Response:
        if self.route.shape is not Shape.CREATE:
            return _response(answer, 200)
        headers = {"Location": f"{request.rel_url.path}/{answer.id}"} if answer.id else {}
        return _response(answer, 201, headers)


def _wish_of(request: web.Request) -> Wish:
    """Return how the client wants to read. Raises HttpProblem for units that there are not."""
    as_table = CSV in request.headers.get("Accept", "")
    said = request.query.getall("units", [])
    try:
        return Wish(units=units_of(said[0] if said else None), as_table=as_table)
    except ValueError:
        fault = Fault(parameter="units", detail="must be one of metric, imperial, us", code="invalid")
        raise HttpProblem(status=422, kind="rejected", detail=f"units: {fault.detail}", faults=(fault,)) from None


def _told(request: web.Request, answer: Answer) -> web.Response:
    tag = answer.tag
    asked = request.headers.get("If-None-Match")
    if asked is not None and (
        asked.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in asked.split(",")}
    ):
        return web.Response(status=304, headers={"ETag": tag})
    return _response(answer, 200)


def _response(answer: Answer, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    written = {"ETag": answer.tag, "Vary": VARY, "Content-Type": MEDIA_TYPES[answer.content_type], **(headers or {})}
    if answer.packed is not None:
        written["Content-Encoding"] = "gzip"
    return web.Response(status=status, body=answer.packed or answer.body, headers=written)
