"""Clean up after the worker: what was heard, done and answered is forgotten when nobody can ask for it any more."""

from __future__ import annotations

from datetime import timedelta

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.retention import RETENTION
from fleetcore.kernel.work import QUEUE, JobKind, Payload

from .ports import CLAIMS, INBOX, LETTERS

__all__ = ["CLEAN_UP"]

NAME = "worker.clean_up"
ROWS_AT_ONCE = 5000


def clean_up(uow: UnitOfWork, _payload: Payload) -> None:
    """Remove old answers, jobs, events that every consumer has heard and dead letters; a part of it at a time."""
    kept = uow[RETENTION]
    failed_before = kept.before(uow.now, "failures")
    removed = (
        uow[CLAIMS].forget_answers(kept.before(uow.now, "answers"), ROWS_AT_ONCE),
        uow[CLAIMS].clean(uow.now, ROWS_AT_ONCE),
        uow[CLAIMS].forget_dead(failed_before, ROWS_AT_ONCE),
        uow[INBOX].clean(kept.before(uow.now, "events"), ROWS_AT_ONCE),
        uow[LETTERS].clean(failed_before, ROWS_AT_ONCE),
    )
    if ROWS_AT_ONCE in removed:
        uow[QUEUE].enqueue(NAME, now=uow.now, dedupe_key="")


CLEAN_UP = JobKind(name=NAME, run=clean_up, every=timedelta(hours=1), across_fleets=True, retention=timedelta(days=1))
