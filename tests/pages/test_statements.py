"""What pages ask of the database: each thing once, and no more the more there is."""

from __future__ import annotations

from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle
from tests.pages.test_garage import statements_counted

from fleetcore import Core
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle as store_vehicle

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


def test_one_goes_from_a_vehicle_to_others_of_a_big_fleet(ada: Browser, core: Core) -> None:
    """A dozen is named; how many there are is told up to two hundred, and no more are read."""
    page = add_vehicle(ada, "Zoe")
    (fleet,) = core.fleets_of(core.user("ada@example.org").id)
    actor = core.actor(user_id=core.user("ada@example.org").id, fleet_id=fleet.fleet.id)
    core.run_many(actor, store_vehicle, [AddVehicle(name=f"Van {number:03}") for number in range(100)])
    for path in (page, f"{page}/timeline"):
        html = ada.open(path).html.partition('class="switcher"')[2].partition("</details>")[0]
        assert ("Van 011" in html, "Van 012" in html, "All 101 vehicles" in html) == (True, False, True)
    core.run_many(actor, store_vehicle, [AddVehicle(name=f"Bus {number:03}") for number in range(100)])
    html = ada.open(page).html.partition('class="switcher"')[2].partition("</details>")[0]
    assert ("Bus 011" in html, "All 200" in html, '<a href="/vehicles">Vehicles</a>' in html) == (True, False, True)
