"""What people are told: the result of a fill-up, words instead of codes, forms that begin where one stands."""

from __future__ import annotations

import re

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register

from fleetserver.pages.sparklines import HEIGHT, WIDTH, sparkline


def fill_up(browser: Browser, odometer: str, volume: str, **more: str) -> str:
    """Fill up by the quick form and return the page that follows."""
    typed = {"odometer": odometer, "volume": volume, "total": "60"} | more
    return browser.fill(browser.open("/q/fuel"), "/q/fuel", **typed).html


def test_a_fill_up_says_how_the_consumption_compares(ada: Browser) -> None:
    """Nothing after the first tank, the number after the second, and from then on how far from the average it is."""
    add_vehicle(ada)
    assert "Saved: 40.00 l for Golf.</span>" in fill_up(ada, "45000", "40")
    assert "Saved: 36.00 l for Golf. 6.00 l/100 km.</span>" in fill_up(ada, "45600", "36")
    assert "5.40 l/100 km, 10 % better than your average." in fill_up(ada, "46200", "32.4")
    assert "6.84 l/100 km, 20 % more than your average." in fill_up(ada, "46800", "41.04")
    assert "6.08 l/100 km, as on average." in fill_up(ada, "47400", "36.48")


def test_a_tank_that_is_not_full_tells_no_consumption(ada: Browser) -> None:
    """What was used since cannot be known yet."""
    add_vehicle(ada)
    fill_up(ada, "45000", "40")
    page = ada.open("/q/fuel")
    form = page.form("/q/fuel")
    sent = {name: value for name, value in form.fields.items() if name != "is_full"}
    answer = ada.post("/q/fuel", {**sent, "odometer": "45600", "volume": "20", "total": "30"})
    assert "Saved: 20.00 l for Golf.</span>" in ada.open(answer.headers["location"]).html


def test_the_quick_form_takes_any_two_of_amount_total_and_price(ada: Browser) -> None:
    """The third follows; with only one of them nothing is saved, and the form says so."""
    add_vehicle(ada)
    quick = ada.fill(ada.open("/q/fuel"), "/q/fuel", odometer="45000", total="60", unit_price="1.50")
    assert "Saved: 40.00 l for Golf." in quick.html
    page = ada.open("/q/fuel")
    for said in ("It was 45,000 km the last time.", "It was 1.500 EUR/l the last time.", 'inputmode="decimal"'):
        assert said in page.html
    assert "Nothing was saved yet" in ada.fill(page, "/q/fuel", odometer="45600", total="60").html


def test_stations_of_earlier_fill_ups_are_offered(ada: Browser) -> None:
    """The last one first, each once."""
    add_vehicle(ada)
    for odometer, place in (("45000", "Jet"), ("45600", "Aral"), ("46200", "Jet")):
        fill_up(ada, odometer, "36", place=place)
    offered = re.findall(r'<option value="(Jet|Aral)">', ada.open("/q/fuel").html)
    assert ["Jet", "Aral"] == offered


def test_a_new_fill_up_is_of_the_vehicle_that_one_fills(ada: Browser) -> None:
    """Its fuel and its last odometer stand there; another vehicle is one press away."""
    golf = add_vehicle(ada).rpartition("/")[2]
    zoe = add_vehicle(ada, "Zoe", "electricity").rpartition("/")[2]
    fill_up(ada, "45000", "40", vehicle_id=golf)
    page = ada.open("/fuel/new")
    assert (golf, "petrol") == (page.form("").fields["vehicle_id"], page.form("").fields["carrier"])
    assert "It was 45,000 km the last time." in page.html
    assert f'href="/fuel/new?vehicle={zoe}"' in page.html
    assert zoe == ada.open(f"/fuel/new?vehicle={zoe}").form("").fields["vehicle_id"]


@pytest.mark.parametrize("path", ["/fuel", "/expenses", "/trips", "/documents", "/maintenance", "/jobs", "/vehicles"])
def test_an_empty_list_asks_for_nothing_but_the_first_record(ada: Browser, path: str) -> None:
    """No search through nothing, and one button that matters."""
    html = ada.open(path).html
    assert 1 == html.count('class="button primary"')
    assert 'type="search"' not in html


def test_without_a_vehicle_there_is_nothing_to_type_for_one(ada: Browser) -> None:
    """The field stays a choice, and says what to do first."""
    html = ada.open("/documents/new").html
    assert re.search(r'<select id="field-vehicle_id"', html)
    assert "Add a vehicle first." in html


def test_what_happened_is_told_in_words(ada: Browser) -> None:
    """A fill-up is called one, a month has its name, and days are written as elsewhere."""
    vehicle = add_vehicle(ada)
    fill_up(ada, "45000", "40", at="2026-05-20T10:00")
    ada.fill(ada.open("/jobs/new"), "", title="Wiper blades", planned_on="2026-06-12")
    page = ada.open(vehicle).html
    assert ">Fill-up<span" in page
    assert "planned for 12 June 2026" in page
    assert ">May 2026<" in ada.open(f"{vehicle}/timeline").html


def test_the_log_of_a_record_tells_names_and_days(ada: Browser) -> None:
    """No ends of ids, and no moments as machines write them."""
    golf = add_vehicle(ada)
    page = ada.fill(ada.open("/jobs/new"), "", title="Wiper blades", planned_on="2026-06-12").html
    job = re.search(r'href="/jobs/([0-9a-f-]{36})"', page + ada.open("/jobs").html)
    assert job is not None
    html = ada.open(f"/history/{job[1]}").html
    assert "<ins>12 June 2026</ins>" in html
    assert "<ins>Golf</ins>" in html
    assert golf[-8:] not in html.partition("<main")[2].partition("</main")[0]


def test_a_sparkline_stays_in_its_frame_and_ends_at_the_newest_value() -> None:
    """Equal values are a level line, and too few are none."""
    line = sparkline([6.0, 5.0, 7.0])
    assert line is not None
    places = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in places)
    assert (line.last_x, line.last_y) == places[-1]
    assert places[1][1] > places[0][1] > places[2][1]
    level = sparkline([5.0] * 4)
    assert level is not None
    assert 1 == len({point.split(",")[1] for point in level.points.split()})
    assert sparkline([5.0, 6.0]) is None


def test_who_is_not_let_in_reads_that_and_not_that_nothing_was_saved(port: int) -> None:
    """Signing in saves nothing."""
    eve = Browser(port)
    answer = eve.fill(eve.open("/login"), "/login", email="eve@example.org", password="not the password")
    assert "You are not signed in yet" in answer.html
    assert "Nothing was saved" not in answer.html


def test_after_too_many_tries_the_wait_is_told_in_minutes_and_in_german(port: int) -> None:
    """Nobody counts to 178."""
    eve = Browser(port, language="de")
    for _ in range(8):
        answer = eve.fill(eve.open("/login"), "/login", email="eve@example.org", password="not the password")
    assert 429 == answer.status
    assert re.search(r"Zu viele Versuche: versuchen Sie es in (einer Minute|\d+ Minuten) wieder", answer.html)


def test_months_of_a_logbook_and_quantities_are_said_as_people_say_them(port: int) -> None:
    """A month by its name; what was filled is no amount of money."""
    uwe = Browser(port, language="de")
    register(uwe, "uwe@example.org")
    vehicle = add_vehicle(uwe)
    book = uwe.open(f"{vehicle}/logbook?month=2026-04").html
    assert "April 2026" in book
    assert ">2026-04" not in book
    uwe.fill(uwe.open("/q/fuel"), "/q/fuel", odometer="12000", volume="44,43", total="80")
    fuel = uwe.open("/fuel").html
    assert ("Menge" in fuel, "Betrag" in fuel) == (True, False)


@pytest.mark.parametrize(("amount", "said"), [("100", "about as much as"), ("150", "50 % more than")])
def test_costs_are_compared_in_words_that_say_something(ada: Browser, amount: str, said: str) -> None:
    """Nobody says: 0 % more."""
    add_vehicle(ada)
    for day, paid in (("2025-05-01", "100"), ("2026-05-01", amount)):
        ada.fill(ada.open("/expenses/new"), "", category="parking", amount=paid, spent_on=day)
    assert f"That is {said}" in ada.open("/reports/costs").html


def test_a_form_without_a_vehicle_offers_none(ada: Browser) -> None:
    """A template of plans is of no vehicle; a fill-up is of one, and the others are a press away."""
    for name in ("Golf", "Zoe"):
        add_vehicle(ada, name)
    assert 'class="chips"' not in ada.open("/templates/new").html
    assert 'class="chips"' in ada.open("/fuel/new").html
