"""The host of channels: loading one by one, settings and secrets, limits, and one that harms no other."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

import fleetcore
from fleetcore import Core, hookimpl
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.settings import Secret, read_settings
from fleetcore.notifications.channels import (
    Addressing,
    Channel,
    ChannelSpec,
    Delivered,
    Limits,
    Message,
    Outcome,
    Retry,
    Target,
)
from fleetcore.notifications.host import ChannelHost, ChannelState, Envelope, TokenBucket
from fleetcore.testing.contracts import a_message


class Colour(StrEnum):
    """A choice among settings."""

    RED = "red"
    BLUE = "blue"


@frozen(kw_only=True)
class PagerSettings:
    """Settings of every type."""

    host: str
    port: int = field(default=25)
    ratio: float = 0.5
    is_loud: bool = False
    colour: Colour = Colour.RED
    password: Secret | None = None
    timeout: timedelta = timedelta(seconds=5)
    file: Path | None = None
    tags: tuple[str, ...] = ()

    @port.validator
    def _real(self, _attribute: Any, value: int) -> None:
        if not 0 < value < 65_536:
            raise ValueError("port must be a real one")


class Pager:
    """A channel that takes everything."""

    async def open(self) -> None:
        """Do nothing."""

    async def send(self, _message: Message, _target: Target) -> Outcome:
        """Take it."""
        return Delivered()

    async def close(self) -> None:
        """Do nothing."""


def make(_settings: Any) -> Channel:
    """Make the pager."""
    return Pager()


PAGER = ChannelSpec(name="pager", config=PagerSettings, factory=make, addressing=Addressing.NONE)
FULL = {
    "FLEET_PAGER_HOST": "pager.example",
    "FLEET_PAGER_PORT": "2525",
    "FLEET_PAGER_RATIO": "0.25",
    "FLEET_PAGER_IS_LOUD": "yes",
    "FLEET_PAGER_COLOUR": "blue",
    "FLEET_PAGER_PASSWORD": "s3cret",
    "FLEET_PAGER_TIMEOUT": "1.5",
    "FLEET_PAGER_FILE": "/etc/pager",
    "FLEET_PAGER_TAGS": "a, b,",
    "FLEET_DATABASE": "elsewhere",
}


def host_of(
    *specs: Any, settings: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> ChannelHost:
    """Return a host over *specs*."""
    return ChannelHost([("plugin", spec) for spec in specs], settings or {}, environment or {})


def test_settings_come_from_the_environment() -> None:
    """Every type of field is read from its variable."""
    found = read_settings("pager", PagerSettings, {}, FULL)

    assert (
        PagerSettings(
            host="pager.example",
            port=2525,
            ratio=0.25,
            is_loud=True,
            colour=Colour.BLUE,
            password=Secret("s3cret"),
            timeout=timedelta(seconds=1.5),
            file=Path("/etc/pager"),
            tags=("a", "b"),
        )
        == found
    )


def test_given_settings_go_before_the_environment(tmp_path: Path) -> None:
    """A mapping wins; a secret may stand in a file."""
    secret = tmp_path / "password"
    secret.write_text("from file\n")
    environment = {"FLEET_PAGER_HOST": "a", "FLEET_PAGER_PASSWORD_FILE": str(secret)}
    found = read_settings("pager", PagerSettings, {"host": "b"}, environment)

    assert ("b", "from file") == (found.host, found.password.reveal())


@pytest.mark.parametrize(
    ("settings", "environment", "words"),
    [
        ({}, {"FLEET_PAGER_PORT": "1"}, ["FLEET_PAGER_HOST"]),
        ({"host": "x", "hots": "y"}, {}, ["hots"]),
        ({"host": "x"}, {"FLEET_PAGER_HOTS": "y"}, ["FLEET_PAGER_HOTS"]),
        ({"host": "x"}, {"FLEET_PAGER_PORT": "many"}, ["many", "int"]),
        ({"host": "x"}, {"FLEET_PAGER_COLOUR": "green"}, ["green", "red, blue"]),
        ({"host": "x"}, {"FLEET_PAGER_IS_LOUD": "perhaps"}, ["perhaps"]),
        ({"host": "x"}, {"FLEET_PAGER_PASSWORD_FILE": "/no/such/file"}, ["cannot be read"]),
        ({"host": "x", "port": 0}, {}, ["port must be a real one"]),
    ],
)
def test_settings_that_do_not_fit(settings: dict[str, Any], environment: dict[str, str], words: list[str]) -> None:
    """What is missing, unknown or of another type is said by its name."""
    with pytest.raises(Rejected) as refused:
        read_settings("pager", PagerSettings, settings, environment)

    assert all(word in str(refused.value) for word in words)


def test_secrets_are_never_shown() -> None:
    """Neither repr, str, the report nor an error shows a secret, and it cannot be pickled away."""
    settings = read_settings("pager", PagerSettings, {}, FULL)
    host = host_of(PAGER, environment=FULL)
    broken = host_of(PAGER, environment={**FULL, "FLEET_PAGER_PORT": "0"})

    assert "s3cret" not in f"{settings!r} {settings.password} {host.reports} {broken.reports}"
    assert ("***", "2525") == (host.reports[0].settings["password"], host.reports[0].settings["port"])
    with pytest.raises(TypeError):
        pickle.dumps(settings.password)


def test_a_channel_without_its_settings_is_off() -> None:
    """What nobody has set up is no failure, and says what it needs."""
    (report,) = host_of(PAGER).reports

    assert (ChannelState.OFF, "set FLEET_PAGER_HOST") == (report.state, report.reason)


def fail(_settings: Any) -> Channel:
    """Make nothing."""
    raise OSError("no such pager")


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        (ChannelSpec(name="pager", factory=fail), "no such pager"),
        (ChannelSpec(name="pager", factory=make, api=2), "version 2"),
        (ChannelSpec(name="Pager!", factory=make), "name of a channel"),
        (ChannelSpec(name="inbox", factory=make), "already"),
        (ChannelSpec(name="good", factory=make), "already"),
        (ChannelSpec(name="pager", factory=make, formats=frozenset({"smell"})), "formats"),
        (ChannelSpec(name="pager", factory=make, config=int), "attrs class"),
        ("pager", "not str"),
        (None, "not NoneType"),
    ],
)
def test_what_cannot_be_loaded_is_reported_and_the_rest_go_on(spec: Any, word: str) -> None:
    """A channel that fails keeps no other from being used."""
    host = host_of(ChannelSpec(name="good", factory=make), spec, ChannelSpec(name="late", factory=make))

    assert ("good", "late") == host.names
    assert [ChannelState.OK, ChannelState.FAILED, ChannelState.OK] == [report.state for report in host.reports]
    assert word in host.reports[1].reason


def test_plugins_that_fail_to_bring_channels(sqlite_url: str) -> None:
    """A hook that raises is that plugin's failure; the others' channels are there."""

    class Broken:
        @hookimpl
        def fleetcore_notification_channels(self) -> list[ChannelSpec]:
            raise OSError("the disk is gone")

    class Good:
        @hookimpl
        def fleetcore_notification_channels(self) -> list[ChannelSpec]:
            return [PAGER]

    with fleetcore.open(
        sqlite_url,
        plugins=[Broken(), Good()],
        installed_plugins=False,
        plugin_settings={"pager": {"host": "x"}, "nobody": {}},
    ) as core:
        assert ("console", "pager") == core.channels.names
        assert "no plugin brings" in core.channels.reports[-1].reason
        (failure,) = core.plugins.failures
        assert "the disk is gone" in failure.reason
        assert [False, True] == sorted(report.is_ok for report in core.plugins.reports())
        assert {("fleetcore_notification_channels",)} == {report.hooks for report in core.plugins.reports()}


def test_the_hook_is_as_documented() -> None:
    """The signature that plugins are written against."""
    import inspect

    from fleetcore.hookspecs import FleetcoreHooks

    signature = inspect.signature(FleetcoreHooks.fleetcore_notification_channels)
    assert "(self) -> 'list[ChannelSpec]'" == str(signature)


def test_an_unknown_channel_is_a_retry(sqlite_core: Core) -> None:
    """A message for a channel that is not here waits for a worker that has it."""
    (outcome,) = sqlite_core.channels.send([Envelope("nowhere", a_message(), Target(address=None))])

    assert Retry(None, "there is no channel nowhere here") == outcome


def test_one_bad_channel_harms_no_other() -> None:
    """Channels that hang, raise, do not open or do not close leave the messages of others alone."""

    class Hanging(Pager):
        async def send(self, _message: Message, _target: Target) -> Outcome:
            while True:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    await asyncio.sleep(0.1)  # takes its time to go
                    raise

    class Shut(Pager):
        async def open(self) -> None:
            raise OSError("shut")

    class Clinging(Pager):
        async def close(self) -> None:
            raise OSError("stuck")

    quick, patient = Limits(timeout=timedelta(milliseconds=50)), Limits(timeout=timedelta(minutes=1))
    names = {"good": Pager, "hanging": Hanging, "shut": Shut, "clinging": Clinging}
    host = host_of(
        *(
            ChannelSpec(name=name, factory=lambda _, made=made: made(), limits=quick if made is Hanging else patient)  # type: ignore[misc]  # a default, so that each has its own
            for name, made in names.items()
        )
    )
    outcomes = host.send([Envelope(name, a_message(), Target(address=None)) for name in (*names, "good")])

    assert [
        Delivered(),
        Retry(None, "hanging did not answer within 0.05 s"),
        Retry(None, "OSError: shut"),
        Delivered(),
        Delivered(),
    ] == outcomes


def test_at_most_so_many_at_once() -> None:
    """A channel never gets more messages at once than it bears."""
    now = [0, 0]

    class Counting(Pager):
        async def send(self, _message: Message, _target: Target) -> Outcome:
            now[0] += 1
            now[1] = max(now)
            await asyncio.sleep(0.001)
            now[0] -= 1
            return Delivered()

    limits = Limits(concurrency=3, per_second=10_000, per_target=10_000, burst=100)
    host = host_of(ChannelSpec(name="counting", factory=lambda _: Counting(), limits=limits))
    host.send([Envelope("counting", a_message(), Target(address=None))] * 20)

    assert 3 == now[1]


def test_the_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    """Three at once, then two a second; what was saved is never more than the burst."""
    at = [0.0]
    bucket = TokenBucket(2, 3, lambda: at[0])
    waits = [bucket.take() for _ in range(5)]
    at[0] = 1000.0
    later = [bucket.take() for _ in range(4)]

    assert ([0, 0, 0, 0.5, 1], [0, 0, 0, 0.5]) == (waits, later)


def test_too_many_for_one_target_wait() -> None:
    """What would have to wait too long is put off; other targets are not kept waiting."""
    limits = Limits(per_second=1000, per_target=0.01, burst=2)
    host = host_of(ChannelSpec(name="slow", factory=make, limits=limits))
    ada, bob = Target(address="ada"), Target(address="bob")
    outcomes = host.send([Envelope("slow", a_message(), target) for target in (ada, ada, ada, bob)])

    assert [Delivered, Delivered, Retry, Delivered] == [type(each) for each in outcomes]
    assert isinstance(outcomes[2], Retry)
    assert outcomes[2].after is not None
    assert outcomes[2].after > timedelta(seconds=90)


def test_messages_are_cut_to_the_limits() -> None:
    """Title and body end with an ellipsis where they are cut; a page that is too long is left out."""
    seen: list[Message] = []

    class Keeping(Pager):
        async def send(self, message: Message, _target: Target) -> Outcome:
            seen.append(message)
            return Delivered()

    limits = Limits(max_title=10, max_body=20)
    spec = ChannelSpec(name="short", factory=lambda _: Keeping(), limits=limits, formats=frozenset({"text", "html"}))
    plain = ChannelSpec(name="plain", factory=lambda _: Keeping())
    host = host_of(spec, plain)
    host.send(
        [Envelope("short", a_message(title="0123456789a", body="b" * 21, html="<p>x</p>" * 9), Target(address=None))]
    )
    host.send([Envelope("plain", a_message(), Target(address=None))])

    assert ("012345678…", "b" * 19 + "…", None, None) == (seen[0].title, seen[0].body, seen[0].html, seen[1].html)


@frozen
class Odd:
    """Settings of a type that no variable can hold."""

    wires: dict[str, str] = field(factory=dict)


def test_settings_of_odd_types_come_from_programs_only() -> None:
    """What text cannot say is refused from the environment."""
    with pytest.raises(Rejected, match="cannot come from the environment"):
        read_settings("odd", Odd, {}, {"FLEET_ODD_WIRES": "x"})
