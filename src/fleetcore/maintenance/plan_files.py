"""The service templates that ship, read from a data file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from fleetcore.kernel.quantities import Distance, EngineHours

from .model import ServiceCategory
from .plan_model import Powertrain, Template, TemplateItem

__all__ = ["shipped_templates"]


@lru_cache(maxsize=1)
def shipped_templates() -> Mapping[str, Template]:
    """Return the templates that every fleet can apply, by their words."""
    read = tomllib.loads((files(__package__) / "templates.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            key: Template(
                key=key,
                name=said["name"],
                powertrain=Powertrain(said["powertrain"]),
                items=tuple(_item(item) for item in said["items"]),
            )
            for key, said in read.items()
        }
    )


def _item(said: Mapping[str, Any]) -> TemplateItem:
    return TemplateItem(
        key=said["key"],
        title=said["title"],
        category=ServiceCategory(said.get("category", ServiceCategory.ROUTINE)),
        every=Distance.of(said["km"]) if "km" in said else None,
        every_months=said.get("months"),
        every_engine_hours=EngineHours.of(said["hours"]) if "hours" in said else None,
        is_fixed=said.get("fixed", False),
    )
