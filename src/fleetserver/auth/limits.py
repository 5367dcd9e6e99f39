"""How often somebody may ask: counted in memory while it is little, in the database for all processes beyond that."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import define

from fleetcore import Core
from fleetcore.accounts.model import Limit, RateLimit
from fleetcore.accounts.ports import LIMITS

from .errors import LimitExceeded

__all__ = ["RequestLimiter", "limit_key", "take"]

SUBJECTS_MAX = 20_000
SHARE = 20  # a twentieth of the limit costs no statement, and as much is taken from the database at once


def limit_key(*parts: str) -> str:
    """Return the key of a limit; what people typed goes in as a hash."""
    what, *about = parts
    typed = "\0".join(about).encode("utf-8", "surrogatepass")
    return f"{what}:{hashlib.sha256(typed).hexdigest()[:32]}"


def take(core: Core, *steps: Sequence[RateLimit]) -> None:
    """Take from shared limits, one step after the other; raises LimitExceeded at the first that refuses."""
    with core.across_fleets() as uow:
        for wanted in steps:
            taken = uow[LIMITS].take(wanted, uow.now)
            waits = [each.retry_after for each in taken if not each.is_allowed]
            if waits:
                break
    if waits:  # after the commit: what was taken before the refusal stays taken
        raise LimitExceeded(max(waits))


@define
class _Use:
    """What one subject used here: since when, how often, and how much of a share that was taken is left."""

    began: datetime
    used: int = 0
    left: int = 0
    left_until: datetime | None = None
    refused_until: datetime | None = None


class RequestLimiter:
    """Limits requests per user, key and address over all processes.

    Of each minute a process lets a twentieth of the limit through by itself. Beyond that it takes shares of a
    twentieth from the database, so a statement is paid by every 60th request of who asks much, and by nobody else.
    Together, *n* processes let through at most the limit and *n* twentieths of it.
    """

    def __init__(self, core: Core, limit: Limit) -> None:
        self._core = core
        self._limit = limit
        self._share = max(1, limit.burst // SHARE)
        self._uses: OrderedDict[str, _Use] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, subjects: Iterable[str]) -> None:
        """Count a request of *subjects* (a user, a key, an address); raises LimitExceeded."""
        now = self._core.clock.now()
        for subject in subjects:
            with self._lock:
                use = self._use_of(subject, now)
                if use.refused_until is not None and now < use.refused_until:
                    raise LimitExceeded(use.refused_until - now)
                is_free = self._is_free(use, now)
            if not is_free:
                self._take_share(subject, use, now)

    def _use_of(self, subject: str, now: datetime) -> _Use:
        if (use := self._uses.get(subject)) is None:
            use = self._uses[subject] = _Use(now)
            if len(self._uses) > SUBJECTS_MAX:
                self._uses.popitem(last=False)
        elif now - use.began >= self._limit.period:
            use.began, use.used = now, 0
            self._uses.move_to_end(subject)
        return use

    def _is_free(self, use: _Use, now: datetime) -> bool:
        if use.used < self._share:
            use.used += 1
            return True
        if use.left and use.left_until is not None and now < use.left_until:
            use.left -= 1
            return True
        return False

    def _take_share(self, subject: str, use: _Use, now: datetime) -> None:
        try:
            take(self._core, [RateLimit(limit_key("requests", subject), self._limit, cost=self._share)])
        except LimitExceeded as refused:
            with self._lock:
                use.refused_until = now + timedelta(seconds=refused.retry_after_seconds)
            raise
        with self._lock:
            use.left += self._share - 1
            use.left_until = now + self._limit.period
