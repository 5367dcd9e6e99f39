"""Sending: every channel in a task of its own, every message with a time limit, so that none can harm another.

What a channel raises is Retry; only cancellation goes through.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import attrs

from .channels import Channel, ChannelSpec, Delivered, Gone, Message, Outcome, Rejected, Retry, truncated
from .host import HIDDEN, Envelope, LoadedChannel, reason_of

__all__ = ["fitted", "send_all"]

log = logging.getLogger("fleetcore.notifications")
WAIT_SECONDS_MAX = 60.0  # for one's turn; longer would outlast the lease of what is being sent
GRACE_SECONDS = 0.5  # for a channel that tidies up after its time limit


async def send_all(channels: Mapping[str, LoadedChannel], envelopes: Sequence[Envelope]) -> list[Outcome]:
    """Send every message: channels at once, each in a task of its own."""
    by_channel: dict[str, list[int]] = defaultdict(list)
    for index, envelope in enumerate(envelopes):
        by_channel[envelope.channel].append(index)
    outcomes: list[Outcome] = [Retry(None, "it was not sent")] * len(envelopes)

    async def serve(name: str, indexes: Sequence[int]) -> None:
        found = await _serve(channels.get(name), name, [envelopes[index] for index in indexes])
        for index, outcome in zip(indexes, found, strict=True):
            outcomes[index] = outcome

    async with asyncio.TaskGroup() as group:
        for name, indexes in by_channel.items():
            group.create_task(serve(name, indexes))
    return outcomes


async def _serve(loaded: LoadedChannel | None, name: str, envelopes: Sequence[Envelope]) -> list[Outcome]:
    if loaded is None:
        return [Retry(None, f"there is no channel {name} here")] * len(envelopes)
    limit = loaded.spec.limits.timeout.total_seconds()
    try:
        channel = loaded.spec.factory(loaded.settings)
    except Exception as error:  # foreign code
        return [Retry(None, reason_of(error))] * len(envelopes)
    opened = await _within(lambda: channel.open(), limit, f"{name} did not open")  # noqa: PLW0108 - it may lack the method
    try:
        if isinstance(opened, Retry):
            return [opened] * len(envelopes)
        turns = asyncio.Semaphore(loaded.spec.limits.concurrency)
        return list(await asyncio.gather(*(_send(loaded, channel, each, turns) for each in envelopes)))
    finally:
        await _within(lambda: channel.close(), limit, f"{name} did not close")  # noqa: PLW0108 - as above


async def _send(loaded: LoadedChannel, channel: Channel, envelope: Envelope, turns: asyncio.Semaphore) -> Outcome:
    spec = loaded.spec
    wait = loaded.wait(envelope.target.address or envelope.target.name)
    if wait > WAIT_SECONDS_MAX:
        return Retry(timedelta(seconds=wait), f"{spec.name} takes no more messages for now")
    await asyncio.sleep(wait)
    async with turns:
        seconds = spec.limits.timeout.total_seconds()
        message = fitted(envelope.message, spec)
        late = f"{spec.name} did not answer"
        outcome = await _within(lambda: channel.send(message, envelope.target), seconds, late, envelope.secret)
    if isinstance(outcome, Delivered | Retry | Rejected | Gone):
        return outcome
    return Retry(None, f"{spec.name} answered {type(outcome).__name__}, which is no outcome")


def fitted(message: Message, spec: ChannelSpec) -> Message:
    """Return *message* as the channel takes it: cut with an ellipsis, without the page it does not read."""
    limits = spec.limits
    html = message.html if "html" in spec.formats and len(message.html or "") <= limits.max_body else None
    return attrs.evolve(
        message,
        title=truncated(message.title, limits.max_title),
        body=truncated(message.body, limits.max_body),
        html=html,
    )


async def _within(begin: Callable[[], Any], seconds: float, late: str, secret: str | None = None) -> Any:
    """Return what the work gives that *begin* begins, or Retry when it raises or takes longer than *seconds*.

    No log shows the *secret*, whatever the channel raises.
    """
    try:
        task = asyncio.ensure_future(begin())
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            await _stop(task)
            raise
        if not done:
            await _stop(task)
            return Retry(None, f"{late} within {seconds:g} s")
        if task.cancelled():  # by itself, or by what it uses: nobody cancelled us
            return Retry(None, "the channel cancelled itself")
        return task.result()
    except Exception as error:  # foreign code
        why = reason_of(error) if secret is None else reason_of(error).replace(secret, HIDDEN)
        log.warning("a channel failed: %s", why)
        return Retry(None, why)


async def _stop(task: asyncio.Future[Any]) -> None:
    """Cancel *task*, and wait a little for it to tidy up; not longer, for it may swallow the cancellation."""
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE_SECONDS)
