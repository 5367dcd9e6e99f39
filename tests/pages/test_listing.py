"""What a list shows, as CSV: all of it, narrowed as the list is, harmless in a spreadsheet."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register

from fleetcore import Core
from fleetcore.expenses.model import RecordExpense
from fleetcore.expenses.service import record_expense
from fleetcore.kernel.money import Money


def rows(browser: Browser, path: str, delimiter: str = ",") -> list[list[str]]:
    """Return the table at *path*."""
    page = browser.open(path)
    assert "text/csv" in page.headers["content-type"]
    assert "attachment" in page.headers["content-disposition"]
    return list(csv.reader(StringIO(page.html.removeprefix("\ufeff")), delimiter=delimiter))


def spend(core: Core, number: int, vehicle: str, title: str = "Washing") -> None:
    """Note expenses of Ada's."""
    user = core.user("ada@example.org")
    (fleet,) = core.fleets_of(user.id)
    actor = core.actor(user_id=user.id, fleet_id=fleet.fleet.id)
    vehicle_id = next(each.id for each in core.perform(actor, "vehicles.list", {}) if str(each.id) in vehicle)
    for _ in range(number):
        amount, day = Money.of("3.50", "EUR"), date(2026, 5, 1)
        told = RecordExpense(vehicle_id=vehicle_id, category="wash", title=title, amount=amount, spent_on=day)
        core.run(actor, record_expense, told)


def test_a_list_is_kept_whole_and_narrowed_as_it_is_shown(ada: Browser, core: Core) -> None:
    """Also what stands on further pages of it; of one vehicle, only its own."""
    golf, zoe = add_vehicle(ada), add_vehicle(ada, "Zoe")
    spend(core, 55, golf)
    spend(core, 2, zoe)
    assert 'href="/expenses?as=csv"' in ada.open("/expenses").html
    found = rows(ada, "/expenses?as=csv")
    assert 58 == len(found)
    assert {"Golf", "Zoe"} == {row[-1] for row in found[1:]}
    of_zoe = rows(ada, f"/expenses?as=csv&vehicle={zoe.rpartition('/')[2]}")
    assert ["Zoe", "Zoe"] == [row[-1] for row in of_zoe[1:]]


def test_a_formula_runs_in_no_spreadsheet(ada: Browser, core: Core) -> None:
    """It is text there."""
    spend(core, 1, add_vehicle(ada), title='=HYPERLINK("http://evil")')
    (row,) = rows(ada, "/expenses?as=csv")[1:]
    assert not any(cell.startswith("=") for cell in row)
    assert any("HYPERLINK" in cell for cell in row)


@pytest.mark.parametrize(
    "path", ["/fuel", "/trips", "/maintenance", "/documents", "/jobs", "/tyres", "/reminders/rules"]
)
def test_every_list_can_be_kept(ada: Browser, path: str) -> None:
    """Even an empty one: its heads are there, parted as the language of the reader does."""
    add_vehicle(ada)
    ada.cookies["fleet-language"] = "de"
    assert 1 == len(rows(ada, f"{path}?as=csv", ";"))


def test_nobody_gets_the_list_of_another_household(ada: Browser, core: Core, stranger: Browser) -> None:
    """Theirs is empty."""
    spend(core, 3, add_vehicle(ada))
    register(stranger, "bob@example.org")
    assert 1 == len(rows(stranger, "/expenses?as=csv"))
