"""For how long what nobody keeps on purpose is kept: the worker deletes what is older."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import field, frozen

from .ports import StoreKey

__all__ = ["RETENTION", "Retention"]

DAYS_MAX = 36_500


def _days(_retention: Any, attribute: Any, value: int) -> None:
    if not 1 <= value <= DAYS_MAX:
        raise ValueError(f"{attribute.name} must lie between 1 and {DAYS_MAX}")


@frozen(kw_only=True)
class Retention:
    """How many days each sort of rows is kept.

    *answers* are the answers to requests with an idempotency key, *events* those that every consumer has heard,
    *failures* the jobs and events that failed for good, *messages* what people were told, once they have read or
    archived it or it was settled, with its delivery log, *security_log* the sign-ins and the sessions that ended.
    """

    answers_days: int = field(default=7, validator=_days)
    events_days: int = field(default=14, validator=_days)
    failures_days: int = field(default=180, validator=_days)
    messages_days: int = field(default=400, validator=_days)
    security_log_days: int = field(default=180, validator=_days)

    def before(self, now: datetime, name: str) -> datetime:
        """Return the instant before which what *name* says is old."""
        days: int = getattr(self, f"{name}_days")
        return now - timedelta(days=days)


RETENTION: StoreKey[Retention] = StoreKey("kernel.retention")
