"""What is told after a service item or a template changed; personal words stay out."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

from .model import ServiceCategory

__all__ = [
    "PLAN_EVENTS",
    "PlanItemAdded",
    "PlanItemEdited",
    "PlanItemRemoved",
    "TemplateAdded",
    "TemplateApplied",
    "TemplateEdited",
    "TemplateRemoved",
]


@frozen(kw_only=True)
class _ItemTold(Event):
    """What a service item tells."""

    item_id: UUID
    vehicle_id: UUID
    category: ServiceCategory
    reminder_id: UUID | None
    item_version: int


@event("maintenance.plan_item_added", key="item_id")
@frozen(kw_only=True)
class PlanItemAdded(_ItemTold):
    """A service item was added to a vehicle."""


@event("maintenance.plan_item_edited", key="item_id")
@frozen(kw_only=True)
class PlanItemEdited(_ItemTold):
    """What is said of a service item was changed."""


@event("maintenance.plan_item_removed", key="item_id")
@frozen(kw_only=True)
class PlanItemRemoved(_ItemTold):
    """A service item was taken off its vehicle."""


@event("maintenance.template_applied", key="vehicle_id")
@frozen(kw_only=True)
class TemplateApplied(Event):
    """A template was applied to a vehicle: so many items were added and changed."""

    vehicle_id: UUID
    template: str
    added: int
    changed: int


@frozen(kw_only=True)
class _TemplateTold(Event):
    """What a template tells."""

    template_id: UUID
    template_version: int


@event("maintenance.template_added", key="template_id")
@frozen(kw_only=True)
class TemplateAdded(_TemplateTold):
    """A template was added."""


@event("maintenance.template_edited", key="template_id")
@frozen(kw_only=True)
class TemplateEdited(_TemplateTold):
    """A template was changed; the items that were made from it are as they were."""


@event("maintenance.template_removed", key="template_id")
@frozen(kw_only=True)
class TemplateRemoved(_TemplateTold):
    """A template was removed."""


PLAN_EVENTS: tuple[type[Event], ...] = (
    PlanItemAdded,
    PlanItemEdited,
    PlanItemRemoved,
    TemplateApplied,
    TemplateAdded,
    TemplateEdited,
    TemplateRemoved,
)
