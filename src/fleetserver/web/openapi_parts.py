"""What many operations of the OpenAPI description share: problems, statuses, headers, named once and referred to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["COMPONENTS", "Schema", "components", "headers", "parameter", "problems"]

Schema = dict[str, Any]
COMPONENTS = "#/components"
FAULT: Schema = {
    "type": "object",
    "description": "One fault: what is wrong, and where.",
    "properties": {
        "detail": {"type": "string", "description": "for people"},
        "code": {"type": "string", "description": "for programs; it stays the same"},
        "pointer": {"type": "string", "description": "where in the body, as a JSON pointer (RFC 6901)"},
        "parameter": {"type": "string", "description": "which part of the address"},
        "header": {"type": "string", "description": "which header"},
    },
    "required": ["detail", "code"],
    "additionalProperties": False,
}
PROBLEM: Schema = {
    "type": "object",
    "title": "HttpProblem",
    "description": "What is wrong and what to do about it (RFC 9457).",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "the kind of problem"},
        "title": {"type": "string", "description": "the status in words"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "what is wrong this time, and what to do"},
        "correlation_id": {"type": "string", "description": "what logs and audit know this request by"},
        "errors": {"type": "array", "description": "every fault, not the first alone", "items": FAULT},
    },
    "required": ["type", "title", "status", "detail", "correlation_id"],
    "additionalProperties": False,
}
STATUSES: Mapping[int, str] = {
    400: "The request is no HTTP, or its body no JSON.",
    401: "Nobody is signed in.",
    403: "The role does not allow it.",
    404: "There is no such record, or not for who asks.",
    406: "It cannot be told in what Accept names.",
    409: "It collides with what is stored.",
    412: "The record was changed meanwhile: read it again.",
    413: "The body is too large.",
    415: "The body is of a media type that is not taken here.",
    422: "Something in the request breaks a rule; every fault is listed.",
    428: "If-Match is missing: send the ETag of what was read.",
    429: "Too many requests; come back after Retry-After.",
    503: "The server cannot serve now; come back after Retry-After.",
}
PARAMETERS: Mapping[str, Schema] = {
    "If-Match": {
        "description": "The ETag of what was read; the change is made only if it is still the present one.",
        "schema": {"type": "string", "pattern": r'^(W/)?"[0-9]{1,18}(\.[0-9a-zA-Z-]*)?"$', "examples": ['"3"']},
    },
    "If-None-Match": {
        "description": "ETags of what is known already; where one is still right the answer is 304.",
        "schema": {"type": "string", "examples": ['"3.9c0f6d1be4a05c27"']},
    },
    "Idempotency-Key": {
        "description": "The same key again, with the same body, gives the first answer without a second effect.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "examples": ["0198b4a6-5ad1-7f3e-9c55-0d6f0c1e8a11"],
        },
    },
    "X-Correlation-Id": {
        "description": "What logs, audit and events shall know this request by: up to 64 letters, digits and `._:-`. "
        "Anything else is replaced by an id of the server's.",
        "schema": {"type": "string", "examples": ["phone-7f3a"]},
    },
    "traceparent": {
        "description": "The trace that this request belongs to (W3C Trace Context); anything else is ignored.",
        "schema": {"type": "string", "examples": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]},
    },
}
HEADERS: Mapping[str, Schema] = {
    "ETag": {
        "description": "Names this state of what is answered, for If-Match and If-None-Match.",
        "required": True,
        "schema": {"type": "string", "pattern": '^(W/)?"[^"]*"$'},
    },
    "Location": {
        "description": "The address of what was made.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "After how many seconds to come back.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"description": "How to sign in.", "required": True, "schema": {"type": "string"}},
    "X-Correlation-Id": {
        "description": "What logs and audit know this request by.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$"},
    },
}
SPECIAL_HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
EXAMPLES: Mapping[int, tuple[str, str]] = {
    401: ("unauthenticated", "sign in first: this needs an access token or an API key"),
    404: ("not-found", "there is no such record"),
    412: ("precondition-failed", "the record was changed meanwhile: read it again, then repeat your change"),
    428: ("precondition-required", "send If-Match with the ETag of what you read"),
    503: ("unavailable", "too many requests run at once: try again"),
}


def parameter(name: str) -> Schema:
    """Refer to the header that a request may carry."""
    return {"$ref": f"{COMPONENTS}/parameters/{name}"}


def headers(*names: str) -> Schema:
    """Refer to the headers of an answer."""
    return {name: {"$ref": f"{COMPONENTS}/headers/{name}"} for name in names}


def problems(statuses: Iterable[int]) -> dict[str, Schema]:
    """Refer to the answers with these statuses."""
    return {str(status): {"$ref": f"{COMPONENTS}/responses/Problem{status}"} for status in sorted(statuses)}


def _problem(status: int, text: str) -> Schema:
    content: Schema = {"schema": {"$ref": f"{COMPONENTS}/schemas/HttpProblem"}}
    if status in EXAMPLES:
        kind, detail = EXAMPLES[status]
        content["example"] = {
            "type": f"https://fleetcore.dev/problems/{kind}",
            "title": text.partition(".")[0],
            "status": status,
            "detail": detail,
            "correlation_id": "phone-7f3a",
        }
    return {
        "description": text,
        "headers": headers("X-Correlation-Id", *SPECIAL_HEADERS.get(status, ())),
        "content": {"application/problem+json": content},
    }


def components() -> dict[str, Schema]:
    """Return what is referred to, by kind."""
    return {
        "parameters": {
            name: {"name": name, "in": "header", "required": False, **each} for name, each in PARAMETERS.items()
        },
        "headers": dict(HEADERS),
        "responses": {f"Problem{status}": _problem(status, text) for status, text in STATUSES.items()},
        "schemas": {"HttpProblem": PROBLEM},
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token of /auth/login or /auth/register, or an API key of /auth/keys.",
            }
        },
    }
