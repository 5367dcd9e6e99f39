"""The plugin manager of one Core: no globals, and one bad plugin never stops another."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cached_property
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import pluggy
from attrs import frozen

from fleetcore.hookspecs import FleetcoreHooks
from fleetcore.kernel.area import Area
from fleetcore.kernel.events import CommittedEvent

if TYPE_CHECKING:
    from fleetcore.notifications.channels import ChannelSpec
    from fleetcore.vin.asking import DecoderDesk
    from fleetcore.vin.ports import VinDecoderSpec

__all__ = ["LoadFailure", "PluginReport", "Plugins", "hookimpl"]

hookimpl = pluggy.HookimplMarker("fleetcore")
log = logging.getLogger("fleetcore.plugins")
ENTRY_POINTS = "fleetcore.plugins"


@frozen
class LoadFailure:
    """A plugin that could not be loaded or used, and why."""

    name: str
    reason: str


@frozen(kw_only=True)
class PluginReport:
    """What became of a plugin: the distribution it came with, the hooks it implements, and why it failed."""

    name: str
    is_ok: bool
    reason: str = ""
    distribution: str = ""
    version: str = ""
    hooks: tuple[str, ...] = ()


class Plugins:
    """Loads, lists and calls plugins.

    A misspelt hook is an error at once; in an installed plugin, of which nobody here may know, it is that
    plugin's failure, and the rest go on.
    """

    def __init__(self, plugins: Iterable[Any] = (), *, installed: bool = True) -> None:
        plugins = tuple(plugins)
        self._manager = pluggy.PluginManager("fleetcore")
        self._manager.add_hookspecs(FleetcoreHooks)
        self.failures: list[LoadFailure] = []
        self._origins: dict[str, tuple[str, str]] = {}
        for plugin in plugins:
            self._manager.register(plugin)
        self._manager.check_pending()
        self._areas = [area for plugin in plugins for area in self._areas_of(plugin)]
        self._vin_decoders: dict[str, VinDecoderSpec] = {}
        for plugin in plugins:
            self._vin_decoders.update(self._vin_decoders_of(plugin))
        if installed:
            self._load_installed()

    def _load_installed(self) -> None:
        for point in entry_points(group=ENTRY_POINTS):
            if point.dist is not None:
                self._origins[point.name] = (point.dist.name, point.dist.version)
            try:
                plugin = point.load()
                self._manager.register(plugin, name=point.name)
                self._manager.check_pending()
                areas, decoders = self._areas_of(plugin), self._vin_decoders_of(plugin)
                self._areas += areas
                self._vin_decoders.update(decoders)
            except Exception as error:  # a plugin is foreign code: whatever it raises, the rest go on
                self._failed(point.name, error)
                if self._manager.has_plugin(point.name):
                    self._manager.unregister(name=point.name)

    def _failed(self, name: str, error: Exception) -> None:
        log.warning("the plugin %s was not loaded: %s", name, error)
        self.failures.append(LoadFailure(name, f"{type(error).__name__}: {error}"))

    def channels(self) -> list[tuple[str, ChannelSpec]]:
        """Return the channels that plugins bring, each with its plugin's name; one that fails to say is left out."""
        found: list[tuple[str, ChannelSpec]] = []
        for implementation in self._manager.hook.fleetcore_notification_channels.get_hookimpls():
            try:
                brought: Iterable[ChannelSpec] = implementation.function()  # type: ignore[assignment]  # pluggy says object
                found += [(implementation.plugin_name, spec) for spec in brought]
            except Exception as error:  # a plugin is foreign code: whatever it raises, the rest go on
                self._failed(implementation.plugin_name, error)
        return found

    def reports(self) -> list[PluginReport]:
        """Return what became of every plugin, by name."""
        failed = {failure.name: failure.reason for failure in self.failures}
        hooks: dict[str, list[str]] = {name: [] for name in (*self.names, *failed)}
        for name, plugin in self._manager.list_name_plugin():
            callers = self._manager.get_hookcallers(plugin) if plugin is not None else None
            hooks.setdefault(name, []).extend(caller.name for caller in callers or ())
        return [
            PluginReport(
                name=name,
                is_ok=name not in failed,
                reason=failed.get(name, ""),
                distribution=self._origins.get(name, ("", ""))[0],
                version=self._origins.get(name, ("", ""))[1],
                hooks=tuple(sorted(called)),
            )
            for name, called in sorted(hooks.items())
        ]

    def _areas_of(self, plugin: Any) -> list[Area]:
        for implementation in self._manager.hook.fleetcore_areas.get_hookimpls():
            if implementation.plugin is plugin:
                areas: Iterable[Area] = implementation.function()  # type: ignore[assignment]  # pluggy says object
                return list(areas)
        return []

    def _vin_decoders_of(self, plugin: Any) -> dict[str, VinDecoderSpec]:
        """Return the decoders that *plugin* registers, by name; raises for one that could not be asked."""
        found: dict[str, VinDecoderSpec] = {}
        for implementation in self._manager.hook.fleetcore_vin_decoders.get_hookimpls():
            if implementation.plugin is plugin:
                specs: Iterable[VinDecoderSpec] = implementation.function()  # type: ignore[assignment]  # pluggy says object
                for spec in specs:
                    _check_decoder(spec, {*self._vin_decoders, *found})
                    found[spec.name] = spec
        return found

    @cached_property
    def vin_desk(self) -> DecoderDesk:
        """The desk at which the decoders of VINs that plugins bring are asked."""
        from fleetcore.vin.asking import DecoderDesk

        return DecoderDesk(list(self._vin_decoders.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the registered plugins."""
        return tuple(name for name, plugin in self._manager.list_name_plugin() if plugin is not None)

    def areas(self) -> list[Area]:
        """Return the areas that plugins bring."""
        return list(self._areas)

    def listen(self, plugin: Any) -> None:
        """Register *plugin* now, for the hooks that tell something; one that brings areas comes with ``open``."""
        self._manager.register(plugin)
        self._manager.check_pending()

    def event_committed(self, committed: CommittedEvent) -> None:
        """Tell every plugin of *committed*, each on its own; a failure is logged under the plugin's name."""
        for implementation in self._manager.hook.fleetcore_event_committed.get_hookimpls():
            try:
                implementation.function(*([committed] if implementation.argnames else []))
            except Exception:  # it is committed: a plugin's failure may not look like ours
                log.exception("the plugin %s failed on %s", implementation.plugin_name, committed.event.name)


def _check_decoder(spec: Any, taken: set[str]) -> None:
    """Raise TypeError or ValueError for a decoder that this version cannot ask."""
    from fleetcore.vin.ports import API_VERSION, VinDecoderSpec

    if not isinstance(spec, VinDecoderSpec):
        raise TypeError(f"fleetcore_vin_decoders returns VinDecoderSpec, not {type(spec).__name__}")
    if spec.api != API_VERSION:
        raise ValueError(
            f"the VIN decoder {spec.name} is made for version {spec.api} of its hook, this is {API_VERSION}"
        )
    if not spec.name or spec.name in taken:
        raise ValueError(f"a VIN decoder needs a name of its own, not {spec.name!r}")
    if not callable(getattr(spec.decoder, "decode", None)) or spec.time_limit.total_seconds() <= 0:
        raise TypeError(f"the VIN decoder {spec.name} needs a method decode and a time limit above zero")
