"""What the demo's household keeps beside the cars: papers, service plans, tyres, a tested car, a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, Protocol
from uuid import UUID

from attrs import define, field

from fleetcore.attachments.model import AddAttachment
from fleetcore.attachments.service import add_attachment
from fleetcore.documents.commands import AddDocument, RenewDocument
from fleetcore.documents.model import Cover, Document, DocumentKind, FiledDocument, InspectionResult, PaymentSchedule
from fleetcore.documents.service import add_document, renew_document
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import add_months
from fleetcore.maintenance.checklists import get_checklist
from fleetcore.maintenance.fittings import measure_tread, mount_tyres
from fleetcore.maintenance.inspection_model import (
    CheckKind,
    ChecklistItem,
    CheckResult,
    GetChecklist,
    Outcome,
    RecordInspection,
)
from fleetcore.maintenance.inspections import record_inspection
from fleetcore.maintenance.model import ServiceCategory
from fleetcore.maintenance.plan_model import ApplyTemplate, GetTemplate, LastDone, ListPlanItems
from fleetcore.maintenance.plans import list_plan_items
from fleetcore.maintenance.templates import apply_template, get_template
from fleetcore.maintenance.tyre_model import AddTyreSet, MeasureTread, MountTyres, TreadDepth, TyreKind, TyreSet
from fleetcore.maintenance.tyres import add_tyre_set
from fleetcore.trips.model import RecordTrip
from fleetcore.trips.service import record_trip
from fleetcore.vehicles.model import Vehicle

from .demo_time import moment

__all__ = [
    "Car",
    "Living",
    "Work",
    "buy_tyres",
    "change_tyres",
    "check_car",
    "file_papers",
    "note_trip",
    "plan",
    "receipt",
    "renew",
]

NEW_TREAD_MM = 8.0
WORN_MM_PER_KM = 1 / 9_500
DEARER_PERCENT = 3  # a year


@define(kw_only=True)
class Work:
    """Work that is done when its reminder asks for it, and what it costs in cents."""

    title: str
    cost: int
    category: ServiceCategory = ServiceCategory.ROUTINE
    mounts: TyreKind | None = None
    rule: dict[str, Any] = field(factory=dict)


@define
class Car:
    """A car on its way."""

    vehicle: Vehicle
    odometer: int  # metres
    daily_km: int
    per_100km: float  # litres or kWh
    tank: float  # litres or kWh that fit
    level: float
    works: dict[UUID, Work] = field(factory=dict)
    papers: dict[DocumentKind, Document] = field(factory=dict)
    sets: dict[TyreKind, TyreSet] = field(factory=dict)
    driven: dict[UUID, float] = field(factory=dict)  # kilometres on each set
    premium: Money | None = None
    mounted: tuple[TyreKind, int] | None = None  # since which odometer


class Living(Protocol):
    """Whoever lives the life."""

    @property
    def clock(self) -> Any:
        """The clock of this life."""
        ...

    def do(self, operation: Any, command: Any) -> Any:
        """Run an operation at the present moment of this life."""
        ...

    def look(self, question: Any, command: Any) -> Any:
        """Ask at the present moment of this life."""
        ...


def plan(life: Living, car: Car, template: str, costs: Mapping[str, int], last_done: tuple[LastDone, ...] = ()) -> None:
    """Give *car* the items of a shipped template that *costs* names, by their keys in cents."""
    shipped = life.look(get_template, GetTemplate(key=template))
    others = tuple(item.key for item in shipped.items if item.key not in costs)
    command = ApplyTemplate(vehicle_id=car.vehicle.id, template=template, leave_out=others, last_done=last_done)
    life.do(apply_template, command)
    for item in life.look(list_plan_items, ListPlanItems(vehicle_id=car.vehicle.id)).items:
        car.works[item.reminder_id] = Work(title=item.title, cost=costs[item.key], category=item.category)


def file_papers(
    life: Living, car: Car, first: date, *, insured_until: date, tested_until: date, premium: int, insurer: str,
    schedule: PaymentSchedule, cover: Cover,
) -> None:  # fmt: skip
    """File the registration, the policy of this year and the inspection that holds."""

    def filed(kind: DocumentKind, **said: Any) -> None:
        command = AddDocument(kind=kind, vehicle_id=car.vehicle.id, **said)
        found: FiledDocument = life.do(add_document, command)
        car.papers[kind] = found.document

    plate = car.vehicle.plate or ""
    filed(DocumentKind.REGISTRATION, issuer="Berlin", number=plate, starts_on=first, amount=Money(3_060, "EUR"))
    car.premium = Money(premium, "EUR")
    days = min((insured_until - first).days, 365) if schedule is PaymentSchedule.YEARLY else 365
    filed(
        DocumentKind.INSURANCE, issuer=insurer, number=f"KH {plate[-4:].strip()}", cover=cover,
        starts_on=first, ends_on=insured_until, amount=Money(premium * days // 365, "EUR"), schedule=schedule,
        excess=Money(30_000, "EUR"),
    )  # fmt: skip
    tested_on = min(first, add_months(tested_until, -24))
    filed(DocumentKind.INSPECTION, issuer="TÜV", starts_on=tested_on, ends_on=tested_until)


def renew(life: Living, car: Car, kind: DocumentKind, day: date, **said: Any) -> None:
    """File the successor of a paper: a policy for its next year, an inspection for two."""
    before = car.papers[kind]
    if kind is DocumentKind.INSURANCE and car.premium is not None and before.ends_on is not None:
        said |= {"amount": car.premium, "ends_on": add_months(before.ends_on, 12)}
        car.premium = Money(round(car.premium.minor * (100 + DEARER_PERCENT) / 100), "EUR")
    elif kind is DocumentKind.INSPECTION and before.ends_on is not None:
        said |= {"starts_on": day, "ends_on": add_months(before.ends_on, 24), "result": InspectionResult.PASSED}
    command = RenewDocument(id=before.id, version=before.version, **said)
    car.papers[kind] = life.do(renew_document, command).document


def buy_tyres(life: Living, car: Car, kind: TyreKind, name: str, **said: Any) -> None:
    """Add a set of tyres that stands in for the one of its season from now on."""
    made = (life.clock.at - timedelta(days=60)).isocalendar()
    command = AddTyreSet(
        vehicle_id=car.vehicle.id, name=name, kind=kind, dot=f"{made.week:02}{made.year % 100:02}",
        storage_place="Cellar", **said,
    )  # fmt: skip
    car.sets[kind] = life.do(add_tyre_set, command)


def change_tyres(life: Living, car: Car, kind: TyreKind, day: date) -> None:
    """Mount the set of a season, and measure how deep its tread is."""
    if car.mounted is not None:
        before, since = car.mounted
        worn = car.sets[before].id
        car.driven[worn] = car.driven.get(worn, 0) + (car.odometer - since) / 1000
    tyres = car.sets[kind]
    if car.mounted is None or tyres.id != car.sets[car.mounted[0]].id:
        life.do(mount_tyres, MountTyres(set_id=tyres.id, on=day, odometer=Distance(car.odometer)))
    car.mounted = (kind, car.odometer)
    left = NEW_TREAD_MM - car.driven.get(tyres.id, 0) * WORN_MM_PER_KM
    depths = tuple(
        TreadDepth(number=each.number, depth_mm=Decimal(f"{left - 0.3 * (each.number < 3) * (left < 7.5):.1f}"))
        for each in tyres.tyres
    )
    life.do(measure_tread, MeasureTread(set_id=tyres.id, on=day, depths=depths))


def check_car(life: Living, car: Car, day: date, failing: Mapping[str, str], retest_of: UUID | None = None) -> UUID:
    """Fill the shipped checklist of a test station; *failing* says what is wrong, by the key of the item.

    A retest looks only at what failed.
    """
    if retest_of is None:
        items = life.look(get_checklist, GetChecklist(key="roadworthiness")).items
        results = tuple(
            CheckResult(
                key=each.key,
                outcome=_outcome(each, failing),
                value=Decimal("5.5") if each.kind is CheckKind.MEASURE else None,
                note=failing.get(each.key, ""),
            )
            for each in items
        )
    else:
        results = tuple(CheckResult(key=key, outcome=Outcome.PASS, note=note) for key, note in failing.items())
    command = RecordInspection(
        vehicle_id=car.vehicle.id,
        checklist="" if retest_of else "roadworthiness",
        done_on=day,
        odometer=Distance(car.odometer),
        results=results,
        retest_of=retest_of,
    )
    made: UUID = life.do(record_inspection, command).id
    return made


def _outcome(item: ChecklistItem, failing: Mapping[str, str]) -> Outcome | None:
    if item.kind is CheckKind.MEASURE:
        return None
    return Outcome.FAIL if item.key in failing else Outcome.PASS


def note_trip(life: Living, car: Car, driver_id: UUID, day: date, **said: Any) -> None:
    """Note a trip from Berlin that took the day, in the evening."""
    life.clock.at = moment(day, 17, 30)
    command = RecordTrip(
        vehicle_id=car.vehicle.id, driver_id=driver_id, started_at=moment(day, 7, 30), ended_at=moment(day, 16, 30),
        start_place="Berlin", **said,
    )  # fmt: skip
    life.do(record_trip, command)


def receipt(life: Living, entity_id: UUID, name: str, lines: tuple[str, ...]) -> None:
    """Hang a page of PDF with *lines* on a service record."""
    command = AddAttachment(entity="maintenance.service", entity_id=entity_id, name=name, content=BytesIO(_pdf(lines)))
    life.do(add_attachment, command)


def _pdf(lines: tuple[str, ...]) -> bytes:
    """Return one page of A5 with *lines* of text, as small as a PDF can be."""
    text = " ".join(f"({line}) Tj T*" for line in lines)
    stream = f"BT /F 14 Tf 20 TL 40 540 Td {text} ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    page, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(page))
        page += f"{number} 0 obj{each}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    page += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\n"
    start = page.index("xref\n")
    return f"{page}startxref\n{start}\n%%EOF\n".encode("latin-1")
