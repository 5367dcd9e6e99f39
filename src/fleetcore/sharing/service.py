"""Invite people by link, resend and revoke; and for those who are invited: look at the offer, accept it.

Looking and accepting run before one is a member, so they are no operations: the Core offers them by token.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import require_aware
from fleetcore.operations import always, operation, query
from fleetcore.people.actors import make_actor
from fleetcore.people.members import admit, appointed
from fleetcore.people.model import GUEST, Member, User
from fleetcore.people.ports import FLEETS, MEMBERS, ROLES, USERS
from fleetcore.people.roles import matrix
from fleetcore.people.service import (
    email_problems,
    fleet_of,
    free_account,
    register_themselves,
    require_whole_fleet,
)
from fleetcore.vehicles.access import reachable_by
from fleetcore.vehicles.model import VehicleGrant
from fleetcore.vehicles.ports import VEHICLES
from fleetcore.vehicles.service import add_grant, grant_problems

from .events import InvitationAccepted, InvitationIssued, InvitationRevoked, InvitationSent
from .model import (
    AcceptInvitation,
    GetInvitation,
    Invitation,
    InvitationState,
    Invite,
    ListInvitations,
    Offer,
    OfferedGrant,
    OfferedVehicle,
    PreviewInvitation,
    ResendInvitation,
    RevokeInvitation,
    SentInvitation,
)
from .ports import INVITATIONS
from .rules import check_invite, check_state, check_valid_days, fleet_of_token, hash_of, new_token, unknown_token

__all__ = [
    "accept_invitation",
    "fleet_of_token",
    "get_invitation",
    "invite",
    "list_invitations",
    "preview_invitation",
    "resend_invitation",
    "revoke_invitation",
]

PEOPLE, VEHICLES_WRITE = "people.write", "vehicles.write"
ENTITY = "sharing.invitation"


@operation("sharing.invite", permission=PEOPLE)
def invite(uow: UnitOfWork, command: Invite) -> SentInvitation:
    """Offer a place in the fleet by a link; its token is in the answer, and never told again.

    Raises Rejected with every problem: unknown roles or vehicles, more than the actor may give, an e-mail address
    that is a member's already. Raises Conflict for a taken id.
    """
    require_whole_fleet(uow, PEOPLE)
    grants = tuple(
        attrs.evolve(offered, ends_at=None if offered.ends_at is None else require_aware(offered.ends_at))
        for offered in command.grants
    )
    command = attrs.evolve(command, grants=grants)
    problems = [*check_invite(command, uow.now), *email_problems(command.email)]
    wanted = command.roles or ((GUEST,) if command.grants else ())
    roles, wrong = appointed(uow, uow.actor, wanted) if wanted else ((), [])
    problems += [*wrong, *_grants_problems(uow, uow.actor, grants), *_member_problems(uow, command.email)]
    reject_if_any(problems)
    user = uow.actor.user_id
    made = Invitation(
        id=command.id or uow.new_id(),
        roles=roles,
        grants=grants,
        email=command.email,
        message=command.message,
        invited_by=user,
        sent_at=uow.now,
        expires_at=uow.now + timedelta(days=command.valid_days),
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
    )
    token = new_token(uow.fleet_id)
    uow[INVITATIONS].add(made, hash_of(token))
    uow.record_change(ENTITY, made.id, None, made)
    return _sent(uow, made, token)


@operation("sharing.resend_invitation", permission=PEOPLE)
def resend_invitation(uow: UnitOfWork, command: ResendInvitation) -> SentInvitation:
    """Make a new link for an invitation that nobody accepted; the actor answers for its offer from now on.

    Raises NotFound, Rejected when it was accepted or revoked, or offers more than the actor may give.
    """
    require_whole_fleet(uow, PEOPLE)
    before = uow[INVITATIONS].get(command.id)
    problems = [*check_valid_days(command.valid_days), *offer_problems(uow, uow.actor, before)]
    if before.state_at(uow.now) not in {InvitationState.PENDING, InvitationState.EXPIRED}:
        problems += (attrs.evolve(problem, field="id") for problem in check_state(before, uow.now))
    reject_if_any(problems)
    token, expires_at = new_token(uow.fleet_id), uow.now + timedelta(days=command.valid_days)
    after = _change(uow, before, hash_of(token), sent_at=uow.now, expires_at=expires_at, invited_by=uow.actor.user_id)
    return _sent(uow, after, token)


@operation("sharing.revoke_invitation", permission=PEOPLE)
def revoke_invitation(uow: UnitOfWork, command: RevokeInvitation) -> Invitation:
    """Take an invitation back. Raises NotFound, Rejected when it was accepted or revoked already."""
    require_whole_fleet(uow, PEOPLE)
    before = uow[INVITATIONS].get(command.id)
    if before.accepted_at is not None or before.revoked_at is not None:
        reject_if_any(attrs.evolve(problem, field="id") for problem in check_state(before, uow.now))
    after = _change(uow, before, revoked_at=uow.now)
    uow.emit(InvitationRevoked(invitation_id=after.id))
    return after


@query("sharing.get_invitation", permission=PEOPLE, sensitive=always)
def get_invitation(uow: UnitOfWork, command: GetInvitation) -> Invitation:
    """Return one invitation, without its token. Raises NotFound."""
    require_whole_fleet(uow, PEOPLE)
    return uow[INVITATIONS].get(command.id)


@query("sharing.list_invitations", permission=PEOPLE, sensitive=always)
def list_invitations(uow: UnitOfWork, command: ListInvitations) -> Page[Invitation]:
    """List the invitations, newest first, without their tokens."""
    require_whole_fleet(uow, PEOPLE)
    limit = page_limit(command.limit)
    pending_at = uow.now if command.pending else None
    rows = uow[INVITATIONS].page(pending_at, decode_cursor(command), limit + 1)
    return page_of(rows, limit, lambda invitation: Position(invitation.created_at, invitation.id), command)


def preview_invitation(uow: UnitOfWork, command: PreviewInvitation) -> Offer:
    """Say what the invitation with a token offers. Raises Rejected for one that cannot be accepted any more."""
    invitation = _with_token(uow, command.token)
    inviter = uow[USERS].find(invitation.invited_by)
    titles = {name: role.title for name, role in matrix().roles.items()}
    return Offer(
        fleet_id=uow.fleet_id,
        fleet_name=fleet_of(uow).name,
        inviter_name="" if inviter is None else inviter.name,
        roles=tuple(titles.get(role, role) for role in invitation.roles),
        vehicles=tuple(
            OfferedVehicle(name=uow[VEHICLES].get(each.vehicle_id).name, scope=each.scope, ends_at=each.ends_at)
            for each in invitation.grants
        ),
        email=invitation.email,
        message=invitation.message,
        expires_at=invitation.expires_at,
    )


def accept_invitation(uow: UnitOfWork, command: AcceptInvitation) -> Member:
    """Make the actor a member by an invitation, and a user if they are none yet; of two at once, one is let in.

    Raises Rejected with every problem: a link that is unknown, used, late or revoked, that is for another e-mail
    address, whose inviter may no longer give what it offers; a user who is a member already. Raises Conflict when
    the e-mail of someone new has an account already, Forbidden for a disabled user.
    """
    try:
        uow[FLEETS].get(lock=True)  # acceptances and changes of members one after the other
    except NotFound:
        raise unknown_token() from None
    invitation = _with_token(uow, command.token)
    user = _accepting(uow, invitation, command)
    if uow[MEMBERS].find(user.id) is not None:
        raise Rejected.because("token", "you are a member of this fleet already", "invitation.member")
    inviter = _inviter(uow, invitation)
    if inviter is None or any(offer_problems(uow, inviter, invitation)):
        raise Rejected.because(
            "token",
            "offers what who sent it may no longer give: ask the fleet for a new invitation",
            "invitation.void",
        )
    member = admit(uow, user.id, invitation.roles)
    for offered in invitation.grants:
        grant = VehicleGrant(
            id=uow.new_id(),
            vehicle_id=offered.vehicle_id,
            user_id=user.id,
            scope=offered.scope,
            starts_at=uow.now,
            ends_at=offered.ends_at,
            created_at=uow.now,
            created_by=invitation.invited_by,
        )
        add_grant(uow, grant)
    _change(uow, invitation, accepted_at=uow.now, accepted_by=user.id)
    uow.emit(InvitationAccepted(invitation_id=invitation.id, user_id=user.id))
    return member


def offer_problems(uow: UnitOfWork, giver: Actor, invitation: Invitation) -> Iterator[Problem]:
    """Yield what *giver* may not give of what the invitation offers, as things stand now."""
    if giver.scope(PEOPLE) is not Scope.ALL:
        yield Problem("roles", f"need the permission {PEOPLE} for the whole fleet", "permission.not_yours")
    yield from appointed(uow, giver, invitation.roles)[1]
    yield from _grants_problems(uow, giver, invitation.grants)
    for index, offered in enumerate(invitation.grants):
        if offered.ends_at is not None and offered.ends_at <= uow.now:
            yield Problem(f"grants.{index}.ends_at", "lies in the past: make a new invitation")


def _grants_problems(uow: UnitOfWork, giver: Actor, grants: tuple[OfferedGrant, ...]) -> Iterator[Problem]:
    reachable = reachable_by(uow, giver, VEHICLES_WRITE) if grants else None
    for index, offered in enumerate(grants):
        if not _is_there(uow, offered.vehicle_id) or not (reachable is None or offered.vehicle_id in reachable):
            yield Problem(f"grants.{index}.vehicle_id", "is no vehicle that you can grant", "vehicle.unknown")
            continue
        for problem in grant_problems(uow, giver, offered.vehicle_id, offered.scope):
            yield attrs.evolve(problem, field=f"grants.{index}.{problem.field}")


def _is_there(uow: UnitOfWork, vehicle_id: UUID) -> bool:
    try:
        return uow[VEHICLES].get(vehicle_id).deleted_at is None
    except NotFound:
        return False


def _member_problems(uow: UnitOfWork, email: str | None) -> Iterator[Problem]:
    user = uow[USERS].find_by_email(email) if email else None
    if user is not None and uow[MEMBERS].find(user.id) is not None:
        yield Problem("email", "is a member's already: change their roles or grant them a vehicle", "invitation.member")


def _with_token(uow: UnitOfWork, token: str) -> Invitation:
    invitation = uow[INVITATIONS].with_token(hash_of(token))
    if invitation is None:
        raise unknown_token()
    reject_if_any(check_state(invitation, uow.now))
    return invitation


def _accepting(uow: UnitOfWork, invitation: Invitation, command: AcceptInvitation) -> User:
    """Return the user who accepts: the one who asks, whose account becomes their own, or someone new."""
    other = Rejected.because(
        "email",
        "the invitation is for another e-mail address: accept it as the user of that address, or ask for a new one",
        "invitation.other_email",
    )
    if command.user_id is not None:
        user = uow[USERS].get(command.user_id, lock=True)
        if not user.is_active:
            raise Forbidden("this user is disabled: the fleet that registered them can enable them again")
        if invitation.email is not None:
            meant = uow[USERS].find_by_email(invitation.email)
            if meant is None or meant.id != user.id:
                raise other
            if user.is_email_unproven:  # it may be somebody who registered the address of who is meant
                raise Rejected.because(
                    "email",
                    "confirm your e-mail address first, by the link that was sent to it; then accept the invitation",
                    "email.unproven",
                )
        free_account(uow, user.id)
        return user
    email = command.email or invitation.email
    if invitation.email is not None and email is not None and email.casefold() != invitation.email.casefold():
        raise other
    if email is not None and uow[USERS].find_by_email(email) is not None:
        raise Conflict("there is an account with this e-mail address: accept the invitation as that user")
    return register_themselves(uow, command.name or "", email)


def _inviter(uow: UnitOfWork, invitation: Invitation) -> Actor | None:
    """Return who answers for the invitation, with what they may do now; None when they are gone or disabled."""
    member = uow[MEMBERS].find(invitation.invited_by)
    if member is None or not uow[USERS].get(member.user_id).is_active:
        return None
    return make_actor(member, uow[ROLES].all(), uow.fleet_id)


def _change(uow: UnitOfWork, before: Invitation, token_hash: str | None = None, **changes: Any) -> Invitation:
    after: Invitation = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[INVITATIONS].replace(after, old_version=before.version, token_hash=token_hash)
    uow.record_change(ENTITY, after.id, before, after)
    return after


def _sent(uow: UnitOfWork, invitation: Invitation, token: str) -> SentInvitation:
    uow.emit(
        InvitationSent(invitation_id=invitation.id, invited_by=invitation.invited_by, expires_at=invitation.expires_at)
    )
    uow.emit(
        InvitationIssued(
            invitation_id=invitation.id,
            email=invitation.email,
            message=invitation.message,
            expires_at=invitation.expires_at,
            token=token,
        )
    )
    return SentInvitation(invitation=invitation, token=token)
