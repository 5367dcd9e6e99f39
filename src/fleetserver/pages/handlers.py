"""From a request to a page: who comes, what they sent, what comes of it, and what is told when it goes wrong."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

import attrs
import orjson
from aiohttp import web
from attrs import frozen

from fleetcore import Core
from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.errors import Conflict, FleetError, Forbidden, NotFound, Rejected, Unavailable
from fleetserver.auth.authentication import Caller
from fleetserver.auth.callers import Callers
from fleetserver.auth.errors import LimitExceeded, SecondFactorNeeded, Unauthenticated
from fleetserver.auth.service import Accounts
from fleetserver.web.bridge import Bridge, Busy
from fleetserver.web.handlers import CORRELATION_ID

from .guard import BY_FIELD, CSRF_FIELD, csrf_token, is_from_here, is_token, session_cookie
from .offline import QUEUED_HEADER, told_to_queue
from .rendering import Renderer
from .routing import Document, Outcome, PageRoute, Redirect, View
from .visits import Sent, Visit

__all__ = ["PAGE_HEADERS", "Pages"]

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "same-origin",  # with none at all, browsers send our own forms as from nowhere
    "Vary": "Cookie, Accept-Language, HX-Request, HX-Request-Type",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NOT_KEPT = {"Cache-Control": "no-store"}
SAID_S = 120
YEAR_S = 365 * 86_400
FAULTS: tuple[tuple[type[Exception], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Rejected, 422),
    (LimitExceeded, 429),
    (Unauthenticated, 401),
    (Unavailable, 503),
    (Busy, 503),
)


@frozen
class Written:
    """What goes back, made in a thread."""

    status: int
    body: bytes | BinaryIO
    content_type: str = "text/html"
    headers: Mapping[str, str] = {}
    cookies: Mapping[str, str | None] = {}
    mark: str = ""


@frozen(kw_only=True)
class Pages:
    """Serves page routes over a core."""

    core: Core
    accounts: Accounts
    callers: Callers
    bridge: Bridge
    sign_ins: Bridge
    renderer: Renderer
    ask_again: Callable[[Visit, Mapping[str, Any]], View]
    ask_factor: Callable[[Visit, Mapping[str, Any] | None], View]

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the server by https."""
        return self.accounts.settings.public_url.startswith("https:")

    @property
    def session_cookie(self) -> str:
        """The name of the cookie that says who comes."""
        return session_cookie(self.accounts.settings.public_url)

    def stranger(self, request: web.Request) -> Visit:
        """Return a visit that says nothing of who comes, for what is told without asking the store."""
        return self._visit(request, {}, None, "")

    def visitor(self, request: web.Request) -> Visit:
        """Return the visit of who comes, without what they sent; runs in a thread."""
        return self._visit(request, {}, *self._who(request))

    def _visit(self, request: web.Request, form: Mapping[str, Any], known: Caller | None, secret: str) -> Visit:
        token = csrf_token(secret)
        return Visit(core=self.core, accounts=self.accounts, sent=_sent(request, form), known=known, csrf_token=token)

    def handler(self, route: PageRoute) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return what answers requests to *route*."""

        async def handle(request: web.Request) -> web.StreamResponse:
            form = await _form(request, route) if request.method == "POST" else {}
            bridge = self.sign_ins if route.hashes else self.bridge
            try:
                written = await bridge.call(lambda: self._answered(request, route, form))
            except Busy:
                _close_files(form)
                written = Written(503, b"Too many requests run at once: try again.", "text/plain", {"Retry-After": "1"})
            return self._response(written, NOT_KEPT if route.by_link else {})

        return handle

    def _answered(self, request: web.Request, route: PageRoute, form: Mapping[str, Any]) -> Written:
        known, secret = self._who(request)
        visit = self._visit(request, form, known, secret)
        cookies: dict[str, str | None] = {}
        is_new = secret != request.cookies.get(self.session_cookie) and "fleet-visitor" not in request.cookies
        if is_new and visit.sent.is_shown:
            cookies["fleet-visitor"] = secret
        try:
            outcome = self._outcome(request, route, visit, secret)
            return attrs.evolve(self._written(visit, outcome, cookies), mark=visit.mark)
        finally:
            visit.close()
            _close_files(form)

    def _who(self, request: web.Request) -> tuple[Caller | None, str]:
        """Return who comes, with the secret of their cookie; strangers get one of their own."""
        token = request.cookies.get(self.session_cookie)
        stranger = request.cookies.get("fleet-visitor") or secrets.token_urlsafe(18)
        if token is not None:
            try:
                return self.accounts.authenticator.identify_visitor(token), token
            except Unauthenticated:
                return None, stranger
        if self.accounts.settings.single_user:
            return self.callers.caller_of(request), stranger
        return None, stranger

    def _outcome(self, request: web.Request, route: PageRoute, visit: Visit, secret: str) -> Outcome:
        if (refused := self._refused(request, route, visit, secret)) is not None:
            return refused
        try:
            self.accounts.limit_request(visit.known, visit.sent.address)
            return route.show(visit)
        except SecondFactorNeeded:
            visit.close()
            return self.ask_factor(visit, _again(visit) if request.method == "POST" else None)
        except FleetError as error:
            visit.close()
            status = next((status for kind, status in FAULTS if isinstance(error, kind)), 500)
            return View(template="errors/error.html", values={"error": error, "status": status}, status=status)

    def _refused(self, request: web.Request, route: PageRoute, visit: Visit, secret: str) -> Outcome | None:
        """Return what is told instead of the page, before it is looked at who may what; None where it may go on."""
        if request.method == "POST" and not is_from_here(request):
            return View(template="errors/foreign.html", status=403)
        if visit.known is None and not route.is_open:
            return self._sign_in_first(visit)
        if request.method == "POST" and not route.by_link and not is_token(visit.sent.form.get(CSRF_FIELD), secret):
            return View(template="errors/stale_form.html", values={"again": _again(visit)}, status=403)
        if visit.sent.form.get(BY_FIELD, visit.mark) != visit.mark:
            return View(template="errors/other_person.html", status=409)
        return None

    def _sign_in_first(self, visit: Visit) -> Outcome:
        """Ask who comes; what was typed into a form is carried along and sent again after signing in."""
        if visit.sent.method == "POST":
            return self.ask_again(visit, _again(visit))
        query = urlencode(visit.sent.query)
        place = visit.sent.path + (f"?{query}" if query else "")
        return Redirect(to="/login" + ("" if place == "/" else f"?next={quote(place, safe='')}"))

    def _written(self, visit: Visit, outcome: Outcome, cookies: dict[str, str | None]) -> Written:
        if visit.sent.is_queued:
            return Written(*told_to_queue(visit, outcome), "application/json", {"Cache-Control": "no-store"})
        if isinstance(outcome, Redirect):
            if outcome.message:
                said: dict[str, Any] = {"message": outcome.message}
                if outcome.undo is not None:
                    said["undo"] = {"operation": outcome.undo.operation, "values": outcome.undo.values}
                cookies["fleet-said"] = base64.urlsafe_b64encode(orjson.dumps(said, default=str)).decode()
            return Written(303, b"", headers={"Location": outcome.to}, cookies=cookies | dict(outcome.cookies))
        if "fleet-said" in visit.sent.cookies and visit.sent.is_shown:
            cookies["fleet-said"] = None
        if isinstance(outcome, Document):
            named = {"Content-Disposition": f'attachment; filename="{outcome.file_name}"'} if outcome.file_name else {}
            return Written(200, outcome.body, outcome.content_type, {**named, **outcome.headers}, cookies)
        cookies |= outcome.cookies
        body = self.renderer.written(visit, outcome).encode("utf-8", "replace")
        return Written(outcome.status, body, headers=outcome.headers, cookies=cookies)

    def _response(self, written: Written, more: Mapping[str, str]) -> web.Response:
        is_text = written.content_type.startswith("text/")
        response = web.Response(
            status=written.status,
            body=written.body,
            content_type=written.content_type,
            charset="utf-8" if is_text else None,
            headers={**PAGE_HEADERS, "Fleet-Visitor": written.mark, **written.headers, **more},
        )
        if written.cookies.get(self.session_cookie, "") is None:  # signed out: no copy stays behind the back button
            response.headers["Clear-Site-Data"] = '"cache"'
        for name, value in written.cookies.items():
            self._set_cookie(response, name, value)
        if is_text and isinstance(written.body, bytes) and len(written.body) > 1400:
            response.enable_compression()
        return response

    def _set_cookie(self, response: web.Response, name: str, value: str | None) -> None:
        if value is None or value == "":
            response.del_cookie(name, path="/", secure=self.is_secure, httponly=True, samesite="Lax")
            return
        age = {"fleet-said": SAID_S, "fleet-visitor": None}.get(name, YEAR_S)
        response.set_cookie(name, value, max_age=age, path="/", secure=self.is_secure, httponly=True, samesite="Lax")


async def _form(request: web.Request, route: PageRoute) -> Mapping[str, Any]:
    if (request.content_length or 0) > route.body_max:
        raise web.HTTPRequestEntityTooLarge(route.body_max, request.content_length or 0)
    posted = await request.clone(client_max_size=route.body_max).post()  # files lie on the disk, not in memory
    return {name: _said(posted.getall(name)) for name in posted}


def _said(sent: Sequence[Any]) -> Any:
    """Return a field's files, where there are any, else its text; a field for files that was left empty sends bytes."""
    if files := tuple(each for each in sent if isinstance(each, web.FileField)):
        return files
    return sent[0] if isinstance(sent[0], str) else ""


def _close_files(form: Mapping[str, Any]) -> None:
    for said in form.values():
        for file in said if isinstance(said, tuple) else ():
            file.file.close()


def _sent(request: web.Request, form: Mapping[str, Any]) -> Sent:
    languages = [part.partition(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")]
    origin = Origin(address=request.remote, correlation_id=request[CORRELATION_ID])
    return Sent(
        method=request.method,
        path=request.path,
        names=dict(request.match_info),
        query=dict(request.query),
        form=form,
        cookies=dict(request.cookies),
        languages=tuple(filter(None, languages))[:10],
        correlation_id=request[CORRELATION_ID],
        address=origin.address,
        device=request.headers.get("User-Agent", "")[:200],
        is_queued=QUEUED_HEADER in request.headers and request.method == "POST",
        is_shown=request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate",
        wants_part=request.headers.get("HX-Request-Type") == "partial",
    )


def _again(visit: Visit) -> Mapping[str, Any]:
    """Return what was typed, to be sent once more."""
    kept = {name: said for name, said in visit.sent.form.items() if isinstance(said, str) and name != CSRF_FIELD}
    return {"to": visit.sent.path, "fields": kept}
