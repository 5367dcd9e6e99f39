"""What makes fleets, users, members and roles acceptable; every rule yields all it finds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.money import exponent_of
from fleetcore.kernel.when import zone

from .model import CustomRole, FleetFields, Quotas, StaffProfile, Units
from .roles import matrix, role_word, union

__all__ = [
    "canonical_roles",
    "check_fleet",
    "check_grant",
    "check_permissions",
    "check_quotas",
    "check_role_name",
    "check_roles",
    "check_staff",
    "check_user",
    "email_key",
    "permissions_of",
]

NAME_MAX = 100
ROLE_NAME_MAX = 60
VEHICLES_QUOTA_MAX, STORAGE_QUOTA_MAX = 2**31 - 1, 2**62
EMAIL_MAX = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
# The shape that browsers check, with letters of any script (RFC 6531): it sorts out slips of the pen; only
# a mail that arrives proves an address.
EMAIL_SHAPE = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^\W_]([\w-]{0,61}[^\W_])?(\.[^\W_]([\w-]{0,61}[^\W_])?)*")
LOCALE_SHAPE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
COUNTRY_SHAPE = re.compile(r"[A-Z]{2}")


def email_key(email: str) -> str:
    """Return the form in which two spellings of one e-mail address are equal."""
    return unicodedata.normalize("NFC", email).casefold()


def check_fleet(fields: FleetFields) -> Iterator[Problem]:
    """Yield every problem of what is said of a fleet."""
    yield from _check_name("name", fields.name)
    try:
        exponent_of(fields.currency)
    except Rejected as rejected:
        yield from rejected.problems
    yield from _check_timezone(fields.timezone)
    if fields.units not in tuple(Units):
        yield Problem("units", f"must be one of {', '.join(Units)}")
    if fields.country is not None and not COUNTRY_SHAPE.fullmatch(fields.country):
        yield Problem("country", "must be an ISO 3166 code of two capitals such as DE")
    yield from _check_locale(fields.locale)


def check_user(
    name: str, email: str | None, locale: str | None = None, timezone: str | None = None, *, prefix: str = ""
) -> Iterator[Problem]:
    """Yield every problem of what is said of a user; *prefix* begins the names of the fields."""
    yield from _check_name(f"{prefix}name", name)
    if email is not None and not (len(email) <= EMAIL_MAX and EMAIL_SHAPE.fullmatch(email)):
        yield Problem(f"{prefix}email", "is not an e-mail address such as ada@example.org", "email.shape")
    yield from _check_locale(locale)
    if timezone is not None:
        yield from _check_timezone(timezone)


def _check_name(field: str, name: str) -> Iterator[Problem]:
    if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
        yield Problem(field, f"must have 1 to {NAME_MAX} printable characters")


def _check_timezone(timezone: str) -> Iterator[Problem]:
    try:
        zone(timezone)
    except Rejected as rejected:
        yield from rejected.problems


def _check_locale(locale: str | None) -> Iterator[Problem]:
    if locale is not None and not LOCALE_SHAPE.fullmatch(locale):
        yield Problem("locale", "must be a language tag such as en or de-AT")


def check_quotas(quotas: Quotas) -> Iterator[Problem]:
    """Yield every problem of what a fleet may hold."""
    limits = (("vehicles_max", VEHICLES_QUOTA_MAX), ("storage_bytes_max", STORAGE_QUOTA_MAX))
    for name, most in limits:
        value = getattr(quotas, name)
        if value is not None and not 0 <= value <= most:
            yield Problem(name, f"must lie between 0 and {most}; leave it out for no limit")


def check_staff(staff: StaffProfile | None) -> Iterator[Problem]:
    """Yield every problem of a staff profile."""
    if staff is not None and staff.daily_rate is not None and staff.daily_rate.minor < 0:
        yield Problem("staff.daily_rate", "must be zero or more")


def canonical_roles(names: Iterable[str], custom: Iterable[CustomRole]) -> tuple[str, ...]:
    """Return the roles under the names they are stored by, each once; unknown ones stay as they are."""
    own = {role_word(role.name): role.name for role in custom}
    words = {name: role_word(name) for name in names}
    return tuple(dict.fromkeys(word if word in matrix().roles else own.get(word, name) for name, word in words.items()))


def check_roles(names: tuple[str, ...], custom: Iterable[CustomRole]) -> Iterator[Problem]:
    """Yield every problem of the canonical roles *names* of a member."""
    known = [*matrix().roles, *(role.name for role in custom)]
    if not names:
        yield Problem("roles", "give at least one role", "required")
    for index, name in enumerate(names):
        if name not in known:
            yield Problem(f"roles.{index}", f"{name!r} is no role here; there are {', '.join(known)}", "role.unknown")


def check_role_name(name: str) -> Iterator[Problem]:
    """Yield every problem of a new custom role's name, apart from its being taken."""
    if not name.strip() or len(name) > ROLE_NAME_MAX or not name.isprintable():
        yield Problem("name", f"must have 1 to {ROLE_NAME_MAX} printable characters")
    elif (word := role_word(name)) in matrix().roles:
        yield Problem("name", f"is the built-in role {word}: choose another name", "role.built_in")


def check_permissions(permissions: Mapping[str, Scope]) -> Iterator[Problem]:
    """Yield every problem of the permissions that a custom role is made of."""
    if not permissions:
        yield Problem("permissions", "give at least one permission", "required")
    for name in permissions:
        if name not in matrix().permissions:
            yield Problem(
                f"permissions.{name}", "is no permission; list them to see which there are", "permission.unknown"
            )


def permissions_of(roles: Iterable[str], custom: Iterable[CustomRole]) -> dict[str, Scope]:
    """Return what *roles* together allow; a role that is not known allows nothing."""
    known = {role.name: role.permissions for role in custom} | {
        name: role.permissions for name, role in matrix().roles.items()
    }
    return union(known[name] for name in roles if name in known)


def check_grant(
    field: str, wanted: Mapping[str, Scope], held: Mapping[str, Scope], giver: Mapping[str, Scope]
) -> Iterator[Problem]:
    """Yield every permission that goes beyond what is *held* already and what the *giver* has."""
    for name, scope in wanted.items():
        if scope <= held.get(name, 0):
            continue
        if name not in giver:
            yield Problem(field, f"gives the permission {name}, which you do not have", "permission.not_yours")
        elif scope > giver[name]:
            reach = giver[name].name.lower()
            yield Problem(
                field,
                f"gives the permission {name} for {scope.name.lower()}, which you have for {reach} only",
                "permission.not_yours",
            )
