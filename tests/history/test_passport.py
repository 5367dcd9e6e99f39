"""The service passport: a page that stands alone, tells what a buyer asks, and nothing that it should not."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import attrs
import pytest

from fleetcore.history.model import GetPassport
from fleetcore.history.passport import get_passport
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.testing.builders import join_fleet, new_vehicle
from fleetcore.vehicles.model import GrantScope, GrantVehicle
from fleetcore.vehicles.service import grant_vehicle

from .conftest import House


class _Page(HTMLParser):
    """What a browser makes of a page: its tags, addresses and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str | None] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and where it points."""
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action", "srcset"}]

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def passport(house: House, **asked: Any) -> _Page:
    """Return the page."""
    made = house.core.read(house.actor, get_passport, GetPassport(vehicle_id=house.vehicle_id, **asked))
    return _Page(made.html)


@pytest.fixture
def sold(empty: House) -> House:
    """A vehicle with five readings, services of three kinds, one planned job and a nasty name."""
    vehicle = new_vehicle(
        empty.core, empty.actor, name="<b>Golf</b>", make="<script>alert(1)</script>", model="Golf",
        vin="WVWZZZ1JZXW000001", plate="B-XY 1",
    )  # fmt: skip
    house = attrs.evolve(empty, vehicle_id=vehicle.id)
    vid = str(vehicle.id)
    for day, km in (("2024-01-05", 10_000), ("2024-07-05", 15_000), ("2025-01-05", 20_000), ("2025-12-05", 30_000)):
        house.does("vehicles.record_reading", vehicle_id=vid, at=f"{day}T10:00:00+00:00", odometer_km=km)
    for category, title, total in (("routine", "Oil", "89.90"), ("repair", "Brakes & discs", "240.10")):
        house.does("maintenance.record_service", vehicle_id=vid, done_on="2025-02-01", category=category, title=title,
                   total={"amount": total, "currency": "EUR"}, notes="secret note")  # fmt: skip
    house.does("maintenance.record_service", vehicle_id=vid, done_on="2025-03-01", category="inspection", title="TÜV")
    house.does("maintenance.schedule_job", vehicle_id=vid, title="Tyres", planned_on="2026-10-01")
    return house


def test_the_page_tells_the_vehicle_its_mileage_and_its_services(sold: House) -> None:
    """A buyer reads what it is, how far it went and what was done, with sums."""
    text = passport(sold, owners=2).text

    for said in ("WVWZZZ1JZXW000001", "B-XY 1", "Owners so far", "Brakes & discs", "TÜV", "Tyres", "240.10 EUR",
                 "330.00 EUR", "From 2024-01-05 to 2025-12-05 the vehicle went 20,000 km",
                 "All 4 readings rise with time.", "10,000 km"):  # fmt: skip
        assert said in text, said


def test_costs_plate_and_number_can_be_left_out(sold: House) -> None:
    """A page that goes public need not tell what was paid, nor whose vehicle it is; notes are never on it."""
    text = passport(sold, with_costs=False, with_plate=False, with_vin=False).text

    assert not [said for said in ("EUR", "Cost", "B-XY", "WVWZZZ1JZXW000001") if said in text.replace("Costs are", "")]
    assert "secret" not in passport(sold).text


def test_the_page_stands_alone_and_runs_nothing(sold: House) -> None:
    """No script, no address, no name that became markup; headings and table headers are there."""
    page = passport(sold)

    assert ([], {"script", "b", "link", "img", "iframe"} & set(page.tags)) == (page.addresses, set())
    assert "<script>alert(1)</script>" in page.text
    assert (1, True, True) == (page.tags.count("h1"), page.tags.count("h2") >= 5, "svg" in page.tags)
    assert page.tags.count("caption") == page.tags.count("table")


def test_odd_readings_are_said_to_be_odd(sold: House) -> None:
    """A leap that nobody drives, and a jump that was accepted, are counted and circled."""
    vid = str(sold.vehicle_id)
    sold.does("vehicles.record_reading", vehicle_id=vid, at="2025-12-08T10:00:00+00:00", odometer_km=90_000,
              accept_odometer_jump=True)  # fmt: skip
    page = passport(sold)

    assert "1 of 5 readings are hard to believe" in page.text
    assert 1 == page.tags.count("circle")


def test_a_replaced_meter_does_not_shorten_the_life(sold: House) -> None:
    """Distances count on across a new odometer, and the page says that there is one."""
    sold.does("vehicles.replace_meter", vehicle_id=str(sold.vehicle_id), at="2026-01-01T10:00:00+00:00",
              old_odometer_km=31_000, new_odometer_km=0)  # fmt: skip
    sold.does("vehicles.record_reading", vehicle_id=str(sold.vehicle_id), at="2026-05-01T10:00:00+00:00",
              odometer_km=4_000)  # fmt: skip
    text = passport(sold).text

    assert "the vehicle went 25,000 km" in text
    assert "The odometer was replaced on 2026-01-01" in text


def test_the_page_speaks_the_users_language(sold: House) -> None:
    """German by the user's or the fleet's locale, or when asked for; anything else reads English."""
    made = sold.core.read(sold.actor, get_passport, GetPassport(vehicle_id=sold.vehicle_id, language="de"))

    assert ("de", True, True) == (made.language, 'lang="de"' in made.html, "20.000 km" in made.html)
    fleet = sold.does("people.get_fleet")
    sold.does("people.edit_fleet", name="Home", locale="de-AT", version=fleet.version)
    assert "Wartungsgeschichte" in passport(sold).text
    with pytest.raises(Rejected, match="language"):
        passport(sold, language="tlh")
    with pytest.raises(Rejected, match="owners"):
        passport(sold, owners=0)


def test_both_languages_know_the_same_words() -> None:
    """No sentence is missing in one of them, nor a name to fill in."""
    books = tomllib.loads((files("fleetcore.history") / "passport.toml").read_text("utf-8"))
    filled = {
        name: {key: set(re.findall(r"{\w+}", text)) for key, text in book.items()} for name, book in books.items()
    }

    assert filled["en"] == filled["de"]


def test_an_empty_vehicle_has_a_page_too(empty: House) -> None:
    """Without a single record the page says so."""
    text = passport(empty).text

    assert "No service is on record." in text
    assert "too few readings" in text


def test_one_service_is_one_record(empty: House) -> None:
    """A single record is not told as many, nor as a span of days."""
    work = {"vehicle_id": str(empty.vehicle_id), "title": "Oil", "done_on": "2026-05-02"}
    empty.does("maintenance.record_service", **work, total={"amount": "189.90", "currency": "EUR"})
    text = passport(empty).text

    assert "One record, of 2026-05-02." in text
    assert "1 records" not in text


def test_a_passport_needs_the_service_records(sold: House) -> None:
    """Another fleet, a removed vehicle and a member without reach get none; a mechanic it was granted to does."""
    with pytest.raises(NotFound):
        passport(attrs.evolve(sold, actor=sold.core.create_fleet("Other")))
    with pytest.raises(Forbidden):
        passport(attrs.evolve(sold, actor=attrs.evolve(sold.actor, permissions={})))
    technician = join_fleet(sold.core, sold.actor, "Tim", "technician")
    with pytest.raises(Forbidden, match="your own"):
        passport(attrs.evolve(sold, actor=technician))
    mechanic = join_fleet(sold.core, sold.actor, "Max", "mechanic")
    with pytest.raises(NotFound):
        passport(attrs.evolve(sold, actor=mechanic))
    sold.core.run(sold.actor, grant_vehicle, GrantVehicle(vehicle_id=sold.vehicle_id, user_id=mechanic.user_id))
    assert "Brakes" in passport(attrs.evolve(sold, actor=mechanic)).text
    sold.does("vehicles.remove", id=str(sold.vehicle_id))
    with pytest.raises(NotFound):
        passport(sold)


@pytest.fixture
def papered(sold: House) -> House:
    """The same vehicle with a roadworthiness, a policy, two warranties, a failed check with its retest, and tyres."""
    vid = str(sold.vehicle_id)

    def file(**said: Any) -> None:
        sold.does("documents.add", vehicle_id=vid, number="NUMBER-7", contact="CONTACT-7", notes="NOTE-7", **said)

    file(kind="inspection", issuer="Station", starts_on="2025-07-01", ends_on="2027-07-01", result="passed")
    file(kind="insurance", cover="liability", issuer="Allsafe", starts_on="2026-01-01", ends_on="2027-01-01")
    file(kind="warranty", issuer="Maker", starts_on="2024-01-01", ends_on="2029-01-01", until_odometer_km=160_000)
    file(kind="warranty", issuer="Oldtimer", starts_on="2020-01-01", ends_on="2022-01-01")
    file(kind="warranty", issuer="Shortway", starts_on="2024-01-01", until_odometer_km=15_000)
    checklist = sold.does("maintenance.add_checklist", name="Lights", items=[{"title": "Main beam"}]).key
    checked: dict[str, Any] = {"vehicle_id": vid, "results": [{"key": "main-beam", "outcome": "fail"}]}
    failed = sold.does("maintenance.record_inspection", done_on="2026-04-01", checklist=checklist, **checked)
    checked["results"][0]["outcome"] = "pass"
    sold.does("maintenance.record_inspection", done_on="2026-04-03", retest_of=str(failed.id), **checked)
    winter = str(sold.does("maintenance.add_tyre_set", vehicle_id=vid, name="Nokian", kind="winter", brand="Grip",
                           size="205/55 R16", dot="3523").id)  # fmt: skip
    sold.does("maintenance.mount_tyres", set_id=winter, on="2025-10-15", odometer_km=28_000)
    depths = [{"number": 1, "depth_mm": 5.2}, {"number": 2, "depth_mm": 6}]
    sold.does("maintenance.measure_tread", set_id=winter, on="2026-04-11", depths=depths)
    for name in ("Bo", "Cy", "Bo"):
        sold.does("vehicles.assign_driver", vehicle_id=vid, driver_name=name, is_primary=False,
                  starts_at="2026-03-01T08:00:00+00:00", ends_at="2026-03-05T08:00:00+00:00")  # fmt: skip
    return sold


def test_papers_checks_and_tyres_that_matter_to_a_buyer_are_on_it(papered: House) -> None:
    """How long it is roadworthy, which warranties hold, what failed and was put right, and the tyres."""
    text = passport(papered).text

    for said in ("The roadworthiness inspection of 2025-07-01 is valid until 2027-07-01.", "Maker", "160,000 km",
                 "failed: Main beam; retest passed on 2026-04-03", "Lights, retest", "Nokian (mounted)",
                 "Grip 205/55 R16", "2023", "5.2 to 6.0 mm", "2026-04-11", "Drivers on record2"):  # fmt: skip
        assert said in text, said
    assert not [word for word in ("Oldtimer", "Shortway") if word in text]  # over, by the day and by the distance


def test_the_page_tells_no_insurance_and_no_numbers(papered: House) -> None:
    """What is the owner's own business stays with the owner."""
    text = passport(papered).text

    assert not [word for word in ("Allsafe", "NUMBER-7", "CONTACT-7", "NOTE-7", "Cy") if word in text]


def test_who_sees_no_papers_prints_none(papered: House) -> None:
    """A guest who looks after the vehicle makes a passport without papers and without how many drove it."""
    guest = join_fleet(papered.core, papered.actor, "Gil", "guest")
    grant = GrantVehicle(vehicle_id=papered.vehicle_id, user_id=guest.user_id, scope=GrantScope.SERVICE)
    papered.core.run(papered.actor, grant_vehicle, grant)
    text = passport(attrs.evolve(papered, actor=guest)).text

    assert "Nokian" in text
    assert not [word for word in ("roadworthiness", "Maker", "Drivers on record") if word in text]


def test_papers_and_tyres_speak_german(papered: House) -> None:
    """The new sections are in the language of the page too."""
    text = passport(papered, language="de").text

    for said in ("Die Hauptuntersuchung vom 01.07.2025 gilt bis 01.07.2027.", "Garantien", "Reifen", "Winter",
                 "5,2 bis 6,0 mm", "11.04.2026", "Nachprüfung bestanden am 03.04.2026"):  # fmt: skip
        assert said in text, said
