"""What the worker brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.work import QUEUE

from . import service
from .events import EVENTS
from .housekeeping import CLEAN_UP
from .ports import CLAIMS, INBOX, JOBS, LETTERS, OUTBOX
from .storage import SqlJobStore, SqlQueue
from .storage_claims import SqlClaimStore
from .storage_inbox import SqlInboxStore, SqlLetterStore
from .storage_outbox import SqlOutboxStore

__all__ = ["AREA"]

AREA = Area(
    name="worker",
    stores={
        QUEUE: SqlQueue,
        JOBS: SqlJobStore,
        CLAIMS: SqlClaimStore,
        INBOX: SqlInboxStore,
        LETTERS: SqlLetterStore,
        OUTBOX: SqlOutboxStore,
    },
    operations=(
        service.list_jobs,
        service.get_job,
        service.retry_job,
        service.discard_job,
        service.list_dead_letters,
        service.get_dead_letter,
        service.replay,
        service.discard_dead_letter,
    ),
    events=EVENTS,
    jobs=(CLEAN_UP,),
)
