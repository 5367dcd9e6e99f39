"""What the pages of accounts share: forms, where a visit comes from, and the second factor asked for on the way."""

from __future__ import annotations

import attrs

from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.errors import NotFound
from fleetcore.people.model import Units
from fleetserver.pages.forms import Field, Form, Kind
from fleetserver.pages.visits import Visit
from fleetserver.presentation.display import Display
from fleetserver.presentation.typed import Typed

__all__ = ["STRANGERS", "code_field", "form_of", "needs_code", "new_password_field", "origin_of", "password_field"]
__all__ += ["prove_factor", "require_sign_in", "typed"]

STRANGERS = Display(units=Units.METRIC, timezone="UTC", currency="EUR", fleet_name="")


def form_of(visit: Visit, *fields: Field) -> Form:
    """Return a form with what was typed into it."""
    display = attrs.evolve(STRANGERS, language=visit.language) if visit.known is None else visit.display
    form = Form(fields=fields, display=display, scale=display.scale())
    form.take(visit.sent.form)
    return form


def typed(visit: Visit) -> Typed:
    """Return what reads the numbers of the visitor, also of one who has no account."""
    return visit.typed() if visit.known else Typed(STRANGERS.scale(), STRANGERS.timezone, STRANGERS.currency)


def origin_of(visit: Visit) -> Origin:
    """Return where the visit comes from, for logs and limits."""
    return Origin(address=visit.sent.address, correlation_id=visit.sent.correlation_id)


def require_sign_in(visit: Visit) -> None:
    """Raise NotFound where nobody signs in: on a machine of one person there is nothing to secure by a password."""
    if visit.accounts.settings.single_user and visit.caller.session_id is None:
        raise NotFound("page", visit.sent.path)


def password_field(visit: Visit) -> Field:
    """Return the field that asks for the password once more."""
    return Field(
        name="password",
        label=visit.language.text("Your password"),
        kind=Kind.PASSWORD,
        is_required=True,
        autocomplete="current-password",
        length_max=1000,
    )


def new_password_field(visit: Visit, name: str = "password") -> Field:
    """Return the field that asks for a password to be."""
    least = visit.accounts.settings.password_length_min
    _ = visit.language.text
    return Field(
        name=name,
        label=_("New password"),
        kind=Kind.PASSWORD,
        is_required=True,
        autocomplete="new-password",
        hint=_("At least {least} characters; a few words are easy to remember and hard to guess.", least=least),
    )


def code_field(visit: Visit) -> Field:
    """Return the field that asks for a code of the second factor."""
    _ = visit.language.text
    return Field(
        name="code",
        label=_("Code"),
        hint=_("From your authenticator app, or one of your recovery codes."),
        autocomplete="one-time-code",
        is_required=True,
    )


def needs_code(visit: Visit) -> bool:
    """Say whether the visitor has to show their second factor once more for what wants a fresh one."""
    accounts = visit.accounts
    return not accounts.is_fresh(visit.caller) and accounts.me(visit.caller).has_second_factor


def prove_factor(visit: Visit) -> None:
    """Take the code that was typed, so that what follows in this visit counts as proven. Raises Rejected."""
    if code := str(visit.sent.form.get("code", "")).strip():
        visit.close()
        visit.accounts.step_up(visit.caller, code, origin=origin_of(visit))
        visit.known = attrs.evolve(visit.caller, second_factor_at=visit.accounts.now())
