"""One handler for each shape of route: read the request, run the operation in the pool, write the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
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
from .negotiation import media_type_for
from .problems import Fault, HttpProblem
from .requests import CommandFields, fields_of, json_body, query_values, version_wanted, whole_body
from .routing import Route, Shape
from .streams import ListStream
from .tables import CSV, CsvTable, item_type_of
from .units import beside_metric, units_of
from .validators import is_fresh

__all__ = ["CORRELATION_ID", "Authenticate", "Endpoint", "Endpoints", "place_of"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# Who asks, for an operation with that permission; it runs in a thread, as it may ask the database.
Authenticate = Callable[[web.Request, str | None], Actor]
JSON = "application/json"
CORRELATION_ID: web.RequestKey[str] = web.RequestKey("correlation_id", str)
VARY = "Accept, Accept-Encoding, Authorization, Cookie"
IDEMPOTENCY = "Idempotency-Key"
MEDIA_TYPES = {JSON: JSON, CSV: f"{CSV}; charset=utf-8"}


@frozen(kw_only=True)
class Wish:
    """How the client wants to read the answer."""

    units: Units | None = None
    table: CsvTable | None = None


AS_IT_IS = Wish()


@frozen(kw_only=True)
class Answer:
    """What a unit of work gave, written already: bytes for the client, and the facts for the headers."""

    body: bytes
    version: int | None = None
    id: str | None = None
    content_type: str = JSON
    next: str | None = None
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


@frozen(slots=False)
class Endpoint:
    """One route with its operation."""

    server: Endpoints
    route: Route
    operation: AnyOperation
    getter: Query[Any, Any] | None
    fields: CommandFields

    @cached_property
    def item_type(self) -> Any | None:
        """Of what the answer is a list; None where it is none."""
        return item_type_of(self.operation.result_type)

    @cached_property
    def askable(self) -> CommandFields:
        """The fields that a query may say: those that the address does not."""
        implied = {*self.route.path_fields, *self.route.fixed}
        return CommandFields({name: each for name, each in self.fields.types.items() if name not in implied})

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
            wish = self._wish_of(request)
            if wish.table is not None and ListStream.is_wanted(request, self.fields.types):
                return await self._streamed(request, wish.table)
            return _told(request, await self.server.bridge.call(lambda: self._read(request, wish).packed_for(request)))
        raw = await whole_body(request)
        return self._done(request, await self.server.bridge.call(lambda: self._write(request, raw).packed_for(request)))

    def _asked(self, request: web.Request) -> tuple[Actor, Any]:
        actor = self.server.authenticate(request, self.operation.permission)
        values = {**query_values(request, self.askable), **self.route.fixed, **request.match_info}
        return actor, structure(values, self.operation.command_type)

    def _read(self, request: web.Request, wish: Wish) -> Answer:
        actor, command = self._asked(request)
        # READ routes name queries: a test says so.
        found = self.server.core.read(actor, self.operation, command, **place_of(request))  # type: ignore[arg-type]
        return self._written(found, wish)

    async def _streamed(self, request: web.Request, table: CsvTable) -> web.StreamResponse:
        actor, command = await self.server.bridge.call(lambda: self._asked(request))
        stream = ListStream(endpoint=self, actor=actor, command=command, table=table, place=place_of(request))
        return await stream.send(request, {"Vary": VARY})

    def _wish_of(self, request: web.Request) -> Wish:
        """Return how the client wants to read. Raises HttpProblem for units or media that there are not."""
        offered = (JSON,) if self.item_type is None else (JSON, CSV)
        media = media_type_for(request.headers.get("Accept"), offered)
        said = request.query.getall("units", [])
        try:
            units = units_of(said[0] if said else None)
        except ValueError:
            fault = Fault(parameter="units", detail="must be one of metric, imperial, us", code="invalid")
            raise HttpProblem(status=422, kind="rejected", detail=f"units: {fault.detail}", faults=(fault,)) from None
        return Wish(units=units, table=CsvTable.of(self.item_type, units) if media == CSV else None)

    def _write(self, request: web.Request, raw: bytes) -> Answer:
        actor = self.server.authenticate(request, self.operation.permission)
        query_values(request, CommandFields({}))  # a change takes nothing from the query
        wanted = version_wanted(request)
        fixed = {name: value for name, value in self.route.fixed.items() if name in self.fields.types}
        said = self._said(json_body(request, raw), {**fixed, **request.match_info}, wanted)
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
        elif self.route.fixed:
            self._require_record(actor, said)  # what the address says must be true of the record already
        if self.needs_version and "version" not in said:
            self._require_record(actor, said)
            raise HttpProblem(
                status=428, kind="precondition-required", detail="send If-Match with the ETag of what you read"
            )
        command = structure(said, self.operation.command_type)
        try:
            if isinstance(self.operation, Query):
                place = {name: keys[name] for name in ("correlation_id", "address")}
                return self._written(self.server.core.read(actor, self.operation, command, **place))
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
            name: value
            for name, value in {**said, **self.route.fixed}.items()
            if name in {*self.route.path_fields, *self.route.fixed}
            and name in fields_of(self.getter.command_type).types
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
        following = result.next if isinstance(result, Page) else None
        if wish.table is not None:
            table = wish.table.heading() + wish.table.rows(result.items)
            return Answer(body=table, content_type=CSV, next=following)
        record = getattr(result, self.route.record) if self.route.record else result
        version, key = getattr(record, "version", None), getattr(record, "id", None)
        body = to_json(result if wish.units is None else beside_metric(unstructure(result), wish.units))
        return Answer(body=body, version=version, id=None if key is None else str(key), next=following)

    def _done(self, request: web.Request, answer: Answer) -> web.Response:
        if self.route.shape is not Shape.CREATE:
            return _response(answer, 200)
        headers = {"Location": f"{request.rel_url.path}/{answer.id}"} if answer.id else {}
        return _response(answer, 201, headers)


def place_of(request: web.Request) -> dict[str, str | None]:
    """Return where *request* came from, for the audit log."""
    return {"correlation_id": request[CORRELATION_ID], "address": request.remote}


def _told(request: web.Request, answer: Answer) -> web.Response:
    tag = answer.tag
    if is_fresh(request, tag):
        return web.Response(status=304, headers={"ETag": tag, "Vary": VARY})
    return _response(answer, 200, _onward(request, answer.next))


def _onward(request: web.Request, cursor: str | None) -> dict[str, str]:
    """Return where the list goes on (RFC 8288), which a table cannot say."""
    if cursor is None:
        return {}
    return {"Link": f'<{request.rel_url.update_query(cursor=cursor)}>; rel="next"'}


def _response(answer: Answer, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    written = {"ETag": answer.tag, "Vary": VARY, "Content-Type": MEDIA_TYPES[answer.content_type], **(headers or {})}
    if answer.packed is not None:
        written["Content-Encoding"] = "gzip"
    return web.Response(status=status, body=answer.packed or answer.body, headers=written)
