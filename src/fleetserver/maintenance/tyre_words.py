"""A tyre set as people name it and read it."""

from __future__ import annotations

from collections.abc import Iterator

from fleetcore.maintenance.tyre_model import GetTyreSet, ListTyreSets, TyreReport, TyreSet, TyreWear
from fleetcore.maintenance.tyres import get_tyre_set, list_tyre_sets
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.failures import BadInput
from fleetserver.cli.picking import pick, short_id, vehicles_by_id
from fleetserver.cli.session import Session
from fleetserver.cli.tables import Column, details, plain, table

__all__ = ["find_set", "report_lines"]

WEAR_COLUMNS = (
    Column("Tyre", right=True),
    Column("Position"),
    Column("Age", right=True, drop=2),
    Column("Tread", right=True),
    Column("mm/10,000 km", right=True, drop=1),
    Column("Lasts", right=True),
    Column("Until"),
)
FITTING_COLUMNS = (
    Column("On"), Column("Off"), Column("Vehicle", flexible=True), Column("Distance", right=True), Column("Id")
)  # fmt: skip


def find_set(session: Session, text: str) -> TyreSet:
    """Return the set called *text*, or whose id ends so, retired ones too."""

    def candidates() -> list[TyreSet]:
        return [
            each for retired in (False, True) for each in session.read(list_tyre_sets, ListTyreSets(retired=retired))
        ]

    named = [each for each in candidates() if each.name.casefold() == text.strip().casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        choices = ", ".join(short_id(each.id) for each in named)
        raise BadInput.because("", f"{len(named)} sets are called {text!r}: use the id, one of {choices}")
    return pick(text, "tyre set", lambda key: session.read(get_tyre_set, GetTyreSet(id=key)), candidates)


def report_lines(session: Session, report: TyreReport) -> Iterator[str]:
    """Yield what is known of a set, as people read it."""
    names = vehicles_by_id(session)
    each, display = report.tyre_set, session.display
    owner, carrier = names.get(each.vehicle_id), names.get(each.mounted_on or each.id)
    yield from details(
        (
            ("Set", each.name),
            ("Vehicle", owner.name if owner else ""),
            ("Kind", each.kind.replace("_", "-")),
            ("Tyre", " ".join(filter(None, (each.brand, each.model, each.size)))),
            ("Where", f"on {carrier.name}" if carrier else each.storage_place or "off"),
            ("Distance", display.distance(report.distance, owner)),
            ("Cost", display.money(each.cost)),
            ("Worn out at", f"{each.limit_mm} mm"),
            ("Notes", each.notes),
            ("Id", str(each.id)),
        )
    )
    yield ""
    yield from table(WEAR_COLUMNS, [_wear_row(session, tyre, owner) for tyre in report.tyres])
    if report.fittings:
        yield ""
        yield from table(
            FITTING_COLUMNS,
            [
                [
                    str(stretch.fitting.mounted_on),
                    str(stretch.fitting.unmounted_on or ""),
                    stretch.vehicle_name,
                    display.distance(stretch.distance, owner) or "-",
                    short_id(stretch.fitting.id),
                ]
                for stretch in report.fittings
            ],
        )
    for line in report.advice:
        yield plain(f"! {line}")


def _wear_row(session: Session, tyre: TyreWear, vehicle: Vehicle | None) -> list[str]:
    return [
        str(tyre.number),
        tyre.position.replace("_", " "),
        "" if tyre.age_years is None else f"{tyre.age_years} years",
        "-" if tyre.depth_mm is None else f"{tyre.depth_mm} mm",
        "" if tyre.wear_mm_per_10000_km is None else f"{tyre.wear_mm_per_10000_km:.2f}",
        session.display.distance(tyre.remaining, vehicle),
        str(tyre.projected_on or ""),
    ]
