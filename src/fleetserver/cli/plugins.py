"""``fleet plugins``: what plugins bring, and why one cannot be used."""

from __future__ import annotations

from collections.abc import Iterator

import click

from fleetcore.kernel.wire import unstructure

from .groups import FleetCommand
from .session import Session, pass_session
from .tables import Column, table

__all__ = ["plugins"]

PLUGINS = (Column("Plugin"), Column("State"), Column("Version", drop=2), Column("Hooks", flexible=True, drop=1))
CHANNELS = (Column("Channel"), Column("State"), Column("Plugin", drop=1), Column("Formats", drop=2))


@click.command("plugins", cls=FleetCommand)
@pass_session
def plugins(session: Session) -> None:
    """List the installed plugins and the notification channels, with their settings; secrets are not shown.

    A channel that is `off` has not been given its settings yet: the variables that it needs are named.

    fleet plugins
    """
    core = session.open()
    found, channels = core.plugins.reports(), core.channels.reports

    def human() -> Iterator[str]:
        if found:
            rows = [
                [each.name, "ok" if each.is_ok else "failed", each.version, ", ".join(each.hooks)] for each in found
            ]
            yield from table(PLUGINS, rows)
            yield from (f"{each.name}: {each.reason}" for each in found if each.reason)
        else:
            yield "No plugins. Install one: pip install fleet-notify-email"
        yield ""
        yield from table(
            CHANNELS, [[each.name, each.state.value, each.plugin, ", ".join(each.formats)] for each in channels]
        )
        for each in channels:
            if each.reason:
                yield f"{each.name}: {each.reason}"
            for name, value in each.settings.items():
                yield f"{each.name}: {name} = {value}"

    session.show({"plugins": unstructure(found), "channels": unstructure(channels)}, human)
