"""Keep the providers of a fleet: workshops, dealers, mechanics."""

from __future__ import annotations

from typing import Any

import attrs

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation, query
from fleetcore.vehicles.access import may_see_shared, may_touch

from .events import ProviderAdded, ProviderEdited, ProviderRemoved
from .model import AddProvider, EditProvider, GetProvider, ListProviders, Provider, ProviderFields, RemoveProvider
from .ports import PROVIDERS
from .rules import provider_problems

__all__ = ["add_provider", "edit_provider", "get_provider", "list_providers", "remove_provider"]

READ, WORK = "maintenance.read", "maintenance.work"
ENTITY = "maintenance.provider"
FIELDS = tuple(attribute.name for attribute in attrs.fields(ProviderFields))


def _said(command: ProviderFields) -> dict[str, Any]:
    return {name: getattr(command, name).strip() for name in FIELDS}


@operation("maintenance.add_provider", permission=WORK)
def add_provider(uow: UnitOfWork, command: AddProvider) -> Provider:
    """Add a workshop, a dealer or a mechanic. Raises Rejected with every problem, Conflict for a taken id."""
    reject_if_any(provider_problems(command))
    user = uow.actor.user_id
    provider = Provider(
        id=command.id or uow.new_id(),
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **_said(command),
    )
    uow[PROVIDERS].add(provider)
    uow.record_change(ENTITY, provider.id, None, provider)
    uow.emit(ProviderAdded(provider_id=provider.id, provider_version=provider.version))
    return provider


def _current(uow: UnitOfWork, command: EditProvider | RemoveProvider) -> Provider:
    provider = uow[PROVIDERS].get(command.id)
    if provider.deleted_at is not None:
        raise NotFound("provider", command.id)
    if not may_see_shared(uow, provider.created_by):
        raise NotFound("provider", command.id)
    if not may_touch(uow, WORK, provider.created_by):
        raise Forbidden("this provider was added by someone else, and your role changes only your own")
    if provider.version != command.version:
        raise Conflict(f"the provider {provider.id} was changed by someone else meanwhile: read it again, then repeat")
    return provider


@operation("maintenance.edit_provider", permission=WORK)
def edit_provider(uow: UnitOfWork, command: EditProvider) -> Provider:
    """Replace what is known about a provider. Raises NotFound, Forbidden, Conflict, Rejected."""
    before = _current(uow, command)
    reject_if_any(provider_problems(command))
    after = _save(uow, before, **_said(command))
    uow.record_change(ENTITY, after.id, before, after)
    uow.emit(ProviderEdited(provider_id=after.id, provider_version=after.version))
    return after


@operation("maintenance.remove_provider", permission=WORK)
def remove_provider(uow: UnitOfWork, command: RemoveProvider) -> Provider:
    """Take a provider off the list; records and jobs keep naming it. Raises NotFound, Forbidden, Conflict."""
    before = _current(uow, command)
    after = _save(uow, before, deleted_at=uow.now)
    uow.record_change(ENTITY, after.id, before, None)
    uow.emit(ProviderRemoved(provider_id=after.id, provider_version=after.version))
    return after


def _save(uow: UnitOfWork, before: Provider, **changes: Any) -> Provider:
    after: Provider = attrs.evolve(
        before, **changes, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[PROVIDERS].replace(after, old_version=before.version)
    return after


@query("maintenance.get_provider", permission=READ)
def get_provider(uow: UnitOfWork, command: GetProvider) -> Provider:
    """Return one provider, one that was removed only if that is asked for. Raises NotFound."""
    provider = uow[PROVIDERS].get(command.id)
    is_gone = provider.deleted_at is not None and not command.include_removed
    if is_gone or not may_see_shared(uow, provider.created_by):
        raise NotFound("provider", command.id)
    return provider


@query("maintenance.list_providers", permission=READ)
def list_providers(uow: UnitOfWork, command: ListProviders) -> Page[Provider]:
    """List the providers, newest first; guests see those that they added."""
    limit = page_limit(command.limit)
    rows = uow[PROVIDERS].page(command, decode_cursor(command), limit + 1)
    page = page_of(rows, limit, lambda provider: Position(provider.created_at, provider.id), command)
    return attrs.evolve(page, items=tuple(each for each in page.items if may_see_shared(uow, each.created_by)))
