"""The contract of a notification channel: what a host must be able to rely on, as tests to subclass.

Supply the fixtures ``spec``, ``settings`` and ``target``, and a real server behind them::

    class TestMyChannel(ChannelContract):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC

        @pytest.fixture
        def settings(self, server):
            return {"url": server.url}

        @pytest.fixture
        def target(self):
            return Target(address="ada@example.org", name="Ada")

``bad_targets`` are addresses that no server takes. :func:`assert_channel_contract` checks the same without pytest's
fixtures.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from fleetcore.kernel.ids import new_id
from fleetcore.kernel.settings import Secret, field_names, read_settings
from fleetcore.notifications.channels import (
    ChannelSpec,
    Delivered,
    Gone,
    Message,
    Outcome,
    Rejected,
    Retry,
    Target,
    Unsubscribing,
)
from fleetcore.notifications.host import ChannelHost, ChannelState, Envelope
from fleetcore.notifications.sending import fitted

__all__ = ["ChannelContract", "a_message", "assert_channel_contract"]

Settings = Mapping[str, Any]
PATIENCE_SECONDS = 20
LINK = Unsubscribing(token="not-a-secret", url="https://fleet.example/unsubscribe/not-a-secret")  # noqa: S106 - indeed
UNICODE = 'Zündkerzen für Ånders "Käfer" 🚗 — 点火塞 & <b>قطع</b>'


def a_message(**stated: Any) -> Message:
    """Make a message as the host sends them, with a page and a way to unsubscribe."""
    usual: dict[str, Any] = {
        "id": new_id(),
        "type": "due",
        "title": "Polo: Oil is due soon",
        "body": "Due in 20 days.\n\n-- \nYou get this because you belong to Home.",
        "html": "<!DOCTYPE html><html lang='en'><body><p>Due in 20 days.</p></body></html>",
        "data": {"urgency": "soon"},
        "at": datetime(2026, 6, 1, 12, tzinfo=UTC),
        "urgency": "soon",
        "unsubscribe": LINK,
    }
    return Message(**usual | stated)


class ChannelContract:
    """Base of the suite: every test opens the channel of ``spec`` anew."""

    @pytest.fixture
    def spec(self) -> ChannelSpec:
        """Return the spec under test: subclasses supply it."""
        raise NotImplementedError("supply a fixture called spec")

    @pytest.fixture
    def settings(self) -> Settings:
        """Return the settings of a channel that works."""
        return {}

    @pytest.fixture
    def target(self) -> Target:
        """Return a target that takes messages."""
        return Target(address=None, name="Ada")

    @pytest.fixture
    def bad_targets(self) -> Sequence[Target]:
        """Return targets that take none; empty where a channel has no addresses."""
        return ()

    @staticmethod
    def send(spec: ChannelSpec, settings: Settings, target: Target, *messages: Message) -> list[Outcome]:
        """Send *messages* as the host does."""
        host = ChannelHost([("contract", spec)], {spec.name: settings}, {})
        return host.send([Envelope(spec.name, message, target) for message in messages])

    def test_it_can_be_loaded(self, spec: ChannelSpec, settings: Settings) -> None:
        """The host takes the spec with its settings, and shows no secret among them."""
        (report,) = ChannelHost([("contract", spec)], {spec.name: settings}, {}).reports
        config = read_settings(spec.name, spec.config, settings, {})
        secrets = [value for name in field_names(spec.config) if isinstance(value := getattr(config, name), Secret)]

        assert (ChannelState.OK, "") == (report.state, report.reason)
        for secret in secrets:
            assert secret.reveal() not in repr(config) + repr(report)

    def test_settings_it_does_not_know_are_refused(self, spec: ChannelSpec, settings: Settings) -> None:
        """A misspelt setting is reported, not ignored."""
        (report,) = ChannelHost([("contract", spec)], {spec.name: {**settings, "no_such": 1}}, {}).reports

        assert ChannelState.FAILED is report.state
        assert "no_such" in report.reason

    def test_its_methods_are_coroutines(self, spec: ChannelSpec, settings: Settings) -> None:
        """Open, send and close can be awaited."""
        channel = self.made(spec, settings)

        for name in ("open", "send", "close"):
            assert inspect.iscoroutinefunction(getattr(channel, name)), name

    @staticmethod
    def made(spec: ChannelSpec, settings: Settings) -> Any:
        """Make the channel as the host does."""
        return spec.factory(read_settings(spec.name, spec.config, settings, {}))

    def test_a_message_is_delivered(self, spec: ChannelSpec, settings: Settings, target: Target) -> None:
        """A plain message arrives."""
        assert [Delivered] == [type(each) for each in self.send(spec, settings, target, a_message())]

    @pytest.mark.parametrize(
        "stated",
        [
            {"title": UNICODE, "body": UNICODE},
            {"title": "a\r\nBcc: eve@example.org\n\nb", "body": "one\r\ntwo\n.\nthree\r\n.\r\n"},
            {"title": "", "body": "", "html": None, "unsubscribe": None},
            {"title": "long " * 1000, "body": "wide" * 20_000, "html": None},
            {"title": "t", "body": "x", "html": "<p>" + "y" * 20_000 + "</p>"},
            {"unsubscribe": attrs.evolve(LINK, url=None)},
        ],
        ids=["unicode", "line breaks", "empty", "oversize", "big page", "no link"],
    )
    def test_it_takes_whatever_the_host_sends(
        self, spec: ChannelSpec, settings: Settings, target: Target, stated: dict[str, Any]
    ) -> None:
        """Letters of any script, empty and huge texts arrive; the host has cut them to the limits."""
        assert [Delivered] == [type(each) for each in self.send(spec, settings, target, a_message(**stated))]

    def test_several_at_once(self, spec: ChannelSpec, settings: Settings, target: Target) -> None:
        """Messages that are sent at the same time do not get into each other's way; the same one twice neither."""
        messages = [a_message(title=f"Message {number}") for number in range(4)]

        assert [Delivered] * 5 == [type(each) for each in self.send(spec, settings, target, *messages, messages[0])]

    def test_a_bad_address_is_an_outcome(
        self, spec: ChannelSpec, settings: Settings, target: Target, bad_targets: Sequence[Target]
    ) -> None:
        """What no server takes is refused for good, and the next message arrives."""
        for bad in bad_targets:
            assert isinstance(self.send(spec, settings, bad, a_message())[0], Rejected | Gone), bad
            assert isinstance(self.send(spec, settings, target, a_message())[0], Delivered)

    def test_it_can_be_opened_again(self, spec: ChannelSpec, settings: Settings, target: Target) -> None:
        """One channel is opened and closed in one event loop after the other; closing twice does no harm."""
        channel = self.made(spec, settings)

        async def use() -> Outcome:
            await channel.open()
            try:
                outcome: Outcome = await channel.send(fitted(a_message(), spec), target)
                return outcome
            finally:
                await channel.close()
                await channel.close()

        for _ in range(2):
            assert isinstance(asyncio.run(use()), Delivered)

    def test_it_can_be_closed_unopened(self, spec: ChannelSpec, settings: Settings) -> None:
        """Closing what was never opened does no harm."""
        asyncio.run(self.made(spec, settings).close())

    def test_cancellation_goes_through(self, spec: ChannelSpec, settings: Settings, target: Target) -> None:
        """A send that is cancelled ends, keeps nothing of the cancellation to itself, and the channel goes on."""
        channel = self.made(spec, settings)

        async def use() -> Outcome:
            await channel.open()
            try:
                for steps in range(5):
                    task = asyncio.ensure_future(channel.send(fitted(a_message(), spec), target))
                    for _ in range(steps):
                        await asyncio.sleep(0)
                    was_done = task.done()
                    task.cancel()
                    done, _ = await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
                    assert done, "the send did not end when it was cancelled"
                    assert was_done or task.cancelled(), "the cancellation was swallowed"
                outcome: Outcome = await channel.send(fitted(a_message(), spec), target)
                return outcome
            finally:
                await channel.close()

        assert isinstance(asyncio.run(use()), Delivered)

    def test_a_time_limit_is_a_retry(self, spec: ChannelSpec, settings: Settings, target: Target) -> None:
        """Where the host gives it no time it is Retry, or was quick enough; it never raises."""
        hurried = attrs.evolve(spec, limits=attrs.evolve(spec.limits, timeout=timedelta(microseconds=1)))

        assert isinstance(self.send(hurried, settings, target, a_message())[0], Retry | Delivered)


def assert_channel_contract(
    spec: ChannelSpec, settings: Settings, target: Target, bad_targets: Sequence[Target] = ()
) -> None:
    """Check the whole contract in one call, for those who do not subclass; raises AssertionError."""
    suite = ChannelContract()
    known = {"spec": spec, "settings": settings, "target": target, "bad_targets": bad_targets}
    for name, test in inspect.getmembers(suite, inspect.ismethod):
        if not name.startswith("test_"):
            continue
        marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        cases = [{marks[0].args[0]: case} for case in marks[0].args[1]] if marks else [{}]
        wanted = inspect.signature(test).parameters
        for case in cases:
            test(**{key: value for key, value in {**known, **case}.items() if key in wanted})
