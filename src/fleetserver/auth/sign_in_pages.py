"""Pages of accounts: register, sign in, sign out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.errors import Problem, Rejected
from fleetserver.pages.faults import told_error
from fleetserver.pages.forms import Field, Form, Kind
from fleetserver.pages.guard import csrf_token
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit

from .customs import customs_of
from .desk import form_of
from .errors import LimitExceeded, SecondFactorNeeded, Unauthenticated

__all__ = ["PAGES", "ask_again", "entered", "place_after", "wrong_sign_in"]


def _login_form(visit: Visit, *, with_code: bool) -> Form:
    _ = visit.language.text
    code = Field(
        name="code",
        label=_("Code"),
        hint=_("From your authenticator app, or one of your recovery codes."),
        autocomplete="one-time-code",
        is_required=True,
    )
    return form_of(
        visit,
        Field(name="email", label=_("E-mail"), kind=Kind.EMAIL, is_required=True, autocomplete="email", length_max=320),
        Field(
            name="password",
            label=_("Password"),
            kind=Kind.PASSWORD,
            is_required=True,
            autocomplete="current-password",
        ),
        *([code] if with_code else []),
    )


def place_after(said: str) -> str:
    """Return the address of ours that *said* is, else the garage: a link must not lead elsewhere after signing in."""
    parts = urlsplit(said)
    is_ours = said.startswith("/") and not said.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return said if is_ours and said.isprintable() else "/"


def show_login(visit: Visit) -> Outcome:
    """Ask for e-mail and password."""
    if visit.known is not None:
        return Redirect(to=place_after(visit.sent.query.get("next", "/")))
    return _login_view(visit, _login_form(visit, with_code=False), visit.sent.query.get("next", ""))


def ask_again(visit: Visit, again: Mapping[str, Any]) -> View:
    """Ask who comes in the middle of a form; *again* is what was typed into it."""
    form = _login_form(visit, with_code=False)
    form.texts.clear()  # that form may have had fields of the same names
    return View(template="accounts/login.html", values={"form": form, "next": "", "again": again}, status=401)


def _login_view(visit: Visit, form: Form, next_place: str, status: int = 200) -> View:
    again = _again(visit)
    return View(
        template="accounts/login.html", values={"form": form, "next": next_place, "again": again}, status=status
    )


def _again(visit: Visit) -> dict[str, object] | None:
    """Return what was typed into another form before the session had ended."""
    try:
        said = json.loads(visit.sent.form.get("again", "null"))
    except ValueError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("fields"), dict):
        return None
    return {"to": place_after(str(said.get("to", "/"))), "fields": said["fields"]}


def sign_in(visit: Visit) -> Outcome:
    """Open a session in this browser."""
    sent = visit.sent.form
    form = _login_form(visit, with_code="code" in sent)
    try:
        answer = visit.accounts.login(
            str(sent.get("email", "")),
            str(sent.get("password", "")),
            code=str(sent.get("code", "")) or None,
            device=visit.sent.device,
            origin=Origin(address=visit.sent.address, correlation_id=visit.sent.correlation_id),
        )
    except (LimitExceeded, SecondFactorNeeded, Unauthenticated) as error:
        if isinstance(error, SecondFactorNeeded):
            form = _login_form(visit, with_code=True)
        form.general.append(wrong_sign_in(visit, error))
        return _login_view(visit, form, str(sent.get("next", "")), 429 if isinstance(error, LimitExceeded) else 401)
    return _entered(visit, answer.access_token, str(sent.get("next", "/")))


def wrong_sign_in(visit: Visit, error: Exception) -> str:
    """Say why somebody was not let in."""
    _ = visit.language.text
    if isinstance(error, SecondFactorNeeded):
        return _("Type the code of your second factor, and your password once more.")
    if isinstance(error, LimitExceeded):
        return told_error(visit.language, error)
    return _("The e-mail address or the password is wrong.")


def entered(visit: Visit, access_token: str) -> dict[str, str | None]:
    """Return the cookies that let the visitor in by *access_token*, the session first."""
    tokens = visit.accounts.tokens
    cookie = tokens.issue_for_pages(tokens.verify(access_token))
    name = "__Host-fleet" if visit.accounts.settings.public_url.startswith("https:") else "fleet-session"
    return {name: cookie, "fleet-visitor": None}


def _entered(visit: Visit, access_token: str, to: str) -> Outcome:
    cookies = entered(visit, access_token)
    again = _again(visit)
    if again is not None:
        values = {"again": again, "csrf": csrf_token(next(iter(cookies.values())) or "")}
        return View(template="accounts/signed_in_again.html", values=values, cookies=cookies)
    return Redirect(to=place_after(to), cookies=cookies)


def _register_form(visit: Visit) -> Form:
    _ = visit.language.text
    least = visit.accounts.settings.password_length_min
    return form_of(
        visit,
        Field(name="name", label=_("Your name"), is_required=True, autocomplete="name"),
        Field(name="email", label=_("E-mail"), kind=Kind.EMAIL, is_required=True, autocomplete="email", length_max=320),
        Field(
            name="password",
            label=_("Password"),
            kind=Kind.PASSWORD,
            is_required=True,
            autocomplete="new-password",
            hint=_("At least {least} characters; a few words are easy to remember and hard to guess.", least=least),
        ),
    )


def show_register(visit: Visit) -> Outcome:
    """Ask for what an account needs."""
    if visit.known is not None:
        return Redirect(to="/")
    return _register_view(visit, _register_form(visit))


def _register_view(visit: Visit, form: Form, status: int = 200) -> View:
    values = {"form": form, "customs": customs_of(visit.sent.languages)}
    return View(template="accounts/register.html", values=values, status=status)


def register(visit: Visit) -> Outcome:
    """Make an account with its first fleet, and sign in."""
    sent, form = visit.sent.form, _register_form(visit)
    try:
        answer = visit.accounts.register(
            str(sent.get("email", "")),
            str(sent.get("password", "")),
            str(sent.get("name", "")),
            device=visit.sent.device,
            origin=Origin(address=visit.sent.address, correlation_id=visit.sent.correlation_id),
            locale=visit.language.code,
            **attrs.asdict(customs_of(visit.sent.languages), recurse=False),
        )
    except Rejected as rejected:
        form.refuse(rejected.problems)
        return _register_view(visit, form, 422)
    except LimitExceeded as error:
        form.refuse([Problem("", told_error(visit.language, error))])
        return _register_view(visit, form, 429)
    return _entered(visit, answer.access_token, "/")


def show_logout(_visit: Visit) -> Outcome:
    """Ask once more before signing out: a link must not do it."""
    return View(template="accounts/logout.html")


def logout(visit: Visit) -> Outcome:
    """End the session of this browser."""
    visit.close()
    visit.accounts.logout(
        visit.caller, origin=Origin(address=visit.sent.address, correlation_id=visit.sent.correlation_id)
    )
    return Redirect(to="/login", cookies={"fleet-session": None, "__Host-fleet": None, "fleet-said": None})


PAGES = (
    PageRoute(method="GET", path="/login", show=show_login, is_open=True),
    PageRoute(method="POST", path="/login", show=sign_in, is_open=True, hashes=True, body_max=256 * 1024),
    PageRoute(method="GET", path="/register", show=show_register, is_open=True),
    PageRoute(method="POST", path="/register", show=register, is_open=True, hashes=True),
    PageRoute(method="GET", path="/logout", show=show_logout),
    PageRoute(method="POST", path="/logout", show=logout),
)
