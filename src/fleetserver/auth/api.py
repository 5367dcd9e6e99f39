"""Routes of accounts, below ``/auth``: registering, signing in, and everything about one's own sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import attrs
from aiohttp import web
from attrs import frozen

from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.checks import value_problems
from fleetcore.kernel.errors import reject_if_any
from fleetcore.kernel.wire import structure, to_json
from fleetcore.sharing.model import Offer
from fleetserver.web.bridge import Bridge
from fleetserver.web.openapi import PlainRoute
from fleetserver.web.requests import json_body

from . import requests as ask
from .authentication import Caller
from .callers import Callers, origin_of
from .credentials import Enrolment, MadeKey, SessionView
from .host import TokenAnswer
from .invited import Joined
from .service import Accounts
from .signing_in import Me

__all__ = ["AUTH_ROUTES", "AuthRoute", "AuthRoutes", "described"]

NO_STORE = {"Cache-Control": "no-store"}
Open = Callable[[Accounts, Any, Origin], Any]
Known = Callable[[Accounts, Caller, Any, Origin], Any]


@frozen(kw_only=True)
class AuthRoute:
    """One address: what it takes, and what it does for anyone (*opened*) or for who is signed in (*known*)."""

    method: str
    path: str
    takes: type
    summary: str
    opened: Open | None = None
    known: Known | None = None
    status: int = 200
    gives: Any = None


def _register(accounts: Accounts, said: ask.Register, origin: Origin) -> Any:
    return accounts.register(**attrs.asdict(said, recurse=False), origin=origin)


def _login(accounts: Accounts, said: ask.Login, origin: Origin) -> Any:
    return accounts.login(**attrs.asdict(said, recurse=False), origin=origin)


def _accept_as_new(accounts: Accounts, said: ask.AcceptAsNew, origin: Origin) -> Any:
    return accounts.register_invited(**attrs.asdict(said, recurse=False), origin=origin)


def _make_key(accounts: Accounts, caller: Caller, said: ask.MakeKey, origin: Origin) -> Any:
    return accounts.make_key(caller, said.name, said.permissions, expires_at=said.expires_at, origin=origin)


def _post(path: str, takes: type, summary: str, **does: Any) -> AuthRoute:
    return AuthRoute(method="POST", path=f"/auth/{path}", takes=takes, summary=summary, **does)


AUTH_ROUTES: tuple[AuthRoute, ...] = (
    _post(
        "register",
        ask.Register,
        "Register a user with their first fleet.",
        opened=_register,
        status=201,
        gives=TokenAnswer,
    ),
    _post("login", ask.Login, "Sign in.", opened=_login, gives=TokenAnswer),
    _post(
        "refresh",
        ask.Refresh,
        "Exchange a refresh token for new tokens.",
        opened=lambda accounts, said, origin: accounts.refresh(said.refresh_token, origin=origin),
        gives=TokenAnswer,
    ),
    _post(
        "verify-email",
        ask.WithToken,
        "Say by a link that an e-mail address is one's own.",
        opened=lambda accounts, said, origin: accounts.verify_email(said.token, origin=origin),
    ),
    _post(
        "request-reset",
        ask.RequestReset,
        "Ask for a link that sets a new password.",
        opened=lambda accounts, said, origin: accounts.request_reset(said.email, origin=origin),
    ),
    _post(
        "reset",
        ask.ResetPassword,
        "Set a new password by a link.",
        opened=lambda accounts, said, origin: accounts.reset(said.token, said.password, origin=origin),
    ),
    _post(
        "invitations/look",
        ask.WithToken,
        "Say what the invitation of a link offers.",
        opened=lambda accounts, said, origin: accounts.offer(said.token, origin=origin),
        gives=Offer,
    ),
    _post(
        "invitations/register",
        ask.AcceptAsNew,
        "Accept an invitation as somebody new, with a password.",
        opened=_accept_as_new,
        status=201,
        gives=TokenAnswer,
    ),
    _post(
        "invitations/accept",
        ask.WithToken,
        "Accept an invitation as who is signed in.",
        known=lambda accounts, caller, said, origin: accounts.join(caller, said.token, origin=origin),
        gives=Joined,
    ),
    AuthRoute(
        method="GET",
        path="/auth/me",
        takes=ask.Empty,
        summary="Say who is signed in, where, and what they may do.",
        known=lambda accounts, caller, _said, _origin: accounts.me(caller),
        gives=Me,
    ),
    _post(
        "logout",
        ask.Empty,
        "Sign out.",
        known=lambda accounts, caller, _said, origin: accounts.logout(caller, origin=origin),
    ),
    _post(
        "switch",
        ask.Switch,
        "Go on in another fleet of one's own.",
        known=lambda accounts, caller, said, origin: accounts.switch(caller, said.fleet_id, origin=origin),
        gives=TokenAnswer,
    ),
    _post(
        "step-up",
        ask.WithCode,
        "Show the second factor again.",
        known=lambda accounts, caller, said, origin: accounts.step_up(caller, said.code, origin=origin),
    ),
    _post(
        "request-verification",
        ask.Empty,
        "Ask for the link that verifies one's e-mail address again.",
        known=lambda accounts, caller, _said, origin: accounts.request_verification(caller, origin=origin),
    ),
    _post(
        "password",
        ask.ChangePassword,
        "Change the password.",
        known=lambda accounts, caller, said, origin: accounts.change_password(
            caller, said.password, said.new_password, revoke_api_keys=said.revoke_api_keys, origin=origin
        ),
    ),
    AuthRoute(
        method="GET",
        path="/auth/sessions",
        takes=ask.Empty,
        summary="List where one is signed in.",
        known=lambda accounts, caller, _said, _origin: accounts.sessions(caller),
        gives=tuple[SessionView, ...],
    ),
    _post(
        "totp",
        ask.WithPassword,
        "Set up an authenticator app.",
        known=lambda accounts, caller, said, origin: accounts.enrol_totp(caller, said.password, origin=origin),
        status=201,
        gives=Enrolment,
    ),
    _post(
        "totp/confirm",
        ask.WithCode,
        "Confirm the authenticator app by a code; tells the recovery codes.",
        known=lambda accounts, caller, said, origin: accounts.confirm_totp(caller, said.code, origin=origin),
        gives=tuple[str, ...],
    ),
    _post(
        "totp/recovery-codes",
        ask.WithPassword,
        "Make new recovery codes.",
        known=lambda accounts, caller, said, origin: accounts.renew_recovery_codes(
            caller, said.password, origin=origin
        ),
        gives=tuple[str, ...],
    ),
    _post(
        "totp/disable",
        ask.WithPassword,
        "Turn the second factor off.",
        known=lambda accounts, caller, said, origin: accounts.disable_totp(caller, said.password, origin=origin),
    ),
    _post("keys", ask.MakeKey, "Make an API key.", known=_make_key, status=201, gives=MadeKey),
)


def described() -> tuple[PlainRoute, ...]:
    """Return what the description of the API says of these routes."""
    ends = PlainRoute(
        method="DELETE",
        path="/auth/sessions/{id}",
        summary="Sign out somewhere else.",
        takes=ask.Empty,
        status=204,
        is_open=False,
    )
    told = (
        PlainRoute(
            method=route.method,
            path=route.path,
            summary=route.summary,
            takes=route.takes,
            status=204 if route.gives is None else route.status,
            is_open=route.known is None,
            gives=route.gives,
        )
        for route in AUTH_ROUTES
    )
    return (*told, ends)


class AuthRoutes:
    """Serves the routes of accounts, in a pool of their own: hashing passwords must not keep others waiting."""

    def __init__(self, accounts: Accounts, bridge: Bridge, callers: Callers) -> None:
        self._accounts, self._bridge, self._callers = accounts, bridge, callers

    def add_to(self, router: web.UrlDispatcher, root: str) -> None:
        """Add every route below *root*."""
        for route in AUTH_ROUTES:
            router.add_route(route.method, root + route.path, self._handler(route))
        router.add_delete(f"{root}/auth/sessions/{{id}}", self._end_session)

    def _handler(self, route: AuthRoute) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            raw = await request.read()
            result = await self._bridge.call(lambda: self._do(route, request, raw))
            if result is None:
                return web.Response(status=204, headers=NO_STORE)
            body = to_json({"items": result, "next": None} if isinstance(result, tuple | list) else result)
            return web.Response(status=route.status, body=body, content_type="application/json", headers=NO_STORE)

        return handle

    def _do(self, route: AuthRoute, request: web.Request, raw: bytes) -> Any:
        origin = origin_of(request)
        if route.known is not None:
            caller = self._callers.caller_of(request)
            return route.known(self._accounts, caller, _read(request, raw, route.takes), origin)
        self._accounts.limit_request(None, request.remote)  # nobody is known yet: it counts for the address
        said: Any = _read(request, raw, route.takes)
        return None if route.opened is None else route.opened(self._accounts, said, origin)

    async def _end_session(self, request: web.Request) -> web.Response:
        def end() -> None:
            caller = self._callers.caller_of(request)
            session_id = structure(request.match_info["id"], UUID)
            self._accounts.revoke_session(caller, session_id, origin=origin_of(request))

        await self._bridge.call(end)
        return web.Response(status=204, headers=NO_STORE)


def _read(request: web.Request, raw: bytes, takes: type) -> Any:
    """Return the body as *takes*. Raises Rejected with what is wrong with it, also what no command may hold."""
    said: Any = structure(json_body(request, raw), takes)
    reject_if_any(value_problems(said))
    return said
