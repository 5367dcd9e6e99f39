"""Our own storage keeps the contracts that others are held to."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleetcore import Core
from fleetcore.attachments.blobs import FolderBlobs, MemoryBlobs
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


class TestFolderBlobs(contracts.BlobStoreContract):
    """Attached files in a folder."""

    @pytest.fixture
    def blobs(self, tmp_path: Path) -> FolderBlobs:
        """A folder that is not there yet."""
        return FolderBlobs(tmp_path / "attachments")


class TestMemoryBlobs(contracts.BlobStoreContract):
    """Attached files beside a database in memory."""

    @pytest.fixture
    def blobs(self) -> MemoryBlobs:
        """Nothing yet."""
        return MemoryBlobs()
