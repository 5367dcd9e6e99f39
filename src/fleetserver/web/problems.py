"""Errors as problem+json (RFC 9457): every answer of 400 and above says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web
from attrs import field, frozen

from fleetcore.kernel.errors import (
    Conflict,
    FleetError,
    Forbidden,
    KeyReused,
    NotFound,
    Problem,
    Rejected,
    StorageFull,
    Unavailable,
)
from fleetserver.auth.errors import LimitExceeded, SecondFactorNeeded, Unauthenticated

from .bridge import Busy

__all__ = ["CORRELATION", "HttpProblem", "problem_of", "problem_response"]

CONTENT_TYPE = "application/problem+json"
TYPE_BASE = "https://fleetcore.dev/problems/"
RETRY_AFTER_S = "1"
# The first that fits, so subclasses stand before their bases.
KINDS: tuple[tuple[type[Exception], tuple[int, str]], ...] = (
    (Rejected, (422, "rejected")),
    (NotFound, (404, "not-found")),
    (KeyReused, (422, "key-reused")),
    (Conflict, (409, "conflict")),
    (Forbidden, (403, "forbidden")),
    (LimitExceeded, (429, "too-many-requests")),
    (SecondFactorNeeded, (401, "second-factor-needed")),
    (Unauthenticated, (401, "unauthenticated")),
    (StorageFull, (507, "storage-full")),
    (Unavailable, (503, "unavailable")),
    (Busy, (503, "unavailable")),
)
CORRELATION = "X-Correlation-Id"


@frozen(kw_only=True)
class Fault:
    """One fault in a request: where (a JSON pointer into the body, or the name of a parameter or header), and what."""

    detail: str
    code: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


@frozen(kw_only=True)
class HttpProblem(Exception):
    """An answer of 400 or above; *kind* ends the URI of its type."""

    status: int
    kind: str
    detail: str
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(factory=dict)

    def body(self, correlation_id: str) -> dict[str, Any]:
        """Return the members of the problem document."""
        document: dict[str, Any] = {
            "type": TYPE_BASE + self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "correlation_id": correlation_id,
        }
        if self.faults:
            document["errors"] = [_written(fault) for fault in self.faults]
        return document


def _written(fault: Fault) -> dict[str, str]:
    places = {"pointer": fault.pointer, "parameter": fault.parameter, "header": fault.header}
    return {"detail": fault.detail, "code": fault.code, **{name: at for name, at in places.items() if at is not None}}


def pointer_to(path: str) -> str:
    """Return the JSON pointer (RFC 6901) of a dotted path into a command; "" points to the whole body."""
    if not path:
        return ""
    return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in path.split("."))


def _faults(problems: Iterable[Problem], parameters: frozenset[str]) -> tuple[Fault, ...]:
    faults = []
    for problem in problems:
        is_parameter = problem.field.partition(".")[0] in parameters
        place = {"parameter": problem.field} if is_parameter else {"pointer": pointer_to(problem.field)}
        faults.append(Fault(detail=problem.message, code=problem.code, **place))
    return tuple(faults)


def problem_of(error: FleetError | Busy, *, parameters: frozenset[str] = frozenset()) -> HttpProblem:
    """Return the answer to an error of the core; fields in *parameters* came from the address, not the body."""
    status, kind = next(told for cls, told in KINDS if isinstance(error, cls))
    detail = str(error)
    faults: tuple[Fault, ...] = ()
    headers: dict[str, str] = {}
    match error:
        case Rejected():
            faults = _faults(error.problems, parameters)
        case KeyReused():
            faults = (Fault(header="Idempotency-Key", detail=detail, code="key.reused"),)
        case LimitExceeded():
            headers = {"Retry-After": str(error.retry_after_seconds)}
        case Unauthenticated():
            headers = {"WWW-Authenticate": "Bearer"}
        case StorageFull():
            detail = "there is no room left to store anything"
        case Unavailable():
            detail, headers = "the database cannot serve now: try again", {"Retry-After": RETRY_AFTER_S}
        case Busy():
            detail, headers = "too many requests run at once: try again", {"Retry-After": RETRY_AFTER_S}
    return HttpProblem(status=status, kind=kind, detail=detail, faults=faults, headers=headers)


def of_framework(error: web.HTTPException) -> HttpProblem:
    """Return the answer to an error of the framework: no such path, a wrong method, a body that is too large."""
    details = {
        404: "there is nothing at this address",
        405: "this address does not take this method",
        413: "the body is too large",
    }
    headers = {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}
    kind = HTTPStatus(error.status).phrase.lower().replace(" ", "-")
    return HttpProblem(status=error.status, kind=kind, detail=details.get(error.status, error.reason), headers=headers)


def problem_response(problem: HttpProblem, correlation_id: str) -> web.Response:
    """Write *problem* as the answer."""
    return web.Response(
        status=problem.status,
        body=orjson.dumps(problem.body(correlation_id)),
        content_type=CONTENT_TYPE,
        headers={**problem.headers, "Cache-Control": "no-store", CORRELATION: correlation_id},
    )
