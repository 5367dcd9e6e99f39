"""A state machine: whatever is done with fills, everything that follows from them equals a fresh computation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from fleetcore import Core
from fleetcore.fuel.economy import EconomyFill, economy_of
from fleetcore.fuel.model import DeleteFill, EditFill, Fill, ListFills, RecordFill, RestoreFill
from fleetcore.fuel.ports import FILL_LOGS
from fleetcore.fuel.service import delete_fill, edit_fill, list_fills, record_fill, restore_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.ledger.model import AccountType, CheckLedger, Dimension, SumLines
from fleetcore.ledger.ports import LEDGER_READS
from fleetcore.ledger.queries import check_ledger
from fleetcore.operations import Query
from fleetcore.testing.builders import NOON, a_fill, an_edit_of, new_vehicle
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.ports import READINGS
from fleetcore.vehicles.readings import Meter

STATED = st.fixed_dictionaries(
    {
        "at": st.integers(0, 20).map(lambda day: NOON - timedelta(days=day)),
        "odometer": st.none() | st.integers(0, 40).map(lambda hundreds: Distance(hundreds * 100_000)),
        "volume": st.integers(1, 60_000).map(Volume),
        "total": st.integers(0, 10_000).map(lambda minor: Money(minor, "EUR")),
        "is_full": st.booleans(),
        "missed_previous": st.integers(0, 9).map(lambda number: number == 0),
    }
)


class FillMachine(RuleBasedStateMachine):
    """Records, edits, deletes and restores fills of one vehicle beside a plain model of them."""

    core: Core
    living = Bundle("living")
    deleted = Bundle("deleted")

    def __init__(self) -> None:
        super().__init__()
        self.owner: Actor = self.core.create_fleet("Machine", currency="EUR", timezone="UTC")
        self.vehicle = new_vehicle(self.core, self.owner)
        self.model: dict[UUID, Fill] = {}

    def look(self, answer: Any) -> Any:
        """Return what *answer* finds in the stores."""
        return self.core.read(self.owner, Query("test.look", None, lambda uow, _: answer(uow)), None)

    @rule(target=living, stated=STATED)
    def record(self, stated: dict[str, Any]) -> UUID:
        """Record a fill, in or out of the order of time."""
        command: RecordFill = a_fill(self.vehicle.id, accept_odometer_jump=True, **stated)
        fill = self.core.run(self.owner, record_fill, command)
        self.model[fill.id] = fill
        return fill.id

    @rule(fill_id=living, stated=STATED)
    def edit(self, fill_id: UUID, stated: dict[str, Any]) -> None:
        """Say something else of a fill."""
        stated = stated | {"unit_price": None, "accept_odometer_jump": True}
        command: EditFill = an_edit_of(self.model[fill_id], **stated)
        self.model[fill_id] = self.core.run(self.owner, edit_fill, command)

    @rule(target=deleted, fill_id=consumes(living))
    def delete(self, fill_id: UUID) -> UUID:
        """Delete a fill."""
        fill = self.model.pop(fill_id)
        self.core.run(self.owner, delete_fill, DeleteFill(id=fill_id, version=fill.version))
        return fill_id

    @rule(target=living, fill_id=consumes(deleted))
    def restore(self, fill_id: UUID) -> UUID:
        """Bring a deleted fill back."""
        self.model[fill_id] = self.core.run(self.owner, restore_fill, RestoreFill(id=fill_id))
        return fill_id

    @rule(target=living, fill_id=consumes(living), stated=STATED)
    def edit_staleness(self, fill_id: UUID, stated: dict[str, Any]) -> Any:
        """Try to change a version that is not there; nothing may happen."""
        fill = self.model[fill_id]
        for change, command in (
            (edit_fill, an_edit_of(fill, version=fill.version + 1, **stated)),
            (delete_fill, DeleteFill(id=fill_id, version=fill.version - 1)),
        ):
            self.refused(change, command, Conflict)
        self.refused(restore_fill, RestoreFill(id=fill_id), NotFound)
        return multiple(fill_id)

    def refused(self, change: Any, command: Any, kind: type[Exception]) -> None:
        """Run what must be refused."""
        try:
            self.core.run(self.owner, change, command)
        except kind:
            return
        raise AssertionError(f"{command} was accepted")

    @invariant()
    def the_list_is_the_model(self) -> None:
        """The stored fills are those of the model, newest first."""
        wanted = sorted(self.model.values(), key=lambda fill: (fill.at, fill.id), reverse=True)
        assert wanted == list(self.core.read(self.owner, list_fills, ListFills(limit=1000)).items)

    @invariant()
    def readings_follow(self) -> None:
        """The live readings are those that the fills imply, each owned by its fill."""
        live = self.look(lambda uow: uow[READINGS].live(self.vehicle.id, Meter.ODOMETER))
        implied = [(f.at, f.odometer.metres, f.id, f.reading_id) for f in self.model.values() if f.odometer is not None]
        assert sorted(implied) == sorted((r.at, r.value, r.source_id, r.id) for r in live)

    @invariant()
    def the_ledger_follows(self) -> None:
        """The cost of fuel by month is the sum of the fills, and the journal is sound."""
        wanted = SumLines(by=(Dimension.MONTH,), types=(AccountType.EXPENSE,))
        sums = self.look(lambda uow: uow[LEDGER_READS].sums(wanted))
        booked = {line.month: line.amount.minor for line in sums if line.amount.minor}
        spent: dict[Any, int] = {}
        for fill in self.model.values():
            month = fill.at.date().replace(day=1)
            spent[month] = spent.get(month, 0) + fill.total.minor
        assert {month: minor for month, minor in spent.items() if minor} == booked
        assert self.core.read(self.owner, check_ledger, CheckLedger()).is_sound

    @invariant()
    def economy_follows(self) -> None:
        """The economy of the stored log is that of a log written from scratch."""
        logs = self.look(lambda uow: uow[FILL_LOGS].logs([self.vehicle.id]))
        stored = logs.get(self.vehicle.id, {}).get((Carrier.PETROL, "volume"), [])
        assert economy_of(as_log(list(self.model.values()))) == economy_of(stored)


def as_log(fills: list[Fill]) -> list[EconomyFill]:
    """Write the log of *fills*."""
    return [
        EconomyFill(
            id=fill.id,
            at=fill.at,
            odometer_m=None if fill.odometer is None else fill.odometer.metres,
            quantity=fill.volume.millilitres if fill.volume else 0,
            total_minor=fill.total.minor,
            currency=fill.total.currency,
            is_full=fill.is_full,
            missed_previous=fill.missed_previous,
        )
        for fill in fills
    ]


def drill(core: Core, examples: int, steps: int) -> None:
    """Run the machine on *core*."""
    machine = type("FillMachineOnCore", (FillMachine,), {"core": core})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            database=None,
        ),
    )
