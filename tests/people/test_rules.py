"""What makes fleets, users, members and roles acceptable."""

from __future__ import annotations

import pytest

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.money import Money
from fleetcore.people.model import FleetFields, StaffKind, StaffProfile, Units
from fleetcore.people.rules import (
    canonical_roles,
    check_fleet,
    check_grant,
    check_permissions,
    check_role_name,
    check_roles,
    check_staff,
    check_user,
    email_key,
)


def test_good_fleet_has_no_problem() -> None:
    """A fleet with a name, a currency, a time zone, a country and a language is accepted."""
    fields = FleetFields(name="Home", currency="EUR", timezone="Europe/Berlin", country="DE", locale="de-DE")

    assert [] == list(check_fleet(fields))


def test_bad_fleet_shows_every_problem() -> None:
    """All problems of a fleet are named at once."""
    fields = FleetFields(name=" ", currency="EURO", timezone="Mars/Olympus", country="Germany", locale="?")

    assert ["name", "currency", "timezone", "country", "locale"] == [problem.field for problem in check_fleet(fields)]


def test_units_are_one_of_three() -> None:
    """A system of units that is none is refused, also when a script passes plain text."""
    assert ["units"] == [problem.field for problem in check_fleet(FleetFields(name="Home", units="nautical"))]  # type: ignore[arg-type]


@pytest.mark.parametrize("email", ["ada@example.org", "a.b+c@mail.example.co.uk", "jörg@müller.de", "me@localhost"])
def test_email_addresses(email: str) -> None:
    """Addresses in use are accepted, with letters of any script."""
    assert [] == list(check_user("Ada", email))


@pytest.mark.parametrize(
    "email",
    [
        *("", "ada", "ada@", "@example.org", "a b@example.org", "ada@example..org", "ada@-example.org"),
        *("a@b@c", "ada@x\n", "x" * 65 + "@example.org", "ada@" + "example." * 40 + "org"),
    ],
)
def test_not_email_addresses(email: str) -> None:
    """What cannot be an address is refused."""
    assert ["email.shape"] == [problem.code for problem in check_user("Ada", email)]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x00b"])
def test_names_are_short_and_printable(name: str) -> None:
    """A name has 1 to 100 printable characters."""
    assert ["name"] == [problem.field for problem in check_user(name, None)]


def test_case_and_accents_make_no_other_address() -> None:
    """Upper case and composed or decomposed accents spell the same address."""
    assert email_key("JÖRG@Example.ORG") == email_key("jo\u0308rg@example.org")


def test_daily_rate_is_not_negative() -> None:
    """A day's work costs nothing or more."""
    assert [] == list(check_staff(StaffProfile(kind=StaffKind.DRIVER, daily_rate=Money(0, "EUR"))))
    assert ["staff.daily_rate"] == [
        problem.field for problem in check_staff(StaffProfile(kind=StaffKind.DRIVER, daily_rate=Money(-1, "EUR")))
    ]


def test_roles_are_stored_under_one_name() -> None:
    """Aliases, case and repetition disappear; what is unknown stays, to be named in the problem."""
    assert ("family", "fleet_manager", "Boss") == canonical_roles(["Driver", "family", "Fleet manager", "Boss"], [])
    assert ["roles.2"] == [problem.field for problem in check_roles(("family", "fleet_manager", "Boss"), [])]


def test_member_has_a_role() -> None:
    """A member without any role is refused."""
    assert ["roles"] == [problem.field for problem in check_roles((), [])]


@pytest.mark.parametrize("name", ["owner", "Fleet Manager", "DRIVER", "", "x" * 61])
def test_custom_roles_have_names_of_their_own(name: str) -> None:
    """A custom role is not called like a built-in one or its alias, and is called something."""
    assert ["name"] == [problem.field for problem in check_role_name(name)]


def test_custom_roles_are_made_of_known_permissions() -> None:
    """A permission that does not exist is named."""
    wanted = {"fuel.read": Scope.ALL, "fuel.drink": Scope.ALL}

    assert ["permissions.fuel.drink"] == [problem.field for problem in check_permissions(wanted)]
    assert ["permissions"] == [problem.field for problem in check_permissions({})]


def test_grant_stays_within_the_giver() -> None:
    """Neither a permission that the giver lacks nor a wider scope can be given, unless it is held already."""
    giver = {"fuel.read": Scope.GRANTED}

    assert [] == list(check_grant("roles", {"fuel.read": Scope.OWN}, {}, giver))
    assert [] == list(check_grant("roles", {"fuel.read": Scope.ALL}, {"fuel.read": Scope.ALL}, giver))
    assert 1 == len(list(check_grant("roles", {"fuel.read": Scope.ALL}, {}, giver)))
    assert 1 == len(list(check_grant("roles", {"fuel.write": Scope.OWN}, {}, giver)))


@pytest.mark.parametrize(
    ("units", "distance", "volume"),
    [(Units.METRIC, "km", "l"), (Units.IMPERIAL, "mi", "gal_uk"), (Units.US, "mi", "gal_us")],
)
def test_systems_of_units(units: Units, distance: str, volume: str) -> None:
    """Each system of units has its own for distance and for fuel."""
    assert (distance, volume) == (units.distance_unit, units.volume_unit)
