"""Headers that every answer has, errors and streams too, and how long each may be kept."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from aiohttp import web

from .caching import cache_control_of
from .context import TRACEPARENT_FORM
from .handlers import CORRELATION_ID
from .problems import CORRELATION

__all__ = ["HSTS", "SECURITY_HEADERS", "add_security", "finish"]

SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
HSTS = "max-age=31536000; includeSubDomains"


def add_security(headers: MutableMapping[str, str]) -> None:
    """Add what a browser must be told about any answer, where the answer does not say otherwise."""
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    headers["Server"] = "fleetserver"


async def finish(request: web.Request, response: web.StreamResponse) -> None:
    """Complete the headers of an answer just before they are sent; streams pass here as well as short answers."""
    headers = response.headers
    correlation_id = request.get(CORRELATION_ID)
    if correlation_id is not None:
        headers[CORRELATION] = correlation_id
    if (trace := request.headers.get("traceparent")) is not None and TRACEPARENT_FORM.fullmatch(trace):
        headers["traceparent"] = trace
    add_security(headers)
    headers.setdefault("Cache-Control", cache_control_of(request, response.status))
    if request.secure:
        headers.setdefault("Strict-Transport-Security", HSTS)
