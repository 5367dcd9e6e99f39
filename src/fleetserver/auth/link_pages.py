"""Pages that links in mails lead to: confirm an address, choose a password, accept an invitation, get no more mails.

Opening a link changes nothing, as programs that look at mails open links too; its form does. The secret of the link
is all that such a form needs, so it is taken without the token of other forms, except where it acts for who is
signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.notifications.model import Unsubscribe
from fleetcore.notifications.service import unsubscribe, unsubscriber
from fleetcore.sharing.model import Offer
from fleetserver.pages.faults import told_error
from fleetserver.pages.forms import Field, Form, Kind
from fleetserver.pages.guard import CSRF_FIELD
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit

from .desk import code_field, form_of, new_password_field, origin_of, typed
from .errors import LimitExceeded, SecondFactorNeeded, Unauthenticated
from .service import Accounts
from .sign_in_pages import entered, wrong_sign_in

__all__ = ["LINKS", "PAGES", "TOKEN_LENGTH_MAX", "join_by_password"]

TOKEN_LENGTH_MAX = 500


def _token(visit: Visit) -> str:
    sent = visit.sent
    found = sent.names.get("token") or sent.form.get("token") or sent.query.get("token", "")
    return str(found)[:TOKEN_LENGTH_MAX]


def _done(title: str, text: str, to: str = "/", button: str = "") -> View:
    return View(template="accounts/link_done.html", values={"title": title, "text": text, "to": to, "button": button})


def _link(visit: Visit, title: str, text: str, button: str, *, form: Form | None = None, status: int = 200) -> View:
    values = {"title": title, "text": text, "button": button, "form": form, "token": _token(visit)}
    return View(template="accounts/link.html", values=values, status=status)


# --- confirm an address -----------------------------------------------------------------------------------------------


def show_verify(visit: Visit) -> Outcome:
    """Ask for the press that confirms."""
    _ = visit.language.text
    text = _("By confirming you say that this e-mail address is yours.")
    return _link(visit, _("Confirm your e-mail address"), text, _("Confirm"))


def verify(visit: Visit) -> Outcome:
    """Keep that the address is theirs."""
    _ = visit.language.text
    visit.accounts.verify_email(_token(visit), origin=origin_of(visit))
    return _done(_("Confirmed"), _("The e-mail address is known to be yours now."))


# --- choose a password ------------------------------------------------------------------------------------------------


def _reset_view(visit: Visit, form: Form, status: int = 200) -> View:
    _ = visit.language.text
    text = _("Every device is signed out, and API keys end. An authenticator app stays as it is.")
    return _link(visit, _("Choose a new password"), text, _("Set the password"), form=form, status=status)


def show_reset(visit: Visit) -> Outcome:
    """Ask for the new password."""
    return _reset_view(visit, form_of(visit, new_password_field(visit)))


def reset(visit: Visit) -> Outcome:
    """Set the new password, or say what is wrong with it; then the link can be used again."""
    _ = visit.language.text
    form = form_of(visit, new_password_field(visit))
    form.values(typed(visit))
    if not form.has_errors:
        try:
            visit.accounts.reset(_token(visit), str(visit.sent.form["password"]), origin=origin_of(visit))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            return _done(_("Done"), _("Sign in with the new password."), "/login", _("Sign in"))
    return _reset_view(visit, form, 422)


def _forgot_form(visit: Visit) -> Form:
    label = visit.language.text("E-mail")
    mail = Field(name="email", label=label, kind=Kind.EMAIL, is_required=True, autocomplete="email", length_max=320)
    return form_of(visit, mail)


def show_forgot(visit: Visit) -> Outcome:
    """Ask where the link goes."""
    return View(template="accounts/forgot.html", values={"form": _forgot_form(visit)})


def forgot(visit: Visit) -> Outcome:
    """Send the link, if somebody has that address; the answer never tells."""
    _ = visit.language.text
    form = _forgot_form(visit)
    form.values(typed(visit))
    if form.has_errors:
        return View(template="accounts/forgot.html", values={"form": form}, status=422)
    try:
        visit.accounts.request_reset(str(visit.sent.form["email"]), origin=origin_of(visit))
    except LimitExceeded as error:
        form.general.append(told_error(visit.language, error))
        return View(template="accounts/forgot.html", values={"form": form}, status=429)
    text = _("If this address has an account, a link is on its way to it. It works for half an hour.")
    return _done(_("Look into your mailbox"), text, "/login", _("Sign in"))


# --- accept an invitation ---------------------------------------------------------------------------------------------


def _invited_form(visit: Visit, offer: Offer) -> Form:
    _ = visit.language.text
    name = Field(name="name", label=_("Your name"), is_required=True, autocomplete="name")
    email = Field(
        name="email", label=_("E-mail"), kind=Kind.EMAIL, is_required=True, autocomplete="email", length_max=320
    )
    fields = [name, email, new_password_field(visit)]
    if "code" in visit.sent.form:
        fields.append(code_field(visit))
    form = form_of(visit, *fields)
    form.texts.setdefault("email", offer.email or "")
    return form


def _offer_view(visit: Visit, offer: Offer, form: Form, status: int = 200) -> View:
    values: dict[str, Any] = {"offer": offer, "form": form, "token": _token(visit)}
    return View(template="accounts/invitation.html", values=values, status=status)


def show_invitation(visit: Visit) -> Outcome:
    """Say what is offered; who is signed in accepts by one press, others register or sign in."""
    offer = visit.accounts.offer(_token(visit), origin=origin_of(visit))
    return _offer_view(visit, offer, _invited_form(visit, offer))


def accept(visit: Visit) -> Outcome:
    """Let who was invited in."""
    sent = visit.sent.form
    if visit.known is not None and sent.get(CSRF_FIELD) == visit.csrf_token and "as_me" in sent:
        return _accept_as_me(visit)
    offer = visit.accounts.offer(_token(visit), origin=origin_of(visit))
    form = _invited_form(visit, offer)
    try:
        if not sent.get("name"):
            return _accept_by_password(visit)
        answer = visit.accounts.register_invited(
            _token(visit),
            str(sent.get("password", "")),
            str(sent["name"]),
            email=str(sent.get("email", "")) or None,
            device=visit.sent.device,
            origin=origin_of(visit),
        )
    except Rejected as rejected:
        form.refuse(rejected.problems)
    except Conflict as conflict:
        form.general.append(told_error(visit.language, conflict))
        return _offer_view(visit, offer, form, 409)
    except (LimitExceeded, SecondFactorNeeded, Unauthenticated) as error:
        form.general.append(wrong_sign_in(visit, error))
        return _offer_view(visit, offer, form, 429 if isinstance(error, LimitExceeded) else 401)
    else:
        cookies = entered(visit, answer.access_token)
        return View(template="accounts/welcome.html", values={"fleet_name": offer.fleet_name}, cookies=cookies)
    return _offer_view(visit, offer, form, 422)


def _accept_as_me(visit: Visit) -> Outcome:
    visit.close()
    joined = visit.accounts.join(visit.caller, _token(visit), origin=origin_of(visit))
    if visit.caller.session_id is None:
        return Redirect(to="/people")
    answer = visit.accounts.switch(visit.caller, joined.fleet_id, origin=origin_of(visit))
    told = visit.language.text("Welcome. You are in.")
    return Redirect(to="/", message=told, cookies=entered(visit, answer.access_token))


def join_by_password(accounts: Accounts, token: str, said: Mapping[str, Any], origin: Origin) -> None:
    """Accept an invitation by the e-mail, password and code that are *said*, leaving no session behind."""
    email, password, code = (str(said.get(name, "")) for name in ("email", "password", "code"))
    signed_in = accounts.login(email, password, code=code or None, device="invitation", origin=origin)
    caller = accounts.identify(signed_in.access_token)
    try:
        accounts.join(caller, token, origin=origin)
    finally:
        accounts.logout(caller, origin=origin)


def _accept_by_password(visit: Visit) -> Outcome:
    """Accept as who proves to be by e-mail and password, leaving no session behind."""
    _ = visit.language.text
    join_by_password(visit.accounts, _token(visit), visit.sent.form, origin_of(visit))
    text = _("You are in. Sign in with your e-mail address and password.")
    return _done(_("Welcome"), text, "/login", _("Sign in"))


# --- get no more mails ------------------------------------------------------------------------------------------------


def show_unsubscribe(visit: Visit) -> Outcome:
    """Ask for the press that switches them off."""
    _ = visit.language.text
    unsubscriber(_token(visit))
    text = _("You get no more messages of this kind by this way. They stay in your inbox here.")
    return _link(visit, _("No more of these messages"), text, _("Switch off"))


def no_more(visit: Visit) -> Outcome:
    """Switch them off, as mail programs ask for it by one click too (RFC 8058)."""
    _ = visit.language.text
    token, origin = _token(visit), origin_of(visit)
    visit.core.run(
        unsubscriber(token),
        unsubscribe,
        Unsubscribe(token=token),
        correlation_id=origin.correlation_id,
        address=origin.address,
    )
    return _done(_("Switched off"), _("You get no more messages of this kind by this way."))


PAGES = (
    PageRoute(method="GET", path="/forgot-password", show=show_forgot, is_open=True),
    PageRoute(method="POST", path="/forgot-password", show=forgot, is_open=True, hashes=True),
)
LINKS = tuple(
    PageRoute(method=method, path=path, show=page, is_open=True, by_link=True, hashes=True)
    for path, shown, done in (
        ("/verify-email", show_verify, verify),
        ("/reset-password", show_reset, reset),
        ("/invitations/{token}", show_invitation, accept),
        ("/unsubscribe/{token}", show_unsubscribe, no_more),
    )
    for method, page in (("GET", shown), ("POST", done))
)
