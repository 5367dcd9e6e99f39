"""Whatever is done to service records, the ledger and the meters equal what is there."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

import fleetcore
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.maintenance.model import Part, Service, ServiceCategory
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles
from fleetcore.vehicles.meters import list_readings
from fleetcore.vehicles.readings import ListReadings, Meter

from .conftest import TODAY, Desk

EUROS = st.builds(Money, st.integers(0, 5000), st.just("EUR"))
PARTS = st.builds(
    Part,
    name=st.just("Oil"),
    quantity=st.integers(1, 9999).map(lambda thousandths: Decimal(thousandths) / 1000),
    unit_cost=st.none() | EUROS,
)
ACCOUNTS = {
    "routine": "expenses.service",
    "repair": "expenses.repair",
    "upgrade": "expenses.accessory",
    "inspection": "expenses.inspection",
    "recall": "expenses.repair",
}
SAID = st.fixed_dictionaries(
    {
        "category": st.sampled_from(ServiceCategory),
        "odometer": st.none() | st.integers(0, 200_000).map(Distance),
        "engine_hours": st.none() | st.integers(0, 9000).map(EngineHours),
        "parts": st.lists(PARTS, max_size=3).map(tuple),
        "labour_cost": st.none() | EUROS,
        "total": st.none() | st.builds(Money, st.integers(-5000, 5000), st.just("EUR")),
    }
)
DAYS = st.integers(0, 400).map(lambda ago: TODAY - timedelta(days=ago))


def expected(live: list[Service]) -> dict[str, int]:
    """Sum *live* by account, without the ledger and without the rules."""
    sums: Counter[str] = Counter()
    for service in live:
        minor = service.total.minor
        sums[ACCOUNTS[service.category] if minor >= 0 else "income.refund"] += minor
        sums["assets.bank"] -= minor
    return {key: minor for key, minor in sums.items() if minor}


class Services(RuleBasedStateMachine):
    """Record, edit, delete and restore in any order, beside a plain model."""

    files: SqliteFiles
    kept = Bundle("kept")
    gone = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self.core = fleetcore.open(self.files.database(), installed_plugins=False, clock=FixedClock())
        owner = self.core.create_fleet("Home", timezone="UTC")
        self.desk = Desk(self.core, owner, new_vehicle(self.core, owner).id)
        self.live: dict[object, Service] = {}

    def teardown(self) -> None:
        """Close the database."""
        self.core.close()

    def keep(self, service: Service) -> Service:
        """Remember *service* as it is now."""
        self.live[service.id] = service
        return service

    @rule(target=kept, said=SAID, on=DAYS)
    def record(self, said: dict[str, Any], on: date) -> Service:
        """Record one."""
        return self.keep(self.desk.record(**said, done_on=on, accept_odometer_jump=True))

    @rule(target=kept, service=consumes(kept), said=SAID)
    def edit(self, service: Service, said: dict[str, Any]) -> Service:
        """Edit one."""
        return self.keep(self.desk.edit(service, **said, accept_odometer_jump=True))

    @rule(target=gone, service=consumes(kept))
    def delete(self, service: Service) -> Service:
        """Delete one."""
        del self.live[service.id]
        return self.desk.delete(service)

    @rule(target=kept, service=consumes(gone))
    def restore(self, service: Service) -> Service:
        """Bring one back."""
        return self.keep(self.desk.restore(service))

    @invariant()
    def facts_are_the_models(self) -> None:
        """What is listed is what the model holds."""
        assert self.live == {service.id: service for service in self.desk.list(limit=1000)}

    @invariant()
    def balances_are_recomputed_ones(self) -> None:
        """Each account holds the sum of the live records."""
        assert expected(list(self.live.values())) == self.desk.balances()
        assert self.core.read(self.desk.actor, check_ledger, CheckLedger()).is_sound

    @invariant()
    def readings_are_those_of_live_records(self) -> None:
        """The live readings of both meters are those of the live records."""
        shown = {
            Meter.ODOMETER: [s.odometer.metres for s in self.live.values() if s.odometer is not None],
            Meter.ENGINE_HOURS: [s.engine_hours.tenths for s in self.live.values() if s.engine_hours is not None],
        }
        for meter, wanted in shown.items():
            asked = ListReadings(vehicle_id=self.desk.vehicle_id, meter=meter, limit=1000)
            found = self.core.read(self.desk.actor, list_readings, asked).items
            assert Counter(wanted) == Counter(reading.value for reading in found)


def test_any_sequence_keeps_books_and_readings(sqlite_files: SqliteFiles) -> None:
    """After any sequence of dealings, ledger and readings equal those recomputed from the live records."""
    machine = type("Machine", (Services,), {"files": sqlite_files})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=checks),
    )
