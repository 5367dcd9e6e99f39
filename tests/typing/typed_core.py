"""What a type checker must conclude about the public interface; checked, never run."""

from __future__ import annotations

from typing import assert_type
from uuid import UUID

import fleetcore
from fleetcore import Core
from fleetcore.fuel.model import Fill, ListFills, RecordFill
from fleetcore.fuel.service import list_fills, record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Page
from fleetcore.kernel.ports import StoreKey, UnitOfWork
from fleetcore.operations import Operation, Query
from fleetcore.vehicles.model import AddVehicle, ListVehicles, Vehicle
from fleetcore.vehicles.ports import VEHICLES, VehicleStore
from fleetcore.vehicles.service import add_vehicle, list_vehicles


def opened() -> None:
    """``fleetcore.open`` gives a Core, also as a context manager."""
    with fleetcore.open("sqlite://") as core:
        assert_type(core, Core)
        assert_type(core.create_fleet("Home"), Actor)


def operations_carry_their_types(core: Core, actor: Actor, fill: RecordFill) -> None:
    """The result of run and read is the operation's own."""
    assert_type(record_fill, Operation[RecordFill, Fill])
    assert_type(list_fills, Query[ListFills, Page[Fill]])
    assert_type(core.run(actor, add_vehicle, AddVehicle(name="Golf")), Vehicle)
    assert_type(core.read(actor, list_vehicles, ListVehicles()), tuple[Vehicle, ...])
    assert_type(core.run(actor, record_fill, fill).total, Money)
    core.run(actor, add_vehicle, fill)  # type: ignore[misc]  # a command of another operation
    core.run(actor, list_fills, ListFills())  # type: ignore[arg-type]  # a query is read, not run
    core.read(actor, record_fill, fill)  # type: ignore[arg-type]  # an operation is run, not read


def store_keys_carry_their_types(uow: UnitOfWork, own: StoreKey[list[UUID]]) -> None:
    """A unit of work returns the store that its key names."""
    assert_type(uow[VEHICLES], VehicleStore)
    assert_type(uow[own], list[UUID])
