"""Our own storage keeps the contracts that others are held to."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.testing import contracts


class OnBothEngines:
    """Supplies the storage of a Core on each engine."""

    @pytest.fixture
    def storage(self, shared_core: Core) -> contracts.Storage:
        """The storage of the shared Core."""
        return contracts.CoreStorage(shared_core)


class TestVehicles(OnBothEngines, contracts.VehicleStoreContract):
    """The store of vehicles."""


class TestReadings(OnBothEngines, contracts.ReadingStoreContract):
    """The store of readings."""


class TestGrants(OnBothEngines, contracts.GrantStoreContract):
    """The store of grants."""


class TestFills(OnBothEngines, contracts.FillStoreContract):
    """The store of fills."""


class TestStations(OnBothEngines, contracts.StationStoreContract):
    """The store of stations."""


class TestAudit(OnBothEngines, contracts.AuditStoreContract):
    """The store of the audit log."""


class TestUnits(OnBothEngines, contracts.UnitOfWorkContract):
    """The unit of work."""
