"""Where the links of mails lead, for people and for programs: GET shows, POST does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from fleetcore import Core
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.wire import to_json
from fleetcore.notifications.model import Unsubscribe
from fleetcore.notifications.service import unsubscribe, unsubscriber
from fleetserver.pages.handlers import Pages
from fleetserver.web.bridge import Bridge
from fleetserver.web.requests import json_body

from .callers import origin_of
from .link_pages import LINKS, TOKEN_LENGTH_MAX, join_by_password
from .service import Accounts

__all__ = ["LinkPages"]

FORM = "application/x-www-form-urlencoded"
FIELD_LENGTH_MAX = 1000


class LinkPages:
    """Serves the addresses that mails name: as pages of the site, and in JSON for programs."""

    def __init__(self, core: Core, accounts: Accounts, bridge: Bridge, pages: Pages) -> None:
        self._core, self._accounts, self._bridge, self._pages = core, accounts, bridge, pages

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the addresses, at the root of the host."""
        told: Mapping[str, Callable[..., Any]] = {
            "POST /verify-email": self._verify,
            "POST /reset-password": self._reset,
            "GET /invitations/{token}": self._offer,
            "POST /invitations/{token}": self._accept,
            "GET /unsubscribe/{token}": lambda _request, token, _said: {"user_id": unsubscriber(token).user_id},
            "POST /unsubscribe/{token}": self._unsubscribe,
        }
        for route in LINKS:
            add = router.add_get if route.method == "GET" else router.add_post
            add(route.path, self._handler(self._pages.handler(route), told.get(f"{route.method} {route.path}")))

    def _handler(self, page: Callable[..., Any], told: Callable[..., Any] | None) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            if told is None or not _is_program(request):
                shown: web.StreamResponse = await page(request)
                return shown
            said = await _said(request) if request.method == "POST" else {}
            token = request.match_info.get("token") or said.get("token") or request.query.get("token", "")

            def served() -> Any:
                self._accounts.limit_request(None, request.remote)
                return told(request, token[:TOKEN_LENGTH_MAX], said)

            value = await self._bridge.call(served)
            headers = {"Cache-Control": "no-store"}
            if value is None:
                return web.Response(status=204, headers=headers)
            return web.Response(body=to_json(value), content_type="application/json", headers=headers)

        return handle

    def _verify(self, request: web.Request, token: str, _said: Mapping[str, str]) -> None:
        self._accounts.verify_email(token, origin=origin_of(request))

    def _reset(self, request: web.Request, token: str, said: Mapping[str, str]) -> None:
        self._accounts.reset(token, said.get("password", ""), origin=origin_of(request))

    def _offer(self, request: web.Request, token: str, _said: Mapping[str, str]) -> Any:
        return self._accounts.offer(token, origin=origin_of(request))

    def _accept(self, request: web.Request, token: str, said: Mapping[str, str]) -> None:
        origin = origin_of(request)
        email, password = said.get("email", ""), said.get("password", "")
        if said.get("name"):
            self._accounts.register_invited(token, password, said["name"], email=email or None, origin=origin)
            return
        join_by_password(self._accounts, token, said, origin)

    def _unsubscribe(self, request: web.Request, token: str, _said: Mapping[str, str]) -> None:
        origin = origin_of(request)
        self._core.run(
            unsubscriber(token),
            unsubscribe,
            Unsubscribe(token=token),
            correlation_id=origin.correlation_id,
            address=origin.address,
        )


def _is_program(request: web.Request) -> bool:
    """Say whether the client is a program rather than a browser."""
    accepted = request.headers.get("Accept", "")
    wants_json = "json" in accepted and "text/html" not in accepted
    return wants_json or (request.method == "POST" and request.content_type == "application/json")


async def _said(request: web.Request) -> dict[str, str]:
    """Return the fields of a form or of a JSON object. Raises Rejected for what is no text or too long."""
    posted: dict[str, Any]
    if request.content_type == FORM:
        posted = {name: str(value) for name, value in (await request.post()).items()}
    else:
        body = json_body(request, await request.read())
        posted = {name: value for name, value in body.items() if value is not None}
    for name, value in posted.items():
        if not isinstance(value, str) or len(value) > FIELD_LENGTH_MAX:
            raise Rejected.because(name, f"must be a text of at most {FIELD_LENGTH_MAX} characters")
    return posted
