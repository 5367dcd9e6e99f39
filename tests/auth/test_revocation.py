"""What somebody may do changes: at once in this process, within seconds in the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from fleetcore import Core
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.people.commands import (
    AddMember,
    DefineRole,
    DisableUser,
    EditMember,
    EditRole,
    EnableUser,
    RemoveMember,
)
from fleetcore.people.members import add_member, define_role, edit_member, edit_role, remove_member
from fleetcore.people.service import disable_user, enable_user
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import Unauthenticated
from fleetserver.auth.service import Accounts

from .conftest import NEW_PASSWORD, PASSWORD

SECONDS_MAX = 5


@pytest.fixture
def boss(core: Core) -> Actor:
    """The owner of a fleet, who signs in elsewhere."""
    return core.create_fleet("Works", timezone="UTC")


@pytest.fixture
def bob(core: Core, boss: Actor, accounts: Accounts) -> Any:
    """A driver of the fleet, signed in there."""
    core.run(boss, define_role, DefineRole(name="Reader", permissions={"fuel.read": Scope.ALL}))
    member = core.run(boss, add_member, AddMember(name="Bob", email="bob@example.org", roles=("Reader",)))
    accounts.set_password(member.user_id, PASSWORD)
    return accounts.login("bob@example.org", PASSWORD)


@contextmanager
def counted(accounts: Accounts) -> Iterator[list[str]]:
    """Collect the statements that run meanwhile."""
    statements: list[str] = []
    database = accounts.core.database
    engines = {database.engine, database._reads, database._system_engine()}

    def note(*call: Any) -> None:
        statements.append(call[2])

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def test_a_remembered_token_costs_no_statement(accounts: Accounts, bob: Any, clock: FixedClock) -> None:
    """Once it was read, a token is answered from memory; every two seconds one question goes out, whoever asks."""
    clock.advance(seconds=2)
    accounts.identify(bob.access_token)  # the change of his password is heard of here
    first = accounts.identify(bob.access_token)
    with counted(accounts) as statements:
        for _ in range(100):
            assert first is accounts.identify(bob.access_token)
    assert [] == statements
    with counted(accounts) as statements:
        clock.advance(seconds=2)
        for _ in range(100):
            assert first is accounts.identify(bob.access_token)
    assert 1 == sum("accounts_stamps" in each for each in statements)


Change = Callable[[Accounts, Core, Actor, Actor], object]
CHANGES: dict[str, Change] = {
    "disabled": lambda _a, core, boss, bob: core.run(boss, disable_user, DisableUser(user_id=bob.user_id)),
    "disabled by the host": lambda a, _c, _boss, bob: a.enable(bob.user_id, is_active=False),
    "removed": lambda _a, core, boss, bob: core.run(boss, remove_member, RemoveMember(user_id=bob.user_id)),
    "sessions revoked": lambda a, _c, _boss, bob: a.revoke_sessions(bob.user_id),
    "password set": lambda a, _c, _boss, bob: a.set_password(bob.user_id, NEW_PASSWORD),
}


@pytest.mark.parametrize("name", CHANGES)
def test_who_is_out_is_out_at_once_here_and_soon_elsewhere(
    *, accounts: Accounts, elsewhere: Accounts, core: Core, boss: Actor, bob: Any, clock: FixedClock, name: str
) -> None:
    """A token that both processes remember is void in the one where it happened, and within 5 s in the other."""
    actor = accounts.authenticate(bob.access_token)
    assert actor == elsewhere.authenticate(bob.access_token)
    CHANGES[name](accounts, core, boss, actor)
    with pytest.raises(Unauthenticated):
        accounts.authenticate(bob.access_token)
    clock.advance(seconds=SECONDS_MAX)
    with pytest.raises(Unauthenticated):
        elsewhere.authenticate(bob.access_token)


ROLE_CHANGES: dict[str, Change] = {
    "other roles": lambda _a, core, boss, bob: core.run(
        boss, edit_member, EditMember(user_id=bob.user_id, roles=("driver",), version=1)
    ),
    "an edited role": lambda _a, core, boss, _bob: core.run(
        boss,
        edit_role,
        EditRole(
            id=core.perform(boss, "people.list_roles", {})[-1].id, permissions={"trips.read": Scope.ALL}, version=1
        ),
    ),
}


@pytest.mark.parametrize("name", ROLE_CHANGES)
def test_a_role_change_holds_at_once_here_and_soon_elsewhere(
    *, accounts: Accounts, elsewhere: Accounts, core: Core, boss: Actor, bob: Any, clock: FixedClock, name: str
) -> None:
    """The same token gives other permissions, without signing in anew."""
    before = accounts.authenticate(bob.access_token)
    assert {"fuel.read": Scope.ALL} == before.permissions == elsewhere.authenticate(bob.access_token).permissions
    ROLE_CHANGES[name](accounts, core, boss, before)
    after = accounts.authenticate(bob.access_token)
    clock.advance(seconds=SECONDS_MAX)

    assert {"fuel.read": Scope.ALL} != after.permissions
    assert after.permissions == elsewhere.authenticate(bob.access_token).permissions


def test_changes_are_heard_even_when_clocks_differ(
    accounts: Accounts, elsewhere: Accounts, bob: Any, clock: FixedClock
) -> None:
    """A stamp of a host whose clock is half a minute behind is found all the same, and each change once."""
    actor = elsewhere.authenticate(bob.access_token)
    clock.advance(seconds=-30)
    accounts.revoke_sessions(actor.user_id)
    clock.advance(seconds=30 + SECONDS_MAX)
    with pytest.raises(Unauthenticated):
        elsewhere.authenticate(bob.access_token)
    again = elsewhere.login("bob@example.org", PASSWORD)
    elsewhere.authenticate(again.access_token)
    with counted(elsewhere) as statements:
        clock.advance(seconds=3)
        elsewhere.authenticate(again.access_token)
    assert not any("accounts_sessions" in each for each in statements)  # the old stamp makes nobody look again


def test_a_disabled_user_comes_back(accounts: Accounts, core: Core, boss: Actor, bob: Any) -> None:
    """Disabling by an owner bars the session while it lasts; enabling lets it go on."""
    user_id = accounts.authenticate(bob.access_token).user_id
    core.run(boss, disable_user, DisableUser(user_id=user_id))
    with pytest.raises(Unauthenticated):
        accounts.authenticate(bob.access_token)
    core.run(boss, enable_user, EnableUser(user_id=user_id))

    assert user_id == accounts.authenticate(bob.access_token).user_id


def test_a_change_during_the_look_up_is_not_missed(
    accounts: Accounts, bob: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read just before a change, and would be remembered just after it, is not remembered."""
    from fleetserver.auth import authentication

    read = authentication.actor_of_session

    def overtaken(*arguments: Any) -> Any:
        found = read(*arguments)
        accounts.authenticator.forget([found[0].user_id])
        return found

    monkeypatch.setattr(authentication, "actor_of_session", overtaken)
    accounts.authenticate(bob.access_token)

    assert {} == accounts.authenticator._known


def test_sessions_are_seen_and_ended_one_by_one(accounts: Accounts, bob: Any) -> None:
    """A user sees their devices, the current one marked, and ends another; nobody ends somebody else's."""
    from fleetcore.kernel.errors import NotFound

    phone = accounts.login("bob@example.org", PASSWORD, device="Phone\x1b[31m" + "x" * 500)
    caller = accounts.identify(bob.access_token)
    listed = accounts.sessions(caller)
    assert [False, True] == sorted(each.is_current for each in listed)
    other = next(each for each in listed if not each.is_current)
    assert other.device.isprintable()
    assert 200 == len(other.device)
    stranger = accounts.identify(accounts.register("eve@example.org", PASSWORD, "Eve").access_token)
    with pytest.raises(NotFound):
        accounts.revoke_session(stranger, other.id)
    accounts.revoke_session(caller, other.id)
    with pytest.raises(Unauthenticated):
        accounts.authenticate(phone.access_token)

    assert [True] == [each.is_current for each in accounts.sessions(caller)]


def test_a_database_that_is_away_for_a_moment_bars_nobody(
    accounts: Accounts, bob: Any, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered is believed for four seconds without a look; then the answer is that nothing is known."""
    from fleetcore.kernel.errors import Unavailable

    def away() -> None:
        raise Unavailable("the database is away")

    accounts.identify(bob.access_token)
    monkeypatch.setattr(accounts.authenticator, "look", away)
    clock.advance(seconds=3)
    assert accounts.identify(bob.access_token)
    clock.advance(seconds=1)
    with pytest.raises(Unavailable):
        accounts.identify(bob.access_token)
