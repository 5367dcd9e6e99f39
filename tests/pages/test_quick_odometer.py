"""The quick page of the odometer: one number, of whichever vehicle one sits in."""

from __future__ import annotations

from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register


def test_one_number_is_enough(ada: Browser) -> None:
    """It is noted for the vehicle that is chosen, and can be taken back."""
    golf, zoe = add_vehicle(ada), add_vehicle(ada, "Zoe", "electricity")
    page = ada.fill(ada.open(f"/q/odometer?v={zoe.rpartition('/')[2]}"), "/q/odometer", odometer="12345")
    assert 200 == page.status
    assert "Saved: the odometer of Zoe." in page.html
    assert "12,345" in ada.open(f"{zoe}/odometer").html
    assert "12,345" not in ada.open(f"{golf}/odometer").html
    ada.fill(page, "/undo")
    assert "No reading yet" in ada.open(f"{zoe}/odometer").html


def test_what_is_no_number_is_told_at_its_field(ada: Browser) -> None:
    """What was typed stays."""
    add_vehicle(ada)
    page = ada.fill(ada.open("/q/odometer"), "/q/odometer", odometer="far", note="after the holidays")
    assert 422 == page.status
    assert 'id="field-odometer-error"' in page.html
    assert "after the holidays" == page.form("/q/odometer").fields["note"]


def test_an_empty_garage_leads_to_the_first_vehicle(ada: Browser) -> None:
    """There is nothing to read yet."""
    page = ada.open("/q/odometer")
    assert "Add a vehicle first." in page.html


def test_nobody_reads_the_odometer_of_another_household(ada: Browser, stranger: Browser) -> None:
    """Its vehicle is none of the choices, and the page is one of one's own."""
    vehicle = add_vehicle(ada).rpartition("/")[2]
    register(stranger, "bob@example.org")
    add_vehicle(stranger, "Panda")
    page = stranger.open(f"/q/odometer?v={vehicle}")
    assert "Golf" not in page.html
    answer = stranger.post("/q/odometer", {**page.form("/q/odometer").fields, "vehicle_id": vehicle, "odometer": "5"})
    assert answer.status in {404, 422}
    assert "No reading yet" in ada.open(f"/vehicles/{vehicle}/odometer").html
