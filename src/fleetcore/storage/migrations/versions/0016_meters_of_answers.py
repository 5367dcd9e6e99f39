"""Answers to reminders know whether their meters were said or taken from readings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COMPLETIONS = "reminders_completions"


def upgrade() -> None:
    """Add the columns; what was stored before counts as said, so that no reading moves it."""
    for name in ("total_from", "hours_from"):
        op.add_column(COMPLETIONS, sa.Column(name, sa.String(length=10), nullable=False, server_default="said"))


def downgrade() -> None:
    """Drop the columns."""
    for name in ("hours_from", "total_from"):
        op.drop_column(COMPLETIONS, name)
