"""Inviting people by link, and coming in by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

import fleetcore
from fleetcore import Core, hookimpl
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.area import Area
from fleetcore.kernel.errors import Conflict, FleetError, Forbidden, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.people.commands import AddMember, DisableUser, EditMember, GetMember, GetUser, RemoveMember
from fleetcore.people.members import add_member, edit_member, get_member, remove_member
from fleetcore.people.service import disable_user, get_user
from fleetcore.sharing.events import InvitationIssued
from fleetcore.sharing.model import (
    Invite,
    ListInvitations,
    OfferedGrant,
    ResendInvitation,
    RevokeInvitation,
    SentInvitation,
)
from fleetcore.sharing.service import invite, list_invitations, resend_invitation, revoke_invitation
from fleetcore.testing.builders import join_fleet, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import GrantScope, RemoveVehicle
from fleetcore.vehicles.service import remove_vehicle

from .conftest import House


def refusal(act: Any, *arguments: Any, **said: Any) -> str:
    """Return the code of the one problem for which *act* is rejected."""
    with pytest.raises(Rejected) as refused:
        act(*arguments, **said)
    (problem,) = refused.value.problems
    return problem.code


def test_a_link_lets_somebody_new_in(house: House) -> None:
    """Whoever has the link becomes a user and a member with the roles that were offered."""
    bob = house.accepts(house.invites("family", email="bob@example.org"), "Bob")

    listed = house.core.read(house.owner, get_member, GetMember(user_id=bob.user_id))
    assert ("Bob", "bob@example.org", ("family",)) == (listed.name, listed.email, listed.roles)
    assert house.core.read(bob, get_user, GetUser()).home_fleet_id is None


def test_a_user_of_another_fleet_joins_and_belongs_to_both(house: House) -> None:
    """An existing user accepts as themselves and has two fleets to switch between, each with its own roles."""
    cleo = house.core.create_fleet("Company", owner_name="Cleo", owner_email="cleo@example.org")
    here = house.accepts(house.invites("accountant", email="CLEO@example.org"), user_id=cleo.user_id)

    assert {"Company", "Home"} == {place.fleet.name for place in house.core.fleets_of(cleo.user_id)}
    assert here == house.core.actor("cleo@example.org", fleet="Home")
    assert here.permissions != cleo.permissions


def test_an_offer_is_shown_before_it_is_accepted(house: House, clock: FixedClock) -> None:
    """The link tells who invites, into which fleet, as what, with which vehicles, until when."""
    end = clock.now() + timedelta(days=30)
    offer = house.core.invitation(str(house.lends(message="For your move", ends_at=end).token))

    assert ("Home", "Ada", "For your move") == (offer.fleet_name, offer.inviter_name, offer.message)
    assert [("Golf", GrantScope.DRIVE, end)] == [(each.name, each.scope, each.ends_at) for each in offer.vehicles]
    assert ("Guest, with the use of a vehicle",) == offer.roles
    assert clock.now() + timedelta(days=7) == offer.expires_at


def test_the_token_is_kept_nowhere(house: House, database_url: str) -> None:
    """No table holds the token, not even the answer to a repeated request; the repeated answer lacks it."""
    sent = [house.core.run(house.owner, invite, Invite(roles=("family",)), idempotency_key="once") for _ in range(2)]
    assert sent[0].token is not None
    assert sent[1].token is None
    assert sent[0].invitation == sent[1].invitation
    assert sent[0].token not in repr(sent[0])
    engine = create_engine(database_url)
    with engine.connect() as connection:
        for table in ("sharing_invitations", "idempotency_keys", "outbox", "audit_log"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - our own names
            assert rows
            assert sent[0].token not in repr(rows)
    engine.dispose()


def test_a_reaction_hears_the_token(database_url: str, clock: FixedClock) -> None:
    """Who mails the link gets it inside the transaction, by an event that is never stored."""
    heard: list[InvitationIssued] = []
    postman = Area(name="postman", reactions={InvitationIssued: lambda _uow, event: heard.append(event)})

    class Postman:
        @hookimpl
        def fleetcore_areas(self) -> list[Area]:
            return [postman]

    with fleetcore.open(database_url, plugins=[Postman()], installed_plugins=False, clock=clock) as core:
        owner = core.create_fleet("Home")
        sent = core.run(owner, invite, Invite(roles=("family",), email="bob@example.org"))

    assert [(sent.token, "bob@example.org")] == [(event.token, event.email) for event in heard]
    assert str(sent.token) not in repr(heard)


def test_a_link_works_once(house: House) -> None:
    """The second to use a link is told that it was used."""
    sent = house.invites("family")
    house.accepts(sent)

    assert "invitation.used" == refusal(house.accepts, sent, "Eve")
    assert "invitation.used" == refusal(house.core.invitation, sent.token)


def test_a_link_expires_to_the_instant(house: House, clock: FixedClock) -> None:
    """A link is good until its last instant, not at it."""
    first, second = house.invites("family", valid_days=1), house.invites("family", valid_days=1)
    end = first.invitation.expires_at
    clock.set(end - timedelta(microseconds=1))
    house.accepts(first)
    clock.set(end)

    assert "invitation.expired" == refusal(house.accepts, second)


def test_a_revoked_link_is_dead(house: House) -> None:
    """After an invitation was taken back its link lets nobody in; it is taken back once."""
    sent = house.invites("family")
    house.core.run(house.owner, revoke_invitation, RevokeInvitation(id=sent.invitation.id))

    assert "invitation.revoked" == refusal(house.accepts, sent)
    command = RevokeInvitation(id=sent.invitation.id)
    assert "invitation.revoked" == refusal(house.core.run, house.owner, revoke_invitation, command)


def test_a_new_link_ends_the_old_one(house: House, clock: FixedClock) -> None:
    """An expired invitation is sent again with a new link; the old one leads nowhere."""
    old = house.invites("family")
    clock.advance(days=8)
    new = house.core.run(house.owner, resend_invitation, ResendInvitation(id=old.invitation.id))

    assert "invitation.unknown" == refusal(house.accepts, old)
    house.accepts(new)
    command = ResendInvitation(id=old.invitation.id)
    assert "invitation.used" == refusal(house.core.run, house.owner, resend_invitation, command)


@pytest.mark.parametrize("token", ["", "x", "ä" * 64, "A" * 64, "A" * 63 + "!", "../" * 21])
def test_what_is_no_link_leads_nowhere(house: House, token: str) -> None:
    """A damaged or made-up token is refused, whether it has the right form or not."""
    assert "invitation.unknown" == refusal(house.core.accept_invitation, token, name="Eve")
    assert "invitation.unknown" == refusal(house.core.invitation, token)


def test_an_address_binds_the_link(house: House) -> None:
    """An invitation for one address is accepted by its user only: neither another user nor somebody new."""
    sent = house.invites("family", email="bob@example.org")
    cleo = house.core.create_fleet("Company", owner_name="Cleo", owner_email="cleo@example.org")
    bare = house.core.create_fleet("Shop", owner_name="Dan")
    for who in ({"user_id": cleo.user_id}, {"user_id": bare.user_id}, {"name": "Eve", "email": "eve@example.org"}):
        with pytest.raises(Rejected) as refused:
            house.core.accept_invitation(str(sent.token), **who)
        assert refused.value.has_code("invitation.other_email")
    house.accepts(sent, "Bob", email="Bob@Example.org")


def test_nobody_becomes_another_by_typing_their_address(house: House) -> None:
    """Somebody new with the address of an account is sent to log in as that user."""
    house.core.create_fleet("Company", owner_name="Cleo", owner_email="cleo@example.org")

    with pytest.raises(Conflict, match="as that user"):
        house.accepts(house.invites("family"), "Eve", email="cleo@example.org")
    with pytest.raises(NotFound):
        house.accepts(house.invites("family"), user_id=new_id())


def test_members_need_no_invitation(house: House) -> None:
    """A member is not invited by their address, and a link does not let a member in again."""
    bob = join_fleet(house.core, house.owner)

    assert "invitation.member" == refusal(house.invites, "family", email="BOB@example.org")
    assert "invitation.member" == refusal(house.accepts, house.invites("mechanic"), user_id=bob.user_id)


def test_disabled_users_come_in_nowhere(house: House) -> None:
    """A user who was switched off accepts nothing."""
    bob = join_fleet(house.core, house.owner)
    house.core.run(house.owner, disable_user, DisableUser(user_id=bob.user_id))
    other = house.core.create_fleet("Company")
    sent = house.core.run(other, invite, Invite(roles=("family",)))

    with pytest.raises(Forbidden, match="disabled"):
        house.accepts(sent, user_id=bob.user_id)


def test_an_account_that_joins_a_second_fleet_is_its_users_own(house: House) -> None:
    """After accepting elsewhere, the fleet that registered an account cannot switch it off any more."""
    bob = join_fleet(house.core, house.owner)
    other = house.core.create_fleet("Company")
    house.accepts(house.core.run(other, invite, Invite(roles=("owner",))), user_id=bob.user_id)

    with pytest.raises(Forbidden, match="account of their own"):
        house.core.run(house.owner, disable_user, DisableUser(user_id=bob.user_id))


def test_nobody_offers_what_they_lack(house: House) -> None:
    """A manager invites no owner; a driver invites nobody."""
    manager = join_fleet(house.core, house.owner, "Max", "fleet_manager")

    with pytest.raises(Rejected, match=r"people\.owners"):
        house.invites("owner", by=manager)
    with pytest.raises(Forbidden, match=r"people\.write"):
        house.invites("family", by=join_fleet(house.core, house.owner))


@pytest.mark.parametrize("loss", ["demoted", "removed", "disabled"])
def test_an_offer_ends_with_the_rights_of_who_made_it(house: House, loss: str) -> None:
    """What the inviter may no longer give is not given, until somebody who may sends it again."""
    manager = join_fleet(house.core, house.owner, "Max", "fleet_manager")
    sent = house.invites("mechanic", by=manager)
    act: Any
    act, command = {
        "demoted": (edit_member, EditMember(user_id=manager.user_id, roles=("family",), version=1)),
        "removed": (remove_member, RemoveMember(user_id=manager.user_id)),
        "disabled": (disable_user, DisableUser(user_id=manager.user_id)),
    }[loss]
    house.core.run(house.owner, act, command)

    assert "invitation.void" == refusal(house.accepts, sent)
    house.accepts(house.core.run(house.owner, resend_invitation, ResendInvitation(id=sent.invitation.id)))


def test_an_offer_of_a_vehicle_that_is_gone_is_void(house: House) -> None:
    """A link to a removed vehicle lets nobody in."""
    sent = house.lends()
    house.core.run(house.owner, remove_vehicle, RemoveVehicle(id=house.golf.id))

    assert "invitation.void" == refusal(house.accepts, sent)


def test_a_loan_that_is_over_is_void(house: House, clock: FixedClock) -> None:
    """A link whose loan ended before anybody accepted lets nobody in."""
    sent = house.lends(ends_at=clock.now() + timedelta(days=1))
    clock.advance(days=2)

    assert "invitation.void" == refusal(house.accepts, sent)


def test_a_bad_invitation_shows_every_problem(house: House, clock: FixedClock) -> None:
    """All problems are named at once, each at its field."""
    theirs = new_vehicle(house.core, house.core.create_fleet("Company"))
    grants = (OfferedGrant(vehicle_id=theirs.id), OfferedGrant(vehicle_id=house.golf.id, ends_at=clock.now()))
    command = Invite(roles=("boss",), grants=grants, email="bob@", message="x" * 2001, valid_days=0)
    with pytest.raises(Rejected) as refused:
        house.core.run(house.owner, invite, command)

    assert {"roles.0", "grants.0.vehicle_id", "grants.1.ends_at", "email", "message", "valid_days"} == {
        problem.field for problem in refused.value.problems
    }
    assert "required" == refusal(house.invites)


def test_invitations_are_listed_newest_first(house: House, clock: FixedClock) -> None:
    """The list pages through all of them, or those that can be accepted still."""
    sent: list[SentInvitation] = []
    for _ in range(4):
        clock.advance(seconds=1)
        sent.append(house.invites("family", valid_days=1 + len(sent)))
    house.accepts(sent[3])
    house.core.run(house.owner, revoke_invitation, RevokeInvitation(id=sent[2].invitation.id))
    clock.advance(days=1)

    first = house.core.read(house.owner, list_invitations, ListInvitations(limit=3))
    rest = house.core.read(house.owner, list_invitations, ListInvitations(limit=3, cursor=first.next))
    pending = house.core.read(house.owner, list_invitations, ListInvitations(pending=True))
    assert [each.invitation.id for each in reversed(sent)] == [each.id for each in (*first.items, *rest.items)]
    assert [sent[1].invitation.id] == [each.id for each in pending.items]
    states = [each.state_at(clock.now()) for each in (*first.items, *rest.items)]
    assert ["accepted", "revoked", "pending", "expired"] == states


def test_invitations_of_another_fleet_do_not_exist(house: House) -> None:
    """They are neither listed, resent nor revoked; their link leads into their own fleet."""
    sent, stranger = house.invites("family"), house.core.create_fleet("Company")

    assert () == house.core.read(stranger, list_invitations, ListInvitations()).items
    for act, command in (
        (resend_invitation, ResendInvitation(id=sent.invitation.id)),
        (revoke_invitation, RevokeInvitation(id=sent.invitation.id)),
    ):
        with pytest.raises(NotFound):
            house.core.run(stranger, act, command)  # type: ignore[arg-type]
    assert house.owner.fleet_id == house.accepts(sent).fleet_id


def test_a_refused_acceptance_leaves_nothing(house: House) -> None:
    """Where the offer is void, no user was registered either."""
    sent = house.lends(email="bob@example.org")
    house.core.run(house.owner, remove_vehicle, RemoveVehicle(id=house.golf.id))
    with pytest.raises(FleetError):
        house.accepts(sent)

    member = house.core.run(house.owner, add_member, AddMember(name="Bob", email="bob@example.org", roles=("family",)))
    assert house.core.read(house.owner, get_user, GetUser(user_id=member.user_id)).home_fleet_id is not None


def test_who_has_a_link_is_nobody_yet(core: Core, owner: Actor) -> None:
    """Looking at an offer makes no member and no user."""
    core.invitation(str(core.run(owner, invite, Invite(roles=("family",))).token))

    assert 1 == len(core.fleets_of(owner.user_id))
    assert core.actor() == owner
