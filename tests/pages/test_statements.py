"""What pages ask of the database: each thing once, and no more the more there is."""

from __future__ import annotations

from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle
from tests.pages.test_garage import statements_counted

from fleetcore import Core
from fleetcore.testing.clock import FixedClock

OF_A_VEHICLE_MAX = 30


def test_the_page_of_a_vehicle_asks_nothing_twice(ada: Browser, core: Core, clock: FixedClock) -> None:
    """With records of several kinds; no statement is sent a second time with the same values."""
    page = add_vehicle(ada)
    add_vehicle(ada, "Zoe")
    vehicle = page.rpartition("/")[2]
    for number in range(4):
        said = {"odometer": str(45000 + 600 * number), "volume": "36", "total": "60"}
        assert 200 == ada.fill(ada.open(f"/q/fuel?v={vehicle}"), "/q/fuel", **said).status
        clock.advance(days=10)
    day = f"{clock.now():%Y-%m-%d}"
    for path, said in (
        ("/expenses", {"category": "toll", "amount": "9", "spent_on": day}),
        ("/maintenance", {"done_on": day, "title": "Oil"}),
        ("/reminders/rules", {"title": "Inspection", "on": day}),
    ):
        form = ada.open(f"{path}/new?vehicle={vehicle}").form("").fields
        assert 303 == ada.post(f"{path}/new", {**form, "vehicle_id": vehicle, **said}).status, path
    ada.open(page)
    with statements_counted() as statements:
        html = ada.open(page).html
    assert ("Inspection" in html, "Oil" in html, "Toll" in html) == (True, True, True)
    assert len(statements) <= OF_A_VEHICLE_MAX, "\n".join(statements)
