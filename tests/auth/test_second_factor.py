"""Second factors: codes of an app, recovery codes."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fleetcore.accounts.ports import FACTORS
from fleetcore.accounts.totp import code_at, step_at
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import SecondFactorNeeded, Unauthenticated
from fleetserver.auth.service import Accounts

from .conftest import PASSWORD


class App:
    """An authenticator app."""

    def __init__(self, secret: str, clock: FixedClock) -> None:
        self._seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self._clock = clock

    def code(self) -> str:
        """Return what the app shows now."""
        return code_at(self._seed, step_at(self._clock.now()))


@pytest.fixture
def enrolled(accounts: Accounts, ada: Any, clock: FixedClock) -> tuple[App, tuple[str, ...]]:
    """Ada's app, confirmed, and her recovery codes; the step after the confirmation has begun."""
    caller = accounts.identify(ada.access_token)
    app = App(accounts.enrol_totp(caller, PASSWORD).secret, clock)
    codes = accounts.confirm_totp(caller, app.code())
    clock.advance(seconds=30)
    return app, codes


def login(accounts: Accounts, code: str | None) -> Any:
    """Sign Ada in with *code*."""
    return accounts.login("ada@example.org", PASSWORD, code=code)


def test_a_factor_counts_once_it_was_confirmed(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """An enrolment alone changes nothing; a wrong code does not confirm it."""
    caller = accounts.identify(ada.access_token)
    accounts.enrol_totp(caller, PASSWORD)
    for code in ("", "000000", "\ud800"):
        with pytest.raises(Rejected):
            accounts.confirm_totp(caller, code)

    assert login(accounts, None).access_token


def test_password_and_code_are_needed(accounts: Accounts, ada: Any, enrolled: Any) -> None:
    """Without a code more is asked for, which tells nothing to who lacks the password; with it the session knows."""
    app, _ = enrolled
    with pytest.raises(SecondFactorNeeded):
        login(accounts, None)
    with pytest.raises(Unauthenticated) as refused:
        accounts.login("ada@example.org", "wrong", code=app.code())
    assert not isinstance(refused.value, SecondFactorNeeded)
    caller = accounts.identify(login(accounts, app.code()).access_token)

    assert accounts.now() == caller.second_factor_at
    assert accounts.me(caller).has_second_factor


def test_a_code_is_good_once(accounts: Accounts, enrolled: Any, clock: FixedClock) -> None:
    """Neither the code that confirmed nor one that signed in works again; the next one does."""
    app, _ = enrolled
    clock.advance(seconds=-30)
    with pytest.raises(Unauthenticated):
        login(accounts, app.code())
    clock.advance(seconds=30)
    assert login(accounts, app.code())
    with pytest.raises(Unauthenticated):
        login(accounts, app.code())
    clock.advance(seconds=30)

    assert login(accounts, app.code())


def test_of_many_with_one_code_one_gets_in(accounts: Accounts, enrolled: Any) -> None:
    """A code that is used by several at once lets one of them in."""
    code = enrolled[0].code()

    def attempt(_: int) -> bool:
        try:
            return bool(login(accounts, code))
        except Unauthenticated:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert 1 == sum(pool.map(attempt, range(4)))


def test_recovery_codes_are_good_once_each(accounts: Accounts, enrolled: Any) -> None:
    """Ten of them, each for one sign-in, in any spelling; new ones replace the old."""
    _, codes = enrolled
    assert 10 == len(set(codes))
    answer = login(accounts, codes[0].upper().replace("-", " "))
    for used in (codes[0], "aaaa-bbbb-cccc-dddd"):
        with pytest.raises(Unauthenticated):
            login(accounts, used)
    caller = accounts.identify(answer.access_token)
    new = accounts.renew_recovery_codes(caller, PASSWORD)
    with pytest.raises(Unauthenticated):
        login(accounts, codes[1])

    assert login(accounts, new[0])
    with accounts.core.across_fleets() as uow:
        assert 9 == uow[FACTORS].codes_left(caller.actor.user_id)


def test_turning_it_on_ends_sessions_without_it(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """Other sessions were opened by a password alone."""
    other = accounts.login("ada@example.org", PASSWORD)
    caller = accounts.identify(ada.access_token)
    app = App(accounts.enrol_totp(caller, PASSWORD).secret, clock)
    accounts.confirm_totp(caller, app.code())
    with pytest.raises(Unauthenticated):
        accounts.identify(other.access_token)

    assert accounts.identify(ada.access_token)


def test_turning_it_on_and_off_needs_password_and_factor(
    accounts: Accounts, ada: Any, enrolled: Any, clock: FixedClock
) -> None:
    """A stolen session can neither add a factor nor remove one, and there is one factor at a time."""
    caller = accounts.identify(ada.access_token)
    for act in (accounts.disable_totp, accounts.enrol_totp, accounts.renew_recovery_codes):
        with pytest.raises(Rejected):
            act(caller, "wrong")
    with pytest.raises(Conflict):
        accounts.enrol_totp(caller, PASSWORD)
    clock.advance(minutes=15)
    renewed = accounts.refresh(ada.refresh_token).access_token
    for act in (accounts.disable_totp, accounts.renew_recovery_codes):
        with pytest.raises(SecondFactorNeeded):
            act(accounts.identify(renewed), PASSWORD)
    accounts.step_up(accounts.identify(renewed), enrolled[1][0])
    accounts.disable_totp(accounts.identify(renewed), PASSWORD)

    assert login(accounts, None).access_token
    with accounts.core.across_fleets() as uow:
        assert 0 == uow[FACTORS].codes_left(caller.actor.user_id)


def test_the_seed_is_sealed_in_the_database(accounts: Accounts, ada: Any) -> None:
    """What the database holds is not the seed, and says nothing without the host's key."""
    caller = accounts.identify(ada.access_token)
    secret = accounts.enrol_totp(caller, PASSWORD).secret
    seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
    with accounts.core.across_fleets() as uow:
        ((_, sealed),) = uow[FACTORS].all_sealed()

    assert seed == accounts.keys.unseal(sealed)
    assert secret not in sealed
    assert seed not in base64.urlsafe_b64decode(sealed)


def test_what_is_dangerous_wants_a_fresh_factor(accounts: Accounts, ada: Any, enrolled: Any, clock: FixedClock) -> None:
    """A session without one, or with an old one, must prove it again; that is wanted by nothing else."""
    app, _ = enrolled
    clock.advance(minutes=15)
    ada = accounts.refresh(ada.refresh_token)
    caller = accounts.identify(ada.access_token)
    accounts.require_fresh_factor(caller, "fuel.write")
    with pytest.raises(SecondFactorNeeded):
        accounts.require_fresh_factor(caller, "keys.write")
    with pytest.raises(Rejected):
        accounts.step_up(caller, "000000")
    accounts.step_up(caller, app.code())
    accounts.require_fresh_factor(accounts.identify(ada.access_token), "keys.write")
    with pytest.raises(Rejected):
        accounts.step_up(caller, app.code())
    clock.advance(minutes=14)
    access = accounts.refresh(ada.refresh_token).access_token
    accounts.require_fresh_factor(accounts.identify(access), "keys.write")
    clock.advance(minutes=1)
    with pytest.raises(SecondFactorNeeded):
        accounts.require_fresh_factor(accounts.identify(access), "keys.write")


def test_who_has_no_factor_is_not_asked_for_one(accounts: Accounts, ada: Any) -> None:
    """Without a second factor turned on nothing is barred, and there is none to prove."""
    caller = accounts.identify(ada.access_token)
    accounts.require_fresh_factor(caller, "keys.write")
    with pytest.raises(Conflict):
        accounts.step_up(caller, "000000")
