"""``fleet jobs``: look at background jobs and failed events, and have them tried again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import click
import orjson
from attrs import evolve

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import NotFound
from fleetcore.worker.model import (
    DeadLetter,
    DiscardDeadLetter,
    DiscardJob,
    GetJob,
    Job,
    JobState,
    ListDeadLetters,
    ListJobs,
    Replay,
    RetryJob,
)
from fleetcore.worker.ports import CLAIMS
from fleetcore.worker.service import (
    discard_dead_letter,
    discard_job,
    get_job,
    list_dead_letters,
    list_jobs,
    replay,
    retry_job,
)
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, pick, short_id, some_of
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, choice_of, limit_option, rows_wanted
from fleetserver.cli.tables import Column, details, table

__all__ = ["jobs"]

JOB_COLUMNS = (
    Column("Job", flexible=True),
    Column("State"),
    Column("Tries", right=True, drop=2),
    Column("Next try", drop=1),
    Column("Error", flexible=True, drop=3),
    Column("Id"),
)
LETTER_COLUMNS = (
    Column("Event", flexible=True),
    Column("For", flexible=True),
    Column("Failed", drop=1),
    Column("Error", flexible=True, drop=2),
    Column("Id"),
)
NO_JOBS = "No jobs yet: they come with reminders, recurring expenses and notifications, and `fleet worker` does them."


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}Z"


def _last_line(error: str | None) -> str:
    return (error or "").strip().rpartition("\n")[2]


@click.group("jobs", cls=FleetGroup)
def jobs() -> None:
    """Look at background jobs and failed events of the fleet, and have them tried again."""


def _find(session: Session, text: str) -> Job:
    return pick(
        text,
        "background job",
        lambda key: session.read(get_job, GetJob(id=key)),
        lambda: everything(lambda cursor, most: session.read(list_jobs, ListJobs(cursor=cursor, limit=most))),
    )


def _nobody() -> Actor:
    """Return whoever runs the host, as somebody who may look at what is no fleet's."""
    from fleetcore.running import NOBODY

    return evolve(NOBODY, permissions={"jobs.read": Scope.ALL})


@jobs.command("list")
@click.option("--state", type=choice_of(JobState), multiple=True, help="Only in this state; may be repeated.")
@click.option("--kind", metavar="NAME", help="Only of this kind, for example reminders.tick.")
@click.option("--host", "of_host", is_flag=True, help="Those of the whole installation, such as clean-ups.")
@limit_option()
@all_option()
@pass_session
def list_(
    session: Session, *, state: tuple[str, ...], kind: str | None, of_host: bool, limit: int | None, show_all: bool
) -> None:
    """List background jobs, newest first.

    fleet jobs list --state dead
    """
    if of_host:
        session.act_as(_nobody())
    states = tuple(map(JobState, state))
    found, more = some_of(
        lambda cursor, most: session.read(list_jobs, ListJobs(states=states, kind=kind, cursor=cursor, limit=most)),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield "No jobs of this kind." if states or kind else NO_JOBS
            return
        yield from table(JOB_COLUMNS, [_row(job) for job in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"jobs": found}, human)


def _row(job: Job) -> list[str]:
    next_try = _moment(job.next_at) if job.state is JobState.WAITING else ""
    return [job.kind, job.state.value, str(job.attempts), next_try, _last_line(job.last_error), short_id(job.id)]


@jobs.command("show")
@click.argument("job_id", metavar="ID")
@pass_session
def show(session: Session, job_id: str) -> None:
    """Show the job ID with what it was given and the whole of its last error.

    fleet jobs show 1a2b3c4d
    """
    job = _find(session, job_id)

    def human() -> Iterator[str]:
        yield from details(
            [
                ("Job", job.kind),
                ("State", job.state.value),
                ("Given", orjson.dumps(job.payload).decode() if job.payload else ""),
                ("Tries", str(job.attempts)),
                ("Planned for", _moment(job.run_at)),
                ("Next try", _moment(job.next_at) if job.state is JobState.WAITING else ""),
                ("Finished", _moment(job.finished_at)),
                ("Id", str(job.id)),
            ]
        )
        if job.last_error:
            yield ""
            yield from job.last_error.rstrip().splitlines()

    session.show(job, human)


@jobs.command("retry")
@click.argument("job_id", metavar="ID")
@pass_session
def retry(session: Session, job_id: str) -> None:
    """Have the dead job ID tried again from the start, or a waiting one at once.

    fleet jobs retry 1a2b3c4d
    """
    job = session.run(retry_job, RetryJob(id=_find(session, job_id).id))
    session.done(job, f"{job.kind} ({short_id(job.id)}) is tried again as soon as a worker runs.")


@jobs.command("discard")
@click.argument("job_id", metavar="ID")
@pass_session
def discard(session: Session, job_id: str) -> None:
    """Remove the dead or waiting job ID: its work is not done.

    fleet jobs discard 1a2b3c4d
    """
    job = _find(session, job_id)
    session.run(discard_job, DiscardJob(id=job.id))
    session.done(job, f"{job.kind} ({short_id(job.id)}) is discarded.")


@jobs.command("run")
@click.argument("kind")
@pass_session
def run(session: Session, *, kind: str) -> None:
    """Have periodic work of this KIND looked for at once, in every fleet, and not when it is due next.

    fleet jobs run reminders.tick
    """
    periodic = sorted(name for name, each in session.core.jobs.items() if each.every is not None)
    if kind not in periodic:
        raise BadInput.because("KIND", f"{kind!r} is no periodic work: that is {', '.join(periodic)}")
    with session.core.across_fleets() as uow:
        uow[CLAIMS].prepare([kind], uow.now)
        uow[CLAIMS].plan_schedule(kind, uow.now)
    session.done({"kind": kind}, f"{kind} is looked for as soon as a worker runs.")


@jobs.command("dead")
@click.option("--consumer", metavar="NAME", help="Only those that this consumer could not take.")
@click.option("--replayed", is_flag=True, help="Also those that were sent again.")
@limit_option()
@all_option()
@pass_session
def dead(session: Session, *, consumer: str | None, replayed: bool, limit: int | None, show_all: bool) -> None:
    """List the events that a consumer could not take, newest first.

    fleet jobs dead --json
    """
    question = ListDeadLetters(consumer=consumer, include_replayed=replayed)
    found, more = some_of(
        lambda cursor, most: session.read(list_dead_letters, evolve(question, cursor=cursor, limit=most)),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield "No failed events."
            return
        yield from table(LETTER_COLUMNS, [_letter_row(letter) for letter in found])
        if more:
            session.note("There are more: --all lists them.")
        session.note("When the cause is mended: fleet jobs replay ID, or fleet jobs replay --all")

    session.show({"dead_letters": found}, human)


def _by_id(letters: list[DeadLetter], key: UUID) -> DeadLetter:
    for letter in letters:
        if letter.id == key:
            return letter
    raise NotFound("failed event", key)


def _letter_row(letter: DeadLetter) -> list[str]:
    return [letter.name, letter.consumer, _moment(letter.died_at), _last_line(letter.error), short_id(letter.id)]


@jobs.command("discard-event")
@click.argument("letter_id", metavar="ID")
@pass_session
def discard_event(session: Session, letter_id: str) -> None:
    """Remove the failed event ID: its consumer never takes it.

    fleet jobs discard-event 1a2b3c4d
    """
    found = list(
        everything(lambda cursor, most: session.read(list_dead_letters, ListDeadLetters(cursor=cursor, limit=most)))
    )
    letter = pick(letter_id, "failed event", lambda key: _by_id(found, key), lambda: found)
    session.run(discard_dead_letter, DiscardDeadLetter(id=letter.id))
    session.done(letter, f"{letter.name} for {letter.consumer} is discarded.")


@jobs.command("replay")
@click.argument("letter_id", metavar="ID", required=False)
@click.option("--all", "replay_all", is_flag=True, help="Every failed event of the fleet.")
@pass_session
def replay_(session: Session, *, letter_id: str | None, replay_all: bool) -> None:
    """Send the failed event ID to its consumer again, or --all of them.

    fleet jobs replay 1a2b3c4d
    """
    if (letter_id is None) is not replay_all:
        raise BadInput.because("", "name the failed event, or say --all: `fleet jobs dead` lists them")
    waiting = list(
        everything(lambda cursor, most: session.read(list_dead_letters, ListDeadLetters(cursor=cursor, limit=most)))
    )
    if letter_id is not None:
        waiting = [pick(letter_id, "failed event", lambda key: _by_id(waiting, key), lambda: waiting)]
    sent = [session.run(replay, Replay(id=letter.id)) for letter in waiting]
    what = "1 event is" if len(sent) == 1 else f"{len(sent)} events are"
    session.done({"dead_letters": sent}, f"{what} sent again as soon as a worker runs.")
