"""What a page looks like only after something happened: faults, messages, what opens, what waits.

Each function brings a visitor there, in a garage of the states' own; their names are the states'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import uuid4

from attrs import evolve, frozen

from fleetcore import Core
from fleetcore.expenses.model import EditExpense, ListExpenses, RecordExpense
from fleetcore.expenses.service import edit_expense, list_expenses, record_expense
from fleetcore.kernel.money import Money
from fleetcore.people.ports import DIRECTORY
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle
from fleetserver.auth.settings import Limits

from .chromium import LIMITS, PASSWORD, Visitor
from .test_live import STREAM_OPEN, owner_of, until

__all__ = ["STATES", "STRICT", "State", "furnish"]

EMAIL = "ada@example.org"
# Tries to sign in are counted as elsewhere, so that one sees what comes of too many.
STRICT = evolve(LIMITS, sign_in_pair=Limits().sign_in_pair)
Bring = Callable[[Visitor], None]


@frozen
class State:
    """How to come there, the status that is answered (None: no page is loaded for it), and who sees it."""

    bring: Bring
    status: int | None = None
    is_stranger: bool = False


STATES: dict[str, State] = {}


def state(status: int | None = None, *, is_stranger: bool = False) -> Callable[[Bring], Bring]:
    """Add a function to the states, by its name."""

    def add(bring: Bring) -> Bring:
        STATES[bring.__name__.replace("_", " ")] = State(bring, status, is_stranger)
        return bring

    return add


def furnish(core: Core) -> None:
    """Put a car and an expense into the garage."""
    with core.across_fleets(snapshot=True) as uow:
        (fleet,) = uow[DIRECTORY].fleets(2)
    actor = core.actor(fleet_id=fleet.id)
    golf = core.run(actor, add_vehicle, AddVehicle(name="Golf", carriers=(Carrier.PETROL,)))
    core.run(
        actor,
        record_expense,
        RecordExpense(
            vehicle_id=golf.id,
            category="parking",
            amount=Money(350, "EUR"),
            spent_on=core.clock.now().date() - timedelta(days=3),
        ),
    )
    core.perform(actor, "expenses.add_category", {"name": "Bicycle"})
    belt = {"vehicle_id": str(golf.id), "title": "Timing belt", "category": "repair", "every_months": 120}
    core.perform(actor, "maintenance.add_plan_item", belt)


def send(one: Visitor, name: str | re.Pattern[str]) -> None:
    """Press a button and wait for what comes."""
    with one.page.expect_navigation():
        one.page.get_by_role("button", name=name).first.click()


def write(one: Visitor, **values: str) -> None:
    """Put *values* into the fields of the first form with a sheet, and send it as a script without a browser would."""
    with one.page.expect_navigation():
        one.page.evaluate(
            """(values) => {
            const form = document.querySelector('main form[method=post]');
            for (const [name, value] of Object.entries(values)) {
                if (form.elements[name]) form.elements[name].value = value;
                else form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
            }
            form.noValidate = true;
            form.submit();
        }""",
            values,
        )


@state(404)
def an_address_that_leads_nowhere(one: Visitor) -> None:
    """An address that leads nowhere."""
    one.open("/nothing/here")


@state(404, is_stranger=True)
def an_address_that_leads_a_stranger_nowhere(one: Visitor) -> None:
    """An address that leads a stranger nowhere."""
    one.open("/nothing/here")


@state(404)
def a_record_that_is_not_there(one: Visitor) -> None:
    """A record that is not there."""
    one.open(f"/expenses/{uuid4()}")


@state(413)
def too_large_a_form(one: Visitor) -> None:
    """Too large a form."""
    one.open("/account")
    write(one, name="x" * 200_000)


@state(500)
def a_fault_of_ours(one: Visitor) -> None:
    """A fault of ours."""
    one.open("/broken")


@state(503)
def a_server_that_is_worked_on(one: Visitor) -> None:
    """A server that is worked on."""
    one.open("/closed")


@state(403)
def a_form_that_stood_open_for_long(one: Visitor) -> None:
    """A form that stood open for long."""
    one.open("/expenses/new")
    write(one, _csrf="wrong")


@state(409)
def a_form_that_somebody_else_opened(one: Visitor) -> None:
    """A form that somebody else opened."""
    one.open("/expenses/new")
    write(one, _by="somebody")


@state(409)
def an_edit_that_comes_too_late(one: Visitor) -> None:
    """An edit that comes too late."""
    core, owner = one.site.core, owner_of(one.site)
    (record, *_) = core.read(owner, list_expenses, ListExpenses(limit=1)).items
    one.open(f"/expenses/{record.id}")
    changed = EditExpense(
        id=record.id,
        version=record.version,
        category="parking",
        amount=Money(700, "EUR"),
        spent_on=record.spent_on,
        title="Harbour",
    )
    core.run(owner, edit_expense, changed)
    write(one, title="Station")


@state(422)
def a_form_with_everything_wrong(one: Visitor) -> None:
    """A form with everything wrong."""
    one.open("/expenses/new")
    write(one, amount="far too much", category="", title="x" * 500)


@state(422)
def a_car_without_a_name(one: Visitor) -> None:
    """A car without a name."""
    one.open("/vehicles/new")
    write(one, name="", year="never", vin="too short")


@state(422)
def a_quick_fill_up_with_nothing_in_it(one: Visitor) -> None:
    """A quick fill up with nothing in it."""
    one.open("/q/fuel")
    write(one, odometer="", volume="all", total="-1")


@state(422, is_stranger=True)
def an_account_with_a_weak_password(one: Visitor) -> None:
    """An account with a weak password."""
    one.open("/register")
    write(one, name="", email="nobody", password="short")


@state(401, is_stranger=True)
def a_wrong_password(one: Visitor) -> None:
    """A wrong password."""
    one.open("/login")
    write(one, email="bob@example.org", password="not the password")


@state(429, is_stranger=True)
def too_many_tries(one: Visitor) -> None:
    """Too many tries."""
    one.open("/login")
    for _ in range(7):
        write(one, email="eve@example.org", password="not the password")


@state(401, is_stranger=True)
def a_session_that_ended_in_a_form(one: Visitor) -> None:
    """A session that ended in a form."""
    one.open("/login")
    write(one, email=EMAIL, password=PASSWORD)
    one.open("/expenses/new")
    one.context.clear_cookies(name="fleet-session")
    write(one, amount="3,50", category="parking")
    one.page.get_by_text("Sign in, and what you typed is sent.").wait_for()


@state(is_stranger=True)
def a_link_that_is_too_old(one: Visitor) -> None:
    """A link that is too old."""
    one.open("/reset-password?token=gone")


@state(is_stranger=True)
def an_invitation_of_a_stranger(one: Visitor) -> None:
    """An invitation of a stranger."""
    one.open("/login")
    write(one, email=EMAIL, password=PASSWORD)
    an_invitation(one)
    link = one.page.locator("code.secret").inner_text()
    one.context.clear_cookies()
    one.open("/invitations/" + link.rpartition("/")[2])


@state()
def an_invitation(one: Visitor) -> None:
    """An invitation."""
    one.open("/people/invite")
    write(one, roles="family")
    one.page.locator("code.secret").wait_for()


@state()
def a_key_that_was_made(one: Visitor) -> None:
    """A key that was made."""
    one.open("/account/keys")
    one.page.get_by_label("What the key is for").fill("Home")
    send(one, "Make the key")
    one.page.locator("code.secret").wait_for()


@state()
def a_second_factor_to_be_scanned(one: Visitor) -> None:
    """A second factor to be scanned."""
    one.open("/account/second-factor")
    one.page.get_by_label("Password").fill(PASSWORD)
    send(one, "Set it up")
    one.page.locator(".qr").wait_for()


@state()
def a_message_with_its_undo(one: Visitor) -> None:
    """A message with its undo."""
    one.open("/expenses/new")
    write(one, amount="3,50", category="parking")
    one.page.locator(".messages").get_by_role("button", name="Undo").wait_for()


@state()
def a_question_before_what_cannot_be_taken_back(one: Visitor) -> None:
    """A question before what cannot be taken back."""
    one.open("/plans")
    one.page.get_by_role("link", name="Timing belt").first.click()
    send(one, "Delete")
    one.page.get_by_role("button", name="Yes, delete it").wait_for()


@state()
def the_palette(one: Visitor) -> None:
    """The palette."""
    one.open("/account")
    one.page.keyboard.press("ControlOrMeta+k")
    one.page.locator("dialog[open] input").fill("Golf")
    one.page.locator("dialog[open] a", has_text="Golf").first.wait_for()  # all pages stand there before


@state()
def the_palette_that_finds_nothing(one: Visitor) -> None:
    """The palette that finds nothing."""
    one.open("/account")
    one.page.keyboard.press("ControlOrMeta+k")
    one.page.locator("dialog[open] input").fill("zzzzzz")
    one.page.wait_for_timeout(1000)


@state()
def a_search_that_finds_something(one: Visitor) -> None:
    """A search that finds something."""
    one.open("/search?q=golf")


@state()
def a_search_that_finds_nothing(one: Visitor) -> None:
    """A search that finds nothing."""
    one.open("/search?q=zzzzzz")


@state()
def live_updates(one: Visitor) -> None:
    """Live updates."""
    page = one.open("/")
    until(page, STREAM_OPEN)
    one.site.core.run(owner_of(one.site), add_vehicle, AddVehicle(name="Zoe"))
    page.get_by_text("Updated at").wait_for()


@state()
def live_updates_that_are_paused(one: Visitor) -> None:
    """Live updates that are paused."""
    page = one.open("/reminders")
    page.get_by_role("button", name="Pause live updates").click()
    page.get_by_text("Live updates are paused.").wait_for()


@state()
def a_saved_copy_with_entries_that_wait(one: Visitor) -> None:
    """A saved copy with entries that wait."""
    page = one.open("/reminders")
    page.evaluate(
        """() => {
        for (const [id, text] of [['saved-copy', 'when'], ['waiting', 'many']]) {
            const one = document.getElementById(id);
            one.lastElementChild.textContent = one.dataset.text || one.dataset.many;
            one.hidden = false;
        }
    }"""
    )


@state()
def high_contrast(one: Visitor) -> None:
    """High contrast."""
    one.open("/account")
    one.context.add_cookies([{"name": "fleet-theme", "value": "contrast", "url": one.site.address}])
    one.open("/")
    assert "contrast" == one.page.evaluate("document.documentElement.dataset.theme")


def tables(names: Mapping[str, str]) -> None:
    """Add pages that have nothing to show yet."""
    for name, path in names.items():

        def bring(one: Visitor, path: str = path) -> None:
            """Open a page with nothing on it."""
            one.open(path)

        STATES[f"no {name} yet"] = State(bring)


tables(
    {
        "fill-ups": "/fuel",
        "trips": "/trips",
        "services": "/maintenance",
        "documents": "/documents",
        "reminders": "/reminders",
        "files to import": "/imports",
        "messages": "/notifications",
        "tyres": "/tyres",
        "jobs": "/jobs",
        "plans": "/plans",
        "reports": "/reports",
        "years": "/reports/yearly",
    }
)
