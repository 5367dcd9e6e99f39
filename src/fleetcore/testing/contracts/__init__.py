"""Contract suites: what every storage adapter and every channel must do, as tests to subclass.

Subclass a suite and supply the fixture ``storage``: something that founds fleets and runs work in one unit
of work (:class:`Storage`). :class:`CoreStorage` is one over any Core, so an adapter that a plugin brings is
tested like this::

    class TestMyFills(FillStoreContract):
        @pytest.fixture
        def storage(self):
            with fleetcore.open(url, plugins=[MyPlugin()]) as core:
                yield CoreStorage(core)

:class:`ChannelContract` is the suite of notification channels, over a spec and a real server.
"""

from __future__ import annotations

import pytest

for _suite in ("audit", "blobs", "channels", "fills", "stations", "units", "vehicles", "vin_decoders"):
    pytest.register_assert_rewrite(f"{__name__}.{_suite}")  # so that a failure shows both sides

from .audit import AuditStoreContract  # noqa: E402 - after the rewriting was asked for
from .base import CoreStorage, Storage, StorageContract  # noqa: E402
from .blobs import BlobStoreContract  # noqa: E402
from .channels import ChannelContract, a_message, assert_channel_contract  # noqa: E402
from .fills import FillStoreContract  # noqa: E402
from .stations import StationStoreContract  # noqa: E402
from .units import UnitOfWorkContract  # noqa: E402
from .vehicles import GrantStoreContract, ReadingStoreContract, VehicleStoreContract  # noqa: E402
from .vin_decoders import VinDecoderContract  # noqa: E402

__all__ = [
    "AuditStoreContract",
    "BlobStoreContract",
    "ChannelContract",
    "CoreStorage",
    "FillStoreContract",
    "GrantStoreContract",
    "ReadingStoreContract",
    "StationStoreContract",
    "Storage",
    "StorageContract",
    "UnitOfWorkContract",
    "VehicleStoreContract",
    "VinDecoderContract",
    "a_message",
    "assert_channel_contract",
]
