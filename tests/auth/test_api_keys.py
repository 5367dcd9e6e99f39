"""API keys: a program's way into one fleet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fleetcore import Core
from fleetcore.accounts.commands import AddKey, ListKeys, RevokeKey
from fleetcore.accounts.keys import add_key, list_keys, revoke_key
from fleetcore.accounts.secrets import prefix_of_key
from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.people.commands import AddMember, EditMember, RemoveMember
from fleetcore.people.members import add_member, edit_member, remove_member
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.authentication import Caller
from fleetserver.auth.credentials import MadeKey
from fleetserver.auth.errors import Unauthenticated
from fleetserver.auth.service import Accounts

from .conftest import PASSWORD

READS = {"fuel.read": Scope.ALL, "vehicles.read": Scope.GRANTED}


@pytest.fixture
def boss(accounts: Accounts, ada: Any) -> Caller:
    """Ada, who owns her fleet."""
    return accounts.identify(ada.access_token)


@pytest.fixture
def made(accounts: Accounts, boss: Caller) -> MadeKey:
    """A key of Ada's that may read."""
    return accounts.make_key(boss, "Dashboard", READS)


def test_a_key_acts_as_its_maker_with_fewer_permissions(accounts: Accounts, boss: Caller, made: MadeKey) -> None:
    """In the maker's fleet, with exactly the scopes that were chosen."""
    caller = accounts.identify(made.secret)

    assert (boss.actor.user_id, boss.actor.fleet_id) == (caller.actor.user_id, caller.actor.fleet_id)
    assert caller.actor.permissions == READS
    assert made.key.id == caller.key_id
    assert caller.session_id is None
    assert [boss.actor.fleet_id] == [place.fleet_id for place in accounts.me(caller).fleets]


def test_a_secret_is_told_once_and_never_kept(accounts: Accounts, boss: Caller, made: MadeKey, core: Core) -> None:
    """Lists, the audit log and what is printed know the beginning of a key only."""
    (listed,) = core.read(boss.actor, list_keys, ListKeys())
    audited = [entry for entry in core.read(boss.actor, list_audit, ListAudit()).items if "key" in entry.entity]

    assert prefix_of_key(made.secret) == listed.prefix
    assert 1 == len(audited)
    for shown in (listed, audited, made):
        assert made.secret[20:] not in repr(shown)
    assert "hash" not in str(audited[0].after)


@pytest.mark.parametrize(
    "permissions", [{}, {"nonsense": Scope.ALL}, {"users.impersonate": Scope.ALL}], ids=["none", "unknown", "not held"]
)
def test_nobody_gives_a_key_what_they_lack(accounts: Accounts, boss: Caller, permissions: dict[str, Scope]) -> None:
    """A key without permissions, or with some that its maker has not, is refused."""
    with pytest.raises(Rejected):
        accounts.make_key(boss, "Key", permissions)


def test_all_that_is_wrong_with_a_key_is_said(accounts: Accounts, boss: Caller) -> None:
    """Every problem comes at once."""
    with pytest.raises(Rejected) as refused:
        accounts.make_key(boss, " ", {"no": Scope.ALL}, expires_at=accounts.now())

    assert {"name", "permissions.no", "expires_at"} == {problem.field for problem in refused.value.problems}


def test_a_key_loses_what_its_maker_loses(accounts: Accounts, boss: Caller, core: Core) -> None:
    """Permissions are those that both have at the moment; a maker who left, or is disabled, has a dead key."""
    member = core.run(boss.actor, add_member, AddMember(name="Bo", email="bo@example.org", roles=("fleet_manager",)))
    accounts.set_password(member.user_id, PASSWORD)
    caller = accounts.identify(accounts.login("bo@example.org", PASSWORD).access_token)
    secret = accounts.make_key(caller, "Bo's", {"fuel.read": Scope.ALL, "vehicles.write": Scope.ALL}).secret
    assert "vehicles.write" in accounts.authenticate(secret).permissions
    core.run(boss.actor, edit_member, EditMember(user_id=member.user_id, roles=("family",), version=1))
    assert {"fuel.read": Scope.GRANTED} == accounts.authenticate(secret).permissions
    accounts.enable(member.user_id, is_active=False)
    with pytest.raises(Unauthenticated):
        accounts.authenticate(secret)
    accounts.enable(member.user_id, is_active=True)
    assert accounts.authenticate(secret)
    core.run(boss.actor, remove_member, RemoveMember(user_id=member.user_id))
    with pytest.raises(Unauthenticated):
        accounts.authenticate(secret)


def test_a_revoked_key_is_dead_at_once_everywhere(
    *, accounts: Accounts, elsewhere: Accounts, boss: Caller, made: MadeKey, core: Core, clock: FixedClock
) -> None:
    """In this process with the commit, in others within five seconds; revoking again changes nothing."""
    assert accounts.authenticate(made.secret) == elsewhere.authenticate(made.secret)
    revoked = core.run(boss.actor, revoke_key, RevokeKey(id=made.key.id))
    with pytest.raises(Unauthenticated):
        accounts.authenticate(made.secret)
    clock.advance(seconds=5)
    with pytest.raises(Unauthenticated):
        elsewhere.authenticate(made.secret)

    assert revoked == core.run(boss.actor, revoke_key, RevokeKey(id=made.key.id))


def test_a_key_expires(accounts: Accounts, boss: Caller, clock: FixedClock) -> None:
    """Also one that is remembered is refused from its last moment on."""
    secret = accounts.make_key(boss, "Short", READS, expires_at=clock.now() + timedelta(minutes=1)).secret
    assert accounts.authenticate(secret)
    clock.advance(seconds=60)
    with pytest.raises(Unauthenticated):
        accounts.authenticate(secret)


@pytest.mark.parametrize("secret", ["fk_", "fk_aaaaaaaa_" + "a" * 43, "fk_\x00", "fk_\ud800", "fk_" + "a" * 10_000])
def test_what_is_no_key_is_refused(accounts: Accounts, made: MadeKey, secret: str) -> None:
    """Made-up, broken and long ones, and one with another secret behind a good beginning."""
    for each in (secret, made.secret[:-1] + ("A" if made.secret[-1] != "A" else "B"), made.secret + "A"):
        with pytest.raises(Unauthenticated):
            accounts.authenticate(each)


def test_a_key_can_neither_make_keys_nor_sign_out(accounts: Accounts, boss: Caller) -> None:
    """Even one that holds the permission: what a key may do ends with the key."""
    caller = accounts.identify(accounts.make_key(boss, "All", dict(boss.actor.permissions)).secret)
    for act in (
        lambda: accounts.make_key(caller, "More", READS),
        lambda: accounts.logout(caller),
        lambda: accounts.switch(caller, boss.actor.fleet_id),
    ):
        with pytest.raises(Rejected):
            act()


def test_keys_belong_to_their_fleet(accounts: Accounts, made: MadeKey, core: Core) -> None:
    """Another fleet's owner neither sees nor revokes them, and who lacks the permission does nothing at all."""
    neighbour = core.create_fleet("Next door")
    assert () == core.read(neighbour, list_keys, ListKeys())
    with pytest.raises(NotFound):
        core.run(neighbour, revoke_key, RevokeKey(id=made.key.id))
    reader = Actor(user_id=neighbour.user_id, fleet_id=neighbour.fleet_id, permissions=READS)
    for act in (
        lambda: core.read(reader, list_keys, ListKeys()),
        lambda: core.run(reader, revoke_key, RevokeKey(id=made.key.id)),
        lambda: core.run(
            reader, add_key, AddKey(name="x", permissions=READS, prefix="fk_aaaaaaaa", secret_hash="0" * 64)
        ),
    ):
        with pytest.raises(Forbidden):
            act()


def test_an_id_is_taken_once(accounts: Accounts, boss: Caller, made: MadeKey) -> None:
    """A client may choose the id of its key, and not one that there is."""
    with pytest.raises(Conflict):
        accounts.make_key(boss, "Again", READS, key_id=made.key.id)


def test_the_last_use_is_noted_once_an_hour(
    accounts: Accounts, boss: Caller, made: MadeKey, core: Core, clock: FixedClock
) -> None:
    """It shows which keys nobody needs any more, and does not cost a write each time."""

    def noted() -> object:
        return core.read(boss.actor, list_keys, ListKeys())[0].last_used_at

    first = clock.now()
    accounts.authenticate(made.secret)
    assert first == noted()
    clock.advance(minutes=20)
    accounts.authenticate(made.secret)
    assert first == noted()
    clock.advance(minutes=60)
    accounts.authenticate(made.secret)
    assert clock.now() == noted()
