"""The plugin manager of one Core: no globals, and one bad plugin never stops another."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Any

import pluggy
from attrs import frozen

from fleetcore.hookspecs import FleetcoreHooks
from fleetcore.kernel.area import Area
from fleetcore.kernel.events import CommittedEvent

__all__ = ["LoadFailure", "Plugins", "hookimpl"]

hookimpl = pluggy.HookimplMarker("fleetcore")
log = logging.getLogger("fleetcore.plugins")
ENTRY_POINTS = "fleetcore.plugins"


@frozen
class LoadFailure:
    """A plugin that could not be loaded, and why."""

    name: str
    reason: str


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
        for plugin in plugins:
            self._manager.register(plugin)
        self._manager.check_pending()
        self._areas = [area for plugin in plugins for area in self._areas_of(plugin)]
        if installed:
            self._load_installed()

    def _load_installed(self) -> None:
        for point in entry_points(group=ENTRY_POINTS):
            try:
                plugin = point.load()
                self._manager.register(plugin, name=point.name)
                self._manager.check_pending()
                self._areas += self._areas_of(plugin)
            except Exception as error:  # a plugin is foreign code: whatever it raises, the rest go on
                log.warning("the plugin %s was not loaded: %s", point.name, error)
                self.failures.append(LoadFailure(point.name, f"{type(error).__name__}: {error}"))
                if self._manager.has_plugin(point.name):
                    self._manager.unregister(name=point.name)

    def _areas_of(self, plugin: Any) -> list[Area]:
        for implementation in self._manager.hook.fleetcore_areas.get_hookimpls():
            if implementation.plugin is plugin:
                areas: Iterable[Area] = implementation.function()  # type: ignore[assignment]  # pluggy says object
                return list(areas)
        return []

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
