"""The people of a fleet by pages: invited, given roles, lent vehicles, gone; without scripts."""

from __future__ import annotations

import re

from tests.pages.browser import Browser, Page
from tests.pages.conftest import PASSWORD, add_vehicle, register

from fleetcore import Core


def told(page: Page) -> str:
    """Return the words of *page* without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.html))


def invitation(ada: Browser, **typed: str) -> str:
    """Make an invitation by the page and return where its link leads."""
    page = ada.fill(ada.open("/people/invite"), "/people/invite", **typed)
    found = re.search(r'<code class="secret">[^<]*?(/invitations/[^<]+)</code>', page.html)
    assert found is not None, page.html
    return found[1]


def joined(ada: Browser, port: int, *, email: str = "eve@example.org", **typed: str) -> Browser:
    """Let somebody new in by an invitation."""
    browser = Browser(port)
    page = browser.open(invitation(ada, **typed))
    done = browser.fill(page, page.path, name="Eve", email=email, password=PASSWORD)
    assert "welcome to Home" in told(done), done.html
    return browser


def member_page(ada: Browser, name: str = "Eve") -> Page:
    """Return the page of a member."""
    found = re.search(rf'href="(/people/[0-9a-f-]{{36}})">{name}<', ada.open("/people").html)
    assert found is not None
    return ada.open(found[1])


def test_somebody_new_comes_in_by_a_link_and_is_signed_in(ada: Browser, port: int) -> None:
    """They have the role that was offered, and the link works once."""
    vehicle = add_vehicle(ada)
    link = invitation(ada, roles="family")
    eve = Browser(port)
    page = eve.open(link)
    assert "Ada invites you to Home" in told(page)
    eve.fill(page, link, name="Eve", email="eve@example.org", password=PASSWORD)
    assert "Family member or driver" in told(ada.open("/people"))
    assert 422 == eve.open(link).status
    assert 404 == eve.open(vehicle).status


def test_who_has_an_account_accepts_by_one_press(ada: Browser, port: int, core: Core) -> None:
    """They go on in the new fleet, and find the way back."""
    bob = Browser(port)
    register(bob, "bob@example.org")
    ada.fill(ada.open("/people/settings"), "/people/settings", name="Harbour")
    link = invitation(ada, roles="family")
    page = bob.fill(bob.open(link), link)
    assert "Harbour" in told(page)
    back = bob.fill(bob.open("/people"), "/account/fleet")
    assert "Home" in told(back)
    assert core


def test_accepting_for_who_is_signed_in_needs_our_form(ada: Browser, port: int) -> None:
    """A form of theirs with the link alone makes nobody a member."""
    bob = Browser(port)
    register(bob, "bob@example.org")
    link = invitation(ada, roles="family")
    assert 303 != bob.post(link, {"as_me": "1", "_csrf": "guessed"}).status
    assert "bob@example.org" not in ada.open("/people").html


def test_an_invitation_is_made_anew_and_taken_back(ada: Browser, stranger: Browser) -> None:
    """The old link ends either way."""
    old = invitation(ada, roles="family", email="eve@example.org")
    page = ada.open("/people")
    (resend,) = [form for form in page.forms if form.action.endswith("/resend")]
    new = re.search(r"(/invitations/[^<]+)</code>", ada.post(resend.action, resend.fields).html)
    assert new is not None
    assert (422, 200) == (stranger.open(old).status, stranger.open(new[1]).status)
    (revoke,) = [form for form in page.forms if form.action.endswith("/revoke")]
    ada.post(revoke.action, revoke.fields)
    assert 422 == stranger.open(new[1]).status


def test_a_faulty_invitation_is_told_at_its_fields(ada: Browser) -> None:
    """Nothing is made."""
    page = ada.fill(ada.open("/people/invite"), "/people/invite", email="no address", valid_days="many")
    assert (422, True) == (page.status, 'id="field-valid_days-error"' in page.html)
    assert 'value="no address"' in page.html


def test_a_faulty_registration_keeps_what_was_typed(ada: Browser, stranger: Browser) -> None:
    """The link works after it."""
    link = invitation(ada, roles="family")
    page = stranger.fill(stranger.open(link), link, name="Eve", email="eve@example.org", password="short")
    assert (422, True) == (page.status, 'id="field-password-error"' in page.html)
    assert 'value="eve@example.org"' in page.html
    assert 200 == stranger.open(link).status


def test_a_guest_sees_the_vehicle_that_was_lent_until_its_last_day(ada: Browser, port: int) -> None:
    """And no other; whoever lent it ends it."""
    golf, van = add_vehicle(ada, "Golf"), add_vehicle(ada, "Van")
    eve = joined(ada, port, vehicle_id=golf.rpartition("/")[2], scope="drive", until="2026-08-31")
    assert (200, 404) == (eve.open(golf).status, eve.open(van).status)
    page = member_page(ada)
    assert "drive it" in told(page)
    (end,) = [form for form in page.forms if form.action.endswith("/end")]
    ada.post(end.action, end.fields)
    assert 403 == eve.open(golf).status


def test_a_member_is_lent_a_vehicle(ada: Browser, port: int) -> None:
    """A last day that has passed is told at its field."""
    golf = add_vehicle(ada, "Golf")
    eve = joined(ada, port, roles="family")
    page = member_page(ada)
    place = f"{page.path}/grants"
    late = ada.fill(page, place, vehicle_id=golf.rpartition("/")[2], until="2020-01-01")
    assert (422, True) == (late.status, 'id="field-until-error"' in late.html)
    ada.fill(page, place, vehicle_id=golf.rpartition("/")[2])
    assert 200 == eve.open(golf).status


def test_roles_are_changed_and_members_taken_out(ada: Browser, port: int) -> None:
    """After one more question; then nothing of it is theirs to see."""
    eve = joined(ada, port, roles="family")
    page = member_page(ada)
    fields = {name: value for name, value in page.form(page.path).fields.items() if not name.startswith("role.")}
    none = ada.post(page.path, fields)
    assert 422 == none.status
    ada.post(page.path, {**fields, "role.accountant": "on"})
    assert "Accountant" in told(ada.open("/people"))
    question = ada.open(f"{page.path}/remove")
    ada.fill(question, f"{page.path}/remove")
    assert "eve@example.org" not in ada.open("/people").html
    assert 303 == eve.ask("GET", "/").status


def test_who_may_not_manage_is_offered_nothing(ada: Browser, port: int) -> None:
    """Neither links nor forms; and the addresses are refused."""
    eve = joined(ada, port, roles="family")
    page = eve.open("/people")
    assert "/people/invite" not in page.html
    assert "/people/settings" not in page.html
    assert "ada@example.org" not in page.html
    token = eve.open("/account").form("/account").fields["_csrf"]
    assert 403 == eve.open("/people/invite").status
    assert 403 == eve.post("/people/invite", {"_csrf": token, "roles": "owner"}).status
    assert 403 == eve.open("/people/settings").status
    assert "Whoever manages" in told(eve.open("/account/keys"))


def test_the_last_owner_stays(ada: Browser) -> None:
    """They are told what to do first."""
    page = ada.fill(ada.open("/people/leave"), "/people/leave")
    assert 422 == page.status
    assert "the last owner stays" in page.html


def test_a_fleet_is_handed_over(ada: Browser, port: int) -> None:
    """The old owner takes another role, or leaves."""
    joined(ada, port, roles="family")
    page = ada.open("/people/transfer")
    eve_id = member_page(ada).path.rpartition("/")[2]
    ada.fill(page, "/people/transfer", user_id=eve_id, roles="family")
    assert 403 == ada.open("/people/settings").status
    gone = ada.fill(ada.open("/people/leave"), "/people/leave")
    assert "Sign in" in told(gone)


def test_settings_of_the_fleet_are_kept_and_faults_told(ada: Browser) -> None:
    """A country that is none stands at its field."""
    wrong = ada.fill(ada.open("/people/settings"), "/people/settings", country="Germany")
    assert (422, True) == (wrong.status, 'id="field-country-error"' in wrong.html)
    ada.fill(ada.open("/people/settings"), "/people/settings", country="de", currency="CHF")
    assert ("DE", "CHF") == tuple(
        ada.open("/people/settings").form("/people/settings").fields[name] for name in ("country", "currency")
    )


def test_a_stale_form_of_settings_is_not_taken(ada: Browser) -> None:
    """What somebody else saved meanwhile is not lost."""
    page = ada.open("/people/settings")
    ada.fill(page, "/people/settings", name="First")
    second = ada.fill(page, "/people/settings", name="Second")
    assert 409 == second.status
    assert "First" in ada.open("/people").html
