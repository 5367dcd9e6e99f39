"""What the service worker is told of entries that it sends, on each engine; browsers are judged in judges."""

from __future__ import annotations

import json
from uuid import UUID

from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register

from fleetcore import Core
from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills
from fleetcore.people.ports import DIRECTORY
from fleetcore.vehicles.model import RemoveVehicle
from fleetcore.vehicles.service import remove_vehicle

QUEUED = {"Fleet_Queued": "2026-06-01T12:00:00Z"}


def entry(browser: Browser, **typed: str) -> dict[str, str]:
    """Return a fill-up as the queue keeps it."""
    return {
        **browser.open("/q/fuel").form("/q/fuel").fields,
        "odometer": "1000",
        "volume": "40",
        "total": "60",
        **typed,
    }


def fills(core: Core) -> int:
    """Return how many fill-ups there are in the only fleet."""
    with core.across_fleets(snapshot=True) as uow:
        (fleet,) = uow[DIRECTORY].fleets(2)
    return len(core.read(core.actor(fleet_id=fleet.id), list_fills, ListFills(limit=10)).items)


def test_an_entry_that_is_stored_is_told_with_its_message(ada: Browser, core: Core) -> None:
    """Sent again with its key it is told the same, and is stored once."""
    add_vehicle(ada)
    sent = entry(ada)
    answers = [ada.post("/q/fuel", sent, **QUEUED) for _ in range(2)]
    assert [200, 200] == [answer.status for answer in answers]
    assert {json.loads(answer.html)["message"] for answer in answers} == {"Saved: 40.00 l for Golf."}
    assert 1 == fills(core)


def test_an_entry_that_is_refused_is_told_with_its_faults(ada: Browser) -> None:
    """Each stands with the label of its field."""
    add_vehicle(ada)
    answer = ada.post("/q/fuel", entry(ada, odometer="far"), **QUEUED)
    assert 422 == answer.status
    (problem,) = json.loads(answer.html)["problems"]
    assert problem.startswith("Odometer: ")


def test_a_form_that_leads_elsewhere_without_storing_is_no_success(ada: Browser, core: Core) -> None:
    """The entry stays in the queue: the vehicle is gone."""
    vehicle_id = UUID(add_vehicle(ada).rpartition("/")[2])
    sent = entry(ada)
    core.run(core.actor(), remove_vehicle, RemoveVehicle(id=vehicle_id))
    answer = ada.post("/q/fuel", sent, **QUEUED)
    assert 422 == answer.status
    assert json.loads(answer.html)["problems"]


def test_nobody_sends_what_another_wrote(ada: Browser, stranger: Browser) -> None:
    """The form says who opened it; with Bob's session and token it is refused, and says whose it is not."""
    add_vehicle(ada)
    sent = entry(ada)
    register(stranger, "bob@example.org")
    whom = json.loads(stranger.open("/outbox/whom").html)
    answer = stranger.post("/q/fuel", {**sent, "_csrf": whom["csrf"]}, **QUEUED)
    assert (409, whom["by"]) == (answer.status, answer.headers["fleet-visitor"])
    assert whom["by"] != sent["_by"]


def test_an_entry_waits_for_who_is_signed_out(ada: Browser) -> None:
    """The worker sees that nobody is there, by the mark that every page carries."""
    add_vehicle(ada)
    sent = entry(ada)
    ada.cookies.clear()
    answer = ada.post("/q/fuel", sent, **QUEUED)
    assert (401, "") == (answer.status, answer.headers["fleet-visitor"])
    assert 303 == ada.ask("GET", "/outbox/whom").status


def test_signing_out_leaves_no_copy_behind_the_back_button(ada: Browser) -> None:
    """The browser is told to forget what it kept of the pages."""
    answer = ada.post("/logout", ada.open("/logout").form("/logout").fields)
    assert '"cache"' == answer.headers["clear-site-data"]


def test_a_part_of_a_page_is_made_by_the_same_template(ada: Browser) -> None:
    """It is what stands within main, and takes no message away from the page that is to show it."""
    add_vehicle(ada)
    whole = ada.open("/").html
    ada.cookies["fleet-said"] = "e30="
    asked = {"HX-Request-Type": "partial", "HX-Request": "true", "Sec-Fetch-Mode": "cors"}
    part = ada.ask("GET", "/", headers=asked)
    assert "<html" not in part.html
    assert part.html.strip() in whole
    assert "fleet-said" in ada.cookies


def test_the_worker_is_served_where_it_rules_the_whole_site(stranger: Browser) -> None:
    """It names the files of now, and browsers ask for it anew each time."""
    answer = stranger.ask("GET", "/sw.js")
    assert (200, "no-cache") == (answer.status, answer.headers["cache-control"])
    assert "__SAID__" not in answer.html
    assert "/static/app." in answer.html
