"""``fleet members invite`` and what belongs to it: links, leaving, handing a fleet over."""

from __future__ import annotations

from collections.abc import Iterator

import click

from fleetcore.kernel.when import SystemClock
from fleetcore.people.commands import RemoveMember, TransferOwnership
from fleetcore.people.members import remove_member
from fleetcore.people.ownership import transfer_ownership
from fleetcore.sharing.model import (
    Invitation,
    Invite,
    ListInvitations,
    Offer,
    OfferedGrant,
    ResendInvitation,
    RevokeInvitation,
    SentInvitation,
)
from fleetcore.sharing.service import invite as invite_
from fleetcore.sharing.service import list_invitations, resend_invitation, revoke_invitation
from fleetcore.vehicles.model import GrantScope
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.picking import everything, find_vehicle, pick, short_id, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import choice_of
from fleetserver.cli.tables import Column, details, table
from fleetserver.people.finding import find_member

from .moments import ending

__all__ = ["INVITATION_COMMANDS"]

NONE_YET = "Nobody is invited. Invite someone: fleet members invite --role family --email bob@example.org"
COLUMNS = (
    Column("Sent"),
    Column("For", flexible=True),
    Column("As", flexible=True),
    Column("State"),
    Column("Until", drop=1),
    Column("Id"),
)
DAYS = click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="How long the link works.")


def _all(session: Session, *, pending: bool = False) -> Iterator[Invitation]:
    return everything(
        lambda cursor, most: session.read(list_invitations, ListInvitations(pending=pending, cursor=cursor, limit=most))
    )


def _find(session: Session, text: str) -> Invitation:
    by_id = {each.id: each for each in _all(session)}
    return pick(text, "invitation", lambda key: by_id[key], by_id.values)


def _told(session: Session, sent: SentInvitation) -> None:
    until = session.display.minute(sent.invitation.expires_at)
    session.done(
        sent,
        f"Invited {sent.invitation.email or 'whoever has this token'}, until {until}. The token is shown this once; "
        f"give it to them, and they do:\nfleet members accept {sent.token} --name THEIR-NAME",
    )


@click.command("invite", cls=FleetCommand)
@click.option("--role", "roles", multiple=True, help="A role to offer; may be repeated. `fleet members roles`")
@click.option("--vehicle", "vehicles", multiple=True, metavar="NAME", help="A vehicle to lend; may be repeated.")
@click.option("--scope", type=choice_of(GrantScope), help="What they may do with it. Default: all their role allows.")
@click.option("--until", metavar="DAY", help="The last day of the loan, or a time. Default: until it is revoked.")
@click.option("--email", metavar="EMAIL", help="Only the user of this address can accept.")
@click.option("--message", default="", metavar="TEXT", help="What to tell them.")
@DAYS
@pass_session
def invite(
    session: Session, *, roles: tuple[str, ...], vehicles: tuple[str, ...], scope: str | None, until: str | None,
    email: str | None, message: str, days: int,
) -> None:  # fmt: skip
    """Make a link with which somebody comes in; without a role as a guest, who reaches the lent vehicles only.

    fleet members invite --role family --email bob@example.org
    fleet members invite --vehicle Golf --scope drive --until 2026-08-31
    """
    if not vehicles and (scope or until):
        raise BadInput.because("--vehicle", "say which vehicle --scope and --until are about")
    typed = typed_for(session)
    ends_at = ending(typed, "--until", until)
    typed.check()
    grants = tuple(
        OfferedGrant(
            vehicle_id=find_vehicle(session, name).id, scope=GrantScope(scope) if scope else None, ends_at=ends_at
        )
        for name in vehicles
    )
    command = Invite(roles=roles, grants=grants, email=email, message=message, valid_days=days)
    _told(session, session.run(invite_, command))


@click.command("invitations", cls=FleetCommand)
@click.option("--pending", is_flag=True, help="Only those that can be accepted still.")
@pass_session
def invitations(session: Session, *, pending: bool) -> None:
    """List who was invited, newest first, and what became of it."""
    found = list(_all(session, pending=pending))
    now = SystemClock().now()

    def human() -> Iterator[str]:
        if not found:
            yield NONE_YET
            return
        show = session.display.minute
        yield from table(
            COLUMNS,
            [
                [
                    *(show(each.sent_at), each.email or "whoever has the link", ", ".join(each.roles)),
                    *(each.state_at(now), show(each.expires_at), short_id(each.id)),
                ]
                for each in found
            ],
        )

    session.show({"invitations": found}, human)


@click.command("revoke-invitation", cls=FleetCommand)
@click.argument("invitation_id", metavar="ID")
@pass_session
def revoke(session: Session, *, invitation_id: str) -> None:
    """Take the invitation ID back: its link lets nobody in any more.

    fleet members revoke-invitation 5f3a09c1
    """
    revoked = session.run(revoke_invitation, RevokeInvitation(id=_find(session, invitation_id).id))
    session.done(revoked, "Revoked the invitation.")


@click.command("resend-invitation", cls=FleetCommand)
@click.argument("invitation_id", metavar="ID")
@DAYS
@pass_session
def resend(session: Session, *, invitation_id: str, days: int) -> None:
    """Make a new link for the invitation ID; the old link ends.

    fleet members resend-invitation 5f3a09c1 --days 14
    """
    command = ResendInvitation(id=_find(session, invitation_id).id, valid_days=days)
    _told(session, session.run(resend_invitation, command))


@click.command("preview", cls=FleetCommand)
@click.argument("token")
@pass_session
def preview(session: Session, *, token: str) -> None:
    """Show what the invitation with TOKEN offers, before you accept it."""
    offer = session.core.invitation(token)

    def human() -> Iterator[str]:
        lent = [
            f"{each.name} ({each.scope or 'all'}{f', until {each.ends_at:%Y-%m-%d %H:%M} UTC' if each.ends_at else ''})"
            for each in offer.vehicles
        ]
        yield from details(_pairs(offer, lent))

    session.show(offer, human)


def _pairs(offer: Offer, lent: list[str]) -> tuple[tuple[str, str], ...]:
    return (
        ("Fleet", offer.fleet_name),
        ("From", offer.inviter_name),
        ("For", offer.email or ""),
        ("As", ", ".join(offer.roles)),
        ("Vehicles", ", ".join(lent)),
        ("Message", offer.message),
        ("Until", f"{offer.expires_at:%Y-%m-%d %H:%M} UTC"),
    )


@click.command("accept", cls=FleetCommand)
@click.argument("token")
@click.option("--name", help="Your name, if you are new here.")
@click.option("--email", metavar="EMAIL", help="Your e-mail address, if you are new here, to log in with later.")
@pass_session
def accept(session: Session, *, token: str, name: str | None, email: str | None) -> None:
    """Accept the invitation with TOKEN, as somebody new; who has an account names it with --as.

    fleet members accept TOKEN --name Bob --email bob@example.org
    fleet --as bob@example.org members accept TOKEN
    """
    user_id = session.core.user(session.email).id if session.email else None
    actor = session.core.accept_invitation(token, user_id=user_id, name=name, email=email)
    session.act_as(actor)
    fleet = session.display.fleet_name
    session.done({"user_id": actor.user_id, "fleet_id": actor.fleet_id}, f"You are in: welcome to {fleet}.")


@click.command("leave", cls=FleetCommand)
@pass_session
def leave(session: Session) -> None:
    """Leave the fleet yourself; what you recorded stays, what you were lent goes back.

    fleet --as bob@example.org members leave
    """
    fleet = session.display.fleet_name
    left = session.run(remove_member, RemoveMember(user_id=session.actor.user_id))
    session.done(left, f"You left {fleet}.")


@click.command("transfer-ownership", cls=FleetCommand)
@click.argument("member", metavar="MEMBER")
@click.option("--role", "roles", multiple=True, help="A role to take instead; without one you leave the fleet.")
@pass_session
def transfer(session: Session, *, member: str, roles: tuple[str, ...]) -> None:
    """Make MEMBER (a name, e-mail or id) an owner in your place.

    fleet members transfer-ownership bob@example.org --role family
    """
    heir = find_member(session, member)
    owner = session.run(transfer_ownership, TransferOwnership(user_id=heir.user_id, roles=roles))
    yours = f"you are {', '.join(roles)}" if roles else "you left the fleet"
    session.done(owner, f"{heir.name} is owner now; {yours}.")


INVITATION_COMMANDS = (invite, invitations, revoke, resend, preview, accept, leave, transfer)
