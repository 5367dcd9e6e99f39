"""Errors as problem+json (RFC 9457): every answer of 400 and above says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web
from attrs import field, frozen

from fleetcore.kernel.errors import Conflict, FleetError, Forbidden, KeyReused, NotFound, Problem, Rejected, Unavailable

from .bridge import Busy

__all__ = ["CORRELATION", "HttpProblem", "problem_of", "problem_response"]

CONTENT_TYPE = "application/problem+json"
TYPE_BASE = "https://fleetcore.dev/problems/"
RETRY_AFTER_S = "1"
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
    match error:
        case Rejected():
            return HttpProblem(
                status=422, kind="rejected", detail=str(error), faults=_faults(error.problems, parameters)
            )
        case NotFound():
            return HttpProblem(status=404, kind="not-found", detail=str(error))
        case KeyReused():
            return HttpProblem(
                status=422,
                kind="key-reused",
                detail=str(error),
                faults=(Fault(header="Idempotency-Key", detail=str(error), code="key.reused"),),
            )
        case Conflict():
            return HttpProblem(status=409, kind="conflict", detail=str(error))
        case Forbidden():
            return HttpProblem(status=403, kind="forbidden", detail=str(error))
        case Unavailable():
            detail = "the database cannot serve now: try again"
        case Busy():
            detail = "too many requests run at once: try again"
        case _:
            raise error
    return HttpProblem(status=503, kind="unavailable", detail=detail, headers={"Retry-After": RETRY_AFTER_S})


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
