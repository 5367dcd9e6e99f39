"""What a contract suite asks of the storage under test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import pytest
from attrs import frozen

from fleetcore.core import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ports import StoreKey, UnitOfWork
from fleetcore.operations import Operation, Query

__all__ = ["CoreStorage", "Storage", "StorageContract"]

R = TypeVar("R")


class Storage(Protocol):
    """Storage that founds fleets and runs work in units."""

    def found(self) -> Actor:
        """Found a fresh fleet and return its owner, who is a user."""
        ...

    def write(self, actor: Actor, work: Callable[[UnitOfWork], R]) -> R:
        """Run *work* in one transaction of the actor's fleet: kept when it returns, undone when it raises."""
        ...

    def read(self, actor: Actor, work: Callable[[UnitOfWork], R]) -> R:
        """Run *work*, which only reads."""
        ...


@frozen
class CoreStorage:
    """The storage of a Core."""

    core: Core

    def found(self) -> Actor:
        """Found a fresh fleet."""
        return self.core.create_fleet("Contract", currency="EUR", timezone="UTC")

    def write(self, actor: Actor, work: Callable[[UnitOfWork], R]) -> R:
        """Run *work* as an operation."""
        operation: Operation[Any, R] = Operation("contract.write", None, lambda uow, _: work(uow))
        return self.core.run(actor, operation, None)

    def read(self, actor: Actor, work: Callable[[UnitOfWork], R]) -> R:
        """Run *work* as a query."""
        query: Query[Any, R] = Query("contract.read", None, lambda uow, _: work(uow))
        return self.core.read(actor, query, None)


class StorageContract:
    """Base of the suites: two fleets beside each other, and short ways to one of their stores."""

    @pytest.fixture
    def storage(self) -> Storage:
        """Return the storage under test: subclasses supply it."""
        raise NotImplementedError("supply a fixture called storage")

    @pytest.fixture
    def owner(self, storage: Storage) -> Actor:
        """Return the owner of a fresh fleet."""
        return storage.found()

    @pytest.fixture
    def neighbour(self, storage: Storage) -> Actor:
        """Return the owner of another fresh fleet."""
        return storage.found()

    @staticmethod
    def add(storage: Storage, actor: Actor, key: StoreKey[Any], *facts: Any) -> None:
        """Add *facts* to the store of *key*, each by itself."""
        storage.write(actor, lambda uow: [uow[key].add(fact) for fact in facts] and None)

    @staticmethod
    def ask(storage: Storage, actor: Actor, key: StoreKey[Any], question: Callable[[Any], R]) -> R:
        """Return what *question* finds in the store of *key*."""
        return storage.read(actor, lambda uow: question(uow[key]))
