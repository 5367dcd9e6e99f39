"""Forget what people were told long ago, and how it was sent."""

from __future__ import annotations

from datetime import timedelta

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.retention import RETENTION
from fleetcore.kernel.work import QUEUE, JobKind, Payload

from .ports import OLD_MESSAGES

__all__ = ["FORGET_OLD"]

NAME = "notifications.forget_old"
ROWS_AT_ONCE = 5000


def forget_old(uow: UnitOfWork, _payload: Payload) -> None:
    """Remove old messages that are settled, a part of them at a time."""
    if uow[OLD_MESSAGES].forget(uow[RETENTION].before(uow.now, "messages"), ROWS_AT_ONCE) == ROWS_AT_ONCE:
        uow[QUEUE].enqueue(NAME, now=uow.now, dedupe_key="")


FORGET_OLD = JobKind(
    name=NAME, run=forget_old, every=timedelta(days=1), across_fleets=True, retention=timedelta(days=7)
)
