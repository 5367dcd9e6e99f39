"""Roles of a fleet's own, and keys with chosen permissions: by pages, without scripts."""

from __future__ import annotations

import re

import pytest
from tests.pages.browser import Browser
from tests.pages.test_people import joined, member_page, told

from fleetcore import Core
from fleetcore.accounts.commands import ListKeys
from fleetcore.accounts.keys import list_keys

NEW = "/people/roles/new"


def make_role(ada: Browser, name: str = "Courier", **may: str) -> str:
    """Make a role by the page and return where it is changed."""
    page = ada.fill(
        ada.open(NEW), "", name=name, **{f"may.{each.replace('__', '.')}": how for each, how in may.items()}
    )
    found = re.search(r'href="(/people/roles/[0-9a-f-]{36})"', page.html)
    assert found is not None, page.html
    return found[1]


def test_a_role_of_ones_own_is_made_given_and_changed(ada: Browser, port: int) -> None:
    """Who holds it may what it says, and from the next change on what that says."""
    role = make_role(ada, vehicles__read="all", fuel__write="own")
    eve = joined(ada, port, roles="accountant")
    ada.fill(member_page(ada), "", **{"role.accountant": "", "role.Courier": "on"})
    assert 200 == eve.open("/vehicles").status
    assert 403 == eve.open("/expenses").status
    page = ada.open(role)
    assert ("all", "own") == (page.form("").fields["may.vehicles.read"], page.form("").fields["may.fuel.write"])
    assert "Saved." in ada.fill(page, "", **{"may.expenses.read": "all"}).html
    assert 200 == eve.open("/expenses").status


def test_a_new_role_begins_like_another(ada: Browser) -> None:
    """What that may is filled in, to be changed."""
    page = ada.open(f"{NEW}?like=accountant")
    (form,) = [each for each in page.forms if "may.expenses.read" in each.fields]
    assert "all" == form.fields["may.expenses.read"]
    assert "may.vehicles.purge" not in {name for name, said in form.fields.items() if said}


def test_a_role_without_a_name_or_with_a_taken_one_is_refused(ada: Browser) -> None:
    """At its field; what was chosen stays."""
    page = ada.fill(ada.open(NEW), "", name="", **{"may.fuel.read": "own"})
    assert 422 == page.status
    assert 'id="field-name-error"' in page.html
    assert "own" == page.form("").fields["may.fuel.read"]
    make_role(ada, fuel__read="all")
    page = ada.fill(ada.open(NEW), "", name="Courier", **{"may.fuel.read": "all"})
    assert 422 == page.status


def test_a_role_is_deleted_and_brought_back_and_never_goes_while_it_is_held(ada: Browser, port: int) -> None:
    """Nothing is lost by one press."""
    role = make_role(ada, vehicles__read="all")
    joined(ada, port, roles="accountant")
    ada.fill(member_page(ada), "", **{"role.Courier": "on"})
    assert "hold the role" in told(ada.fill(ada.open(role), f"{role}/delete"))
    ada.fill(member_page(ada), "", **{"role.Courier": ""})
    gone = ada.fill(ada.open(role), f"{role}/delete")
    ada.cookies.pop("fleet-said", None)
    assert 404 == ada.open(role).status
    assert "Taken back." in ada.fill(gone, "/undo").html
    assert "all" == ada.open(role).form("").fields["may.vehicles.read"]


def test_who_does_not_manage_people_makes_no_roles(ada: Browser, port: int) -> None:
    """Neither by the page nor by a form of one's own; and another fleet's role is not there."""
    role = make_role(ada, vehicles__read="all")
    eve = joined(ada, port, roles="accountant")
    token = eve.open("/account").form("/account").fields["_csrf"]
    assert 403 == eve.open(NEW).status
    assert 403 == eve.post(role, {"_csrf": token, "may.people.write": "all"}).status
    bob = Browser(port)
    bob.fill(
        bob.open("/register"), "/register", name="Bob", email="bob@example.org", password="seventeen quiet lanterns"
    )
    assert 404 == bob.open(role).status


@pytest.mark.parametrize("name", ["may.people.owners", "may.no.such"])
def test_nobody_gives_what_they_have_not(ada: Browser, port: int, name: str) -> None:
    """A manager of people, who is no owner, cannot make a role that appoints owners."""
    make_role(ada, "Deputy", people__read="all", people__write="all")
    eve = joined(ada, port, roles="accountant")
    ada.fill(member_page(ada), "", **{"role.accountant": "", "role.Deputy": "on"})
    answer = eve.fill(eve.open(NEW), "", name="Boss", **{name: "all"})
    assert name.removeprefix("may.") not in answer.html
    assert "people.owners" not in eve.open("/people").html


def test_a_key_may_what_was_ticked_and_nothing_else(ada: Browser, core: Core) -> None:
    """Of what its maker may."""
    page = ada.open("/account/keys")
    ticked = {"sees.fuel.read": "on", "does.odometer.record": "on", "does.users.impersonate": "on"}
    page = ada.fill(page, "/account/keys", name="Dongle", reach="chosen", days="30", **ticked)
    assert 200 == page.status
    user = core.user("ada@example.org")
    (fleet,) = core.fleets_of(user.id)
    (key,) = core.read(core.actor(user_id=user.id, fleet_id=fleet.fleet.id), list_keys, ListKeys())
    assert {"fuel.read", "odometer.record"} == set(key.permissions)


def test_a_key_for_which_nothing_is_ticked_is_not_made(ada: Browser) -> None:
    """It is told at the field, and what was typed stays."""
    page = ada.fill(ada.open("/account/keys"), "/account/keys", name="Dongle", reach="chosen", days="30")
    assert 422 == page.status
    assert 'id="field-reach-error"' in page.html
    assert "Dongle" == page.form("/account/keys").fields["name"]
