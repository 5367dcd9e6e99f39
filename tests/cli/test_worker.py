"""The worker by command: what it does, how it tells of it, and how people have things tried again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import attrs
import orjson
import pytest
from sqlalchemy import insert
from tests.worker.letters import a_letter

import fleetcore
from fleetcore import Core
from fleetcore.kernel.work import QUEUE
from fleetcore.worker.model import DeadLetter
from fleetcore.worker.ports import CLAIMS
from fleetcore.worker.storage_inbox import dead_letters

from .running import Command
from .test_process import heed_interrupts


@pytest.fixture
def due(command: Command) -> Command:
    """The fleet command over a fleet with an overdue reminder and a recurring expense that has fallen due."""
    command("vehicles", "add", "--name", "Golf")
    command("reminders", "add", "--vehicle", "Golf", "--title", "Oil", "--on", "2026-01-01")
    command(
        "expenses", "recurring", "add", "--vehicle", "Golf", "--category", "parking", "--amount", "5",
        "--period", "year", "--start", "2026-01-01",
    )  # fmt: skip
    return command


def opened(command: Command) -> Core:
    """Open the database of the command in the library."""
    return fleetcore.open(command.url, installed_plugins=False)


def failed_job(command: Command) -> None:
    """Leave a dead job behind."""
    with opened(command) as core:
        fleet_id = core.actor().fleet_id
        core.work(fleet_id, "test", lambda uow: uow[QUEUE].enqueue("expenses.run_recurring", now=uow.now))
        with core.across_fleets() as uow:
            [claim] = uow[CLAIMS].claim({"expenses.run_recurring": timedelta(minutes=5)}, uow.now, 1)
            uow[CLAIMS].fail(claim, "Traceback\n  in the ledger\nValueError: the books are closed\n", None, uow.now)


def failed_event(command: Command) -> DeadLetter:
    """Leave a dead letter behind."""
    letter = a_letter(uuid4())
    with opened(command) as core:
        fleet_id = core.actor().fleet_id
        row = {"fleet_id": fleet_id, **attrs.asdict(letter)}
        core.database.write(fleet_id, lambda connection: connection.execute(insert(dead_letters).values(row)))
    return letter


def test_empty_lists_teach(command: Command) -> None:
    """Where nothing is, the lists say what would be there."""
    assert "`fleet worker` does them" in command("jobs", "list").stdout
    assert "No failed events" in command("jobs", "dead").stdout
    assert "No jobs of this kind" in command("jobs", "list", "--state", "dead").stdout


def test_once_does_what_is_due_and_ends(due: Command) -> None:
    """One call records recurring expenses; the next one finds nothing."""
    first = due("worker", "--once")
    second = due("worker", "--once")

    assert "expenses.run_recurring done" in first.stdout
    assert "Jobs done: " in first.stderr
    assert ("", "Nothing was due.\n") == (second.stdout, second.stderr)
    assert 1 == len(due.json("expenses", "list")["expenses"])
    assert "expenses.run_recurring" in due("jobs", "list", "--kind", "expenses.run_recurring").stdout


def test_json_is_one_object_a_line(due: Command) -> None:
    """With --json every line is an object that says what happened, to whom and when."""
    told = [orjson.loads(line) for line in due("worker", "--once", "--json").stdout.splitlines()]

    assert {"scheduled", "done", "heard", "relayed"} == {each["what"] for each in told}
    assert all({"at", "name", "count"} <= each.keys() for each in told)


def test_channels_do_not_speak_between_the_lines_of_json(due: Command) -> None:
    """What the console channel prints goes to standard error, so that every line of the output is JSON."""
    due("notifications", "preferences", "set", "--kind", "due=console")
    result = due("worker", "--once", "--json")

    assert [orjson.loads(line) for line in result.stdout.splitlines()]
    assert "Golf: Oil is overdue" in result.stderr


def test_quiet_is_quiet(due: Command) -> None:
    """With --quiet nothing is said of what went well."""
    result = due("--quiet", "worker", "--once")

    assert ("", "") == (result.stdout, result.stderr)


def test_a_dead_job_is_shown_and_retried(command: Command) -> None:
    """The list names the error, the page of the job has all of it, and retrying puts it back."""
    failed_job(command)
    [job] = command.json("jobs", "list", "--state", "dead")["jobs"]
    listed = command("jobs", "list").stdout
    shown = command("jobs", "show", job["id"][-8:]).stdout
    command("jobs", "retry", job["id"][-8:])
    command("worker", "--once")

    assert "ValueError" in listed
    assert "  in the ledger\nValueError: the books are closed" in shown
    assert "done" == command.json("jobs", "show", job["id"])["state"]


def test_a_failed_event_is_sent_again(command: Command) -> None:
    """By its id or with all others; once only."""
    letters = [failed_event(command) for _ in range(3)]
    listed = command("jobs", "dead").stdout
    command("jobs", "replay", str(letters[0].id))
    rest = command.json("jobs", "dead")["dead_letters"]
    sent = command.json("jobs", "replay", "--all")["dead_letters"]

    assert "ValueError: broken" in listed
    assert {str(letter.id) for letter in letters[1:]} == {each["id"] for each in rest} == {each["id"] for each in sent}
    assert {"dead_letters": []} == command.json("jobs", "dead")
    assert 3 == len(command.json("jobs", "dead", "--replayed")["dead_letters"])
    assert "there is no failed event" in command("jobs", "replay", str(letters[0].id), code=1).stderr


@pytest.mark.parametrize(
    "arguments", [("replay",), ("replay", "abcd1234", "--all"), ("show", "no-id"), ("list", "--state", "odd")]
)
def test_bad_input_is_refused(command: Command, arguments: tuple[str, ...]) -> None:
    """What cannot be meant is said so, with nothing done."""
    command("jobs", *arguments, code=2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("threads", ["1", "3"])
def test_a_signal_lets_it_finish(due: Command, number: signal.Signals, threads: str) -> None:
    """SIGTERM and Ctrl-C end the worker orderly, with exit status 0, whether it has one thread or several."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fleetserver.cli.main", "--database", due.url, "worker", "--threads", threads],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509 - signal() is all it calls
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    while "expenses.run_recurring done" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(number)
    _, told = process.communicate(timeout=300)

    assert 0 == process.returncode
    assert "Jobs done" in told
