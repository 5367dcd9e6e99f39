"""Where the links of mails lead: confirm an address, choose a password, accept an invitation, get no more mails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from fleetcore import Core
from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.errors import FleetError, Rejected
from fleetcore.kernel.wire import to_json
from fleetcore.notifications.model import Unsubscribe
from fleetcore.notifications.service import unsubscribe, unsubscriber
from fleetserver.web.bridge import Bridge, Busy
from fleetserver.web.problems import problem_of
from fleetserver.web.requests import json_body

from .callers import origin_of
from .pages import Field, form_page, message_page, wants_json
from .service import Accounts

__all__ = ["LinkPages"]

FORM = "application/x-www-form-urlencoded"
TOKEN_LENGTH_MAX = 500
FIELD_LENGTH_MAX = 1000
PASSWORD = Field(
    "password", "Password (12 characters or more; some words in a row are good)", "password", "new-password"
)


class LinkPages:
    """Serves the addresses that mails name. GET shows, POST does; both in a page, or in JSON for programs."""

    def __init__(self, core: Core, accounts: Accounts, bridge: Bridge) -> None:
        self._core, self._accounts, self._bridge = core, accounts, bridge

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the addresses, at the root of the host."""
        for path, show, do in (
            ("/verify-email", self._show_verify, self._verify),
            ("/reset-password", self._show_reset, self._reset),
            ("/invitations/{token}", self._show_invitation, self._accept),
            ("/unsubscribe/{token}", self._show_unsubscribe, self._unsubscribe),
        ):
            router.add_get(path, self._handler(show))
            router.add_post(path, self._handler(do))

    def _handler(self, serve: Callable[..., web.Response]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            said = await _said(request) if request.method == "POST" else {}
            token = request.match_info.get("token") or said.get("token") or request.query.get("token", "")

            def served() -> web.Response:
                self._accounts.limit_request(None, request.remote)
                return serve(request, token[:TOKEN_LENGTH_MAX], said)

            try:
                return await self._bridge.call(served)
            except (FleetError, Busy) as error:
                if wants_json(request):
                    raise
                problem = problem_of(error)
                paragraphs = [fault.detail for fault in problem.faults] or [problem.detail]
                return message_page("That did not work", *paragraphs, "Go back to try again.", status=problem.status)

        return handle

    # --- confirm an address ---------------------------------------------------------------------------------------

    def _show_verify(self, _request: web.Request, token: str, _said: Mapping[str, str]) -> web.Response:
        hidden = Field("token", "", "hidden", value=token)
        text = ("By confirming you say that this e-mail address is yours.",)
        return form_page("Confirm your e-mail address", text, [hidden], "Confirm", target="/verify-email")

    def _verify(self, request: web.Request, token: str, _said: Mapping[str, str]) -> web.Response:
        self._accounts.verify_email(token, origin=origin_of(request))
        return _done(request, "Confirmed", "The e-mail address is known to be yours now.")

    # --- choose a password ----------------------------------------------------------------------------------------

    def _show_reset(self, _request: web.Request, token: str, _said: Mapping[str, str]) -> web.Response:
        hidden = Field("token", "", "hidden", value=token)
        text = ("Every device is signed out, and API keys end. An authenticator app stays as it is.",)
        return form_page("Choose a new password", text, [hidden, PASSWORD], "Set it", target="/reset-password")

    def _reset(self, request: web.Request, token: str, said: Mapping[str, str]) -> web.Response:
        self._accounts.reset(token, said.get("password", ""), origin=origin_of(request))
        return _done(request, "Done", "Sign in with the new password.")

    # --- accept an invitation -------------------------------------------------------------------------------------

    def _show_invitation(self, request: web.Request, token: str, _said: Mapping[str, str]) -> web.Response:
        offer = self._accounts.offer(token, origin=origin_of(request))
        if wants_json(request):
            return _json(offer)
        vehicles = ", ".join(each.name for each in offer.vehicles)
        text = [
            f"{offer.inviter_name or 'Somebody'} invites you to {offer.fleet_name}.",
            *([f"You would be: {', '.join(offer.roles)}."] if offer.roles else []),
            *([f"Vehicles: {vehicles}."] if vehicles else []),
            *([offer.message] if offer.message else []),
            f"It holds until {offer.expires_at:%d.%m.%Y %H:%M} UTC.",
            "Who has an account signs in with it and leaves the name empty; who is new gives a name.",
        ]
        fields = [
            Field("name", "Name", complete="name", is_needed=False),
            Field("email", "E-mail address", "email", "email", value=offer.email or ""),
            PASSWORD,
            Field("code", "Code of your authenticator app, if you have one", complete="one-time-code", is_needed=False),
        ]
        return form_page("You are invited", text, fields, "Accept", target=f"/invitations/{token}")

    def _accept(self, request: web.Request, token: str, said: Mapping[str, str]) -> web.Response:
        origin = origin_of(request)
        email, password = said.get("email", ""), said.get("password", "")
        if said.get("name"):
            self._accounts.register_invited(token, password, said["name"], email=email or None, origin=origin)
        else:
            self._accept_as_known(token, email, password, said.get("code") or None, origin)
        return _done(request, "Welcome", "You are in. Sign in with your e-mail address and password.")

    def _accept_as_known(self, token: str, email: str, password: str, code: str | None, origin: Origin) -> None:
        signed_in = self._accounts.login(email, password, code=code, device="invitation", origin=origin)
        caller = self._accounts.identify(signed_in.access_token)
        try:
            self._accounts.join(caller, token, origin=origin)
        finally:
            self._accounts.logout(caller, origin=origin)

    # --- get no more mails ----------------------------------------------------------------------------------------

    def _show_unsubscribe(self, _request: web.Request, token: str, _said: Mapping[str, str]) -> web.Response:
        unsubscriber(token)
        text = ("You get no more messages of this kind by this way. They stay in your inbox here.",)
        return form_page("No more of these messages", text, [], "Switch off", target=f"/unsubscribe/{token}")

    def _unsubscribe(self, request: web.Request, token: str, _said: Mapping[str, str]) -> web.Response:
        origin = origin_of(request)
        self._core.run(
            unsubscriber(token),
            unsubscribe,
            Unsubscribe(token=token),
            correlation_id=origin.correlation_id,
            address=origin.address,
        )
        return _done(request, "Switched off", "You get no more messages of this kind by this way.")


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


def _json(value: Any) -> web.Response:
    return web.Response(body=to_json(value), content_type="application/json", headers={"Cache-Control": "no-store"})


def _done(request: web.Request, title: str, text: str) -> web.Response:
    if wants_json(request):
        return web.Response(status=204, headers={"Cache-Control": "no-store"})
    return message_page(title, text)
