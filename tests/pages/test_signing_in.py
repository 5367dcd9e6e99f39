"""Registering, signing in and out by pages; what was typed survives a session that ended."""

from __future__ import annotations

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import PASSWORD, add_vehicle, register

from fleetserver.auth.sign_in_pages import place_after


def test_who_registers_stands_in_an_empty_garage(stranger: Browser) -> None:
    """The first page teaches what to do first."""
    register(stranger, "ada@example.org")
    assert "No vehicle yet" in stranger.open("/").html


def test_a_stranger_is_asked_to_sign_in_and_led_back(stranger: Browser, ada: Browser) -> None:
    """The address that was asked for is shown after signing in."""
    page = stranger.open("/expenses?vehicle=x")
    assert "/login?next=%2Fexpenses%3Fvehicle%3Dx" == stranger.ask("GET", "/expenses?vehicle=x").headers["location"]
    form = page.form("/login")
    answer = stranger.post("/login", {**form.fields, "email": "ada@example.org", "password": PASSWORD})
    assert (303, "/expenses?vehicle=x") == (answer.status, answer.headers["location"])


@pytest.mark.parametrize(
    "said",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/x\r\nSet-Cookie: a=b", ""],
)
def test_signing_in_leads_to_no_other_site(said: str) -> None:
    """A link cannot name another site as the place after signing in."""
    assert "/" == place_after(said)


def test_a_wrong_password_and_an_unknown_address_get_one_answer(stranger: Browser, ada: Browser) -> None:
    """The page does not tell which of the two is wrong."""
    page = stranger.open("/login")
    answers = [
        stranger.fill(page, "/login", email=email, password="not the password")
        for email in ("ada@example.org", "nobody@example.org")
    ]
    assert [401, 401] == [answer.status for answer in answers]
    assert all("The e-mail address or the password is wrong." in answer.html for answer in answers)


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(stranger: Browser) -> None:
    """HttpOnly and SameSite stand on it; the API does not take it for a token."""
    register(stranger, "ada@example.org")
    token = stranger.cookies["fleet-session"]
    asked = {"Accept": "application/json"}
    bearing = {**asked, "Authorization": f"Bearer {token}"}
    assert 401 == stranger.ask("GET", "/api/v1/vehicles", headers=bearing).status
    assert 401 == stranger.ask("GET", "/api/v1/vehicles", headers=asked).status


def test_who_signs_out_is_out_at_once(ada: Browser) -> None:
    """A copy of the cookie is worth nothing any more."""
    copy = dict(ada.cookies)
    ada.fill(ada.open("/logout"), "/logout")
    ada.cookies = copy
    assert 303 == ada.ask("GET", "/").status


def test_what_was_typed_survives_a_session_that_ended(ada: Browser) -> None:
    """After signing in again one press sends it, and it is saved once."""
    vehicle = add_vehicle(ada)
    page = ada.open("/expenses/new")
    typed = {**page.form("").fields, "category": "parking", "amount": "3,50", "title": "Harbour"}
    ada.cookies.clear()
    asked = ada.post("/expenses/new", typed)
    assert 401 == asked.status
    back = ada.fill(asked, "/login", email="ada@example.org", password=PASSWORD)
    assert "Nothing you typed was lost" in back.html
    saved = ada.fill(back, "/expenses/new")
    assert 200 == saved.status
    assert 1 == ada.open("/expenses").html.count("Harbour")
    assert vehicle.startswith("/vehicles/")
