"""Look at jobs and dead letters, and have them tried again."""

from __future__ import annotations

from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import always, operation, query

from .events import DeadLetterDiscarded, DeadLetterReplayed, JobDiscarded, JobRetried
from .model import (
    DeadLetter,
    DiscardDeadLetter,
    DiscardJob,
    GetDeadLetter,
    GetJob,
    Job,
    JobState,
    ListDeadLetters,
    ListJobs,
    Replay,
    RetryJob,
)
from .ports import JOBS, LETTERS

__all__ = [
    "discard_dead_letter",
    "discard_job",
    "get_dead_letter",
    "get_job",
    "list_dead_letters",
    "list_jobs",
    "replay",
    "retry_job",
]

READ, REPLAY = "jobs.read", "outbox.replay"


@query("worker.list_jobs", permission=READ)
def list_jobs(uow: UnitOfWork, command: ListJobs) -> Page[Job]:
    """List the fleet's background jobs, newest first. Raises Rejected."""
    limit = page_limit(command.limit)
    rows = uow[JOBS].page(command, decode_cursor(command), limit + 1)
    return page_of(rows, limit, lambda job: Position(job.created_at, job.id), command)


@query("worker.get_job", permission=READ)
def get_job(uow: UnitOfWork, command: GetJob) -> Job:
    """Return one background job, with its last error. Raises NotFound."""
    return uow[JOBS].get(command.id)


@operation("worker.retry_job", permission=REPLAY)
def retry_job(uow: UnitOfWork, command: RetryJob) -> Job:
    """Let a dead job be tried again from the start, or a waiting one at once.

    Raises NotFound, Conflict for one that runs or is done, or whose work another job does by now.
    """
    job = uow[JOBS].get(command.id, lock=True)
    if job.state not in {JobState.DEAD, JobState.WAITING}:
        raise Conflict(f"the job {job.id} is {job.state}: only a dead or a waiting one can be tried again")
    uow[JOBS].reopen(job.id, uow.now)
    after = uow[JOBS].get(command.id)
    uow.record_change("worker.job", job.id, _seen(job), _seen(after))
    uow.emit(JobRetried(job_id=job.id, kind=job.kind))
    return after


@operation("worker.discard_job", permission=REPLAY)
def discard_job(uow: UnitOfWork, command: DiscardJob) -> Job:
    """Remove a dead or a waiting job for good, and return what it was: its work is not done.

    Raises NotFound, Conflict for one that runs or is done.
    """
    job = uow[JOBS].get(command.id, lock=True)
    if job.state not in {JobState.DEAD, JobState.WAITING}:
        raise Conflict(f"the job {job.id} is {job.state}: only a dead or a waiting one can be discarded")
    uow[JOBS].remove(job.id)
    uow.record_change("worker.job", job.id, _seen(job), None)
    uow.emit(JobDiscarded(job_id=job.id, kind=job.kind))
    return job


def _seen(job: Job) -> dict[str, object]:
    """Return what audit keeps of a job: not its payload, and no error text, which may quote what people wrote."""
    return {"kind": job.kind, "state": job.state.value, "attempts": job.attempts}


@query("worker.list_dead_letters", permission=READ, sensitive=always)
def list_dead_letters(uow: UnitOfWork, command: ListDeadLetters) -> Page[DeadLetter]:
    """List the events that a consumer could not take, newest first. Raises Rejected."""
    limit = page_limit(command.limit)
    rows = uow[LETTERS].page(command, decode_cursor(command), limit + 1)
    return page_of(rows, limit, lambda letter: Position(letter.died_at, letter.id), command)


@query("worker.get_dead_letter", permission=READ)
def get_dead_letter(uow: UnitOfWork, command: GetDeadLetter) -> DeadLetter:
    """Return one dead letter, with the error of its consumer. Raises NotFound."""
    return uow[LETTERS].get(command.id)


@operation("worker.discard_dead_letter", permission=REPLAY)
def discard_dead_letter(uow: UnitOfWork, command: DiscardDeadLetter) -> DeadLetter:
    """Remove a dead letter for good, and return it: its consumer never takes the event. Raises NotFound."""
    letter = uow[LETTERS].get(command.id, lock=True)
    uow[LETTERS].remove(letter.id)
    said = {"consumer": letter.consumer, "event": letter.name, "event_id": str(letter.event_id)}
    uow.record_change("worker.dead_letter", letter.id, said, None)
    uow.emit(DeadLetterDiscarded(letter_id=letter.id, consumer=letter.consumer, event_id=letter.event_id))
    return letter


@operation("worker.replay", permission=REPLAY)
def replay(uow: UnitOfWork, command: Replay) -> DeadLetter:
    """Send the event of a dead letter to its consumer again.

    It comes after later events of its key, which did not wait. Raises NotFound, Conflict for one that was sent
    again already: should it fail again, it is a new dead letter.
    """
    letter = uow[LETTERS].get(command.id, lock=True)
    if letter.replayed_at is not None:
        raise Conflict(f"the dead letter {letter.id} was sent again already, at {letter.replayed_at.isoformat()}")
    uow[LETTERS].replay(letter, uow.now, uow.actor.user_id)
    said = {"consumer": letter.consumer, "event": letter.name, "event_id": str(letter.event_id)}
    uow.record_change("worker.dead_letter", letter.id, said, {**said, "replayed_at": uow.now.isoformat()})
    uow.emit(DeadLetterReplayed(letter_id=letter.id, consumer=letter.consumer, event_id=letter.event_id))
    return uow[LETTERS].get(command.id)
