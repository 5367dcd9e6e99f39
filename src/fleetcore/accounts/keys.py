"""Make, list and revoke API keys."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Forbidden, Problem, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import always, operation, query

from .commands import AddKey, ListKeys, RevokeKey
from .events import KeyAdded, KeyRevoked
from .model import ApiKey
from .ports import API_KEYS, STAMPS

__all__ = ["add_key", "list_keys", "narrowed", "revoke_key"]

WRITE = "keys.write"
NAME_MAX, PREFIX_MAX, HASH_LENGTH = 100, 20, 64


def narrowed(actor: Actor, key: ApiKey) -> Actor:
    """Return *actor* with what both they and their *key* may do, each as far as the narrower of the two."""
    both = {
        name: min(scope, key.permissions[name]) for name, scope in actor.permissions.items() if name in key.permissions
    }
    return attrs.evolve(actor, permissions=both)


@operation("accounts.add_key", permission=WRITE)
def add_key(uow: UnitOfWork, command: AddKey) -> ApiKey:
    """Make an API key of the actor's own, with some of the actor's permissions; the host made its secret.

    Raises Rejected with every problem (permissions that the actor lacks, an expiry in the past), Conflict for a
    taken id.
    """
    _require_whole_fleet(uow)
    reject_if_any(_problems(uow, command))
    actor_id = uow.actor.user_id
    key = ApiKey(
        id=command.id or uow.new_id(),
        name=command.name.strip(),
        user_id=actor_id,
        prefix=command.prefix,
        permissions=command.permissions,
        expires_at=command.expires_at,
        created_at=uow.now,
        created_by=actor_id,
        updated_at=uow.now,
        updated_by=actor_id,
    )
    uow[API_KEYS].add(key, command.secret_hash)
    uow.record_change("accounts.api_key", key.id, None, key)
    uow.emit(KeyAdded(key_id=key.id, user_id=key.user_id, prefix=key.prefix))
    return key


def _problems(uow: UnitOfWork, command: AddKey) -> Iterator[Problem]:
    if not command.name.strip() or len(command.name) > NAME_MAX or not command.name.isprintable():
        yield Problem("name", f"must have 1 to {NAME_MAX} printable characters")
    if not (1 <= len(command.prefix) <= PREFIX_MAX and len(command.secret_hash) == HASH_LENGTH):
        yield Problem("secret_hash", "does not come from a host that made the secret", "key.secret")
    if command.expires_at is not None and command.expires_at <= uow.now:
        yield Problem("expires_at", "has passed already")
    if not command.permissions:
        yield Problem("permissions", "give at least one permission", "required")
    for name, scope in command.permissions.items():
        held = uow.actor.scope(name)
        if held is None:
            yield Problem(f"permissions.{name}", "is no permission of yours", "permission.not_yours")
        elif scope > held:
            message = f"reaches {scope.name.lower()}, yours only {held.name.lower()}"
            yield Problem(f"permissions.{name}", message, "permission.not_yours")


@operation("accounts.revoke_key", permission=WRITE)
def revoke_key(uow: UnitOfWork, command: RevokeKey) -> ApiKey:
    """End an API key for good, whoever made it; one that is revoked already stays so. Raises NotFound."""
    _require_whole_fleet(uow)
    before = uow[API_KEYS].get(command.id, lock=True)
    if before.revoked_at is not None:
        return before
    after = attrs.evolve(
        before, revoked_at=uow.now, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[API_KEYS].replace(after, old_version=before.version)
    uow[STAMPS].touch([after.id], uow.now)
    uow.record_change("accounts.api_key", after.id, before, after)
    uow.emit(KeyRevoked(key_id=after.id, user_id=after.user_id))
    return after


@query("accounts.list_keys", permission=WRITE, sensitive=always)
def list_keys(uow: UnitOfWork, command: ListKeys) -> tuple[ApiKey, ...]:  # noqa: ARG001 - asks for all
    """List the fleet's API keys, the newest first, revoked and expired ones too; never a secret."""
    _require_whole_fleet(uow)
    return tuple(uow[API_KEYS].all())


def _require_whole_fleet(uow: UnitOfWork) -> None:
    if uow.actor.require(WRITE) is not Scope.ALL:
        raise Forbidden(f"this needs the permission {WRITE} for the whole fleet")
