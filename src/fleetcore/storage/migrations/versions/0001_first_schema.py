"""The first schema: people, vehicles, fuel, expenses, ledger, imports, audit and outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from fleetcore.storage import types
from fleetcore.storage.migrations import guards, ledger_guards, statistics

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Parents before children.
TABLES = (
    "outbox",
    "people_fleets",
    "people_users",
    "audit_log",
    "expenses_categories",
    "fuel_stations",
    "idempotency_keys",
    "imports_imports",
    "ledger_accounts",
    "ledger_journal_entries",
    "people_members",
    "people_roles",
    "vehicles_vehicles",
    "expenses_recurring",
    "imports_rows",
    "ledger_journal_lines",
    "vehicles_grants",
    "vehicles_readings",
    "expenses_expenses",
    "fuel_fills",
)
GLOBAL = {"people_users"}  # a user may belong to several fleets
IMMUTABLE = {"audit_log", "ledger_journal_entries", "ledger_journal_lines", "vehicles_readings"}


def upgrade() -> None:
    """Create the tables, then who may do what with them, then what keeps them as they are."""
    guards.create_roles()
    for table in TABLES:
        CREATE[table]()
    for table in TABLES:
        guards.grant(table, "SELECT, INSERT" if table in IMMUTABLE else "SELECT, INSERT, UPDATE, DELETE")
    guards.grant_sequences()
    guards.separate_fleets(table for table in TABLES if table not in GLOBAL)
    guards.immutable("vehicles_readings", ("fleet_id", "id"), ("fleet_id", "voids"))
    guards.immutable("audit_log", ("fleet_id", "id"))
    ledger_guards.ledger_guards()
    statistics.create_statistics_function()


def downgrade() -> None:
    """Drop everything, children before parents."""
    statistics.drop_statistics_function()
    ledger_guards.drop_ledger_guards()
    guards.drop_guards(reversed(TABLES))


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("actor_id", types.Id(length=16), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("correlation_id", sa.String(length=120), nullable=True),
        sa.Column("published_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_unpublished",
        "outbox",
        ["position"],
        unique=False,
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )


def _people_fleets() -> None:
    op.create_table(
        "people_fleets",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("units", sa.String(length=10), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("locale", sa.String(length=40), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("fleet_id", name=op.f("pk_people_fleets")),
    )


def _people_users() -> None:
    op.create_table(
        "people_users",
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(length=40), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("units", sa.String(length=10), nullable=True),
        sa.Column("home_fleet_id", types.Id(length=16), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_users")),
        sa.UniqueConstraint("email_key", name=op.f("uq_people_users_email_key")),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("actor_id", types.Id(length=16), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("entity", sa.String(length=80), nullable=False),
        sa.Column("entity_id", types.Id(length=16), nullable=False),
        sa.Column("before", types.Json(), nullable=True),
        sa.Column("after", types.Json(), nullable=True),
        sa.Column("correlation_id", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_audit_log_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["fleet_id", "at", "id"], unique=False)
    op.create_index("ix_audit_log_entity", "audit_log", ["fleet_id", "entity_id", "at"], unique=False)


def _expenses_categories() -> None:
    op.create_table(
        "expenses_categories",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("account_code", sa.String(length=80), nullable=False),
        sa.Column("income_account_code", sa.String(length=80), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_expenses_categories_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_expenses_categories")),
    )
    op.create_index("uq_expenses_categories_key", "expenses_categories", ["fleet_id", "key"], unique=True)


def _fuel_stations() -> None:
    op.create_table(
        "fuel_stations",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("brand", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("phone", sa.String(length=200), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_fuel_stations_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_fuel_stations")),
    )
    op.create_index(
        "uq_fuel_stations_external",
        "fuel_stations",
        ["fleet_id", "provider", "external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("actor_id", types.Id(length=16), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_idempotency_keys_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "actor_id", "key", name=op.f("pk_idempotency_keys")),
    )


def _imports_imports() -> None:
    op.create_table(
        "imports_imports",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("new_vehicle_ids", types.Json(), nullable=False),
        sa.Column("station_ids", types.Json(), nullable=False),
        sa.Column("learned", types.Json(), nullable=False),
        sa.Column("category_keys", types.Json(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("undone_at", types.Instant(), nullable=True),
        sa.Column("undone_by", types.Id(length=16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_imports_imports_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_imports_imports")),
    )
    op.create_index("ix_imports_imports_at", "imports_imports", ["fleet_id", "created_at", "id"], unique=False)


def _ledger_accounts() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_ledger_accounts_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "code", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("fleet_id", "name", name=op.f("uq_ledger_accounts_fleet_id_name")),
    )


def _ledger_journal_entries() -> None:
    op.create_table(
        "ledger_journal_entries",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("entry_date", sa.Date(), nullable=False),
        sa.Column("posted_at", types.Instant(), nullable=False),
        sa.Column("posted_by", types.Id(length=16), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("source_id", types.Id(length=16), nullable=False),
        sa.Column("source_version", sa.Integer(), nullable=False),
        sa.Column("reverses_id", types.Id(length=16), nullable=True),
        sa.Column("line_count", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "(source = 'ledger.reversal') = (reverses_id IS NOT NULL) "
            "AND (reverses_id IS NULL OR reverses_id = source_id)",
            name=op.f("ck_ledger_journal_entries_reversal"),
        ),
        sa.CheckConstraint("line_count >= 2", name=op.f("ck_ledger_journal_entries_two_lines")),
        sa.ForeignKeyConstraint(
            ["fleet_id", "reverses_id"],
            ["ledger_journal_entries.fleet_id", "ledger_journal_entries.id"],
            name="fk_ledger_journal_entries_reverses",
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_ledger_journal_entries_fleet_id")
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_ledger_journal_entries")),
        sa.UniqueConstraint(
            "fleet_id", "source", "source_id", "source_version", name="uq_ledger_journal_entries_source_version"
        ),
    )
    op.create_index(
        "ix_ledger_journal_entries_date", "ledger_journal_entries", ["fleet_id", "entry_date", "id"], unique=False
    )


def _people_members() -> None:
    op.create_table(
        "people_members",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("user_id", types.Id(length=16), nullable=False),
        sa.Column("roles", types.Json(), nullable=False),
        sa.Column("staff_kind", sa.String(length=20), nullable=True),
        sa.Column("daily_rate_minor", sa.BigInteger(), nullable=True),
        sa.Column("daily_rate_currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("daily_rate_minor >= 0", name=op.f("ck_people_members_daily_rate")),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_people_members_fleet_id")),
        sa.ForeignKeyConstraint(["user_id"], ["people_users.id"], name=op.f("fk_people_members_user_id")),
        sa.PrimaryKeyConstraint("fleet_id", "user_id", name=op.f("pk_people_members")),
    )
    op.create_index(op.f("ix_people_members_user_id"), "people_members", ["user_id"], unique=False)


def _people_roles() -> None:
    op.create_table(
        "people_roles",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("permissions", types.Json(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_people_roles_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_people_roles")),
        sa.UniqueConstraint("fleet_id", "name_key", name=op.f("uq_people_roles_fleet_id_name_key")),
    )


def _vehicles_vehicles() -> None:
    op.create_table(
        "vehicles_vehicles",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("make", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("variant", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("vin", sa.String(length=17), nullable=True),
        sa.Column("plate", sa.String(length=200), nullable=True),
        sa.Column("plate_key", sa.String(length=200), nullable=True),
        sa.Column("colour", sa.String(length=200), nullable=False),
        sa.Column("carriers", types.Json(), nullable=False),
        sa.Column("tank_capacity_ml", sa.BigInteger(), nullable=True),
        sa.Column("battery_capacity_wh", sa.BigInteger(), nullable=True),
        sa.Column("passenger_capacity", sa.Integer(), nullable=True),
        sa.Column("load_limit_g", sa.BigInteger(), nullable=True),
        sa.Column("purchased_on", sa.Date(), nullable=True),
        sa.Column("purchase_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("purchase_currency", sa.String(length=3), nullable=True),
        sa.Column("sold_on", sa.Date(), nullable=True),
        sa.Column("sale_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("sale_currency", sa.String(length=3), nullable=True),
        sa.Column("distance_unit", sa.String(length=10), nullable=True),
        sa.Column("volume_unit", sa.String(length=10), nullable=True),
        sa.Column("tags", types.Json(), nullable=False),
        sa.Column("custom_fields", types.Json(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("load_limit_g >= 0", name=op.f("ck_vehicles_vehicles_load_limit")),
        sa.CheckConstraint("passenger_capacity >= 0", name=op.f("ck_vehicles_vehicles_passenger_capacity")),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_vehicles_vehicles_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_vehicles_vehicles")),
    )
    op.create_index(
        "uq_vehicles_living_plate",
        "vehicles_vehicles",
        ["fleet_id", "plate_key"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_vehicles_living_vin",
        "vehicles_vehicles",
        ["fleet_id", "vin"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _expenses_recurring() -> None:
    op.create_table(
        "expenses_recurring",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=True),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("tags", types.Json(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("next_index", sa.Integer(), nullable=False),
        sa.Column("next_occurrence", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_expenses_recurring_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_expenses_recurring_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_expenses_recurring")),
    )
    op.create_index("ix_expenses_recurring_category", "expenses_recurring", ["fleet_id", "category"], unique=False)
    op.create_index(
        "ix_expenses_recurring_next",
        "expenses_recurring",
        ["fleet_id", "next_on"],
        unique=False,
        sqlite_where=sa.text("next_on IS NOT NULL"),
        postgresql_where=sa.text("next_on IS NOT NULL"),
    )
    op.create_index("ix_expenses_recurring_vehicle", "expenses_recurring", ["fleet_id", "vehicle_id"], unique=False)


def _imports_rows() -> None:
    op.create_table(
        "imports_rows",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("import_id", types.Id(length=16), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", types.Id(length=16), nullable=False),
        sa.Column("raw", types.Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["fleet_id", "import_id"],
            ["imports_imports.fleet_id", "imports_imports.id"],
            name=op.f("fk_imports_rows_fleet_id_import_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_imports_rows_fleet_id_vehicle_id"),
        ),
        sa.PrimaryKeyConstraint("fleet_id", "vehicle_id", "key", name=op.f("pk_imports_rows")),
    )
    op.create_index("ix_imports_rows_import", "imports_rows", ["fleet_id", "import_id", "kind"], unique=False)


def _ledger_journal_lines() -> None:
    op.create_table(
        "ledger_journal_lines",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("entry_id", types.Id(length=16), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("entry_date", sa.Date(), nullable=False),
        sa.Column("account_code", sa.String(length=80), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=True),
        sa.CheckConstraint(
            "amount_minor <> 0 AND amount_minor > -100000000000000000 AND amount_minor < 100000000000000000",
            name=op.f("ck_ledger_journal_lines_amount"),
        ),
        sa.CheckConstraint("line_no >= 1", name=op.f("ck_ledger_journal_lines_line_no")),
        sa.ForeignKeyConstraint(
            ["fleet_id", "account_code"],
            ["ledger_accounts.fleet_id", "ledger_accounts.code"],
            name="fk_ledger_journal_lines_account",
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "entry_id"],
            ["ledger_journal_entries.fleet_id", "ledger_journal_entries.id"],
            name="fk_ledger_journal_lines_entry",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("fleet_id", "entry_id", "line_no", name=op.f("pk_ledger_journal_lines")),
    )
    op.create_index(
        "ix_ledger_journal_lines_account",
        "ledger_journal_lines",
        ["fleet_id", "account_code", "entry_date", "currency", "vehicle_id", "amount_minor"],
        unique=False,
    )
    op.create_index(
        "ix_ledger_journal_lines_vehicle",
        "ledger_journal_lines",
        ["fleet_id", "vehicle_id", "entry_date", "account_code", "currency", "amount_minor"],
        unique=False,
    )


def _vehicles_grants() -> None:
    op.create_table(
        "vehicles_grants",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("user_id", types.Id(length=16), nullable=False),
        sa.Column("starts_at", types.Instant(), nullable=False),
        sa.Column("ends_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_vehicles_grants_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["people_users.id"], name=op.f("fk_vehicles_grants_user_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_vehicles_grants")),
    )
    op.create_index("ix_vehicles_grants_user", "vehicles_grants", ["fleet_id", "user_id"], unique=False)
    op.create_index("ix_vehicles_grants_vehicle", "vehicles_grants", ["fleet_id", "vehicle_id"], unique=False)


def _vehicles_readings() -> None:
    op.create_table(
        "vehicles_readings",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("meter", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("value_before", sa.BigInteger(), nullable=True),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", types.Id(length=16), nullable=True),
        sa.Column("voids", types.Id(length=16), nullable=True),
        sa.Column("is_override", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("recorded_by", types.Id(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_vehicles_readings_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "voids"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_vehicles_readings_fleet_id_voids"),
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_vehicles_readings")),
    )
    op.create_index(
        "ix_vehicles_readings_at", "vehicles_readings", ["fleet_id", "vehicle_id", "meter", "at", "value"], unique=False
    )
    op.create_index(
        "uq_vehicles_readings_voids",
        "vehicles_readings",
        ["fleet_id", "voids"],
        unique=True,
        sqlite_where=sa.text("voids IS NOT NULL"),
        postgresql_where=sa.text("voids IS NOT NULL"),
    )


def _expenses_expenses() -> None:
    op.create_table(
        "expenses_expenses",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=True),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("at", types.Instant(), nullable=True),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("tags", types.Json(), nullable=False),
        sa.Column("attachment_ids", types.Json(), nullable=False),
        sa.Column("import_id", types.Id(length=16), nullable=True),
        sa.Column("reading_id", types.Id(length=16), nullable=True),
        sa.Column("recurring_id", types.Id(length=16), nullable=True),
        sa.Column("occurrence", sa.Integer(), nullable=True),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fleet_id", "reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_expenses_expenses_fleet_id_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "recurring_id"],
            ["expenses_recurring.fleet_id", "expenses_recurring.id"],
            name=op.f("fk_expenses_expenses_fleet_id_recurring_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_expenses_expenses_fleet_id_vehicle_id"),
        ),
        sa.ForeignKeyConstraint(["fleet_id"], ["people_fleets.fleet_id"], name=op.f("fk_expenses_expenses_fleet_id")),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_expenses_expenses")),
    )
    op.create_index(
        "ix_expenses_expenses_category", "expenses_expenses", ["fleet_id", "category", "spent_on", "id"], unique=False
    )
    op.create_index("ix_expenses_expenses_day", "expenses_expenses", ["fleet_id", "spent_on", "id"], unique=False)
    op.create_index(
        "ix_expenses_expenses_import",
        "expenses_expenses",
        ["fleet_id", "import_id"],
        unique=False,
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index(
        "ix_expenses_expenses_vehicle", "expenses_expenses", ["fleet_id", "vehicle_id", "spent_on", "id"], unique=False
    )
    op.create_index(
        "uq_expenses_expenses_occurrence",
        "expenses_expenses",
        ["fleet_id", "recurring_id", "occurrence"],
        unique=True,
        sqlite_where=sa.text("recurring_id IS NOT NULL"),
        postgresql_where=sa.text("recurring_id IS NOT NULL"),
    )


def _fuel_fills() -> None:
    op.create_table(
        "fuel_fills",
        sa.Column("fleet_id", types.Id(length=16), nullable=False),
        sa.Column("id", types.Id(length=16), nullable=False),
        sa.Column("vehicle_id", types.Id(length=16), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("odometer_m", sa.BigInteger(), nullable=True),
        sa.Column("trip_m", sa.BigInteger(), nullable=True),
        sa.Column("carrier", sa.String(length=20), nullable=False),
        sa.Column("quantity_kind", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.Column("missed_previous", sa.Boolean(), nullable=False),
        sa.Column("grade", sa.String(length=200), nullable=False),
        sa.Column("station_id", types.Id(length=16), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("start_soc_percent", sa.Integer(), nullable=True),
        sa.Column("end_soc_percent", sa.Integer(), nullable=True),
        sa.Column("charge_place", sa.String(length=10), nullable=True),
        sa.Column("current", sa.String(length=10), nullable=True),
        sa.Column("excluded_m", sa.BigInteger(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("tags", types.Json(), nullable=False),
        sa.Column("attachment_ids", types.Json(), nullable=False),
        sa.Column("driver_id", types.Id(length=16), nullable=True),
        sa.Column("import_id", types.Id(length=16), nullable=True),
        sa.Column("reading_id", types.Id(length=16), nullable=True),
        sa.Column("deleted_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("created_by", types.Id(length=16), nullable=False),
        sa.Column("updated_by", types.Id(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["driver_id"], ["people_users.id"], name=op.f("fk_fuel_fills_driver_id")),
        sa.ForeignKeyConstraint(
            ["fleet_id", "reading_id"],
            ["vehicles_readings.fleet_id", "vehicles_readings.id"],
            name=op.f("fk_fuel_fills_fleet_id_reading_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "station_id"],
            ["fuel_stations.fleet_id", "fuel_stations.id"],
            name=op.f("fk_fuel_fills_fleet_id_station_id"),
        ),
        sa.ForeignKeyConstraint(
            ["fleet_id", "vehicle_id"],
            ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"],
            name=op.f("fk_fuel_fills_fleet_id_vehicle_id"),
        ),
        sa.PrimaryKeyConstraint("fleet_id", "id", name=op.f("pk_fuel_fills")),
    )
    op.create_index("ix_fuel_fills_at", "fuel_fills", ["fleet_id", "at", "id"], unique=False)
    op.create_index(
        "ix_fuel_fills_import",
        "fuel_fills",
        ["fleet_id", "import_id"],
        unique=False,
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_index(
        "ix_fuel_fills_station",
        "fuel_fills",
        ["fleet_id", "station_id"],
        unique=False,
        sqlite_where=sa.text("station_id IS NOT NULL"),
        postgresql_where=sa.text("station_id IS NOT NULL"),
    )
    op.create_index("ix_fuel_fills_vehicle", "fuel_fills", ["fleet_id", "vehicle_id", "at", "id"], unique=False)


CREATE = {
    create.__name__.removeprefix("_"): create
    for create in (
        _outbox,
        _people_fleets,
        _people_users,
        _audit_log,
        _expenses_categories,
        _fuel_stations,
        _idempotency_keys,
        _imports_imports,
        _ledger_accounts,
        _ledger_journal_entries,
        _people_members,
        _people_roles,
        _vehicles_vehicles,
        _expenses_recurring,
        _imports_rows,
        _ledger_journal_lines,
        _vehicles_grants,
        _vehicles_readings,
        _expenses_expenses,
        _fuel_fills,
    )
}
