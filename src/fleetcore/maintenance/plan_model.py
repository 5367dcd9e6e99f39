"""Plans: the service items of a vehicle, templates of them, and what one can ask to be done with them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.quantities import Distance, EngineHours

from .model import Part, ServiceCategory

__all__ = [
    "AddPlanItem",
    "AddTemplate",
    "AppliedTemplate",
    "ApplyTemplate",
    "EditPlanItem",
    "EditTemplate",
    "GetPlanItem",
    "GetTemplate",
    "ItemFields",
    "LastDone",
    "ListPlanItems",
    "ListTemplateUses",
    "ListTemplates",
    "PlanItem",
    "PlanItemFields",
    "PlannedChange",
    "Powertrain",
    "RemovePlanItem",
    "RemoveTemplate",
    "Template",
    "TemplateFields",
    "TemplateItem",
    "TemplateUse",
]


class Powertrain(StrEnum):
    """What kind of vehicle a template is for."""

    PETROL = "petrol"
    DIESEL = "diesel"
    HYBRID = "hybrid"
    ELECTRIC = "electric"
    MOTORCYCLE = "motorcycle"
    TRAILER = "trailer"


@frozen(kw_only=True)
class ItemFields:
    """What is said of a service item, on a vehicle or in a template: what, how often, and what it takes.

    *key* is its stable word, unique among the items of a vehicle; without one it follows from the title. Of
    several intervals whichever comes first decides. *parts* are hints for the shopping list.
    """

    title: str
    key: str = ""
    category: ServiceCategory = ServiceCategory.ROUTINE
    every: Distance | None = None
    every_months: int | None = None
    every_engine_hours: EngineHours | None = None
    is_fixed: bool = False
    expected_cost: Money | None = None
    parts: tuple[Part, ...] = ()
    notes: str = ""


@frozen(kw_only=True)
class LastDone:
    """When the work of the item *key* was last done, as far as one knows."""

    key: str
    on: date | None = None
    odometer: Distance | None = None
    engine_hours: EngineHours | None = None


@frozen(kw_only=True)
class PlanItemFields(ItemFields):
    """What is said of a service item of a vehicle.

    Its first due counts from when it was last done (*last_done...*), else from the day and the meters of adding.
    An item that is not active keeps its rule and reminds of nothing.
    """

    vehicle_id: UUID
    last_done_on: date | None = None
    last_done_odometer: Distance | None = None
    last_done_engine_hours: EngineHours | None = None
    is_active: bool = True


@frozen(kw_only=True)
class AddPlanItem(PlanItemFields):
    """Add a service item to a vehicle; *id* may come from the client."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditPlanItem(PlanItemFields):
    """Replace what was said of service item *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RemovePlanItem:
    """Take service item *id* off its vehicle, as long as it still has *version*; its reminder goes with it."""

    id: UUID
    version: int


@frozen(kw_only=True)
class PlanItem(PlanItemFields):
    """A service item as kept: *reminder_id* names its reminder, *template* what it was last made from."""

    id: UUID
    reminder_id: UUID | None = None
    template: str = ""
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class GetPlanItem:
    """Ask for one service item."""

    id: UUID


@frozen(kw_only=True)
class ListPlanItems:
    """Ask for service items, newest first."""

    vehicle_id: UUID | None = None
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class TemplateItem(ItemFields):
    """A service item of a template."""


@frozen(kw_only=True)
class TemplateFields:
    """What is said of a template: for which make, model and powertrain it is meant ("" and None: any), its items."""

    name: str
    make: str = ""
    model: str = ""
    powertrain: Powertrain | None = None
    items: tuple[TemplateItem, ...] = ()
    notes: str = ""


@frozen(kw_only=True)
class AddTemplate(TemplateFields):
    """Add a template to the fleet; *id* may come from the client."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditTemplate(TemplateFields):
    """Replace a template; the vehicles that have its items keep theirs until it is applied to them again."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RemoveTemplate:
    """Remove a template; the items that were made from it stay."""

    id: UUID
    version: int


@frozen(kw_only=True)
class Template(TemplateFields):
    """A template: of the fleet, or one that is shipped, which has no id and cannot be changed.

    *key* is what it is applied by: the id, or the word of a shipped one.
    """

    key: str
    id: UUID | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: UUID | None = None
    updated_by: UUID | None = None
    version: int = 0


@frozen(kw_only=True)
class GetTemplate:
    """Ask for one template by its id, or by the word of a shipped one."""

    key: str


@frozen(kw_only=True)
class ListTemplates:
    """Ask for the fleet's templates and the shipped ones; with *vehicle_id* only those that fit the vehicle."""

    vehicle_id: UUID | None = None


@frozen(kw_only=True)
class ApplyTemplate:
    """Give a vehicle the items of a template that it lacks; with *dry_run*, only tell what would be added.

    With *update*, the items that it has by the same key become as the template says them; without, they stay
    as they are. *last_done* says of items when they were last done, *leave_out* names those not wanted.
    """

    vehicle_id: UUID
    template: str
    last_done: tuple[LastDone, ...] = ()
    leave_out: tuple[str, ...] = ()
    update: bool = False
    dry_run: bool = False


@frozen(kw_only=True)
class PlannedChange:
    """An item that a template adds or would change, and what of it (empty for a new one)."""

    key: str
    title: str
    changes: tuple[str, ...] = ()


@frozen(kw_only=True)
class AppliedTemplate:
    """What applying a template did, or would do: what it added, changed, and kept though the template differs."""

    vehicle_id: UUID
    template: str
    dry_run: bool
    added: tuple[PlannedChange, ...]
    changed: tuple[PlannedChange, ...]
    kept: tuple[PlannedChange, ...]


@frozen(kw_only=True)
class ListTemplateUses:
    """Ask which vehicles have items of a template, and what applying it again would do."""

    template: str


@frozen(kw_only=True)
class TemplateUse:
    """A vehicle with items of a template; *missing* and *differing* name what it has not, or has otherwise."""

    vehicle_id: UUID
    vehicle_name: str
    items: int
    missing: tuple[str, ...]
    differing: tuple[str, ...]
