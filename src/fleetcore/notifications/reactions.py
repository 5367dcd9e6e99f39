"""What notifications do in the transaction of what happened: invitations are mailed, what is over is not sent."""

from __future__ import annotations

from fleetcore.kernel.languages import language_for
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import local_date
from fleetcore.people.events import MemberRemoved
from fleetcore.people.ports import USERS
from fleetcore.people.service import fleet_of
from fleetcore.sharing.events import InvitationAccepted, InvitationIssued, InvitationRevoked
from fleetcore.vehicles.events import VehiclePurged

from .model import Kind
from .ports import DELIVERIES, NOTIFICATIONS, PREFERENCES
from .telling import notify_address
from .texts import invitation_text

__all__ = ["forget_member", "mail_invitation", "purge_notifications", "settle_invitation"]


def purge_notifications(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase what was told of a purged vehicle."""
    uow[NOTIFICATIONS].purge(event.vehicle_id)


def forget_member(uow: UnitOfWork, event: MemberRemoved) -> None:
    """Forget how a member who left wanted to be told, and send them nothing more."""
    uow[PREFERENCES].remove(event.user_id)
    uow[DELIVERIES].suppress_of(event.user_id, "the user is no active member", uow.now)


def mail_invitation(uow: UnitOfWork, event: InvitationIssued) -> None:
    """Mail the link of an invitation that names an address, in the language of who invites; the old link is settled.

    Whoever invited was given the token too, and hands it over where nothing here sends e-mail.
    """
    uow[NOTIFICATIONS].settle(event.invitation_id, uow.now)
    if event.email is None:
        return
    fleet, inviter = fleet_of(uow), uow[USERS].find(uow.actor.user_id)
    language = language_for(None if inviter is None else inviter.locale, fleet.locale)
    text = invitation_text(
        language,
        inviter="" if inviter is None else inviter.name,
        fleet=fleet.name,
        message=event.message,
        day=language.day(local_date(event.expires_at, fleet.timezone)),
    )
    notify_address(
        uow,
        Kind.INVITATIONS,
        event.email,
        text,
        event_id=uow.new_id(),
        subject_id=event.invitation_id,
        language=language,
        secret=event.token,
        secret_until=event.expires_at,
    )


def settle_invitation(uow: UnitOfWork, event: InvitationAccepted | InvitationRevoked) -> None:
    """Send no link that opens nothing any more."""
    uow[NOTIFICATIONS].settle(event.invitation_id, uow.now)
