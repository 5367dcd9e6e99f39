"""The host of channels: loads them one by one, so that none can keep the others from being loaded.

Host and channels know no database: outcomes are written by whoever asked for them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import attrs
from attrs import field, frozen

from fleetcore.kernel.errors import Rejected as SettingsRejected
from fleetcore.kernel.settings import field_names, read_settings, variable_of

from .channels import API, Addressing, ChannelSpec, Message, Outcome, Target
from .ports import Ways
from .rules import channel_problems

__all__ = [
    "HIDDEN",
    "ChannelHost",
    "ChannelReport",
    "ChannelState",
    "Envelope",
    "LoadedChannel",
    "TokenBucket",
    "reason_of",
]

log = logging.getLogger("fleetcore.notifications")
FORMATS = {"text", "html"}
ERROR_LENGTH_MAX = 300
HIDDEN = "***"


class ChannelState(StrEnum):
    """Whether a channel can be used."""

    OK = "ok"
    OFF = "off"  # it is there, but nobody gave it its settings
    FAILED = "failed"


@frozen(kw_only=True)
class ChannelReport:
    """What became of a channel that a plugin brought: why it cannot be used, and its settings without secrets."""

    name: str
    plugin: str
    state: ChannelState
    reason: str = ""
    formats: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(factory=dict)
    variables: tuple[str, ...] = ()


@frozen
class Envelope:
    """A message for one target, and the channel that is to take it; *secret* is what logs must not show of it."""

    channel: str
    message: Message = field(repr=False)
    target: Target
    secret: str | None = field(default=None, repr=False)


class TokenBucket:
    """Lets *burst* through at once and *rate* a second afterwards; shared by threads."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left, self._at = burst, clock()
        self._turn = threading.Lock()

    def take(self) -> float:
        """Take one token; returns how many seconds to wait for it."""
        with self._turn:
            now = self._clock()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate) - 1
            self._at = now
            return max(0.0, -self._left / self._rate)

    @property
    def is_full(self) -> bool:
        """Whether nothing was taken for so long that the bucket may be forgotten."""
        return self._left + (self._clock() - self._at) * self._rate >= self._burst


@attrs.define
class LoadedChannel:
    """A channel that can be used: its spec and settings, and the buckets of it and of its targets."""

    spec: ChannelSpec
    settings: Any
    bucket: TokenBucket
    targets: dict[str, TokenBucket] = field(factory=dict)

    def wait(self, target: str) -> float:
        """Return how many seconds the next message to *target* waits."""
        limits = self.spec.limits
        if len(self.targets) > 10_000:
            self.targets = {key: bucket for key, bucket in self.targets.items() if not bucket.is_full}
        one = self.targets.setdefault(target, TokenBucket(limits.per_target, limits.burst))
        return max(self.bucket.take(), one.take())


class ChannelHost:
    """The channels of one Core. A channel that cannot be loaded is reported by name, and the rest go on."""

    def __init__(
        self,
        brought: Iterable[tuple[str, ChannelSpec]],
        settings: Mapping[str, Mapping[str, Any]],
        environment: Mapping[str, str],
    ) -> None:
        self._loaded: dict[str, LoadedChannel] = {}
        self.reports: list[ChannelReport] = []
        found = list(brought)
        names = [getattr(spec, "name", "") for _, spec in found]
        for plugin, spec in found:
            self._load(plugin, spec, settings, environment, [name for name in names if isinstance(name, str)])
        for name in settings.keys() - set(names):
            reason = "no plugin brings a channel of this name: is it installed, and spelt like that?"
            self.reports.append(ChannelReport(name=name, plugin="", state=ChannelState.FAILED, reason=reason))

    def _load(
        self,
        plugin: str,
        spec: Any,
        settings: Mapping[str, Mapping[str, Any]],
        environment: Mapping[str, str],
        names: Sequence[str],
    ) -> None:
        name = str(getattr(spec, "name", spec))[:80]
        report = ChannelReport(name=name, plugin=plugin, state=ChannelState.OK)
        try:
            self._check(spec)
            variables = tuple(variable_of(name, each) for each in field_names(spec.config))
            report = attrs.evolve(report, formats=tuple(sorted(spec.formats)), variables=variables)
            given = settings.get(name, {})
            if not given and not any(key.startswith(variable_of(name, "")) for key in environment) and _needs(spec):
                missing = ", ".join(variable_of(name, each) for each in _needs(spec))
                self.reports.append(attrs.evolve(report, state=ChannelState.OFF, reason=f"set {missing}"))
                return
            chosen = read_settings(name, spec.config, given, environment, names)
            spec.factory(chosen)  # what cannot be made is found now, not when the first message is due
            shown = {each: str(getattr(chosen, each)) for each in field_names(spec.config)}
            self.reports.append(attrs.evolve(report, settings=shown))
            bucket = TokenBucket(spec.limits.per_second, spec.limits.burst)
            self._loaded[name] = LoadedChannel(spec, chosen, bucket)
        except Exception as error:  # a plugin is foreign code: whatever it raises, the rest go on
            reason = reason_of(error)
            log.warning("the channel %s of the plugin %s cannot be used: %s", name, plugin, reason)
            self.reports.append(attrs.evolve(report, state=ChannelState.FAILED, reason=reason))

    def _check(self, spec: Any) -> None:
        if not isinstance(spec, ChannelSpec):
            raise TypeError(f"a channel is a ChannelSpec, not {type(spec).__name__}")
        if spec.api != API:
            raise ValueError(f"it is written for version {spec.api} of the channel API, this is version {API}")
        for problem in channel_problems("name", spec.name):
            raise ValueError(problem.message)
        if spec.name in self._loaded or spec.name == "inbox":
            raise ValueError(f"there is a channel {spec.name} already")
        if not spec.formats or not spec.formats <= FORMATS:
            raise ValueError(f"formats must be some of {', '.join(sorted(FORMATS))}")
        if not attrs.has(spec.config):
            raise TypeError("config must be an attrs class")

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that can be used."""
        return tuple(self._loaded)

    @property
    def usual(self) -> tuple[str, ...]:
        """The channels by which users are told who said nothing else."""
        return tuple(name for name, loaded in self._loaded.items() if loaded.spec.is_default)

    @property
    def ways(self) -> Ways:
        """The channels that can be used, by what they are for."""
        mailing = (name for name, loaded in self._loaded.items() if loaded.spec.addressing is Addressing.EMAIL)
        return Ways(usual=self.usual, mailing=tuple(mailing))

    def spec(self, name: str) -> ChannelSpec | None:
        """Return the spec of a channel that can be used, or None."""
        loaded = self._loaded.get(name)
        return None if loaded is None else loaded.spec

    def send(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        """Send every message, and return what came of each in the same order."""
        import asyncio

        from .sending import send_all

        return asyncio.run(send_all(self._loaded, envelopes))


def _needs(spec: ChannelSpec) -> list[str]:
    return [each.name for each in attrs.fields(spec.config) if each.default is attrs.NOTHING]


def reason_of(error: Exception) -> str:
    """Return what is told of an error of a channel."""
    if isinstance(error, SettingsRejected):
        return str(error)
    return f"{type(error).__name__}: {error}"[:ERROR_LENGTH_MAX]
