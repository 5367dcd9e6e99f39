"""The hooks a plugin may implement. Each registers or is told; none is awaited or asked per record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

from fleetcore.kernel.area import Area
from fleetcore.kernel.events import CommittedEvent

if TYPE_CHECKING:  # a plugin that brings none of these need not wait for them
    from fleetcore.notifications.channels import ChannelSpec
    from fleetcore.vin.ports import VinDecoderSpec

__all__ = ["FleetcoreHooks", "hookspec"]

hookspec = pluggy.HookspecMarker("fleetcore")


class FleetcoreHooks:
    """The hook set of the library."""

    @hookspec
    def fleetcore_areas(self) -> list[Area]:  # type: ignore[empty-body]  # a specification has no body
        """Return areas of your own: stores, operations, events, reactions."""

    @hookspec
    def fleetcore_notification_channels(self) -> list[ChannelSpec]:  # type: ignore[empty-body]  # as above
        """Return ways to tell people: e-mail, chat, push. Called once, when a Core first needs them."""

    @hookspec
    def fleetcore_vin_decoders(self) -> list[VinDecoderSpec]:  # type: ignore[empty-body]  # a specification has no body
        """Return decoders of VINs. Each is asked on its own, in a thread, within its time limit."""

    @hookspec
    def fleetcore_event_committed(self, committed: CommittedEvent) -> None:
        """Hear of *committed*, after its transaction is durable."""
