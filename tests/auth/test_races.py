"""One refresh token that comes twice at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

from fleetcore import Core
from fleetcore.accounts.model import EndReason, NewSession
from fleetcore.accounts.ports import SESSIONS
from fleetcore.accounts.sessions import Lifetimes, open_session
from fleetserver.auth.errors import Unauthenticated
from fleetserver.auth.service import Accounts

ROUNDS, RACERS = 1000, 2


def opened(core: Core, user_id: UUID, fleet_id: UUID, number: int) -> list[tuple[UUID, str]]:
    """Open *number* sessions; returns their ids and refresh tokens."""
    with core.across_fleets() as uow:
        new = NewSession(user_id=user_id, fleet_id=fleet_id)
        return [(session.id, token) for session, token in (open_session(uow, new, Lifetimes()) for _ in range(number))]


def test_of_racers_with_one_token_one_wins_and_the_session_ends(accounts: Accounts, ada: Any, core: Core) -> None:
    """A thousand times: one gets the next token, which is void as soon as the other has come."""
    actor = accounts.authenticate(ada.access_token)
    sessions = opened(core, actor.user_id, actor.fleet_id, ROUNDS)
    start = Barrier(RACERS)

    def race(token: str) -> Any:
        start.wait()
        try:
            return accounts.refresh(token)
        except Unauthenticated:
            return None

    winners, void = [], 0
    with ThreadPoolExecutor(RACERS) as pool:
        for _, token in sessions:
            won = [answer for answer in pool.map(race, [token] * RACERS) if answer is not None]
            winners.append(len(won))
            try:
                accounts.identify(won[0].access_token)
            except Unauthenticated:
                void += 1
    with core.across_fleets(snapshot=True) as uow:
        reasons = [uow[SESSIONS].find(session_id) for session_id, _ in sessions]

    assert [1] * ROUNDS == winners
    assert ROUNDS == void
    assert {EndReason.REUSED} == {session.end_reason for session in reasons if session is not None}
