"""Alembic migrations of the whole schema; plugins bring branches of their own."""
