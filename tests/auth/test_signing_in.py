"""Register, sign in, renew, switch, sign out."""

from __future__ import annotations

from typing import Any

import bcrypt
import pytest

from fleetcore import Core
from fleetcore.accounts.model import SecurityEvent
from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.people.commands import AddMember, RemoveMember
from fleetcore.people.members import add_member, remove_member
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import LimitExceeded, Unauthenticated
from fleetserver.auth.passwords import Argon2Hasher
from fleetserver.auth.service import Accounts

from .conftest import CHEAP, NEW_PASSWORD, PASSWORD, Mailbox, MakeAccounts, link_token


def test_registering_founds_a_fleet_and_signs_in(accounts: Accounts, ada: Any, core: Core) -> None:
    """One call gives a user, their fleet with its books, and tokens; the e-mail need not be verified first."""
    caller = accounts.identify(ada.access_token)
    me = accounts.me(caller)

    assert ("Bearer", 900) == (ada.token_type, ada.expires_in)
    assert ("Ada", "ada@example.org", False) == (me.name, me.email, me.is_email_verified)
    assert ["Home"] == [place.name for place in me.fleets]
    assert core.read(caller.actor, check_ledger, CheckLedger()).is_sound
    assert accounts.login("Ada@Example.org", PASSWORD).access_token


def test_all_that_is_wrong_with_a_registration_is_said(accounts: Accounts, ada: Any, core: Core) -> None:
    """Every problem comes at once, under the names of the fields, and nothing is kept."""
    with pytest.raises(Rejected) as refused:
        accounts.register("no address", "short", " ", currency="XXXX")
    with pytest.raises(Rejected) as taken:
        accounts.register("ADA@example.org", PASSWORD, "Other")

    assert {"email", "password", "name", "currency"} == {problem.field for problem in refused.value.problems}
    assert taken.value.has_code("email.taken")
    assert 1 == len(accounts.users())


@pytest.mark.parametrize("email", ["", "a\x00@example.org", "\ud800@example.org"])
def test_broken_text_is_refused(accounts: Accounts, email: str) -> None:
    """Text that a database could not hold is a problem of its field, at registering and at signing in."""
    with pytest.raises(Rejected) as refused:
        accounts.register(email, PASSWORD + "\x00", "Ada")
    with pytest.raises(Unauthenticated):
        accounts.login(email, PASSWORD + "\x00")

    assert {"email", "password"} <= {problem.field for problem in refused.value.problems} | (
        {"email"} if email else set()
    )


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("ada", "\ud800"),
        ("ada@example.org", PASSWORD + "x" * 1_000_000),
    ],
)
def test_every_wrong_sign_in_is_answered_alike(accounts: Accounts, ada: Any, email: str, password: str) -> None:
    """Neither the type nor the text of the answer tells whether the address has an account."""
    with pytest.raises(Unauthenticated) as refused:
        accounts.login(email, password)

    assert Unauthenticated is type(refused.value)
    assert "the e-mail address or the password is wrong" == str(refused.value)


def test_every_wrong_sign_in_does_the_same_work(accounts: Accounts, ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether somebody has the address or not, a hash is verified and the same statements run."""
    from sqlalchemy import event

    statements: list[str] = []
    hashed: list[bool] = []
    verify = accounts.hasher._argon2.verify
    monkeypatch.setattr(accounts.hasher, "_argon2", _Counting(accounts.hasher._argon2, hashed, verify))
    engine = accounts.core.database._system_engine()
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    seen = []
    for email in ("ada@example.org", "nobody@example.org"):
        statements.clear()
        hashed.clear()
        with pytest.raises(Unauthenticated):
            accounts.login(email, "wrong", origin=Origin("192.0.2.1"))
        seen.append((list(statements), len(hashed)))

    assert seen[0] == seen[1]
    assert 1 == seen[0][1]
    assert len(seen[0][0]) > 4


class _Counting:
    """Counts the verifications of a hasher."""

    def __init__(self, inner: Any, calls: list[bool], verify: Any) -> None:
        self.calls, self._inner, self._verify = calls, inner, verify

    def verify(self, *arguments: Any) -> Any:
        """Count, then verify."""
        self.calls.append(True)
        return self._verify(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_disabled_users_are_answered_like_nobody(accounts: Accounts, ada: Any) -> None:
    """Who is switched off cannot sign in or renew, and the answer does not say why."""
    user_id = accounts.identify(ada.access_token).actor.user_id
    accounts.enable(user_id, is_active=False)
    for act in (
        lambda: accounts.login("ada@example.org", PASSWORD),
        lambda: accounts.refresh(ada.refresh_token),
        lambda: accounts.identify(ada.access_token),
    ):
        with pytest.raises(Unauthenticated):
            act()
    accounts.enable(user_id, is_active=True)

    assert accounts.login("ada@example.org", PASSWORD).access_token


def test_a_refresh_token_is_good_once(accounts: Accounts, ada: Any) -> None:
    """Each gives the next one; one that comes again ends the session with all its tokens."""
    second = accounts.refresh(ada.refresh_token)
    third = accounts.refresh(second.refresh_token)
    assert accounts.identify(third.access_token)
    with pytest.raises(Unauthenticated):
        accounts.refresh(ada.refresh_token)
    for secret in (ada, second, third):
        with pytest.raises(Unauthenticated):
            accounts.identify(secret.access_token)
    with pytest.raises(Unauthenticated):
        accounts.refresh(third.refresh_token)

    log = accounts.security_log(accounts.users()[0].user.id)
    assert SecurityEvent.REFRESH_REUSED == log[0].event


def test_a_made_up_token_ends_no_session(accounts: Accounts, ada: Any) -> None:
    """Whoever knows the session's id, but no token of it, can neither renew nor end it."""
    from fleetcore.accounts.secrets import new_refresh_secret

    session_id = accounts.identify(ada.access_token).session_id
    assert session_id is not None
    for token in (new_refresh_secret(session_id).token, "", "fr_x", ada.access_token):
        with pytest.raises(Unauthenticated):
            accounts.refresh(token)

    assert accounts.refresh(ada.refresh_token).refresh_token


def test_sessions_end_by_age_and_by_rest(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """A session that is used lives on, up to ninety days; one that rests for thirty ends."""
    resting = accounts.login("ada@example.org", PASSWORD).refresh_token
    token = ada.refresh_token
    for _ in range(4):
        clock.advance(days=20)
        token = accounts.refresh(token).refresh_token
    with pytest.raises(Unauthenticated):
        accounts.refresh(resting or "")
    clock.advance(days=11)
    with pytest.raises(Unauthenticated):
        accounts.refresh(token)


def test_access_tokens_live_a_quarter_of_an_hour(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """Also one that is remembered is refused once its time has passed."""
    assert accounts.identify(ada.access_token)
    clock.advance(minutes=14, seconds=59)
    assert accounts.identify(ada.access_token)
    clock.advance(seconds=1)
    with pytest.raises(Unauthenticated):
        accounts.identify(ada.access_token)


def test_signing_out_ends_the_session(accounts: Accounts, ada: Any) -> None:
    """Its access and refresh tokens are void at once; another session goes on."""
    other = accounts.login("ada@example.org", PASSWORD)
    accounts.logout(accounts.identify(ada.access_token))
    for act in (lambda: accounts.identify(ada.access_token), lambda: accounts.refresh(ada.refresh_token)):
        with pytest.raises(Unauthenticated):
            act()

    assert accounts.identify(other.access_token)


def test_a_user_switches_between_their_fleets(
    accounts: Accounts, ada: Any, owner: Actor, core: Core, mailbox: Mailbox
) -> None:
    """A token of another fleet acts there only, renewing stays there, and a stranger's fleet does not exist."""
    bob = accounts.register("bob@example.org", PASSWORD, "Bob")
    home = accounts.identify(bob.access_token).actor
    accounts.verify_email(link_token(accounts, mailbox))
    core.run(owner, add_member, AddMember(email="bob@example.org", roles=("driver",)))
    switched = accounts.switch(accounts.identify(bob.access_token), owner.fleet_id)
    there = accounts.authenticate(switched.access_token)

    assert owner.fleet_id == there.fleet_id
    assert "fleet.write" not in there.permissions
    assert home == accounts.authenticate(bob.access_token)
    assert owner.fleet_id == accounts.authenticate(accounts.refresh(bob.refresh_token).access_token).fleet_id
    assert owner.fleet_id == accounts.authenticate(accounts.login("bob@example.org", PASSWORD).access_token).fleet_id
    stranger = accounts.authenticate(ada.access_token)
    with pytest.raises(NotFound):
        accounts.switch(accounts.identify(bob.access_token), stranger.fleet_id)
    core.run(owner, remove_member, RemoveMember(user_id=home.user_id))
    with pytest.raises(Unauthenticated):
        accounts.authenticate(switched.access_token)
    assert home.fleet_id == accounts.authenticate(accounts.login("bob@example.org", PASSWORD).access_token).fleet_id


@pytest.fixture
def owner(core: Core) -> Actor:
    """The owner of a fleet who has no e-mail."""
    return core.create_fleet("Works", timezone="UTC")


def test_bcrypt_hashes_are_believed_once_then_replaced(accounts: Accounts, ada: Any) -> None:
    """A hash of another program lets its owner in, also past 72 bytes, and is argon2id afterwards."""
    from fleetcore.accounts.service import put_password

    user_id = accounts.users()[0].user.id
    long = "ü" * 30 + " and forty more characters of a long password"
    old = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode()
    with accounts.core.across_fleets() as uow:
        put_password(uow, user_id, old)
    assert accounts.login("ada@example.org", long).access_token
    login = accounts.find_user(user_id=user_id)

    assert login is not None
    assert (login.password_hash or "").startswith("$argon2id$")
    assert accounts.login("ada@example.org", long).access_token
    with pytest.raises(Unauthenticated):
        accounts.login("ada@example.org", long[:40])


def test_hashes_of_weaker_parameters_are_replaced(make_accounts: MakeAccounts, accounts: Accounts, ada: Any) -> None:
    """When the cost of a hash is raised, signing in makes it anew."""
    stronger = make_accounts()
    stronger.hasher = Argon2Hasher(type(CHEAP)(memory_kib=16, passes=2), 1)
    stronger.login("ada@example.org", PASSWORD)
    login = stronger.find_user(email="ada@example.org")

    assert login is not None
    assert "m=16,t=2" in (login.password_hash or "")


def test_a_users_password_that_was_never_set_lets_nobody_in(accounts: Accounts, core: Core) -> None:
    """Whom somebody else added has no password, and an empty one is none."""
    owner = core.create_fleet("Works", timezone="UTC")
    core.run(owner, add_member, AddMember(name="Cleo", email="cleo@example.org", roles=("driver",)))
    for password in ("", "None", NEW_PASSWORD):
        with pytest.raises(Unauthenticated):
            accounts.login("cleo@example.org", password)
    with pytest.raises(Rejected):
        accounts.register("cleo@example.org", PASSWORD, "Not Cleo")


def test_guessing_is_slowed_down_per_account_and_address(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """After five tries from one address it must wait; from another address its owner still comes in."""
    guesser, home = Origin("192.0.2.1"), Origin("198.51.100.7")
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            accounts.login("ada@example.org", "wrong", origin=guesser)
    with pytest.raises(LimitExceeded) as refused:
        accounts.login("ADA@example.org", PASSWORD, origin=guesser)
    assert 180 == refused.value.retry_after_seconds
    for _ in range(10):  # and signing in does not use the tries up
        accounts.login("ada@example.org", PASSWORD, origin=home)
    clock.advance(seconds=180)

    assert accounts.login("ada@example.org", PASSWORD, origin=guesser).access_token


def test_hammering_one_address_does_not_lock_an_account(accounts: Accounts, ada: Any) -> None:
    """Tries that one address has no right to any more count for nothing against the account."""
    for _ in range(200):
        with pytest.raises((Unauthenticated, LimitExceeded)):
            accounts.login("ada@example.org", "wrong", origin=Origin("192.0.2.1"))

    assert accounts.login("ada@example.org", PASSWORD, origin=Origin("198.51.100.7")).access_token


def test_guesses_from_everywhere_are_limited_and_right_sign_ins_are_not(accounts: Accounts, ada: Any) -> None:
    """An account stands fifty failures an hour, wherever they come from; its owner's sign-ins are none of them."""
    for number in range(60):
        accounts.login("ada@example.org", PASSWORD, origin=Origin(f"198.51.100.{number}"))
    for number in range(50):
        with pytest.raises(Unauthenticated):
            accounts.login("ada@example.org", "wrong", origin=Origin(f"192.0.2.{number}"))
    with pytest.raises(LimitExceeded):
        accounts.login("ada@example.org", "wrong", origin=Origin("192.0.2.99"))


def test_what_happened_is_in_the_security_log(accounts: Accounts, ada: Any) -> None:
    """Sign-ins and failures stand there with address and correlation id; nobody's have no user."""
    origin = Origin("192.0.2.1", "request-1")
    with pytest.raises(Unauthenticated):
        accounts.login("ada@example.org", "wrong", origin=origin)
    accounts.login("ada@example.org", PASSWORD, origin=origin)
    log = accounts.security_log(accounts.users()[0].user.id)

    assert [SecurityEvent.SIGNED_IN, SecurityEvent.SIGN_IN_FAILED, SecurityEvent.REGISTERED] == [
        entry.event for entry in log
    ]
    assert {("192.0.2.1", "request-1")} == {(entry.address, entry.correlation_id) for entry in log[:2]}
