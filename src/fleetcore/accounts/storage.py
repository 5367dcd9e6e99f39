"""Accounts, links and second factors in a database. The tables are no fleet's: a user may be in several."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from fleetcore.storage.types import Id, Instant, metadata

from .model import Account, Link, LinkPurpose, TotpFactor
from .storage_limits import accounts_security_log
from .storage_sessions import accounts_sessions
from .storage_upserts import upsert

__all__ = ["SqlAccountStore", "SqlFactorStore", "SqlLinkStore"]

HASH_LENGTH = 64

accounts_accounts = Table(
    "accounts_accounts",
    metadata,
    Column("user_id", Id, ForeignKey("people_users.id"), primary_key=True),
    Column("password_hash", Text),
    Column("password_changed_at", Instant),
    Column("verified_email", String(254)),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

accounts_links = Table(
    "accounts_links",
    metadata,
    Column("token_hash", String(HASH_LENGTH), primary_key=True),
    Column("purpose", String(20), nullable=False),
    Column("user_id", Id, ForeignKey("people_users.id")),  # none: a reset was asked for an address nobody has
    Column("email", String(254)),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
Index("ix_accounts_links_user", accounts_links.c.user_id)

accounts_totp = Table(
    "accounts_totp",
    metadata,
    Column("user_id", Id, ForeignKey("people_users.id"), primary_key=True),
    Column("sealed_seed", Text, nullable=False),
    Column("confirmed_at", Instant),
    Column("last_step", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
)

accounts_recovery_codes = Table(
    "accounts_recovery_codes",
    metadata,
    Column("user_id", Id, ForeignKey("people_users.id"), primary_key=True),
    Column("code_hash", String(HASH_LENGTH), primary_key=True),
)

_find_account = select(accounts_accounts).where(accounts_accounts.c.user_id == bindparam("of_user"))
_links = accounts_links.c
_for_purpose = (_links.user_id == bindparam("of_user")) & (_links.purpose == bindparam("for_purpose"))
_totp = accounts_totp.c
_find_totp = select(accounts_totp).where(_totp.user_id == bindparam("of_user"))
_codes = accounts_recovery_codes.c


@attrs.frozen
class SqlAccountStore:
    """What users sign in with, in a database."""

    connection: Connection
    fleet_id: UUID

    def find(self, user_id: UUID) -> Account | None:
        """Return the user's account, or None."""
        row = self.connection.execute(_find_account, {"of_user": user_id}).mappings().first()
        return None if row is None else Account(**row)

    def put(self, account: Account) -> None:
        """Write *account*, whether there was one or not."""
        upsert(self.connection, accounts_accounts, ("user_id",), attrs.asdict(account))

    def erase(self, user_id: UUID) -> None:
        """Delete the user's account with everything that hangs on it."""
        theirs = (accounts_recovery_codes, accounts_totp, accounts_links, accounts_sessions, accounts_security_log)
        for table in (*theirs, accounts_accounts):
            self.connection.execute(delete(table).where(table.c.user_id == user_id))


@attrs.frozen
class SqlLinkStore:
    """The links that were sent by mail, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, link: Link) -> None:
        """Store *link* in the place of earlier ones of its user for its purpose."""
        self.drop(link.user_id or UUID(int=0), link.purpose)
        self.connection.execute(insert(accounts_links), attrs.asdict(link) | {"purpose": link.purpose.value})

    def use(self, token_hash: str, purpose: LinkPurpose, now: datetime) -> tuple[UUID, str | None] | None:
        """Take the link away and return its user and e-mail."""
        this = (_links.token_hash == token_hash) & (_links.purpose == purpose.value) & (_links.expires_at > now)
        taken = delete(accounts_links).where(this & _links.user_id.is_not(None))
        row = self.connection.execute(taken.returning(_links.user_id, _links.email)).first()
        return None if row is None else (row.user_id, row.email)

    def drop(self, user_id: UUID, purpose: LinkPurpose) -> None:
        """Delete the user's links for *purpose*."""
        values = {"of_user": user_id, "for_purpose": purpose.value}
        self.connection.execute(delete(accounts_links).where(_for_purpose), values)

    def prune(self, before: datetime) -> int:
        """Delete links that expired before *before*."""
        return self.connection.execute(delete(accounts_links).where(_links.expires_at < before)).rowcount


@attrs.frozen
class SqlFactorStore:
    """TOTP seeds and recovery codes, in a database."""

    connection: Connection
    fleet_id: UUID

    def totp_of(self, user_id: UUID) -> TotpFactor | None:
        """Return the user's TOTP factor, confirmed or not."""
        row = self.connection.execute(_find_totp, {"of_user": user_id}).mappings().first()
        return None if row is None else TotpFactor(**row)

    def put_totp(self, factor: TotpFactor) -> None:
        """Write *factor* over what the user had."""
        upsert(self.connection, accounts_totp, ("user_id",), attrs.asdict(factor))

    def use_step(self, user_id: UUID, step: int) -> bool:
        """Note that the code of *step* was used; says no when it or a later one was used before."""
        this = (_totp.user_id == user_id) & (_totp.last_step < step)
        return self.connection.execute(update(accounts_totp).where(this).values(last_step=step)).rowcount == 1

    def remove(self, user_id: UUID) -> None:
        """Delete the user's TOTP factor and recovery codes."""
        self.connection.execute(delete(accounts_totp).where(_totp.user_id == user_id))
        self.connection.execute(delete(accounts_recovery_codes).where(_codes.user_id == user_id))

    def put_codes(self, user_id: UUID, code_hashes: Sequence[str]) -> None:
        """Write the user's recovery codes in the place of earlier ones."""
        self.connection.execute(delete(accounts_recovery_codes).where(_codes.user_id == user_id))
        rows: list[dict[str, Any]] = [{"user_id": user_id, "code_hash": code_hash} for code_hash in code_hashes]
        self.connection.execute(insert(accounts_recovery_codes), rows)

    def use_code(self, user_id: UUID, code_hash: str) -> bool:
        """Take a recovery code away; says no when it is none."""
        this = (_codes.user_id == user_id) & (_codes.code_hash == code_hash)
        return self.connection.execute(delete(accounts_recovery_codes).where(this)).rowcount == 1

    def codes_left(self, user_id: UUID) -> int:
        """Count the recovery codes that were not used yet."""
        counted = select(func.count()).select_from(accounts_recovery_codes).where(_codes.user_id == user_id)
        return self.connection.execute(counted).scalar_one()

    def all_sealed(self) -> Sequence[tuple[UUID, str]]:
        """Return every user's sealed seed."""
        return [(row.user_id, row.sealed_seed) for row in self.connection.execute(select(accounts_totp))]

    def reseal(self, user_id: UUID, before: str, after: str) -> None:
        """Write the sealed seed *after* where *before* stands."""
        this = (_totp.user_id == user_id) & (_totp.sealed_seed == before)
        self.connection.execute(update(accounts_totp).where(this).values(sealed_seed=after))
