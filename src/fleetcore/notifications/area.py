"""What the notifications area brings to a Core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import QUEUE
from fleetcore.people.events import MemberRemoved
from fleetcore.people.ports import MEMBERS, ROLES, USERS
from fleetcore.reminders.ports import REMINDERS
from fleetcore.vehicles.events import VehiclePurged
from fleetcore.vehicles.ports import GRANTS, VEHICLES

from . import service
from .builtin import CONSOLE_CHANNEL
from .channels import ChannelSpec
from .consumers import Teller
from .delivery import Sender
from .events import EVENTS
from .host import ChannelHost
from .ports import DELIVERIES, NOTIFICATIONS, PREFERENCES, RECALL, Recall
from .storage import SqlDeliveryStore, SqlNotificationStore
from .storage_preferences import SqlPreferenceStore

__all__ = ["AREA", "host_of", "work_of"]


def purge_notifications(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase what was told of a purged vehicle."""
    uow[NOTIFICATIONS].purge(event.vehicle_id)


def forget_member(uow: UnitOfWork, event: MemberRemoved) -> None:
    """Forget how a member who left wanted to be told, and send them nothing more."""
    uow[PREFERENCES].remove(event.user_id)
    uow[DELIVERIES].suppress_of(event.user_id, "the user is no active member", uow.now)


AREA = Area(
    name="notifications",
    stores={
        NOTIFICATIONS: SqlNotificationStore,
        DELIVERIES: SqlDeliveryStore,
        PREFERENCES: SqlPreferenceStore,
        RECALL: lambda _connection, _fleet_id: Recall(),
    },
    operations=(
        service.list_notifications,
        service.count_unread,
        service.read_notifications,
        service.archive_notifications,
        service.get_preferences,
        service.set_preferences,
        service.unsubscribe,
        service.send_test,
        service.list_deliveries,
    ),
    events=EVENTS,
    needs=(GRANTS, MEMBERS, QUEUE, REMINDERS, ROLES, USERS, VEHICLES),
    reactions={VehiclePurged: purge_notifications, MemberRemoved: forget_member},
)


def host_of(
    brought: Iterable[tuple[str, ChannelSpec]],
    settings: Mapping[str, Mapping[str, Any]],
    environment: Mapping[str, str],
) -> ChannelHost:
    """Return the host of the built-in channels and of those that plugins *brought*, each with its plugin's name."""
    return ChannelHost([("fleetcore", CONSOLE_CHANNEL), *brought], settings, environment)


def work_of(host: ChannelHost, sender: Sender) -> Area:
    """Return what workers do for notifications, with the channels of one Core."""
    return Area(
        name="notifications.work",
        consumers=(Teller(lambda: host.usual).consumer(),),
        jobs=(sender.job(),),
    )
