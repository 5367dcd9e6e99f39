"""``fleet migrate``: the schema of the database."""

from __future__ import annotations

import click

from .groups import FleetCommand
from .places import make_folder_of, sqlite_file
from .session import Session, pass_session

__all__ = ["migrate"]


@click.command("migrate", cls=FleetCommand)
@pass_session
def migrate(session: Session) -> None:
    """Bring the database to the newest schema. SQLite files do this on their own when they are opened."""
    from fleetcore.storage.schema import migrate as upgrade

    if (file := sqlite_file(session.url)) is not None:
        make_folder_of(file)
    before, after = upgrade(session.url)
    told = {"before": sorted(before), "after": sorted(after), "changed": before != after}
    old, new = ", ".join(sorted(before)) or "nothing", ", ".join(sorted(after))
    session.done(
        told, f"The schema went from {old} to {new}." if before != after else f"The schema is {new}: nothing to do."
    )
