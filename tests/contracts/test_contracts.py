"""Our own storage keeps the contracts that others are held to."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from fleetcore import Core
from fleetcore.attachments.blobs import FolderBlobs, MemoryBlobs
from fleetcore.notifications.builtin import CONSOLE_CHANNEL, ConsoleChannel
from fleetcore.notifications.channels import Addressing, ChannelSpec, Delivered, Message, Outcome, Target
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


class TestConsole(contracts.ChannelContract):
    """The console, a channel without settings or addresses."""

    @pytest.fixture
    def spec(self) -> ChannelSpec:
        """The built-in channel."""
        return CONSOLE_CHANNEL


def test_the_contract_in_one_call() -> None:
    """The same suite without fixtures."""
    contracts.assert_channel_contract(CONSOLE_CHANNEL, {}, Target(address=None))


class Swallower(ConsoleChannel):
    """Takes its time, and takes no notice of being cancelled."""

    async def send(self, _message: Message, _target: Target) -> Outcome:
        """Sleep through everything."""
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.01)
        return Delivered()


class Shouter(ConsoleChannel):
    """Sends, but cannot do so twice."""

    def __init__(self) -> None:
        self.is_spent = False

    async def open(self) -> None:
        """Refuse the second time."""
        if self.is_spent:
            raise RuntimeError("spent")
        self.is_spent = True


@pytest.mark.parametrize(
    ("channel", "word"), [(Swallower, "swallowed"), (Shouter, "spent"), (object, "open|Delivered")]
)
def test_channels_that_break_the_contract_are_found(channel: type, word: str) -> None:
    """Negative control: swallowed cancellations, channels for one use and things that are no channel."""
    spec = ChannelSpec(name="bad", factory=lambda _settings: channel(), addressing=Addressing.NONE)

    with pytest.raises((AssertionError, RuntimeError, AttributeError), match=word):
        contracts.assert_channel_contract(spec, {}, Target(address=None))
