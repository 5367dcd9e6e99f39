"""How often somebody may ask, over all processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from fleetcore import Core
from fleetcore.accounts.model import Limit, RateLimit
from fleetcore.accounts.ports import LIMITS
from fleetcore.storage.types import metadata
from fleetcore.testing.clock import FixedClock
from fleetcore.worker.loop import Worker
from fleetserver.auth.errors import LimitExceeded
from fleetserver.auth.host import account_key
from fleetserver.auth.limits import RequestLimiter, limit_key
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import Limits

from .conftest import PASSWORD, MakeAccounts

MINUTE = Limit(burst=600, period=timedelta(minutes=1))
SHARE = 30  # what a process lets through by itself

OTHER_PROCESS = """
import sys
import fleetcore
from datetime import timedelta
from fleetcore.accounts.model import Limit
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import LimitExceeded
from fleetserver.auth.host import account_key
from fleetserver.auth.limits import RequestLimiter

with fleetcore.open(sys.argv[1], installed_plugins=False, clock=FixedClock()) as core:
    limiter = RequestLimiter(core, Limit(burst=600, period=timedelta(minutes=1)))
    let = 0
    for _ in range(700):
        try:
            limiter.check(["user 1"])
            let += 1
        except LimitExceeded:
            pass
print(let)
"""


def let_through(limiter: RequestLimiter, subject: str, number: int) -> int:
    """Ask *number* times; returns how often it was let through."""
    let = 0
    for _ in range(number):
        try:
            limiter.check([subject])
            let += 1
        except LimitExceeded:
            pass
    return let


def test_a_limit_refills_evenly(core: Core, clock: FixedClock) -> None:
    """So much at once, then one for each part of the period; the wait that is told is the one that is needed."""
    limit = RateLimit("key", Limit(burst=3, period=timedelta(seconds=30)))

    def take() -> timedelta:
        with core.across_fleets() as uow:
            (taken,) = uow[LIMITS].take([limit], uow.now)
            assert taken.is_allowed == (taken.retry_after == timedelta())
            return taken.retry_after

    none = timedelta()
    assert [none, none, none, timedelta(seconds=10)] == [take() for _ in range(4)]
    clock.advance(seconds=9.5)
    assert timedelta(seconds=0.5) == take()
    clock.advance(seconds=0.5)
    assert [none, timedelta(seconds=10)] == [take(), take()]
    clock.advance(seconds=3600)
    assert [none, none, none, timedelta(seconds=10)] == [take() for _ in range(4)]


def test_racers_share_a_limit(core: Core) -> None:
    """Of many who take at once, exactly as many get through as there are places, on several keys at a time."""
    limit = Limit(burst=10, period=timedelta(hours=1))

    def take(number: int) -> bool:
        keys = ["a", "b"] if number % 2 else ["b", "a"]
        with core.across_fleets() as uow:
            return all(taken.is_allowed for taken in uow[LIMITS].take([RateLimit(key, limit) for key in keys], uow.now))

    with ThreadPoolExecutor(4) as pool:
        assert 10 == sum(pool.map(take, range(60)))


def test_two_processes_share_the_general_limit(core: Core, database_url: str, clock: FixedClock) -> None:
    """A process more lets through a twentieth more at most, not as much again; the next minute is a new one."""
    limiter = RequestLimiter(core, MINUTE)
    here = let_through(limiter, "user 1", 400)
    program = [sys.executable, "-c", OTHER_PROCESS, database_url]
    there = int(subprocess.run(program, capture_output=True, text=True, check=True).stdout)
    here += let_through(limiter, "user 1", 400)

    assert MINUTE.burst <= here + there <= MINUTE.burst + 2 * SHARE
    clock.advance(seconds=60)
    assert MINUTE.burst <= let_through(limiter, "user 1", 700) <= MINUTE.burst + SHARE


def test_who_asks_little_costs_no_statement(core: Core) -> None:
    """Statements come with shares: none up to a twentieth of the limit, one for each further twentieth."""
    from sqlalchemy import event

    statements: list[str] = []
    limiter = RequestLimiter(core, MINUTE)
    core.across_fleets().__enter__().now  # noqa: B018 - the engine is made now
    event.listen(core.database._system_engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    let_through(limiter, "user 1", SHARE)
    assert [] == statements
    let_through(limiter, "user 1", 3 * SHARE)
    assert 3 == sum("accounts_limits" in statement for statement in statements)


def test_one_subject_does_not_slow_another(core: Core, clock: FixedClock) -> None:
    """Whoever is refused is so alone, and is told how long."""
    limiter = RequestLimiter(core, MINUTE)
    let_through(limiter, "user 1", 1000)
    with pytest.raises(LimitExceeded) as refused:
        limiter.check(["user 2", "user 1"])
    assert 1 <= refused.value.retry_after_seconds <= 60
    assert 100 == let_through(limiter, "user 2", 100)
    clock.advance(seconds=refused.value.retry_after_seconds)
    assert let_through(limiter, "user 1", 5)


def test_users_keys_and_addresses_are_limited(make_accounts: MakeAccounts) -> None:
    """A request counts for the user, the key and the address that it came from; a stranger's for the address."""
    limits = Limits(requests=Limit(burst=600, period=timedelta(minutes=1)))
    accounts: Accounts = make_accounts(limits=limits)
    caller = accounts.identify(accounts.register("ada@example.org", "four words of ada", "Ada").access_token)
    for number in range(700):
        try:
            accounts.limit_request(caller, f"192.0.2.{number % 7}")
        except LimitExceeded:
            break
    assert 600 <= number <= 640
    with pytest.raises(LimitExceeded):
        accounts.limit_request(caller, "198.51.100.1")
    accounts.limit_request(None, "192.0.2.1")


def test_keys_of_limits_hide_what_was_typed() -> None:
    """An address that somebody typed stands in the database as a hash, and parts cannot be shifted."""
    assert "ada" not in limit_key("sign-in", "ada@example.org")
    assert limit_key("x", "ab", "c") != limit_key("x", "a", "bc")
    assert limit_key("x", "\ud800")


def test_an_account_has_one_limit_however_it_is_spelt() -> None:
    """Whatever leads to one account counts for it: case, composed and combining characters."""
    assert account_key("Üwe@Example.org") == account_key("u\u0308we@example.ORG")


def test_tidying_keeps_what_is_in_use(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """Old links, limits and log lines go; the session that is in use stays."""
    token = ada.refresh_token
    for _ in range(7):
        clock.advance(days=12)
        token = accounts.refresh(token).refresh_token
    accounts.tidy()
    assert accounts.refresh(token).access_token
    clock.advance(days=181)
    accounts.tidy()

    assert () == accounts.security_log(accounts.users()[0].user.id)


def test_the_worker_tidies_once_a_day(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """Sessions that ended, links, limits and log lines go with time, by themselves; recent ones stay."""

    def count(name: str) -> int:
        with accounts.core.database.system() as connection:
            return int(connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one())

    tables = ("accounts_sessions", "accounts_links", "accounts_limits", "accounts_security_log")
    assert all(count(name) >= 1 for name in tables)
    clock.advance(minutes=1)
    Worker(accounts.core).drain()
    assert [1, 1] == [count(name) for name in tables[:2]]
    clock.advance(days=100)
    accounts.login("ada@example.org", PASSWORD)
    clock.advance(days=175)  # 275 after the first sign-in, whose session ended at the latest on the 90th day
    Worker(accounts.core).drain()

    assert [1, 0, 0] == [count(name) for name in tables[:3]]
    assert 0 < count("accounts_security_log") < 3
