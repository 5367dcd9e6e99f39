"""What the vin area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area

from . import service
from .ports import ANSWERS
from .storage import SqlAnswerStore

__all__ = ["AREA"]

AREA = Area(
    name="vin",
    stores={ANSWERS: SqlAnswerStore},
    operations=(service.decode_vin, service.list_makes, service.list_models),
)
