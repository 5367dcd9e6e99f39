"""Pages of one's own data: all of it in a file, and its erasure."""

from __future__ import annotations

import io

from fleetcore.kernel.errors import Conflict, Rejected
from fleetserver.pages.faults import told_error
from fleetserver.pages.forms import Field, Form, Kind
from fleetserver.pages.routing import Document, Outcome, PageRoute, View
from fleetserver.pages.visits import Visit

from .desk import code_field, form_of, needs_code, origin_of, password_field, prove_factor, require_sign_in
from .errors import LimitExceeded

__all__ = ["PAGES", "SIGNED_OUT"]

SIGNED_OUT = {"fleet-session": None, "__Host-fleet": None, "fleet-said": None}


def _form(visit: Visit) -> Form:
    _ = visit.language.text
    fields = [password_field(visit)]
    if needs_code(visit):
        fields.append(code_field(visit))
    alone = Field(
        name="with_fleets",
        label=_("Delete the vehicles and records that only I can reach, too"),
        kind=Kind.CHECK,
        hint=_("Needed where you are the only one in a household: nobody could open it any more."),
    )
    sure = Field(name="sure", label=_("I know that this cannot be undone"), kind=Kind.CHECK, is_required=True)
    return form_of(visit, *fields, alone, sure)


def show(visit: Visit) -> Outcome:
    """Offer the export and the erasure."""
    return _view(visit, None if visit.caller.session_id is None else _form(visit))


def _view(visit: Visit, form: Form | None, status: int = 200) -> View:
    visit.close()
    return View(template="accounts/data.html", values={"form": form}, status=status)


def export(visit: Visit) -> Outcome:
    """Give everything that is held of the visitor, as a zip file."""
    visit.close()
    out = io.BytesIO()
    visit.accounts.export_me(visit.caller, out, origin=origin_of(visit))
    no_store = {"Cache-Control": "no-store"}
    return Document(body=out.getvalue(), content_type="application/zip", file_name="my-data.zip", headers=no_store)


def erase(visit: Visit) -> Outcome:
    """Erase the visitor everywhere, at once."""
    require_sign_in(visit)
    form = _form(visit)
    values = form.values(visit.typed())
    if not values.get("sure"):
        form.errors.setdefault("sure", []).append(visit.language.text("Tick this to go on."))
    if not form.has_errors:
        try:
            prove_factor(visit)
            visit.close()
            visit.accounts.erase_me(
                visit.caller, visit.sent.form["password"], with_fleets=values["with_fleets"], origin=origin_of(visit)
            )
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except (Conflict, LimitExceeded) as error:
            form.general.append(told_error(visit.language, error))
            return _view(visit, form, 429 if isinstance(error, LimitExceeded) else 409)
        else:
            visit.known = None
            return View(template="accounts/erased.html", cookies=SIGNED_OUT)
    return _view(visit, form, 422)


PAGES = (
    PageRoute(method="GET", path="/account/data", show=show),
    PageRoute(method="POST", path="/account/data/export", show=export),
    PageRoute(method="POST", path="/account/data/erase", show=erase, hashes=True),
)
