"""Pages about how one signs in: the password, the e-mail address, where one is signed in, what happened."""

from __future__ import annotations

from fleetcore.kernel.errors import Rejected
from fleetserver.pages.faults import told_error
from fleetserver.pages.forms import Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit

from .desk import form_of, new_password_field, origin_of, password_field, require_sign_in
from .errors import LimitExceeded

__all__ = ["PAGES"]

LOG_LENGTH = 20


def _form(visit: Visit) -> Form:
    _ = visit.language.text
    keys = Field(
        name="revoke_api_keys",
        label=_("End my API keys as well"),
        kind=Kind.CHECK,
        hint=_("Do this if somebody else may know the old password."),
    )
    return form_of(visit, password_field(visit), new_password_field(visit, "new_password"), keys)


def show(visit: Visit) -> Outcome:
    """Show how one signs in."""
    require_sign_in(visit)
    return _view(visit, _form(visit))


def _view(visit: Visit, form: Form, status: int = 200) -> View:
    visit.close()
    log = visit.accounts.security_log(visit.caller.actor.user_id, LOG_LENGTH)
    values = {"form": form, "me": visit.accounts.me(visit.caller), "log": log}
    return View(template="accounts/security.html", values=values, status=status)


def change_password(visit: Visit) -> Outcome:
    """Replace the password by a new one; other devices are signed out."""
    require_sign_in(visit)
    form = _form(visit)
    values = form.values(visit.typed())
    if not form.has_errors:
        visit.close()
        try:
            visit.accounts.change_password(
                visit.caller,
                visit.sent.form["password"],
                visit.sent.form["new_password"],
                revoke_api_keys=values["revoke_api_keys"],
                origin=origin_of(visit),
            )
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except LimitExceeded as error:
            form.general.append(told_error(visit.language, error))
            return _view(visit, form, 429)
        else:
            told = visit.language.text("The password is changed. You are signed out everywhere else.")
            return Redirect(to="/account/security", message=told)
    return _view(visit, form, 422)


def send_verification(visit: Visit) -> Outcome:
    """Send the link once more that shows that the e-mail address is one's own."""
    require_sign_in(visit)
    visit.close()
    visit.accounts.request_verification(visit.caller, origin=origin_of(visit))
    return Redirect(to="/account/security", message=visit.language.text("The link is on its way to your mailbox."))


def show_sessions(visit: Visit) -> Outcome:
    """List where one is signed in."""
    require_sign_in(visit)
    visit.close()
    found = visit.accounts.sessions(visit.caller)
    return View(template="accounts/sessions.html", values={"sessions": found})


def end_session(visit: Visit) -> Outcome:
    """Sign out on another device."""
    require_sign_in(visit)
    session_id = visit.id("id")
    visit.close()
    if session_id is not None:
        visit.accounts.revoke_session(visit.caller, session_id, origin=origin_of(visit))
    return Redirect(to="/account/sessions", message=visit.language.text("That device is signed out."))


def end_others(visit: Visit) -> Outcome:
    """Sign out everywhere but here."""
    require_sign_in(visit)
    visit.close()
    caller = visit.caller
    visit.accounts.revoke_sessions(caller.actor.user_id, but=caller.session_id, origin=origin_of(visit))
    told = visit.language.text("You are signed out everywhere but here.")
    return Redirect(to="/account/sessions", message=told)


PAGES = (
    PageRoute(method="GET", path="/account/security", show=show),
    PageRoute(method="POST", path="/account/security", show=change_password, hashes=True),
    PageRoute(method="POST", path="/account/email/verify", show=send_verification),
    PageRoute(method="GET", path="/account/sessions", show=show_sessions),
    PageRoute(method="POST", path="/account/sessions/others", show=end_others),
    PageRoute(method="POST", path="/account/sessions/{id}", show=end_session),
)
