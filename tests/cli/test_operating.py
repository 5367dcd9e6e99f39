"""The commands of whoever runs the host: events on their way, jobs, users; and a fleet that lives by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import orjson
import pytest

from fleetserver.cli.simulate import FLEET_NAME

from .running import Command
from .test_process import heed_interrupts
from .test_worker import failed_event, failed_job, opened


def test_waiting_events_are_listed_and_shown(command: Command) -> None:
    """Before a worker runs they are not relayed; the page of one says of which fleet and request it is."""
    command("vehicles", "add", "--name", "Golf")
    listed = command.json("outbox", "list")
    [added] = [each for each in listed["events"] if each["name"] == "vehicles.vehicle_added"]

    assert len(listed["events"]) == listed["figures"]["unpublished"]
    assert "unpublished" in command("outbox", "show", added["id"][-8:]).stdout
    command("worker", "--once")
    assert "Nothing waits." in command("outbox", "list").stdout


def test_failed_events_are_shown_and_replayed(command: Command) -> None:
    """Whoever runs the host sees those of every fleet, with the error, and sends them again."""
    letter = failed_event(command)
    assert "nobody" in command("outbox", "list", "--state", "dead").stdout
    assert "broken" in command("outbox", "show", str(letter.id)).stdout
    assert "1 event is sent again" in command("outbox", "replay", "--all").stdout
    assert "Nothing waits." in command("outbox", "list", "--state", "dead").stdout
    assert "retry" not in command("outbox", "retry", str(letter.event_id)[-8:]).stdout


def test_events_are_pruned_after_a_dry_run(command: Command) -> None:
    """The dry run counts and removes nothing."""
    command("vehicles", "add", "--name", "Golf")
    command("worker", "--once")
    with opened(command) as core, core.database.system() as connection:
        connection.exec_driver_sql("UPDATE outbox SET published_at = published_at - 864000000000")
        connection.commit()
    first = command.json("outbox", "prune", "--older-than", "5", "--dry-run")
    removed = command.json("outbox", "prune", "--older-than", "5")
    left = command.json("outbox", "prune", "--older-than", "5", "--dry-run")

    assert (True, first["events"], 0) == (first["events"] > 0, removed["events"], left["events"])


def test_errors_teach(command: Command) -> None:
    """Unknown ids and kinds are answered with what there is."""
    assert "`fleet outbox list` shows them" in command("outbox", "show", "12345678", code=2).stderr
    assert "say --all" in command("outbox", "replay", code=2).stderr
    assert "reminders.tick" in command("jobs", "run", "nonsense", code=2).stderr


def test_jobs_are_discarded(command: Command) -> None:
    """A dead job and a failed event can be removed for good."""
    failed_job(command)
    letter = failed_event(command)
    [job] = command.json("jobs", "list", "--state", "dead")["jobs"]
    assert "is discarded" in command("jobs", "discard", job["id"][-8:]).stdout
    assert [] == command.json("jobs", "list", "--state", "dead")["jobs"]
    assert "is discarded" in command("jobs", "discard-event", str(letter.id)).stdout
    assert [] == command.json("jobs", "dead")["dead_letters"]


def test_periodic_work_is_done_when_asked(command: Command) -> None:
    """The tick comes again at once, not tomorrow."""
    command("worker", "--once")
    assert "Nothing was due" in command("worker", "--once").stderr
    assert "worker.clean_up" in {job["kind"] for job in command.json("jobs", "list", "--host")["jobs"]}
    command("jobs", "run", "worker.clean_up")
    assert "worker.clean_up done" in command("worker", "--once").stdout


def test_a_user_is_shown_with_their_fleets(command: Command) -> None:
    """Their way to sign in, their fleets, and how many devices."""
    [user] = command.json("users", "list")["users"]
    shown = command.json("users", "show", user["id"][-8:])
    assert ([{"name": "Home", "roles": ["owner"]}], 0) == (
        [{key: each[key] for key in ("name", "roles")} for each in shown["fleets"]],
        shown["sessions"],
    )
    assert "Home (owner)" in command("users", "show", user["id"][-8:]).stdout


def test_a_worker_writes_the_log_of_the_server(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """With FLEET_LOG_FORMAT every line is JSON, told by kinds and ids."""
    said = {**os.environ, "FLEET_LOG_FORMAT": "json", "FLEET_LOG_LEVEL": "debug"}
    arguments = [sys.executable, "-m", "fleetserver.cli.main", "--database", command.url, "worker", "--once"]
    done = subprocess.run(arguments, stderr=subprocess.PIPE, env=said, check=True, timeout=300)
    lines = [orjson.loads(line) for line in done.stderr.splitlines()]
    assert {"scheduled", "done"} <= {line["what"] for line in lines}
    assert all(line["correlation_id"] and line["ts"] for line in lines)


SOON = ("simulate", "--pause", "0", "--speed", "2000", "--seed", "7")


def test_a_simulated_fleet_is_made_and_lives(fresh: Command) -> None:
    """In an empty database it founds a fleet; vehicles drive, and a second call goes on with the same ones."""
    steps = [
        orjson.loads(line) for line in fresh(*SOON, "--count", "20", "--vehicles", "2", "--json").stdout.splitlines()
    ]
    again = fresh(*SOON, "--count", "5", "--vehicles", "2")

    assert {"drove", "trip"} <= {step["what"] for step in steps}
    assert ["Simulated 1", "Simulated 2"] == sorted({step["vehicle"] for step in steps})
    assert "drove: " in again.stderr
    vehicles = fresh.json("--fleet", FLEET_NAME, "vehicles", "list")["vehicles"]
    assert [["simulated"], ["simulated"]] == [each["tags"] for each in vehicles]
    assert 2 == len(fresh.json("reminders", "list")["reminders"])
    assert "sound" in fresh("ledger", "check").stdout.lower()


def test_states_fills_and_reminders_change(fresh: Command) -> None:
    """After a longer life there were fills, changes of state and reminders that became due and were answered."""
    fresh("init", "--name", FLEET_NAME, "--currency", "EUR")
    told = fresh(*SOON, "--count", "120", "--vehicles", "1", "--json").stdout
    steps = [orjson.loads(line) for line in told.splitlines()]

    assert {"drove", "trip", "fill", "state", "reminder"} == {step["what"] for step in steps}
    assert {"active", "under_maintenance"} <= {step["detail"] for step in steps if step["what"] == "state"}


def test_a_real_fleet_is_left_alone(command: Command) -> None:
    """It is refused, by name too, unless one insists; then only new vehicles move."""
    assert "is no demo fleet" in command(*SOON, "--count", "1", code=2).stderr
    assert "is no demo fleet" in command("--fleet", "Home", *SOON, "--count", "1", code=2).stderr
    assert [] == command.json("vehicles", "list")["vehicles"]
    command("vehicles", "add", "--name", "Golf")
    command(*SOON, "--count", "3", "--vehicles", "1", "--in-real-fleet")
    assert 0 == len(command.json("odometer", "list", "--vehicle", "Golf")["readings"])


def test_an_interrupt_ends_the_simulation_cleanly(fresh: Command) -> None:
    """Ctrl+C ends it with a summary and the code 0."""
    arguments = [sys.executable, "-m", "fleetserver.cli.main", "--database", fresh.url, "simulate", "--pause", "0.05"]
    with subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,  # noqa: PLW1509 - signal() is all it calls
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=300)
    assert (0, True) == (process.returncode, b"drove: " in error)
