"""Papers that end are renewals: who is told, and in which words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fleetcore.documents.commands import AddDocument
from fleetcore.documents.model import DocumentKind
from fleetcore.documents.service import add_document
from fleetcore.kernel.actor import Actor
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import ListDue
from fleetcore.testing.builders import a_reading, join_fleet, km, new_vehicle
from fleetcore.vehicles.meters import record_reading
from fleetcore.vehicles.model import GrantScope, GrantVehicle
from fleetcore.vehicles.service import grant_vehicle

from .post import House

SOON = date(2026, 6, 8)


def file(house: House, kind: DocumentKind, **said: Any) -> None:
    """File a paper that is told of."""
    house.core.run(house.owner, add_document, AddDocument(kind=kind, **said))


def lend(house: House, user: Actor, scope: GrantScope | None = None) -> None:
    """Grant the car to a member."""
    house.core.run(house.owner, grant_vehicle, GrantVehicle(vehicle_id=house.car.id, user_id=user.user_id, scope=scope))


def insure(house: House) -> None:
    """File an insurance of the car that ends in a week."""
    file(house, DocumentKind.INSURANCE, vehicle_id=house.car.id, issuer="Harbour", ends_on=SOON)


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("en", "Polo: Insurance (Harbour) ends on 8 June 2026"),
        ("de", "Polo: Versicherung (Harbour) endet am 8. Juni 2026"),
    ],
)
def test_a_paper_is_named_with_its_end(house: House, locale: str, title: str) -> None:
    """The kind is renewals, and the reader sees which paper ends when, in their language."""
    house.live(locale=locale)
    insure(house)
    house.work()

    (found,) = house.inbox()
    assert ("renewals", title) == (found.kind, found.title)
    assert [("ada@example.org", title)] == house.post.told


def test_a_paper_that_has_ended(house: House) -> None:
    """The day after, it ended."""
    insure(house)
    house.work()
    house.clock.advance(days=8)
    house.core.perform(house.owner, "reminders.tick", {})
    house.work()

    assert "Polo: Insurance (Harbour) ended on 8 June 2026" == house.post.titles[-1]


def test_a_paper_that_a_distance_ends(house: House) -> None:
    """A warranty that the odometer ends names no day."""
    house.core.run(house.owner, record_reading, a_reading(house.car.id, 59_950))
    file(house, DocumentKind.WARRANTY, vehicle_id=house.car.id, ends_on=date(2030, 1, 1), until_odometer=km(60_000))
    house.work()

    assert ["Polo: Warranty ends soon"] == house.post.titles


def test_a_licence_is_told_to_whose_it_is_and_to_managers(house: House) -> None:
    """Nobody else learns of a person's licence, and no vehicle is needed for it."""
    bob = join_fleet(house.core, house.owner)
    for name, role in (("Mia", "manager"), ("Fay", "family")):
        lend(house, join_fleet(house.core, house.owner, name, role))
    house.work()
    house.post.sent.clear()
    file(house, DocumentKind.LICENCE, person_id=bob.user_id, ends_on=SOON)
    house.work()

    title = "Bob: Driving licence ends on 8 June 2026"
    assert [(f"{name}@example.org", title) for name in ("ada", "bob", "mia")] == house.post.told


def test_who_may_not_see_papers_is_not_told_of_them(house: House) -> None:
    """A driver is told of the oil; the insurance is for those who may see it."""
    house.prefer(channels={"due": (), "renewals": ()})
    for name, scope in (("Dan", GrantScope.DRIVE), ("Fay", None)):
        lend(house, join_fleet(house.core, house.owner, name), scope)
    house.work()
    house.post.sent.clear()
    insure(house)
    house.remind(SOON)
    house.work()

    insurance, oil = "Polo: Insurance (Harbour) ends on 8 June 2026", "Polo: Oil is due very soon"
    assert sorted([("dan@example.org", oil), ("fay@example.org", oil), ("fay@example.org", insurance)]) == (
        house.post.told
    )


def test_a_guest_is_told_nothing(house: House) -> None:
    """Who borrows a car sees what is due on it, but it is not theirs to plan."""
    from fleetcore.sharing.model import Invite, OfferedGrant
    from fleetcore.sharing.service import invite

    offered = OfferedGrant(vehicle_id=house.car.id, scope=GrantScope.DRIVE)
    sent = house.core.run(house.owner, invite, Invite(grants=(offered,)))
    guest = house.core.accept_invitation(sent.token or "", name="Gus", email="gus@example.org")
    house.work()
    house.post.sent.clear()
    house.remind(SOON)
    house.work()

    assert ["ada@example.org"] == [address for address, _ in house.post.told]
    assert ["welcome"] == [found.kind for found in house.inbox(guest)]
    assert ["Oil"] == [each.title for each in house.core.read(guest, list_due, ListDue())]


def test_two_fleets_hear_their_own(house: House) -> None:
    """A paper of one fleet is told to nobody of another."""
    office = house.core.create_fleet("Office", owner_name="Eve", owner_email="eve@example.org")
    new_vehicle(house.core, office)
    house.work()
    house.post.sent.clear()
    insure(house)
    house.work()

    assert ["ada@example.org"] == [address for address, _ in house.post.told]
