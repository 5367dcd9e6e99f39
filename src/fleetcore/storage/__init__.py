"""Storage on SQLAlchemy Core: engines for SQLite and PostgreSQL, transactions, tables, migrations.

The areas' own tables live in their ``storage`` modules; here is what all of them share.
"""
