"""What a host does with accounts: register, find, verify, reset, enrol. Each function is a part of one transaction.

They take a unit of work that sees every fleet, which no operation has, and hashes, sealed seeds and answers that
the host made beforehand: hashing takes too long to hold a transaction open for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.actors import find_actor
from fleetcore.people.commands import CreateFleet
from fleetcore.people.model import Membership, User
from fleetcore.people.ports import DIRECTORY, USERS
from fleetcore.people.service import found_fleet

from .keys import add_key, list_keys, narrowed, revoke_key
from .model import Account, ApiKey, EndReason, Link, LinkPurpose, Login, SecurityEvent, Session, TotpFactor
from .ports import ACCOUNTS, FACTORS, KEY_FINDER, LINKS, SESSIONS, STAMPS
from .secrets import hash_of, is_same, new_link_token, new_recovery_code, prefix_of_key, recovery_code_key
from .sessions import Origin, end_sessions, note
from .totp import matching_step

__all__ = [
    "actor_of_key",
    "actor_of_key_id",
    "actor_of_session",
    "add_key",
    "add_link",
    "confirm_totp",
    "doubt_email",
    "enable_user",
    "erase_account",
    "find_login",
    "is_use_noted",
    "list_keys",
    "note_key_use",
    "places_of",
    "put_password",
    "recovery_codes",
    "register",
    "remove_totp",
    "revoke_key",
    "revoke_keys",
    "use_link",
    "use_recovery_code",
    "verify_email",
]

NOBODY = UUID(int=0)
RECOVERY_CODES = 10
KEY_USE_NOTED_EVERY = timedelta(hours=1)


def find_login(uow: UnitOfWork, *, email: str | None = None, user_id: UUID | None = None) -> Login | None:
    """Return who has *email* or *user_id*; the same statements run whether somebody does or not."""
    directory = uow[DIRECTORY]
    user = directory.user(user_id) if user_id is not None else directory.user_by_email(email or "")
    key = NOBODY if user is None else user.id
    account, totp = uow[ACCOUNTS].find(key), uow[FACTORS].totp_of(key)
    return None if user is None else Login(user=user, account=account, totp=totp)


def places_of(uow: UnitOfWork, user_id: UUID) -> Sequence[Membership]:
    """Return the fleets that the user belongs to, the oldest place first."""
    return uow[DIRECTORY].fleets_of(user_id)


def register(uow: UnitOfWork, command: CreateFleet, password_hash: str | None) -> None:
    """Register the actor of the unit of work as a user with a password and their first fleet.

    Raises Rejected with every problem, Conflict when the e-mail is taken.
    """
    found_fleet(uow, command)
    doubt_email(uow, uow.actor.user_id)
    uow[ACCOUNTS].put(
        Account(
            user_id=uow.actor.user_id,
            password_hash=password_hash,
            password_changed_at=uow.now,
            created_at=uow.now,
            updated_at=uow.now,
        )
    )


def doubt_email(uow: UnitOfWork, user_id: UUID) -> None:
    """Note that nothing but the user's own word says that their e-mail address is theirs."""
    _save_proof(uow, user_id, is_email_unproven=True)


def _save_proof(uow: UnitOfWork, user_id: UUID, *, is_email_unproven: bool) -> None:
    user = uow[USERS].find(user_id, lock=True)
    if user is not None and user.is_email_unproven is not is_email_unproven:
        after = attrs.evolve(user, is_email_unproven=is_email_unproven, updated_at=uow.now, version=user.version + 1)
        uow[USERS].replace(after, old_version=user.version)


def put_password(uow: UnitOfWork, user_id: UUID, password_hash: str) -> Account:
    """Write the user's password hash."""
    before = uow[ACCOUNTS].find(user_id) or Account(user_id=user_id, created_at=uow.now, updated_at=uow.now)
    after = attrs.evolve(before, password_hash=password_hash, password_changed_at=uow.now, updated_at=uow.now)
    uow[ACCOUNTS].put(after)
    return after


def add_link(
    uow: UnitOfWork, purpose: LinkPurpose, user_id: UUID | None, email: str | None, lifetime: timedelta
) -> str:
    """Store a single-use link and return its secret; for nobody too, so that it takes as long."""
    token = new_link_token()
    uow[LINKS].add(
        Link(
            token_hash=hash_of(token),
            purpose=purpose,
            user_id=user_id,
            email=email,
            created_at=uow.now,
            expires_at=uow.now + lifetime,
        )
    )
    return token


def use_link(uow: UnitOfWork, purpose: LinkPurpose, token: str) -> tuple[UUID, str | None] | None:
    """Use a link up; returns its user and the e-mail it was sent to, or None."""
    return uow[LINKS].use(hash_of(token), purpose, uow.now)


def verify_email(uow: UnitOfWork, user_id: UUID, email: str | None) -> None:
    """Note that mail to *email* reaches the user; an address that is no longer theirs counts for nothing."""
    account = uow[ACCOUNTS].find(user_id) or Account(user_id=user_id, created_at=uow.now, updated_at=uow.now)
    uow[ACCOUNTS].put(attrs.evolve(account, verified_email=email, updated_at=uow.now))
    user = uow[USERS].find(user_id)
    if user is not None and user.email == email:
        _save_proof(uow, user_id, is_email_unproven=False)


def confirm_totp(uow: UnitOfWork, factor: TotpFactor, seed: bytes, code: str) -> tuple[str, ...] | None:
    """Turn the second factor on by its first code; returns recovery codes, or None for a wrong code."""
    step = matching_step(seed, code, uow.now, factor.last_step)
    if step is None or not uow[FACTORS].use_step(factor.user_id, step):
        return None
    uow[FACTORS].put_totp(attrs.evolve(factor, confirmed_at=uow.now, last_step=step))
    return recovery_codes(uow, factor.user_id)


def recovery_codes(uow: UnitOfWork, user_id: UUID) -> tuple[str, ...]:
    """Make new recovery codes, in the place of earlier ones, and return them: they are told once."""
    codes = tuple(new_recovery_code() for _ in range(RECOVERY_CODES))
    uow[FACTORS].put_codes(user_id, [recovery_code_key(code) for code in codes])
    return codes


def use_recovery_code(uow: UnitOfWork, user_id: UUID, typed: str) -> bool:
    """Use a recovery code up; says no when it is none."""
    return uow[FACTORS].use_code(user_id, recovery_code_key(typed))


def remove_totp(uow: UnitOfWork, user_id: UUID) -> None:
    """Turn the second factor off, recovery codes included."""
    uow[FACTORS].remove(user_id)


def enable_user(uow: UnitOfWork, user_id: UUID, *, is_active: bool, origin: Origin) -> User:
    """Switch a user on or off in every fleet, on behalf of whoever runs the host. Raises NotFound."""
    before = uow[USERS].find(user_id, lock=True)
    if before is None:
        raise NotFound("user", user_id)
    if before.is_active is is_active:
        return before
    after = attrs.evolve(before, is_active=is_active, updated_at=uow.now, version=before.version + 1)
    uow[USERS].replace(after, old_version=before.version)
    if not is_active:
        end_sessions(uow, user_id, EndReason.DISABLED)
    uow[STAMPS].touch([user_id], uow.now)
    note(uow, SecurityEvent.USER_ENABLED if is_active else SecurityEvent.USER_DISABLED, user_id, origin)
    return after


def erase_account(uow: UnitOfWork, user_id: UUID) -> None:
    """Delete everything the user signs in with and what the security log tells of them; their API keys end.

    The user themselves, and what they recorded in fleets, are another area's.
    """
    uow[KEY_FINDER].revoke_of(user_id, uow.now)
    uow[ACCOUNTS].erase(user_id)
    uow[STAMPS].touch([user_id], uow.now)


def revoke_keys(uow: UnitOfWork, user_id: UUID) -> int:
    """Revoke the API keys that the user made, in every fleet and every process; returns how many."""
    revoked = uow[KEY_FINDER].revoke_of(user_id, uow.now)
    uow[STAMPS].touch([user_id], uow.now)
    return revoked


def actor_of_session(uow: UnitOfWork, session_id: UUID, user_id: UUID, fleet_id: UUID) -> tuple[Actor, Session] | None:
    """Return who a living session of the user is in the fleet; None when it ended, or is not theirs.

    Raises Forbidden for a disabled user, Rejected for one who is no member.
    """
    session = uow[SESSIONS].find(session_id)
    if session is None or session.user_id != user_id or session.ended_at is not None:
        return None
    return find_actor(uow[DIRECTORY], user_id=user_id, fleet_id=fleet_id), session


def actor_of_key(uow: UnitOfWork, secret: str) -> tuple[Actor, UUID, ApiKey] | None:
    """Return who the bearer of an API key is, its fleet and the key; None for a key that is none, late or revoked.

    Raises Forbidden when its maker is disabled, Rejected when they have left the fleet.
    """
    hashed = hash_of(secret)
    for fleet_id, key, known in uow[KEY_FINDER].by_prefix(prefix_of_key(secret)):
        if is_same(known, hashed) and key.revoked_at is None and not _is_past(key.expires_at, uow.now):
            actor = find_actor(uow[DIRECTORY], user_id=key.user_id, fleet_id=fleet_id)
            # What a guest may do is looked up each time, and would be more than the key's.
            return None if actor.is_guest else (narrowed(actor, key), fleet_id, key)
    return None


def actor_of_key_id(uow: UnitOfWork, fleet_id: UUID, key_id: UUID) -> tuple[Actor, ApiKey] | None:
    """Return who bears a key of the fleet, whose secret was shown before; None when it is late or revoked.

    Raises Forbidden when its maker is disabled, Rejected when they have left the fleet.
    """
    key = uow[KEY_FINDER].by_id(fleet_id, key_id)
    if key is None or key.revoked_at is not None or _is_past(key.expires_at, uow.now):
        return None
    actor = find_actor(uow[DIRECTORY], user_id=key.user_id, fleet_id=fleet_id)
    return None if actor.is_guest else (narrowed(actor, key), key)


def _is_past(instant: datetime | None, now: datetime) -> bool:
    return instant is not None and instant <= now


def note_key_use(uow: UnitOfWork, fleet_id: UUID, key: ApiKey) -> None:
    """Write that the key was used, once an hour at most: a use must not cost a write."""
    uow[KEY_FINDER].note_use(fleet_id, key.id, uow.now)


def is_use_noted(key: ApiKey, now: datetime) -> bool:
    """Say whether the last noted use of the key is recent enough."""
    return key.last_used_at is not None and now - key.last_used_at < KEY_USE_NOTED_EVERY
