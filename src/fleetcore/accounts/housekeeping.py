"""Tidy up after signing in: late links, sessions that ended, limits that are whole again, old log lines."""

from __future__ import annotations

from datetime import datetime, timedelta

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.retention import RETENTION
from fleetcore.kernel.work import JobKind, Payload

from .ports import LIMITS, LINKS, SECURITY_LOG, SESSIONS

__all__ = ["TIDY", "tidy"]


def tidy(uow: UnitOfWork, before: datetime) -> None:
    """Delete what has no use any more, and of sessions that ended and of the security log what is from *before*."""
    uow[LINKS].prune(uow.now)
    uow[LIMITS].prune(uow.now)
    uow[SESSIONS].prune(before)
    uow[SECURITY_LOG].prune(before)


def run(uow: UnitOfWork, _payload: Payload) -> None:
    """Tidy up with the retention of this installation."""
    tidy(uow, uow[RETENTION].before(uow.now, "security_log"))


TIDY = JobKind(name="accounts.tidy", run=run, every=timedelta(days=1), across_fleets=True, retention=timedelta(days=7))
