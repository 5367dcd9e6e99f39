"""Accounts, sessions, links, second factors, API keys, limits, stamps, the security log; addresses in the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# No fleet's own: a user may belong to several. Only the role for work across fleets reaches them...
GLOBAL = {
    "accounts_accounts": "SELECT, INSERT, UPDATE, DELETE",
    "accounts_sessions": "SELECT, INSERT, UPDATE, DELETE",
    "accounts_links": "SELECT, INSERT, UPDATE, DELETE",
    "accounts_totp": "SELECT, INSERT, UPDATE, DELETE",
    "accounts_recovery_codes": "SELECT, INSERT, UPDATE, DELETE",
    "accounts_limits": "SELECT, INSERT, UPDATE, DELETE",
    "accounts_security_log": "SELECT, INSERT, DELETE",  # nothing in it is changed; what is old is deleted
}
# ... but for stamps, which operations touch when they change what somebody may do.
STAMPS, KEYS = "accounts_stamps", "accounts_api_keys"


def upgrade() -> None:
    """Create the tables, then who may do what with them."""
    op.add_column("audit_log", sa.Column("address", sa.String(length=60), nullable=True))
    _accounts()
    _sessions()
    _factors()
    _shared()
    _api_keys()
    for table, rights in GLOBAL.items():
        guards.grant_to_system(table, rights)
    guards.grant(STAMPS)
    guards.grant(KEYS)
    guards.separate_fleets([KEYS])


def downgrade() -> None:
    """Drop everything."""
    for table in (KEYS, STAMPS, *reversed(GLOBAL)):
        op.drop_table(table)
    op.drop_column("audit_log", "address")


def _user(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, types.Id(length=16), nullable=nullable)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["people_users.id"], name=op.f(f"fk_{table}_user_id"))


def _accounts() -> None:
    op.create_table(
        "accounts_accounts",
        _user("user_id"),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", types.Instant(), nullable=True),
        sa.Column("verified_email", sa.String(length=254), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        _of_user("accounts_accounts"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_accounts_accounts")),
    )
    op.create_table(
        "accounts_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        _user("user_id", nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        _of_user("accounts_links"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_accounts_links")),
    )
    op.create_index("ix_accounts_links_user", "accounts_links", ["user_id"], unique=False)


def _sessions() -> None:
    op.create_table(
        "accounts_sessions",
        sa.Column("id", types.Id(length=16), nullable=False),
        _user("user_id"),
        sa.Column("active_fleet_id", types.Id(length=16), nullable=False),
        sa.Column("family_hash", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("second_factor_at", types.Instant(), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("last_used_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        _of_user("accounts_sessions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_sessions")),
    )
    op.create_index("ix_accounts_sessions_user", "accounts_sessions", ["user_id", "last_used_at"], unique=False)
    op.create_index("ix_accounts_sessions_expires", "accounts_sessions", ["expires_at"], unique=False)


def _factors() -> None:
    op.create_table(
        "accounts_totp",
        _user("user_id"),
        sa.Column("sealed_seed", sa.Text(), nullable=False),
        sa.Column("confirmed_at", types.Instant(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        _of_user("accounts_totp"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_accounts_totp")),
    )
    op.create_table(
        "accounts_recovery_codes",
        _user("user_id"),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        _of_user("accounts_recovery_codes"),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_accounts_recovery_codes")),
    )


def _shared() -> None:
    op.create_table(
        "accounts_limits",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("paid_at_us", sa.BigInteger(), nullable=False),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_accounts_limits")),
    )
    op.create_index("ix_accounts_limits_paid", "accounts_limits", ["paid_at_us"], unique=False)
    op.create_table(
        STAMPS,
        sa.Column("subject_id", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_accounts_stamps")),
    )
    op.create_index("ix_accounts_stamps_changed", STAMPS, ["changed_at"], unique=False)
    op.create_table(
        "accounts_security_log",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("user_id", types.Id(length=16), nullable=True),
        sa.Column("session_id", types.Id(length=16), nullable=True),
        sa.Column("address", sa.String(length=60), nullable=True),
        sa.Column("correlation_id", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_security_log")),
    )
    op.create_index("ix_accounts_security_log_user", "accounts_security_log", ["user_id", "at"], unique=False)
    op.create_index("ix_accounts_security_log_at", "accounts_security_log", ["at"], unique=False)


def _api_keys() -> None:
    op.create_table(
        KEYS,
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        _user("user_id"),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("permissions", types.Json(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=True),
        sa.Column("last_used_at", types.Instant(), nullable=True),
        sa.Column("revoked_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f(f"fk_{KEYS}_fleet_id")),
        _of_user(KEYS),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f(f"pk_{KEYS}")),
    )
    op.create_index("ix_accounts_api_keys_prefix", KEYS, ["prefix"], unique=False)
