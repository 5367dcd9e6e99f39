"""One vehicle's life as people say it, with all their second thoughts; and the same life said once, in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import attrs
from attrs import define, field

from fleetcore import Core
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.testing.clock import FixedClock

__all__ = ["START", "Fact", "Life", "Said"]

START = date(2026, 6, 1)
EVENING = time(18)  # people write down in the evening what happened until then
Said = dict[str, Any]

# What can be said of each kind: how it is entered, changed, taken back and brought back ("" where that cannot be).
OPERATIONS = {
    "fill": ("fuel.record_fill", "fuel.edit_fill", "fuel.delete_fill", "fuel.restore_fill"),
    "expense": ("expenses.record", "expenses.edit", "expenses.delete", "expenses.restore"),
    "service": (
        "maintenance.record_service",
        "maintenance.edit_service",
        "maintenance.delete_service",
        "maintenance.restore_service",
    ),
    "inspection": (
        "maintenance.record_inspection",
        "maintenance.edit_inspection",
        "maintenance.delete_inspection",
        "",
    ),
    "trip": ("trips.record", "trips.edit", "trips.delete", "trips.restore"),
    "reading": ("vehicles.record_reading", "", "vehicles.void_reading", ""),
    "reminder": ("reminders.add", "reminders.edit", "reminders.delete", "reminders.restore"),
    "item": ("maintenance.add_plan_item", "maintenance.edit_plan_item", "maintenance.remove_plan_item", ""),
    "document": ("documents.add", "documents.edit", "documents.delete", "documents.restore"),
    "fitting": ("maintenance.mount_tyres", "", "maintenance.remove_fitting", ""),
}
UNVERSIONED = {"reading", "fitting"}
JUMPS = {"fill", "expense", "service", "inspection", "trip", "reading", "fitting"}


@define(eq=False)
class Fact:
    """What was said of one thing, as it stands: *answers* are the facts whose reminders it answers.

    *entered* is when it was first said, *happened* the day that it is about. *done* are the answers by hand: the
    instant, and what was said (None: skipped).
    """

    kind: str
    said: Said
    entered: datetime
    happened: date
    id: str = ""
    answers: list[Fact] = field(factory=list)
    is_deleted: bool = False
    cancelled_on: str | None = None
    renews: Fact | None = None
    done: list[tuple[datetime, Said | None]] = field(factory=list)


@define(eq=False, slots=False)
class Life:
    """A vehicle in a fleet of its own, and every fact about it."""

    core: Core
    clock: FixedClock
    facts: list[Fact] = field(factory=list)
    vehicle_said: Said = field(factory=lambda: {"name": "Golf", "carriers": ["petrol"]})

    def __attrs_post_init__(self) -> None:
        self.actor = self.core.create_fleet("Home", currency="EUR", timezone="UTC", owner_name="Ada")
        self.vehicle_id = str(self.perform("vehicles.add", self.vehicle_said).id)
        self.checklist = self.perform("maintenance.add_checklist", {"name": "Look", "items": [{"title": "Lamps"}]})
        tyres = {"vehicle_id": self.vehicle_id}
        self.sets = [
            str(self.perform("maintenance.add_tyre_set", tyres | {"name": kind, "kind": kind}).id)
            for kind in ("summer", "winter")
        ]

    def perform(self, operation: str, said: Said) -> Any:
        """Do what is said."""
        return self.core.perform(self.actor, operation, said)

    @property
    def today(self) -> date:
        """The present day."""
        return self.clock.now().date()

    def living(self, *kinds: str) -> list[Fact]:
        """The facts that stand, of *kinds*."""
        return [fact for fact in self.facts if fact.kind in kinds and not fact.is_deleted]

    def attempt(self, act: Callable[[], Any]) -> bool:
        """Do what may be refused; time goes on by a second, so that no two things are said at once."""
        self.clock.advance(seconds=1)
        try:
            act()
        except (Rejected, Conflict, NotFound):
            return False
        return True

    # What people do.

    def enter(self, kind: str, happened: date, said: Said, answers: list[Fact]) -> None:
        """Say something new."""
        fact = Fact(kind=kind, said=said, entered=self.clock.now(), happened=happened, answers=answers)

        def act() -> None:
            fact.entered = self.clock.now()
            fact.id = self.create(fact)
            self.facts.append(fact)

        self.attempt(act)

    def edit(self, fact: Fact, happened: date, said: Said, answers: list[Fact]) -> None:
        """Say something else of a fact."""
        said = {**said, "cover": fact.said["cover"]} if fact.kind == "document" else said
        after = attrs.evolve(fact, said=said, happened=happened, answers=answers)
        if OPERATIONS[fact.kind][1] and self.attempt(lambda: self.change(fact, self.stated(after))):
            fact.said, fact.happened, fact.answers = said, happened, answers

    def delete(self, fact: Fact) -> None:
        """Take a fact back."""
        said = {"id": fact.id} | ({} if fact.kind in UNVERSIONED else {"version": self.version(fact)})
        if self.attempt(lambda: self.perform(OPERATIONS[fact.kind][2], said)):
            fact.is_deleted = True

    def restore(self, fact: Fact) -> None:
        """Bring a fact back."""
        operation = OPERATIONS[fact.kind][3]
        if operation and self.attempt(lambda: self.perform(operation, {"id": fact.id})):
            fact.is_deleted = False

    def answer(self, fact: Fact, done: Said | None) -> None:
        """Say of a reminder that its work was done, or skip it (with None)."""
        operation = "reminders.skip" if done is None else "reminders.done"
        if self.attempt(lambda: self.perform(operation, {"id": fact.id} | (done or {}))):
            fact.done.append((self.clock.now(), done))

    def snooze(self, fact: Fact, until: date) -> None:
        """Let a reminder be quiet until a day."""
        self.attempt(lambda: self.perform("reminders.snooze", {"id": fact.id, "until": until.isoformat()}))

    def cancel(self, fact: Fact, on: date | None) -> None:
        """Cancel a document, or take that back (with None)."""
        said = {"id": fact.id, "version": self.version(fact)}
        said |= {"undo": True} if on is None else {"on": on.isoformat()}
        if self.attempt(lambda: self.perform("documents.cancel", said)):
            fact.cancelled_on = None if on is None else on.isoformat()

    def renew(self, fact: Fact, said: Said) -> None:
        """File the successor of a document."""

        def act() -> None:
            terms = {name: said[name] for name in ("starts_on", "ends_on", "amount", "schedule")}
            found = self.perform("documents.renew", {"id": fact.id, "version": self.version(fact), **terms})
            document = found.document
            terms["ends_on"] = document.ends_on and document.ends_on.isoformat()  # as long as the old one, if not said
            new = Fact(kind="document", said={**fact.said, **terms}, entered=self.clock.now(), happened=self.today)
            new.id, new.renews = str(document.id), fact
            self.facts.append(new)

        self.attempt(act)

    def describe(self, said: Said) -> None:
        """Say something else of the vehicle."""
        version = self.perform("vehicles.get", {"id": self.vehicle_id}).version
        if self.attempt(lambda: self.perform("vehicles.edit", {"id": self.vehicle_id, "version": version, **said})):
            self.vehicle_said = said

    def wait(self, days: int) -> None:
        """Let days pass, and let the worker do what is due at the end of them."""
        self.clock.set(datetime.combine(self.today + timedelta(days=days), EVENING, UTC))
        self.work()

    def work(self) -> None:
        """Do what a worker does each day."""
        self.perform("documents.run_premiums", {})
        self.perform("reminders.tick", {})

    # How it is said.

    def stated(self, fact: Fact) -> Said:
        """Return what is said of *fact*, as its commands take it."""
        said = dict(fact.said)
        if fact.kind == "fitting":
            said |= {"set_id": self.sets[said.pop("set")]}
        said["vehicle_id"] = self.vehicle_id
        if fact.kind in JUMPS:
            said["accept_odometer_jump"] = True
        if fact.kind == "inspection":
            said["results"] = [{"key": "lamps", "outcome": said.pop("outcome")}]
        if fact.kind in {"service", "inspection"}:
            said["reminder_ids"] = [self.reminder_of(other) for other in fact.answers]
        return said

    def create(self, fact: Fact) -> str:
        """Enter *fact*; returns its id."""
        said = self.stated(fact)
        if fact.kind == "inspection":
            said["checklist"] = self.checklist.key
        answer = self.perform(OPERATIONS[fact.kind][0], said)
        return str(getattr(answer, "document", answer).id)

    def change(self, fact: Fact, said: Said) -> None:
        """Replace what was said of *fact*."""
        said = {"id": fact.id, "version": self.version(fact)} | said
        self.perform(OPERATIONS[fact.kind][1], said)

    def version(self, fact: Fact) -> int:
        """Return the version in which *fact* is stored."""
        getters = {
            "fill": "fuel.get_fill",
            "expense": "expenses.get",
            "service": "maintenance.get_service",
            "inspection": "maintenance.get_inspection",
            "trip": "trips.get",
            "reminder": "reminders.get",
            "item": "maintenance.get_plan_item",
            "document": "documents.get",
        }
        return int(self.perform(getters[fact.kind], {"id": fact.id}).version)

    def reminder_of(self, fact: Fact) -> str:
        """Return the id of the reminder that *fact* is or brought."""
        if fact.kind == "reminder":
            return fact.id
        return str(self.perform("maintenance.get_plan_item", {"id": fact.id}).reminder_id)
