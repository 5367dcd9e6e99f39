"""Undo, pressed after each kind of change: the old state is there again. What has no way back is asked first."""

from __future__ import annotations

import re

from tests.pages.browser import Browser, Page
from tests.pages.conftest import add_vehicle
from tests.pages.test_people import joined, member_page, told
from tests.pages.test_roles import make_role
from tests.pages.test_steps import address_in, send

from fleetcore import Core


def taken_back(ada: Browser, page: Page) -> Page:
    """Press Undo."""
    back = ada.fill(page, "/undo")
    assert "Taken back." in back.html, told(back)
    return back


def press(ada: Browser, page: Page, ending: str) -> Page:
    """Press the first button of *page* whose form is sent to an address with this ending."""
    action = next(form.action for form in page.forms if form.action.endswith(ending))
    return ada.fill(page, action)


def test_a_reading_that_was_taken_back_is_noted_again(ada: Browser) -> None:
    """With its day and its note, however often Undo is sent."""
    vehicle = add_vehicle(ada)
    at = f"{vehicle}/odometer"
    ada.fill(ada.open(at), "", odometer="1500", at="2026-05-01T10:00", note="at the lake")
    listed = ada.open(at)
    gone = press(ada, listed, "/void")
    assert "at the lake" not in told(gone)
    form = gone.form("/undo")
    for _ in range(2):
        assert 303 == ada.post("/undo", form.fields).status
    html = ada.open(at).html
    assert 1 == html.count("at the lake")
    assert "1,500 km" in html


def test_an_odometer_was_not_exchanged_after_all(ada: Browser) -> None:
    """The old one counts on; and an exchange that was taken back by mistake is noted again."""
    vehicle = add_vehicle(ada)
    at = f"{vehicle}/odometer"
    ada.fill(ada.open(at), "", odometer="1000", at="2026-05-01T10:00")
    page = ada.open(f"{at}/replacement")
    page = ada.fill(page, "", old_odometer="1200", new_odometer="10", at="2026-05-03T10:00")
    assert "Exchanged" in page.html
    assert "Exchanged" not in taken_back(ada, page).html
    ada.fill(ada.open(f"{at}/replacement"), "", old_odometer="1200", new_odometer="10", at="2026-05-03T10:00")
    gone = press(ada, ada.open(at), "/void")
    assert "Exchanged" not in gone.html
    back = taken_back(ada, gone)
    assert "Exchanged" in back.html
    assert "1,200 km" in back.html


def test_a_job_that_was_begun_is_planned_again(ada: Browser) -> None:
    """Its vehicle comes out of the workshop too."""
    vehicle = add_vehicle(ada)
    send(ada, "/jobs/new", title="Brakes")
    job = address_in(ada.open("/jobs"), "/jobs")
    started = ada.fill(ada.open(job), f"{job}/start")
    assert 'value="under_maintenance"' not in ada.open(vehicle).html
    back = taken_back(ada, started)
    assert "Scheduled" in back.html
    assert 'value="under_maintenance"' in ada.open(vehicle).html  # it may go there once more


def test_a_job_that_was_taken_up_again_is_given_up_again(ada: Browser) -> None:
    """With the reason that stood there."""
    add_vehicle(ada)
    send(ada, "/jobs/new", title="Brakes")
    job = address_in(ada.open("/jobs"), "/jobs")
    send(ada, f"{job}/cancel", reason="Sold soon")
    assert "Cancelled" in taken_back(ada, ada.fill(ada.open(job), f"{job}/reopen")).html


def test_a_job_that_is_done_is_taken_up_again_after_asking(ada: Browser) -> None:
    """Its service goes with it, and that cannot be taken back."""
    add_vehicle(ada)
    send(ada, "/jobs/new", title="Brakes")
    job = address_in(ada.open("/jobs"), "/jobs")
    ada.fill(ada.open(job), f"{job}/start")
    send(ada, f"{job}/complete", total="300")
    asked = ada.fill(ada.open(job), f"{job}/reopen")
    assert "This cannot be taken back." in asked.html
    assert "Completed" in ada.open(job).html
    assert "In progress" in ada.fill(asked, f"{job}/reopen").html


def test_the_items_of_a_template_go_again(ada: Browser) -> None:
    """And what was there before stays."""
    add_vehicle(ada)
    send(ada, "/plans/new", title="My own item", every_months="12")
    answer = ada.fill(ada.open("/templates/petrol/apply"), "")
    assert "Engine oil and filter" in answer.html
    back = taken_back(ada, answer)
    assert "Engine oil and filter" not in back.html
    assert "My own item" in back.html


def test_the_roles_of_a_member_are_as_they_were(ada: Browser, port: int) -> None:
    """Who was made an accountant is family again."""
    joined(ada, port, roles="family")
    page = member_page(ada)
    changed = ada.fill(page, "", **{"role.accountant": "on", "role.family": ""})
    assert "Accountant" in told(ada.open("/people"))
    taken_back(ada, changed)
    assert "on" == member_page(ada).form("").fields["role.family"]
    assert "role.accountant" not in member_page(ada).form("").fields


def test_a_loan_is_ended_again_and_given_again(ada: Browser, port: int) -> None:
    """Undo of a loan ends it; Undo of its end gives the vehicle as before."""
    golf = add_vehicle(ada, "Golf")
    eve = joined(ada, port, vehicle_id=golf.rpartition("/")[2], scope="drive", until="2026-08-31")
    ended = press(ada, member_page(ada), "/end")
    assert 403 == eve.open(golf).status
    back = taken_back(ada, ended)
    assert "drive it" in told(back)
    assert 200 == eve.open(golf).status
    van = add_vehicle(ada, "Van")
    page = member_page(ada)
    lent = ada.fill(page, f"{page.path}/grants", vehicle_id=van.rpartition("/")[2], scope="drive")
    assert "Lent to Eve." in lent.html, told(lent)
    assert 200 == eve.open(van).status
    taken_back(ada, lent)
    assert 404 == eve.open(van).status


def test_what_came_from_the_bin_goes_there_again(ada: Browser) -> None:
    """By the same button."""
    add_vehicle(ada)
    ada.fill(ada.open("/expenses/new"), "", category="parking", amount="3,50", title="Harbour")
    expense = address_in(ada.open("/expenses"), "/expenses")
    ada.fill(ada.open(expense), f"{expense}/delete")
    page = ada.open("/expenses?deleted=1")
    page = ada.fill(page, f"{expense}/restore")
    assert "It is back." in page.html
    taken_back(ada, page)
    assert "Nothing yet" in ada.open("/expenses").html


def test_settings_of_fleet_account_and_messages_are_as_they_were(ada: Browser) -> None:
    """Each by the same button; what only this device shows otherwise has none."""
    at = "/people/settings"
    before = ada.open(at).form(at).fields
    taken_back(ada, ada.fill(ada.open(at), at, name="Castle", currency="CHF", country="ch"))
    after = ada.open(at).form(at).fields
    assert [before[name] for name in ("name", "currency")] == [after[name] for name in ("name", "currency")]
    at = "/account"
    taken_back(ada, ada.fill(ada.open(at), at, name="Countess", units="us", timezone="Europe/Rome"))
    account = ada.open(at).form(at).fields
    assert ("Ada", "") == (account["name"], account.get("units", ""))
    assert 'action="/undo"' not in ada.fill(ada.open(at), at, theme="dark").html
    at = "/account/notifications"
    taken_back(ada, ada.fill(ada.open(at), at, quiet_from="22:00", quiet_until="07:00", digest="daily"))
    told_how = ada.open(at).form(at).fields
    assert ("", "none") == (told_how["quiet_from"], told_how["digest"])


def test_a_category_of_ones_own_comes_back_as_it_was_called(ada: Browser) -> None:
    """Also one that was called otherwise since it was made."""
    add_vehicle(ada)
    send(ada, "/expense-categories", name="Ferry")
    send(ada, "/expense-categories/ferry", name="Boats")
    gone = ada.fill(ada.open("/expense-categories/ferry"), "/expense-categories/ferry/delete")
    assert "Boats" not in told(gone)
    assert "Boats" in taken_back(ada, gone).html
    assert "Boats" == ada.open("/expense-categories/ferry").form("").fields["name"]


def test_roles_of_ones_own_are_as_they_were(ada: Browser) -> None:
    """One that was made goes, one that was changed may what it might."""
    role = make_role(ada, vehicles__read="all")
    page = ada.open(role)
    taken_back(ada, ada.fill(page, "", **{"may.expenses.read": "all"}))
    assert not ada.open(role).form("").fields.get("may.expenses.read")
    made = ada.fill(ada.open("/people/roles/new"), "", name="Apprentice", **{"may.vehicles.read": "all"})
    assert "Apprentice" not in told(taken_back(ada, made))


def test_the_driver_before_has_it_again(ada: Browser) -> None:
    """Who came next never was, and who gave it up did not."""
    vehicle = add_vehicle(ada)
    at = f"{vehicle}/drivers"
    first = ada.fill(ada.open(at), "", driver_name="Ana", starts_at="2026-01-10T08:00")
    assert "Nobody is noted yet" in told(taken_back(ada, first))
    ada.fill(ada.open(at), "", driver_name="Ana", starts_at="2026-01-10T08:00")
    second = ada.fill(ada.open(at), "", driver_name="Ben", starts_at="2026-02-01T08:00")
    back = taken_back(ada, second)
    assert "Ben" not in told(back)
    assert "it was with: Ana." in told(ada.open(f"{at}?at=2026-02-20T12:00"))


def test_what_was_changed_again_since_stays(ada: Browser, port: int) -> None:
    """Undo of an older page says so, and takes nothing back."""
    joined(ada, port, roles="family")
    changed = ada.fill(member_page(ada), "", **{"role.accountant": "on"})
    ada.fill(member_page(ada), "", **{"role.family": ""})
    assert "Nothing was taken back." in ada.fill(changed, "/undo").html
    assert "role.family" not in member_page(ada).form("").fields


def test_a_handover_that_went_on_is_taken_back_in_no_part(ada: Browser) -> None:
    """Where the new driver was corrected since, the driver before stays out as well."""
    vehicle = add_vehicle(ada)
    at = f"{vehicle}/drivers"
    ada.fill(ada.open(at), "", driver_name="Ana", starts_at="2026-01-10T08:00")
    second = ada.fill(ada.open(at), "", driver_name="Ben", starts_at="2026-02-01T08:00")
    (one, *_) = re.findall(r'href="(/vehicles/[^"]+/drivers/[^"]+)"', second.html)
    ada.fill(ada.open(one), "", notes="has the keys")
    assert "Nothing was taken back." in ada.fill(second, "/undo").html
    assert "it was with: Ben." in told(ada.open(f"{at}?at=2026-02-20T12:00"))


def test_all_messages_at_once_are_asked_for(ada: Browser, core: Core) -> None:
    """That they were unread is told nowhere afterwards."""
    token = ada.open("/account").form("/account").fields["_csrf"]
    for what in ("read", "archive"):
        asked = ada.post(f"/notifications/{what}", {"_csrf": token})
        assert (200, True) == (asked.status, "This cannot be taken back." in asked.html)
        assert 200 == ada.fill(asked, f"/notifications/{what}").status
