"""Files up and down: bodies that are no JSON are streamed to and from the disk, never held in memory."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from aiohttp import web
from attrs import frozen

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.wire import structure, to_json
from fleetcore.operations import AnyOperation, Operation, Query

from .handlers import IDEMPOTENCY, Endpoints, place_of
from .problems import Fault, HttpProblem
from .requests import CommandFields, fields_of, query_values, unsayable
from .routing import Route, Shape
from .validators import digest_of, is_fresh

__all__ = ["ContentEndpoint", "FileEndpoint", "command_with"]

CHUNK = 256 * 1024
PAGE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def command_with(command_type: Any, values: Mapping[str, Any], native: Mapping[str, Any]) -> Any:
    """Build a command from JSON *values* and *native* ones that no JSON holds. Raises Rejected with every problem."""
    fields = fields_of(command_type)
    known: dict[str, Any] = {}
    problems = [Problem(name, "is required", "required") for name in fields.required - set(values) - set(native)]
    for name, value in values.items():
        try:
            known[fields.names[name]] = structure(value, fields.types[name])
        except Rejected as error:
            problems += [Problem(name, problem.message, problem.code) for problem in error.problems]
    if problems:
        raise Rejected(sorted(problems, key=lambda problem: problem.field))
    return command_type(**known, **native)


@frozen(slots=False)
class FileEndpoint:
    """A route whose body, or whose answer, is a file."""

    server: Endpoints
    route: Route
    operation: AnyOperation
    fields: CommandFields

    @cached_property
    def sayable(self) -> CommandFields:
        """The fields that a query may say."""
        hidden = unsayable(self.route, self.fields)
        return CommandFields({name: each for name, each in self.fields.types.items() if name not in hidden})

    @property
    def parameters(self) -> frozenset[str]:
        """The fields that come from the address: all but the file."""
        return frozenset(self.fields.types)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer *request*."""
        actor = await self.server.bridge.call(lambda: self.server.authenticate(request, self.operation.permission))
        values = {**query_values(request, self.sayable), **self.route.fixed, **request.match_info}
        if self.route.shape is Shape.DOWNLOAD:
            return await self._send(request, actor, values)
        return await self._receive(request, actor, values)

    async def _receive(self, request: web.Request, actor: Actor, values: Mapping[str, Any]) -> web.StreamResponse:
        if not request.can_read_body:
            fault = Fault(pointer="", detail="send the file as the body", code="required")
            raise HttpProblem(status=422, kind="rejected", detail=fault.detail, faults=(fault,))
        handle, name = tempfile.mkstemp(prefix="fleet-upload-")
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                digest = await self._write(request, file)
            keys = {
                "idempotency_key": request.headers.get(IDEMPOTENCY),
                "said": to_json([self.route.path, values, digest]),  # the file by what is in it, not by where it lies
                **place_of(request),
            }
            body = await self.server.bridge.call(lambda: self._run(actor, values, path, keys))
        finally:
            path.unlink(missing_ok=True)
        status = 201 if isinstance(self.operation, Operation) else 200
        return web.Response(status=status, body=body, content_type="application/json")

    async def _write(self, request: web.Request, file: BinaryIO) -> str:
        if (said := request.content_length or 0) > self.server.upload_max:  # the client says so itself
            raise web.HTTPRequestEntityTooLarge(max_size=self.server.upload_max, actual_size=said)
        size, digest = 0, hashlib.sha256()
        async for chunk in request.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > self.server.upload_max:
                raise web.HTTPRequestEntityTooLarge(max_size=self.server.upload_max, actual_size=size)
            digest.update(chunk)
            file.write(chunk)
        return digest.hexdigest()

    def _run(self, actor: Actor, values: Mapping[str, Any], path: Path, keys: Mapping[str, Any]) -> bytes:
        command = command_with(self.operation.command_type, values, {self.route.file_field: path})
        if isinstance(self.operation, Query):
            place = {name: keys[name] for name in ("correlation_id", "address")}
            return to_json(self.server.core.read(actor, self.operation, command, **place))
        if (key := keys["idempotency_key"]) is not None:
            answer = self.server.core.answered(actor, self.operation, key, keys["said"])
            if answer is not None:
                return to_json(answer)
        return to_json(self.server.core.run(actor, self.operation, command, **keys))

    async def _send(self, request: web.Request, actor: Actor, values: Mapping[str, Any]) -> web.StreamResponse:
        handle, name = tempfile.mkstemp(prefix="fleet-download-")
        path = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                await self.server.bridge.call(lambda: self._fill(request, actor, values, file))
                size = file.seek(0, os.SEEK_END)
                file.seek(0)
                response = web.StreamResponse(
                    headers={"Content-Disposition": f'attachment; filename="{self.route.file_name}"'}
                )
                response.content_type, response.content_length = "application/octet-stream", size
                await response.prepare(request)
                while chunk := file.read(CHUNK):
                    await response.write(chunk)
                await response.write_eof()
                return response
        finally:
            path.unlink(missing_ok=True)

    def _fill(self, request: web.Request, actor: Actor, values: Mapping[str, Any], file: BinaryIO) -> None:
        command = command_with(self.operation.command_type, values, {self.route.file_field: file})
        # Downloads name queries: a test says so.
        self.server.core.read(actor, self.operation, command, **place_of(request))  # type: ignore[arg-type]


@frozen
class ContentEndpoint:
    """A route whose answer is one field of the result: text, or an open file."""

    server: Endpoints
    route: Route
    operation: AnyOperation
    fields: CommandFields

    @property
    def parameters(self) -> frozenset[str]:
        """The fields that come from the address: all."""
        return frozenset(self.fields.types)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer *request*."""
        result = await self.server.bridge.call(lambda: self._read(request))
        return await answer_with(request, result, self.route)

    def _read(self, request: web.Request) -> Any:
        actor = self.server.authenticate(request, self.operation.permission)
        values = {**query_values(request, self.fields), **self.route.fixed, **request.match_info}
        command = structure(values, self.operation.command_type)
        # Contents name queries: a test says so.
        return self.server.core.read(actor, self.operation, command, **place_of(request))  # type: ignore[arg-type]


async def answer_with(request: web.Request, result: Any, route: Route) -> web.StreamResponse:
    """Answer with the field of *result* that *route* names; a page may show itself and load nothing."""
    content = getattr(result, route.file_field)
    media_type = route.media_type or result.media_type
    headers = {"Content-Security-Policy": PAGE_POLICY} if media_type == "text/html" else {}
    if isinstance(content, str):
        return _text(request, content, media_type, headers)
    with result:
        tag = f'"{result.sha256}"'
        if is_fresh(request, tag):
            return web.Response(status=304, headers={"ETag": tag})
        response = web.StreamResponse(headers={**headers, "Content-Disposition": result.disposition, "ETag": tag})
        response.content_type, response.content_length = media_type, result.size_bytes
        await response.prepare(request)
        while chunk := content.read(CHUNK):
            await response.write(chunk)
        await response.write_eof()
        return response


def _text(request: web.Request, content: str, media_type: str, headers: Mapping[str, str]) -> web.Response:
    body = content.encode()
    tag = digest_of(body)
    if is_fresh(request, tag):
        return web.Response(status=304, headers={"ETag": tag})
    return web.Response(body=body, content_type=media_type, charset="utf-8", headers={"ETag": tag, **headers})
