"""From what people call a member to the member."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from fleetcore.kernel.errors import NotFound
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetcore.people.model import ListedMember
from fleetserver.cli.failures import BadInput
from fleetserver.cli.picking import everything, short_id
from fleetserver.cli.session import Session

__all__ = ["all_members", "find_member", "name_of", "names_of_members"]


def all_members(session: Session) -> Iterator[ListedMember]:
    """Yield the members, the first to come first."""
    return everything(lambda cursor, most: session.read(list_members, ListMembers(cursor=cursor, limit=most)))


def find_member(session: Session, text: str) -> ListedMember:
    """Return the member with the name, e-mail or id *text*; raises NotFound, BadInput for several."""
    wanted = text.casefold()
    listed = [
        each
        for each in all_members(session)
        if wanted in {each.name.casefold(), (each.email or "").casefold(), str(each.user_id)}
    ]
    if not listed:
        raise NotFound("member", text)
    if len(listed) > 1:
        raise BadInput.because("", f"{len(listed)} members are called {text!r}: name one by e-mail or id")
    return listed[0]


def names_of_members(session: Session) -> dict[UUID, str]:
    """Return the names of the members whom the user may see; guests see none."""
    if session.actor.scope("people.read") is None:
        return {}
    return {each.user_id: each.name for each in all_members(session)}


def name_of(user_id: UUID, names: dict[UUID, str]) -> str:
    """Return the name of a user; the end of the id of one who left or is out of sight."""
    return names.get(user_id) or short_id(user_id)
