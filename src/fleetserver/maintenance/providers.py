"""``fleet maintenance providers``: workshops, dealers and mechanics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click

from fleetcore.kernel.errors import NotFound
from fleetcore.maintenance.model import (
    AddProvider,
    EditProvider,
    GetProvider,
    ListProviders,
    Provider,
    ProviderFields,
    RemoveProvider,
)
from fleetcore.maintenance.providers import (
    add_provider,
    edit_provider,
    get_provider,
    list_providers,
    remove_provider,
)
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, given, short_id, some_of
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, limit_option, rows_wanted, said, with_options
from fleetserver.cli.tables import Column, table

__all__ = ["find_provider", "provider_name", "providers"]

COLUMNS = (
    Column("Provider", flexible=True),
    Column("Address", flexible=True, drop=1),
    Column("Phone", drop=2),
    Column("E-mail", flexible=True, drop=3),
    Column("Id"),
)
FIELD_OPTIONS = with_options(
    click.option("--address", help="Where it is."),
    click.option("--phone", help="Its number."),
    click.option("--email", help="Its e-mail address."),
    click.option("--website", help="Its address on the web."),
    click.option("--notes", help="Anything else."),
)


@click.group("providers", cls=FleetGroup)
def providers() -> None:
    """Keep workshops, dealers and mechanics."""


def find_provider(session: Session, text: str) -> Provider:
    """Return the provider called *text*, or whose id ends so; raises NotFound, BadInput when several are."""
    wanted = text.strip().casefold()
    found = [
        provider
        for provider in everything(
            lambda cursor, most: session.read(list_providers, ListProviders(cursor=cursor, limit=most))
        )
        if wanted in {provider.name.casefold(), str(provider.id)}
        or (len(wanted) > 3 and provider.id.hex.endswith(wanted))
    ]
    if not found:
        raise NotFound("provider", text)
    if len(found) > 1:
        ids = ", ".join(short_id(provider.id) for provider in found)
        raise BadInput.because("", f"{len(found)} providers are called {text!r}: name one of {ids}")
    return found[0]


def provider_name(session: Session, provider_id: UUID | None) -> str:
    """Return the name of a provider, removed or not."""
    if provider_id is None:
        return ""
    return session.read(get_provider, GetProvider(id=provider_id, include_removed=True)).name


@providers.command("add")
@click.option("--name", required=True, help="What it is called.")
@FIELD_OPTIONS
@pass_session
def add(session: Session, /, name: str, **options: Any) -> None:
    """Add a workshop, a dealer or a mechanic."""
    provider = session.run(add_provider, AddProvider(name=name, **given(**options)))
    session.done(provider, f"Added {provider.name} ({short_id(provider.id)}).")


@providers.command("list")
@click.option("--name", "text", default="", metavar="TEXT", help="Only those with this in their name.")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, *, text: str, limit: int | None, show_all: bool) -> None:
    """List the providers, newest first."""
    found, more = some_of(
        lambda cursor, most: session.read(list_providers, ListProviders(name_contains=text, cursor=cursor, limit=most)),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield "No providers. Add one: fleet maintenance providers add --name 'Corner Garage' --phone 0123"
            return
        yield from table(
            COLUMNS, [[each.name, each.address, each.phone, each.email, short_id(each.id)] for each in found]
        )
        if more:
            session.note("There are more: --all lists them.")

    session.show({"providers": found}, human)


@providers.command("edit")
@click.argument("provider", metavar="PROVIDER")
@click.option("--name", help="What it is called.")
@FIELD_OPTIONS
@pass_session
def edit(session: Session, /, provider: str, **options: Any) -> None:
    """Change what is known about PROVIDER, its name or the end of its id; what is not given stays."""
    before = find_provider(session, provider)
    fields = {**said(before, ProviderFields), **given(**options)}
    after = session.run(edit_provider, EditProvider(id=before.id, version=before.version, **fields))
    session.done(after, f"Changed {after.name}.")


@providers.command("remove")
@click.argument("provider", metavar="PROVIDER")
@pass_session
def remove(session: Session, provider: str) -> None:
    """Take PROVIDER off the list; records and jobs keep naming it."""
    before = find_provider(session, provider)
    after = session.run(remove_provider, RemoveProvider(id=before.id, version=before.version))
    session.done(after, f"Removed {after.name}.")
