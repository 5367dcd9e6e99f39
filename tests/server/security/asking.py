"""Every address of the server with an example of what one sends there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from attrs import frozen

from fleetcore import Core
from fleetcore.operations import AnyOperation
from fleetserver.app import API_ROOT, api_routes
from fleetserver.web.requests import fields_of
from fleetserver.web.routing import Route, Shape

from .estates import Estate
from .rows import FILES, NOWHERE, row_of

__all__ = ["OPEN", "SIGNED_IN", "Request", "below", "every_request", "open_requests", "request_of"]

ASKED = {Shape.READ, Shape.CONTENT, Shape.DOWNLOAD, Shape.UPLOAD}
WORD = "seventeen quiet lanterns"
# What is below /auth and needs a login, with what one sends; and the addresses that anyone may ask.
SIGNED_IN: Mapping[str, Any] = {
    "GET /auth/me": None,
    "DELETE /auth/me": {"password": f"not {WORD}"},
    "GET /auth/me/export": None,
    "POST /auth/me/erase": {"password": f"not {WORD}"},
    "POST /auth/invitations/accept": {"token": "x"},
    "POST /auth/logout": {},
    "POST /auth/switch": {"fleet_id": NOWHERE},
    "POST /auth/step-up": {"code": "000000"},
    "POST /auth/request-verification": {},
    "POST /auth/password": {"password": WORD, "new_password": "eighteen quiet lanterns"},
    "GET /auth/sessions": None,
    "DELETE /auth/sessions/{id}": None,
    "POST /auth/totp": {"password": WORD},
    "POST /auth/totp/confirm": {"code": "000000"},
    "POST /auth/totp/recovery-codes": {"password": WORD},
    "POST /auth/totp/disable": {"password": WORD},
    "POST /auth/keys": {"name": "Phone", "permissions": {"vehicles.read": "all"}},
    "POST /live/tickets": {},
    "GET /live": None,
    "GET /events": None,
    "GET //events": None,
}
OPEN: Mapping[str, Any] = {
    "POST /api/v1/auth/register": {"email": "new@example.org", "password": WORD, "name": "New"},
    "POST /api/v1/auth/login": {"email": "owner@ours.example", "password": WORD},
    "POST /api/v1/auth/refresh": {"refresh_token": "x"},
    "POST /api/v1/auth/verify-email": {"token": "x"},
    "POST /api/v1/auth/request-reset": {"email": "owner@ours.example"},
    "POST /api/v1/auth/reset": {"token": "x", "password": WORD},
    "POST /api/v1/auth/invitations/look": {"token": "x"},
    "POST /api/v1/auth/invitations/register": {"token": "x", "password": WORD, "name": "New"},
    "GET /api/v1/openapi.json": None,
    "GET /api/v1/docs": None,
    "GET /api/v1/calendar.ics": None,
    "GET /calendar.ics": None,
    "GET /verify-email": None,
    "POST /verify-email": {"token": "x"},
    "GET /reset-password": None,
    "POST /reset-password": {"token": "x", "password": WORD},
    "GET /invitations/{token}": None,
    "POST /invitations/{token}": {"email": "owner@ours.example", "password": WORD},
    "GET /unsubscribe/{token}": None,
    "POST /unsubscribe/{token}": {},
    "GET /livez": None,
    "GET /readyz": None,
    "GET /metrics": None,
    "GET /manifest.webmanifest": None,
    "GET /sw.js": None,
}


@frozen
class Request:
    """One request: what is sent, and whose route it is, for reports."""

    route: str
    method: str
    address: str
    body: bytes | None = None
    headers: Mapping[str, str] = {}


def address_of(path: str, values: Mapping[str, Any]) -> str:
    """Return the address of *path* with *values* in its braces."""
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    return API_ROOT + path


def request_of(route: Route, operation: AnyOperation, said: Mapping[str, Any]) -> Request:
    """Return the request to *route* that says *said*."""
    fields = fields_of(operation.command_type).types
    known = {name: value for name, value in said.items() if name in fields and name not in route.fixed}
    address = address_of(route.path, {name: known.pop(name) for name in route.path_fields})
    headers = {"If-Match": f'"{version}.x"'} if (version := known.pop("version", None)) is not None else {}
    body: bytes | None = None
    if route.shape in ASKED:
        pairs = [
            f"{name}={quote(str(part), safe='')}"
            for name, value in known.items()
            for part in (value if isinstance(value, list) else [value])
        ]
        address += "?" + "&".join(pairs) if pairs else ""
        body = FILES.get(route.operation)
    elif route.shape is Shape.BATCH:
        body = json.dumps({"items": [known]}).encode()
    elif route.shape is not Shape.REMOVE:
        body = json.dumps({} if route.shape is Shape.MERGE else known).encode()
    return Request(f"{route.method} {route.path}", route.method, address, body, headers)


def below(path: str, root: str = API_ROOT) -> str:
    """Return the address of *path*: below *root*, or with two slashes below the server's own."""
    return path[1:] if path.startswith("//") else root + path


def _plain(name: str, said: Any, root: str) -> Request:
    method, path = name.split()
    return Request(
        name,
        method,
        below(path, root).replace("{id}", NOWHERE).replace("{token}", "x"),
        None if said is None else json.dumps(said).encode(),
    )


def every_request(core: Core, estate: Estate) -> Iterator[Request]:
    """Yield an example of each request that needs a login, about *estate*."""
    for route in api_routes():
        yield request_of(route, core.operations[route.operation], row_of(route).says(estate))
    for name, said in SIGNED_IN.items():
        yield _plain(name, said, API_ROOT)


def open_requests() -> Iterator[Request]:
    """Yield an example of each request that anyone may send."""
    for name, said in OPEN.items():
        yield _plain(name, said, "")
