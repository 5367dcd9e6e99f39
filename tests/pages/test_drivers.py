"""Who has a vehicle: handed over, driven by others as well, corrected, and asked for on a day."""

from __future__ import annotations

import re

from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register
from tests.pages.test_people import told

ANA, BEN = (
    {"driver_name": "Ana", "starts_at": "2026-01-10T08:00"},
    {"driver_name": "Ben", "starts_at": "2026-02-01T08:00"},
)


def give(ada: Browser, vehicle: str, **typed: str) -> str:
    """Note a driver and return what the page says then."""
    page = ada.fill(ada.open(f"{vehicle}/drivers"), "", **typed)
    assert 200 == page.status, page.html
    return told(page)


def test_a_vehicle_goes_from_hand_to_hand(ada: Browser) -> None:
    """The next main driver ends the time of the one before; asked for a day, it is told who had it."""
    vehicle = add_vehicle(ada)
    assert "Nobody is noted yet" in told(ada.open(f"{vehicle}/drivers"))
    give(ada, vehicle, **ANA)
    said = give(ada, vehicle, **BEN)
    assert 1 == said.count("has it now")
    assert "it was with: Ana." in told(ada.open(f"{vehicle}/drivers?at=2026-01-20T12:00"))
    assert "it was with: Ben." in told(ada.open(f"{vehicle}/drivers?at=2026-02-20T12:00"))
    assert "Nobody is noted for" in told(ada.open(f"{vehicle}/drivers?at=2025-02-20T12:00"))
    assert "This is no day" in told(ada.open(f"{vehicle}/drivers?at=yesteryear"))
    assert f'href="{vehicle}/drivers"' in ada.open(vehicle).html


def test_somebody_drives_it_as_well(ada: Browser) -> None:
    """Whoever has it keeps it."""
    vehicle = add_vehicle(ada)
    give(ada, vehicle, **ANA)
    page = ada.open(f"{vehicle}/drivers")
    fields = {name: said for name, said in page.form("").fields.items() if name != "is_primary"}
    assert 303 == ada.post(f"{vehicle}/drivers", {**fields, **BEN}).status
    assert "it was with: Ana, Ben." in told(ada.open(f"{vehicle}/drivers?at=2026-02-20T12:00")) or (
        "it was with: Ben, Ana." in told(ada.open(f"{vehicle}/drivers?at=2026-02-20T12:00"))
    )


def test_a_time_is_corrected_taken_back_and_deleted(ada: Browser) -> None:
    """A stale page is told what stands there now; what was deleted comes back."""
    vehicle = add_vehicle(ada)
    give(ada, vehicle, **ANA)
    found = re.search(r'href="(/vehicles/[^"]+/drivers/[^"]+)"', ada.open(f"{vehicle}/drivers").html)
    assert found is not None
    one = found[1]
    stale = ada.open(one)
    page = ada.fill(ada.open(one), "", ends_at="2026-01-15T08:00")
    assert "Saved." in page.html
    assert "Nobody is noted for" in told(ada.open(f"{vehicle}/drivers?at=2026-01-20T12:00"))
    assert 409 == ada.fill(stale, "", notes="late").status
    assert "Taken back." in ada.fill(page, "/undo").html
    assert "it was with: Ana." in told(ada.open(f"{vehicle}/drivers?at=2026-01-20T12:00"))
    gone = ada.fill(ada.open(one), f"{one}/delete")
    assert "Nobody is noted yet" in told(gone)
    assert "Taken back." in ada.fill(gone, "/undo").html
    assert "Ana" in told(ada.open(f"{vehicle}/drivers"))


def test_faults_stand_at_their_fields(ada: Browser) -> None:
    """Nobody named, and an end before the beginning; what was typed stays."""
    vehicle = add_vehicle(ada)
    page = ada.fill(ada.open(f"{vehicle}/drivers"), "", notes="keys in the safe")
    assert 422 == page.status
    assert "keys in the safe" == page.form("").fields["notes"]
    page = ada.fill(ada.open(f"{vehicle}/drivers"), "", **ANA, ends_at="2025-01-01T08:00")
    assert 'id="field-ends_at-error"' in page.html


def test_another_households_drivers_are_not_there(ada: Browser, stranger: Browser) -> None:
    """Neither the page nor one of them."""
    vehicle = add_vehicle(ada)
    give(ada, vehicle, **ANA)
    register(stranger, "bob@example.org")
    token = stranger.open("/vehicles/new").form("").fields["_csrf"]
    assert 404 == stranger.open(f"{vehicle}/drivers").status
    assert 404 == stranger.post(f"{vehicle}/drivers", {"_csrf": token, **BEN}).status
