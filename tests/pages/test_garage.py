"""The garage: what needs attention first, every vehicle at a glance, and found among many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import Engine
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle
from tests.pages.test_files import picture, send

from fleetcore import Core
from fleetcore.reminders.model import AddReminder
from fleetcore.reminders.service import add_reminder
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle as store_vehicle

STATEMENTS_MAX = 12


@contextmanager
def statements_counted() -> Iterator[list[str]]:
    """Yield the statements that go to the database meanwhile, without those that only begin and end."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SELECT set_config")):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_fifty_vehicles_take_twelve_statements(ada: Browser, core: Core, clock: FixedClock) -> None:
    """However many vehicles there are; each is told with what is due next."""
    (fleet,) = core.fleets_of(core.user("ada@example.org").id)
    actor = core.actor(user_id=core.user("ada@example.org").id, fleet_id=fleet.fleet.id)
    for number in range(50):
        vehicle = core.run(actor, store_vehicle, AddVehicle(name=f"Van {number:02}", carriers=(Carrier.PETROL,)))
        asked = AddReminder(vehicle_id=vehicle.id, title=f"Oil {number}", on=clock.now().date() + timedelta(days=9))
        core.run(actor, add_reminder, asked)
    ada.open("/")
    with statements_counted() as statements:
        page = ada.open("/")
    assert "Oil 49" in page.html
    assert 50 == page.html.count("<tr id=")
    assert len(statements) <= STATEMENTS_MAX, "\n".join(statements)


def test_many_vehicles_are_searched_and_few_are_not(ada: Browser) -> None:
    """The search appears when one look no longer finds a vehicle, and says so when nothing fits."""
    for name in ("Golf", "Zoe", "Transit", "Panda", "Vespa", "Ural"):
        add_vehicle(ada, name)
    assert 'name="text"' not in ada.open("/").html
    add_vehicle(ada, "Actros")
    assert 'name="text"' in ada.open("/").html
    found = ada.open("/?text=tran").html
    assert (1, True, False) == (found.count("<article"), "Transit" in found, "Panda" in found)
    assert "Nothing fits" in ada.open("/?text=nowhere").html
    assert "Nothing fits" in ada.open("/?state=rented").html


def garage_of(core: Core, clock: FixedClock, count: int) -> None:
    """Give Ada as many vehicles, of which every tenth is overdue."""
    (fleet,) = core.fleets_of(core.user("ada@example.org").id)
    actor = core.actor(user_id=core.user("ada@example.org").id, fleet_id=fleet.fleet.id)
    for number in range(count):
        vehicle = core.run(actor, store_vehicle, AddVehicle(name=f"Van {number:02}", carriers=(Carrier.PETROL,)))
        if number % 10 == 9:
            asked = AddReminder(vehicle_id=vehicle.id, title="Oil", on=clock.now().date() - timedelta(days=number))
            core.run(actor, add_reminder, asked)


def names_in_order(html: str) -> list[str]:
    """Return the names of the vehicles in the table, as they follow one another."""
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)<', html)


def test_a_few_vehicles_are_cards_and_many_a_table_unless_asked_otherwise(
    ada: Browser, core: Core, clock: FixedClock
) -> None:
    """Twelve can be looked at, more are compared; either can be asked for."""
    garage_of(core, clock, 12)
    assert 12 == ada.open("/").html.count("<article")
    assert 12 == len(names_in_order(ada.open("/?view=table").html))
    add_vehicle(ada, "Actros")
    assert 13 == len(names_in_order(ada.open("/").html))
    assert 13 == ada.open("/?view=cards").html.count("<article")


def test_the_table_is_sorted_narrowed_and_paged(ada: Browser, core: Core, clock: FixedClock) -> None:
    """By a column and back, what says nothing last; by what is due now; fifty at a time, which keeps the rest."""
    garage_of(core, clock, 60)
    assert "Van 59" == names_in_order(ada.open("/?sort=-name").html)[0]
    by_due = ada.open("/?sort=due").html
    assert ["Van 59", "Van 49", "Van 39"] == names_in_order(by_due)[:3]
    assert 'aria-sort="ascending"' in by_due
    assert ["Van 09", "Van 19"] == names_in_order(ada.open("/?due=1").html)[:2]
    second = ada.open("/?sort=-name&page=2")
    assert [f"Van {number:02}" for number in range(9, -1, -1)] == names_in_order(second.html)
    assert 'href="/?sort=-name"' in second.html
    for nonsense in ("0", "99", "x", "²", "-1"):
        assert names_in_order(ada.open(f"/?page={quote(nonsense)}").html)
    assert "Van 00" == names_in_order(ada.open("/?sort=nonsense&view=nonsense").html)[0]


def test_a_card_shows_the_photo_or_a_drawing(ada: Browser) -> None:
    """The newest picture of the vehicle; a drawing stands for one without."""
    vehicle = add_vehicle(ada)
    card = ada.open("/").html.split("<article")[1]
    assert ("#car" in card, "<img" in card) == (True, False)
    page = ada.open(vehicle)
    send(ada, page, [("small.png", picture())])
    card = ada.open("/").html.split("<article")[1]
    shown = re.search(r'<img src="(/files/[^"]+/small)" alt="Photo of Golf"', card)
    assert shown is not None
    assert 200 == ada.ask("GET", shown[1]).status


def test_a_card_draws_the_course_of_the_consumption_with_its_name(ada: Browser) -> None:
    """From three intervals on; it is read aloud as what it shows."""
    add_vehicle(ada)
    for number, volume in enumerate(("40", "36", "33", "30")):
        ada.fill(ada.open("/q/fuel"), "/q/fuel", odometer=str(45000 + 600 * number), volume=volume, total="60")
    card = ada.open("/").html.split("<article")[1]
    assert 'aria-label="The last 3 full tanks: from 6.00 l/100 km to 5.00 l/100 km"' in card
    assert "style=" not in card


def test_an_empty_garage_says_what_to_do_first(ada: Browser) -> None:
    """A vehicle is added, or a log is brought."""
    html = ada.open("/").html
    assert 'href="/vehicles/new"' in html
    assert 'href="/imports"' in html


def test_a_card_tells_odometer_economy_cost_and_what_is_due(ada: Browser) -> None:
    """What the last fill-ups and the reminders say."""
    add_vehicle(ada)
    for odometer, volume, total in (("45210", "40,5", "67.09"), ("45820", "35", "59,50")):
        ada.fill(ada.open("/q/fuel"), "/q/fuel", odometer=odometer, volume=volume, total=total)
    ada.fill(ada.open("/reminders/rules/new"), "", title="Inspection", every_months="12", on="2026-06-15")
    card = ada.open("/").html.split("<article")[1]
    for said in ("45,820 km", "5.74 l/100 km", "126.59 EUR", "Inspection", "15 June 2026"):
        assert said in card


def test_what_is_due_is_answered_in_the_garage(ada: Browser) -> None:
    """Done and snooze stand beside it, and lead back to the garage."""
    add_vehicle(ada)
    ada.fill(ada.open("/reminders/rules/new"), "", title="Inspection", every_months="12", on="2026-06-02")
    page = ada.open("/")
    (action,) = {form.action for form in page.forms if form.action.endswith("/snooze")}
    answer = ada.post(action, page.form(action).fields)
    assert (303, "/") == (answer.status, answer.headers["location"])
    said = ada.open("/")
    assert "Inspection: quiet for two weeks." in said.html
    assert 200 == ada.fill(said, "/undo").status


def test_many_reminders_are_told_in_a_page_that_can_be_read(ada: Browser, core: Core, clock: FixedClock) -> None:
    """The first fifty of each kind, and how many more there are, for one vehicle and for all."""
    user = core.user("ada@example.org")
    (fleet,) = core.fleets_of(user.id)
    actor = core.actor(user_id=user.id, fleet_id=fleet.fleet.id)
    vehicle = core.run(actor, store_vehicle, AddVehicle(name="Van", carriers=(Carrier.PETROL,)))
    for number in range(60):
        asked = AddReminder(vehicle_id=vehicle.id, title=f"Work {number}", on=clock.now().date() - timedelta(days=1))
        core.run(actor, add_reminder, asked)
    html = ada.open("/reminders").html
    assert 50 == html.count('<li id="due-')
    assert "10 more are not shown" in html
