"""What the notifications area brings to a Core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleetcore.documents.ports import DOCUMENTS
from fleetcore.kernel.area import Area
from fleetcore.kernel.work import QUEUE
from fleetcore.people.events import MemberRemoved
from fleetcore.people.ports import MEMBERS, ROLES, USERS
from fleetcore.reminders.ports import REMINDERS
from fleetcore.sharing.events import InvitationAccepted, InvitationIssued, InvitationRevoked
from fleetcore.vehicles.events import VehiclePurged
from fleetcore.vehicles.ports import GRANTS, VEHICLES

from . import reactions, service
from .builtin import CONSOLE_CHANNEL
from .channels import ChannelSpec
from .consumers import Teller
from .delivery import Sender
from .events import EVENTS
from .host import ChannelHost
from .housekeeping import FORGET_OLD
from .ports import DELIVERIES, NOTIFICATIONS, OLD_MESSAGES, PREFERENCES, RECALL, Recall
from .storage import SqlDeliveryStore, SqlNotificationStore
from .storage_old import SqlOldMessageStore
from .storage_preferences import SqlPreferenceStore

__all__ = ["AREA", "host_of", "work_of"]


AREA = Area(
    name="notifications",
    stores={
        NOTIFICATIONS: SqlNotificationStore,
        DELIVERIES: SqlDeliveryStore,
        PREFERENCES: SqlPreferenceStore,
        OLD_MESSAGES: SqlOldMessageStore,
        RECALL: lambda _connection, _fleet_id: Recall(),
    },
    operations=(
        service.get_notification,
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
    jobs=(FORGET_OLD,),
    needs=(DOCUMENTS, GRANTS, MEMBERS, QUEUE, REMINDERS, ROLES, USERS, VEHICLES),
    reactions={
        VehiclePurged: reactions.purge_notifications,
        MemberRemoved: reactions.forget_member,
        InvitationIssued: reactions.mail_invitation,
        InvitationAccepted: reactions.settle_invitation,
        InvitationRevoked: reactions.settle_invitation,
    },
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
        jobs=(sender.job(), sender.forgetting()),
    )
