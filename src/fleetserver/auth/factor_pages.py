"""Pages of the second factor: set an authenticator app up, keep recovery codes, show it once more, turn it off."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import segno
from markupsafe import Markup

from fleetcore.kernel.errors import Conflict, Rejected
from fleetserver.pages.faults import told_error
from fleetserver.pages.forms import Form
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit

from .credentials import Enrolment
from .desk import code_field, form_of, needs_code, origin_of, password_field, prove_factor, require_sign_in
from .errors import LimitExceeded
from .sign_in_pages import place_after

__all__ = ["PAGES", "ask_factor", "qr_picture"]

PATH = "/account/second-factor"
QUIET_ZONE = 4  # modules around the code, which readers need (ISO/IEC 18004)
GROUP = 4


def qr_picture(text: str) -> Markup:
    """Return *text* as a QR code: an SVG whose colours do not follow the theme, as cameras want dark on light."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, svgns=False, nl=False, border=QUIET_ZONE, omitsize=True,
              dark="#000000", light="#ffffff", svgclass="qr", lineclass=None)  # fmt: skip
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by us: it holds no text


def _asked(visit: Visit) -> Form:
    fields = [password_field(visit)]
    if needs_code(visit):
        fields.append(code_field(visit))
    return form_of(visit, *fields)


def show(visit: Visit) -> Outcome:
    """Say whether a second factor is on, and what can be done."""
    require_sign_in(visit)
    form = _asked(visit)
    form.texts.clear()
    return _view(visit, form)


def _view(visit: Visit, form: Form, status: int = 200) -> View:
    visit.close()
    values = {"form": form, "me": visit.accounts.me(visit.caller)}
    return View(template="accounts/second_factor.html", values=values, status=status)


def _tried(visit: Visit, form: Form, what: Callable[[str], Outcome]) -> Outcome:
    """Do *what* by the password that was typed, or tell at the fields why not."""
    form.values(visit.typed())
    if not form.has_errors:
        try:
            prove_factor(visit)
            visit.close()
            return what(str(visit.sent.form.get("password", "")))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except (Conflict, LimitExceeded) as error:
            form.general.append(told_error(visit.language, error))
            return _view(visit, form, 429 if isinstance(error, LimitExceeded) else 409)
    return _view(visit, form, 422)


def enrol(visit: Visit) -> Outcome:
    """Make a secret and show it: as a QR code, and as text for who cannot scan it."""
    require_sign_in(visit)

    def made(password: str) -> Outcome:
        enrolment = visit.accounts.enrol_totp(visit.caller, password, origin=origin_of(visit))
        form = form_of(visit, code_field(visit))
        return _confirming(form, enrolment)

    return _tried(visit, _asked(visit), made)


def _confirming(form: Form, enrolment: Enrolment | None, status: int = 200) -> View:
    values: dict[str, Any] = {"form": form, "secret": "", "picture": None}
    if enrolment is not None:
        secret = enrolment.secret
        values["secret"] = " ".join(secret[i : i + GROUP] for i in range(0, len(secret), GROUP))
        values["picture"], values["uri"] = qr_picture(enrolment.uri), enrolment.uri
    return View(template="accounts/second_factor_confirm.html", values=values, status=status)


def confirm(visit: Visit) -> Outcome:
    """Turn it on by a first code, and tell the recovery codes this once."""
    require_sign_in(visit)
    form = form_of(visit, code_field(visit))
    form.values(visit.typed())
    if form.has_errors:
        return _confirming(form, None, 422)
    visit.close()
    try:
        codes = visit.accounts.confirm_totp(visit.caller, str(visit.sent.form["code"]), origin=origin_of(visit))
    except Rejected as rejected:
        form.refuse(rejected.problems)
        return _confirming(form, None, 422)
    except (Conflict, LimitExceeded) as error:
        form.general.append(told_error(visit.language, error))
        return _confirming(form, None, 429 if isinstance(error, LimitExceeded) else 409)
    return View(template="accounts/recovery_codes.html", values={"codes": codes, "is_new": True})


def renew(visit: Visit) -> Outcome:
    """Make new recovery codes; the old ones end."""
    require_sign_in(visit)

    def made(password: str) -> Outcome:
        codes = visit.accounts.renew_recovery_codes(visit.caller, password, origin=origin_of(visit))
        return View(template="accounts/recovery_codes.html", values={"codes": codes, "is_new": False})

    return _tried(visit, _asked(visit), made)


def turn_off(visit: Visit) -> Outcome:
    """Turn the second factor off."""
    require_sign_in(visit)

    def done(password: str) -> Outcome:
        visit.accounts.disable_totp(visit.caller, password, origin=origin_of(visit))
        return Redirect(to=PATH, message=visit.language.text("The second factor is off."))

    return _tried(visit, _asked(visit), done)


def ask_factor(visit: Visit, again: Mapping[str, Any] | None) -> View:
    """Ask for a code in the middle of something that wants a fresh one; *again* is what was typed."""
    form = form_of(visit, code_field(visit))
    form.texts.clear()
    place = visit.sent.path if visit.sent.method == "GET" else ""
    values = {"form": form, "again": again, "next": place}
    return View(template="accounts/step_up.html", values=values, status=401)


def step_up(visit: Visit) -> Outcome:
    """Take the code, and go on where one was."""
    require_sign_in(visit)
    sent = visit.sent.form
    form = form_of(visit, code_field(visit))
    form.values(visit.typed())
    again = _again(str(sent.get("again", "")))
    status = 422
    if not form.has_errors:
        try:
            prove_factor(visit)
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except (Conflict, LimitExceeded) as error:
            form.general.append(told_error(visit.language, error))
            status = 429
        else:
            if again is not None:
                return View(template="accounts/stepped_up.html", values={"again": again})
            return Redirect(to=place_after(str(sent.get("next", "/"))))
    values = {"form": form, "again": again, "next": str(sent.get("next", ""))}
    return View(template="accounts/step_up.html", values=values, status=status)


def _again(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)
    except ValueError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("fields"), dict):
        return None
    return {"to": place_after(str(said.get("to", "/"))), "fields": said["fields"]}


PAGES = (
    PageRoute(method="GET", path=PATH, show=show),
    PageRoute(method="POST", path=PATH, show=enrol, hashes=True),
    PageRoute(method="POST", path=f"{PATH}/confirm", show=confirm),
    PageRoute(method="POST", path=f"{PATH}/codes", show=renew, hashes=True),
    PageRoute(method="POST", path=f"{PATH}/off", show=turn_off, hashes=True),
    PageRoute(method="POST", path="/account/step-up", show=step_up, body_max=256 * 1024),
)
