"""Tells the users of fleetcore by e-mail: a plugin with the one channel ``email``."""

from __future__ import annotations

from fleetcore import hookimpl
from fleetcore.notifications.channels import ChannelSpec

from .channel import SPEC
from .settings import EmailSettings, Security

__all__ = ["SPEC", "EmailSettings", "Security", "fleetcore_notification_channels"]


@hookimpl
def fleetcore_notification_channels() -> list[ChannelSpec]:
    """Bring the channel ``email``."""
    return [SPEC]
