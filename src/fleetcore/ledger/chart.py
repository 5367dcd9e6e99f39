"""The accounts that every fleet begins with, read from a data file."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from .model import AccountType, AddAccount

__all__ = ["standard_chart"]


@lru_cache(maxsize=1)
def standard_chart() -> tuple[AddAccount, ...]:
    """Return the accounts that every fleet begins with."""
    data = tomllib.loads((files(__package__) / "chart.toml").read_text("utf-8"))
    return tuple(
        AddAccount(code=code, name=name, type=AccountType(kind))
        for kind, accounts in data.items()
        for code, name in accounts.items()
    )
