"""A vehicle with a record of every kind that an address can name, in a state in which it can be acted upon."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs
from attrs import define, field

from fleetcore import Core
from fleetcore.attachments.model import AddAttachment
from fleetcore.attachments.service import add_attachment
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.ids import new_id
from fleetcore.people.roles import matrix

PARTS = ("document", "invitation", "feed")  # the record that some results are about
PAPER = b"paid in full: 40 EUR, said the clerk\n"
LOG = b"vehicle,date,odometer,liters,total cost,full\n%s,2026-01-01,1000,40,60.00,1\n%s,2026-01-10,1500,35,52.50,1\n"


def almighty(actor: Actor) -> Actor:
    """Return *actor* with every permission, to set a scene that their role could not."""
    return attrs.evolve(actor, permissions=dict.fromkeys(matrix().permissions, Scope.ALL), is_guest=False)


@define
class Estate:
    """Where the records are, by what they are called here: their ids (or keys), and their versions.

    *mark* is a word that stands in every text of the estate.
    """

    vehicle: str
    mark: str
    ids: dict[str, str] = field(factory=dict)
    versions: dict[str, int] = field(factory=dict)

    def elsewhere(self) -> Estate:
        """Return an estate that is nowhere: other ids and keys, of the same form."""
        others = {key: str(new_id()) if len(key) == len(self.vehicle) else f"{key}x" for key in self.ids.values()}
        return Estate(str(new_id()), self.mark, {name: others[key] for name, key in self.ids.items()}, self.versions)

    def keep(self, name: str, record: Any, key: str = "id") -> Any:
        """Remember *record* as *name*."""
        self.ids[name] = str(getattr(record, key))
        if (version := getattr(record, "version", None)) is not None:
            self.versions[name] = version
        return record


def furnished(core: Core, actor: Actor, vehicle_id: UUID, mark: str) -> Estate:
    """Let *actor* make a record of every kind on the vehicle, and return where they are."""
    made = Estate(str(vehicle_id), mark)
    maker = _Maker(core, almighty(actor), made)
    for part in (
        maker.papers,
        maker.money,
        maker.work,
        maker.tyres,
        maker.plans,
        maker.roads,
        maker.people,
        maker.files,
    ):
        part()
    return made


@define
class _Maker:
    core: Core
    actor: Actor
    made: Estate

    def do(self, name: str, operation: str, key: str = "id", /, **said: Any) -> Any:
        """Do something on the vehicle and remember the record."""
        result = self.core.perform(self.actor, operation, said)
        record = next((found for part in PARTS if (found := getattr(result, part, None)) is not None), result)
        return self.made.keep(name, record, key) if name else record

    def gone(self, name: str, add: str, delete: str, /, **said: Any) -> None:
        """Make a record, delete it, and remember it."""
        record = self.do("", add, **said)
        versioned = {"version": record.version} if hasattr(record, "version") else {}
        self.core.perform(self.actor, delete, {"id": str(record.id), **versioned})
        self.made.keep(name, record)

    @property
    def here(self) -> dict[str, Any]:
        return {"vehicle_id": self.made.vehicle}

    @property
    def word(self) -> str:
        return self.made.mark

    def papers(self) -> None:
        policy = {**self.here, "kind": "insurance", "cover": "liability", "issuer": self.word}
        term = {"starts_on": "2026-01-31", "ends_on": "2026-12-31", "amount": money("30.05"), "schedule": "monthly"}
        self.do("document", "documents.add", **policy, **term)
        lease = {"allowed_distance_km": 15000, "starts_on": "2026-01-01", "ends_on": "2028-12-31"}
        self.do("lease", "documents.add", **self.here, kind="lease", issuer=self.word, start_odometer_km=10, **lease)
        self.do("registration", "documents.add", **self.here, kind="registration", issuer=self.word)
        removed = {
            **self.here,
            "kind": "lease",
            "issuer": self.word,
            "starts_on": "2026-01-01",
            "ends_on": "2028-12-31",
        }
        document = self.core.perform(self.actor, "documents.add", removed).document
        self.core.perform(self.actor, "documents.delete", {"id": str(document.id), "version": 1})
        self.made.keep("deleted document", document)

    def money(self) -> None:
        fill = {**self.here, "volume_l": 40, "total": money("60"), "place": self.word, "notes": self.word}
        self.do("fill", "fuel.record_fill", at="2026-02-01T08:00:00Z", **fill)
        self.gone("deleted fill", "fuel.record_fill", "fuel.delete_fill", at="2026-02-02T08:00:00Z", **fill)
        self.do("station", "fuel.add_station", name=f"{self.word} station")
        paid = {**self.here, "category": "parking", "amount": money("3"), "title": self.word}
        self.do("expense", "expenses.record", spent_on="2026-02-01", **paid)
        self.gone("deleted expense", "expenses.record", "expenses.delete", spent_on="2026-02-02", **paid)
        loan = {"category": "loan", "period": "month", "starts_on": "2026-09-30", "amount": money("100")}
        self.do("recurring", "expenses.add_recurring", **self.here, title=self.word, **loan)
        self.do("category", "expenses.add_category", "key", name=f"{self.word} category")
        account = {"code": f"expenses.{self.word.lower()}", "name": f"Expenses:{self.word}", "type": "expense"}
        self.do("account", "ledger.add_account", "code", **account)
        entries = self.core.perform(self.actor, "ledger.list_entries", {"vehicle_id": self.made.vehicle}).items
        self.made.keep("entry", entries[0])

    def work(self) -> None:
        self.do("provider", "maintenance.add_provider", name=f"{self.word} garage")
        done = {**self.here, "title": self.word, "done_on": "2026-03-01", "notes": self.word}
        self.do("service", "maintenance.record_service", **done)
        self.gone("deleted service", "maintenance.record_service", "maintenance.delete_service", **done)
        for name in ("job", "started job", "finished job"):
            job = self.do(name, "maintenance.schedule_job", **self.here, title=self.word, planned_on="2026-07-01")
            if name == "started job":
                self.do(name, "maintenance.start_job", id=str(job.id), version=job.version)
            if name == "finished job":
                self.do(name, "maintenance.cancel_job", id=str(job.id), version=job.version)
        checks = [{"title": "Light"}, {"title": "Profile", "kind": "measure", "unit": "mm", "minimum": 1.6}]
        checklist = self.do("checklist", "maintenance.add_checklist", name=f"{self.word} list", items=checks)
        self.made.ids["checklist key"] = checklist.key
        results = [{"key": "light", "outcome": "fail", "note": self.word}, {"key": "profile", "value": 1.7}]
        inspected = {**self.here, "done_on": "2026-03-04", "checklist": checklist.key, "notes": self.word}
        self.do("inspection", "maintenance.record_inspection", results=results, **inspected)

    def tyres(self) -> None:
        said = {**self.here, "name": self.word, "purchased_on": "2026-01-05"}
        fresh = self.do("tyres", "maintenance.add_tyre_set", kind="winter", **said)
        mounted = self.do("mounted tyres", "maintenance.add_tyre_set", kind="summer", **said)
        self.do("fitting", "maintenance.mount_tyres", set_id=str(mounted.id), on="2026-03-06")
        depths = [{"number": 1, "depth_mm": 7.5}]
        self.do("tread check", "maintenance.measure_tread", set_id=str(fresh.id), on="2026-03-06", depths=depths)
        for name in ("tyres", "mounted tyres"):
            self.do(name, "maintenance.get_tyre_set", id=self.made.ids[name])

    def plans(self) -> None:
        rule = {**self.here, "title": self.word, "every_km": 15000, "every_months": 12}
        self.do("reminder", "reminders.add", **rule)
        self.gone("deleted reminder", "reminders.add", "reminders.delete", **rule)
        answered = self.do("answered reminder", "reminders.add", **rule)
        self.do("answered reminder", "reminders.done", id=str(answered.id), done_on="2026-03-01")
        self.do("plan", "maintenance.add_plan_item", **rule)
        item = {"title": self.word, "every_km": 15000}
        template = self.do("template", "maintenance.add_template", name=f"{self.word} plan", items=[item])
        self.made.ids["template key"] = template.key
        self.do("feed", "calendars.make_feed", name=self.word)

    def roads(self) -> None:
        driven = {**self.here, "distance_km": 41, "end_place": self.word, "purpose": "business"}
        times = ({"started_at": f"2026-02-{day}T08:00:00Z", "ended_at": f"2026-02-{day}T09:00:00Z"} for day in (20, 21))
        self.do("trip", "trips.record", **driven, **next(times))
        self.gone("deleted trip", "trips.record", "trips.delete", **driven, **next(times))
        per_km = {"amount": "0.3", "currency": "EUR"}
        self.do("rate", "trips.add_rate", purpose=f"{self.word} errands", valid_from="2026-01-01", per_km=per_km)
        self.do(
            "reading",
            "vehicles.record_reading",
            **self.here,
            at="2026-01-15T08:00:00Z",
            odometer_km=500,
            note=self.word,
        )
        self.do(
            "assignment",
            "vehicles.assign_driver",
            **self.here,
            driver_name=self.word,
            starts_at="2026-04-01T00:00:00Z",
            ends_at="2026-04-02T00:00:00Z",
            is_primary=False,
        )

    def people(self) -> None:
        self.do("role", "people.define_role", name=f"{self.word} role", permissions={"vehicles.read": "all"})
        email = f"{self.word.lower()}@friends.example"
        self.do("friend", "people.add_member", "user_id", name=f"{self.word} friend", email=email, roles=["family"])
        self.made.ids["disabled friend"] = self.made.ids["friend"]
        self.do("grant", "vehicles.grant", **self.here, user_id=self.made.ids["friend"])
        waiting = {"roles": ["family"], "email": f"{self.word.lower()}@waiting.example", "message": self.word}
        self.do("invitation", "sharing.invite", **waiting)
        key = {"name": self.word, "permissions": {"vehicles.read": "all"}, "prefix": "flt_x", "secret_hash": "0" * 64}
        self.do("key", "accounts.add_key", **{**key, "secret_hash": self.made.vehicle.replace("-", "") * 2})
        log = LOG.replace(b"%s", f"{self.word} imported".encode())
        report = self.core.run(self.actor, self.core.operations["imports.import_log"], import_of(log))  # type: ignore[arg-type]
        self.made.ids["import"] = str(report.import_id)
        self.do("removed vehicle", "vehicles.add", name=f"{self.word} removed")
        self.core.perform(self.actor, "vehicles.remove", {"id": self.made.ids["removed vehicle"]})

    def files(self) -> None:
        for name in ("attachment", "deleted attachment"):
            content = io.BytesIO(PAPER + self.word.encode() + name.encode())
            on = {"entity": "fuel.fill", "entity_id": UUID(self.made.ids["fill"])}
            added = AddAttachment(name=f"{self.word}.txt", content=content, **on)
            self.made.keep(name, self.core.run(self.actor, add_attachment, added))
        gone = {"id": self.made.ids["deleted attachment"], "version": 1}
        self.core.perform(self.actor, "attachments.delete", gone)


def import_of(log: bytes) -> Any:
    """Return the command that imports *log*."""
    from fleetcore.imports.model import ImportLog

    return ImportLog(source=log, file_name="log.csv")


def money(amount: str) -> Mapping[str, str]:
    """Return an amount in euros, as JSON says it."""
    return {"amount": amount, "currency": "EUR"}
