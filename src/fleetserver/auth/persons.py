"""What a person may ask of their own data: all of it in a file, or its erasure."""

from __future__ import annotations

import io

from aiohttp import web

from fleetcore.kernel.wire import structure, to_json
from fleetcore.privacy import Erasure
from fleetserver.web.bridge import Bridge
from fleetserver.web.openapi import PlainRoute
from fleetserver.web.requests import json_body

from .callers import Callers, origin_of
from .requests import Empty, EraseMe
from .service import Accounts

__all__ = ["PersonRoutes", "described_persons"]

NO_STORE = {"Cache-Control": "no-store"}


def described_persons() -> tuple[PlainRoute, ...]:
    """Return what the description of the API says of these routes."""
    return (
        PlainRoute(
            method="GET",
            path="/auth/me/export",
            summary="Get everything that is held of oneself, as a zip file.",
            takes=Empty,
            status=200,
            is_open=False,
            media_type="application/zip",
        ),
        PlainRoute(
            method="POST",
            path="/auth/me/erase",
            summary="Erase oneself, as DELETE /auth/me does, for clients that send no body with a DELETE.",
            takes=EraseMe,
            status=200,
            is_open=False,
            gives=Erasure,
        ),
        PlainRoute(
            method="DELETE",
            path="/auth/me",
            summary="Erase oneself.",
            takes=EraseMe,
            status=200,
            is_open=False,
            gives=Erasure,
        ),
    )


class PersonRoutes:
    """Serves a person their own data."""

    def __init__(self, accounts: Accounts, bridge: Bridge, callers: Callers) -> None:
        self._accounts, self._bridge, self._callers = accounts, bridge, callers

    def add_to(self, router: web.UrlDispatcher, root: str) -> None:
        """Add the routes below *root*."""
        router.add_get(f"{root}/auth/me/export", self._export)
        router.add_post(f"{root}/auth/me/erase", self._erase)
        router.add_delete(f"{root}/auth/me", self._erase)

    async def _export(self, request: web.Request) -> web.Response:
        def told() -> bytes:
            out = io.BytesIO()
            self._accounts.export_me(self._callers.caller_of(request), out, origin=origin_of(request))
            return out.getvalue()

        headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="my-data.zip"'}
        return web.Response(body=await self._bridge.call(told), content_type="application/zip", headers=headers)

    async def _erase(self, request: web.Request) -> web.Response:
        raw = await request.read()

        def erased() -> Erasure:
            caller = self._callers.caller_of(request)
            said = structure(json_body(request, raw), EraseMe)
            return self._accounts.erase_me(
                caller, said.password, with_fleets=said.with_fleets, origin=origin_of(request)
            )

        body = to_json(await self._bridge.call(erased))
        return web.Response(body=body, content_type="application/json", headers=NO_STORE)
