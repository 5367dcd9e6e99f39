"""Tyre sets: what they cost, where they were, how far they went and how worn they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.quantities import Distance
from fleetcore.maintenance.fittings import (
    measure_tread,
    mount_tyres,
    remove_fitting,
    remove_tread_check,
    report_tyres,
    unmount_tyres,
)
from fleetcore.maintenance.tyre_model import (
    AddTyreSet,
    EditTyreSet,
    Fitting,
    GetTyreSet,
    ListTyreSets,
    MeasureTread,
    MountTyres,
    RemoveFitting,
    RemoveTreadCheck,
    RemoveTyreSet,
    ReportTyres,
    RotateTyres,
    TreadCheck,
    TreadDepth,
    Tyre,
    TyreKind,
    TyreMove,
    TyrePosition,
    TyreReport,
    TyreSet,
    TyreSetFields,
    UnmountTyres,
)
from fleetcore.maintenance.tyres import (
    add_tyre_set,
    edit_tyre_set,
    get_tyre_set,
    list_tyre_sets,
    remove_tyre_set,
    rotate_tyres,
)
from fleetcore.testing.builders import euros, km, new_vehicle
from fleetcore.vehicles.meters import get_odometer, replace_meter
from fleetcore.vehicles.model import GetVehicle, PurgeVehicles, RemoveVehicle
from fleetcore.vehicles.readings import GetOdometer, ReplaceMeter
from fleetcore.vehicles.service import get_vehicle, purge_vehicles, remove_vehicle

from .conftest import TODAY, Desk

FIELDS = tuple(a.name for a in attrs.fields(TyreSetFields))
SPRING, AUTUMN = date(2026, 4, 1), date(2025, 11, 1)


def add(desk: Desk, **said: Any) -> TyreSet:
    """Add winter tyres of autumn 2023."""
    usual = {"vehicle_id": desk.vehicle_id, "name": "Winter", "kind": TyreKind.WINTER, "dot": "3523"}
    return desk.core.run(desk.actor, add_tyre_set, AddTyreSet(**usual | said))


def edit(desk: Desk, tyre_set: TyreSet, **said: Any) -> TyreSet:
    """Change what is *said* of a set and leave the rest."""
    facts = {name: getattr(tyre_set, name) for name in FIELDS}
    command = EditTyreSet(**{"id": tyre_set.id, "version": tyre_set.version} | facts | said)
    return desk.core.run(desk.actor, edit_tyre_set, command)


def look(desk: Desk, tyre_set: TyreSet) -> TyreSet:
    """Return a set as it is stored."""
    return desk.core.read(desk.actor, get_tyre_set, GetTyreSet(id=tyre_set.id))


def mount(desk: Desk, tyre_set: TyreSet, on: date = SPRING, odometer_km: int | None = None, **said: Any) -> Fitting:
    """Put a set on."""
    shown = None if odometer_km is None else km(odometer_km)
    return desk.core.run(desk.actor, mount_tyres, MountTyres(set_id=tyre_set.id, on=on, odometer=shown, **said))


def unmount(desk: Desk, tyre_set: TyreSet, on: date = TODAY, odometer_km: int | None = None, **said: Any) -> Fitting:
    """Take a set off."""
    shown = None if odometer_km is None else km(odometer_km)
    return desk.core.run(desk.actor, unmount_tyres, UnmountTyres(set_id=tyre_set.id, on=on, odometer=shown, **said))


def measure(desk: Desk, tyre_set: TyreSet, on: date, *depths: str, **said: Any) -> TreadCheck:
    """Note the tread of the tyres 1, 2 and so on."""
    measured = tuple(TreadDepth(number=number, depth_mm=Decimal(depth)) for number, depth in enumerate(depths, 1))
    command = MeasureTread(set_id=tyre_set.id, on=on, depths=measured, **said)
    return desk.core.run(desk.actor, measure_tread, command)


def report(desk: Desk, tyre_set: TyreSet) -> TyreReport:
    """Return the report of a set."""
    return desk.core.read(desk.actor, report_tyres, ReportTyres(id=tyre_set.id))


def shown(desk: Desk) -> Distance | None:
    """Return what the odometer of the vehicle shows."""
    return desk.core.read(desk.actor, get_odometer, GetOdometer(vehicle_id=desk.vehicle_id)).odometer


def test_a_set_is_kept_and_its_cost_is_booked(desk: Desk) -> None:
    """The cost goes to tyres, follows an edit, and is reversed when a set entered by mistake is removed."""
    tyre_set = add(desk, cost=euros(480), purchased_on=date(2025, 10, 5), storage_place="Cellar")
    kept, booked = look(desk, tyre_set), desk.balances()
    cheaper = edit(desk, tyre_set, cost=euros(400), name="Snow")
    changed = desk.balances()
    desk.core.run(desk.actor, remove_tyre_set, RemoveTyreSet(id=tyre_set.id, version=cheaper.version))

    assert tyre_set == kept
    assert {"expenses.tyres": 48_000, "assets.bank": -48_000} == booked
    assert {"expenses.tyres": 40_000, "assets.bank": -40_000} == changed
    assert {} == desk.balances()
    assert () == desk.core.read(desk.actor, list_tyre_sets, ListTyreSets())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"dot": "35"}, "dot"),
        ({"dot": "5423"}, "dot"),
        ({"dot": "0023"}, "dot"),
        ({"dot": "3526"}, "dot"),
        ({"dot": "ab23"}, "dot"),
        ({"cost": euros(-1)}, "cost"),
        ({"purchased_on": TODAY + timedelta(days=1)}, "purchased_on"),
        ({"limit_mm": Decimal(-1)}, "limit_mm"),
        ({"limit_mm": Decimal("1.65")}, "limit_mm"),
        ({"tyres": ()}, "tyres"),
        ({"tyres": (Tyre(number=1, position=TyrePosition.FRONT), Tyre(number=1, position=TyrePosition.REAR))}, "tyres"),
        ({"tyres": (Tyre(number=1, position=TyrePosition.REAR), Tyre(number=2, position=TyrePosition.REAR))}, "tyres"),
        ({"tyres": (Tyre(number=0, position=TyrePosition.REAR),)}, "tyres.0.number"),
        ({"tyres": (Tyre(number=1, position=TyrePosition.REAR, dot="x"),)}, "tyres.0.dot"),
        ({"size": "x" * 201}, "size"),
    ],
)
def test_odd_sets_are_refused(desk: Desk, said: dict[str, Any], field: str) -> None:
    """Each mistake is named by its field."""
    with pytest.raises(Rejected) as caught:
        add(desk, **said)

    assert field in [problem.field for problem in caught.value.problems]


def test_mounting_takes_the_other_set_off(desk: Desk) -> None:
    """One set is on at a time; the odometer is noted once and ends the other's stretch."""
    winter, summer = add(desk), add(desk, name="Summer", kind=TyreKind.SUMMER)
    mount(desk, winter, AUTUMN, 40_000)
    mount(desk, summer, SPRING, 46_000)
    off = unmount(desk, summer, TODAY, 50_000, storage_place="Shelf 3")

    assert (None, None) == (look(desk, winter).mounted_on, look(desk, summer).mounted_on)
    assert (km(6000), km(4000)) == (report(desk, winter).distance, report(desk, summer).distance)
    assert ("Shelf 3", TODAY, km(50_000)) == (look(desk, summer).storage_place, off.unmounted_on, shown(desk))


def test_a_mounted_set_says_where(desk: Desk) -> None:
    """It cannot be put on twice, on another vehicle, retired or removed while it is on."""
    winter = add(desk)
    mount(desk, winter, SPRING)
    other = new_vehicle(desk.core, desk.actor, name="Other")

    assert desk.vehicle_id == look(desk, winter).mounted_on
    for again in ({}, {"vehicle_id": other.id}):
        with pytest.raises(Rejected, match="overlaps a stretch of this set"):
            mount(desk, winter, TODAY, **again)
    with pytest.raises(Rejected, match="unmount them first"):
        edit(desk, winter, retired_on=TODAY)
    with pytest.raises(Rejected, match="unmount them first"):
        desk.core.run(desk.actor, remove_tyre_set, RemoveTyreSet(id=winter.id, version=1))


def test_a_stretch_of_the_past_may_be_entered_where_there_is_room(desk: Desk) -> None:
    """Old stretches end with a day; they touch others and never overlap them."""
    winter, summer = add(desk), add(desk, name="Summer", kind=TyreKind.SUMMER)
    mount(desk, summer, SPRING, 46_000)
    with pytest.raises(Rejected, match="overlaps another set on this vehicle"):
        mount(desk, winter, AUTUMN, 40_000)
    mount(desk, winter, AUTUMN, 40_000, until=SPRING, until_odometer=km(46_000))
    with pytest.raises(Rejected, match="overlaps"):
        mount(desk, summer, date(2026, 3, 1), until=date(2026, 3, 2))
    for said in ({"until": AUTUMN - timedelta(days=1)}, {"until_odometer": km(1)}, {"until": date(2026, 6, 2)}):
        with pytest.raises(Rejected, match="until"):
            mount(desk, winter, AUTUMN, **said)

    assert km(6000) == report(desk, winter).distance


def test_a_backwards_odometer_is_asked_about(desk: Desk) -> None:
    """Neighbours in time contradict it, and a word takes it."""
    winter = add(desk)
    mount(desk, winter, AUTUMN, 40_000)
    with pytest.raises(Rejected) as caught:
        unmount(desk, winter, SPRING, 39_000)
    unmount(desk, winter, SPRING, 39_000, accept_odometer_jump=True)

    assert caught.value.has_code("odometer.jump")
    assert km(0) == report(desk, winter).distance
    with pytest.raises(Rejected, match="on no vehicle"):
        unmount(desk, winter)


def test_a_day_before_mounting_is_no_day_of_unmounting(desk: Desk) -> None:
    """Nor is one to come."""
    winter = add(desk)
    mount(desk, winter, SPRING)
    for on, words in ((AUTUMN, "before the day of mounting"), (TODAY + timedelta(days=1), "today")):
        with pytest.raises(Rejected, match=words):
            unmount(desk, winter, on)


def test_distance_runs_on_over_a_replaced_meter_and_between_readings(desk: Desk) -> None:
    """Without an odometer of its own, a stretch is read off the line of all readings."""
    winter = add(desk)
    desk.record(odometer=km(40_000), done_on=AUTUMN)
    exchange = ReplaceMeter(
        vehicle_id=desk.vehicle_id,
        at=datetime(2026, 1, 1, 12, tzinfo=UTC),
        old_odometer=km(43_000),
        new_odometer=km(0),
    )
    mount(desk, winter, AUTUMN)
    desk.core.run(desk.actor, replace_meter, exchange)
    desk.record(odometer=km(1000), done_on=date(2026, 1, 11))
    unmount(desk, winter, date(2026, 1, 6))

    assert km(3500) == report(desk, winter).distance


def test_wear_is_projected(desk: Desk) -> None:
    """A millimetre and a half in 10,000 km: what is left of 6.5 mm lasts 10,000 km more to 5 mm."""
    summer = add(desk, kind=TyreKind.SUMMER, limit_mm=Decimal(5))
    mount(desk, summer, TODAY - timedelta(days=100), 40_000)
    measure(desk, summer, TODAY - timedelta(days=100), "8", "8", "8", "8")
    desk.record(odometer=km(50_000), done_on=TODAY)
    measure(desk, summer, TODAY, "6.5", "8")
    first, second, third, _ = report(desk, summer).tyres

    assert (1.5, km(10_000), TODAY + timedelta(days=100)) == (
        first.wear_mm_per_10000_km, first.remaining, first.projected_on
    )  # fmt: skip
    assert (None, None) == (second.wear_mm_per_10000_km, second.projected_on)
    assert (Decimal(8), TODAY - timedelta(days=100)) == (third.depth_mm, third.measured_on)


def test_growing_tread_is_asked_about(desk: Desk) -> None:
    """On either side in time; a new tyre starts afresh, and a word takes an odd number."""
    winter = add(desk)
    measure(desk, winter, SPRING, "5", "5")
    for on, depth in ((TODAY, "6"), (AUTUMN, "4")):
        with pytest.raises(Rejected) as caught:
            measure(desk, winter, on, depth)
        assert caught.value.has_code("tyre.tread_grows")
    measure(desk, winter, date(2026, 5, 1), "5.1", accept_growth=True)
    check = measure(desk, winter, TODAY, "8", new_tyres=(1,))
    fresh = report(desk, winter).tyres[0]
    desk.core.run(desk.actor, remove_tread_check, RemoveTreadCheck(id=check.id))

    assert (Decimal(8), None) == (fresh.depth_mm, fresh.made_on)
    assert Decimal("5.1") == report(desk, winter).tyres[0].depth_mm


@pytest.mark.parametrize(
    ("depths", "said", "field"),
    [
        ((), {}, "depths"),
        (("31",), {}, "depths.0.depth_mm"),
        (("-1",), {}, "depths.0.depth_mm"),
        (("NaN",), {}, "depths.0.depth_mm"),
        (("5.55",), {}, "depths.0.depth_mm"),
        (("5", "5", "5", "5", "5"), {}, "depths.4.number"),
        (("5",), {"new_tyres": (2,)}, "new_tyres.0"),
        (("5",), {"on": TODAY + timedelta(days=1)}, "on"),
    ],
)
def test_odd_measurements_are_refused(desk: Desk, depths: tuple[str, ...], said: dict[str, Any], field: str) -> None:
    """Each mistake is named by its field."""
    winter = add(desk)
    with pytest.raises(Rejected) as caught:
        measure(desk, winter, said.get("on", TODAY), *depths, new_tyres=said.get("new_tyres", ()))

    assert field in [problem.field for problem in caught.value.problems]


def test_advice_names_worn_and_old_tyres(desk: Desk) -> None:
    """Below the limit a tyre is worn out, below four millimetres a winter tyre is weak, after six years it is old."""
    winter = add(desk, dot="0117")
    measure(desk, winter, TODAY, "1.5", "3.9", "4")
    advice = report(desk, winter).advice

    assert any("tyre 1 (front left) is worn out" in line for line in advice)
    assert any("tyre 2 (front right) has 3.9 mm: winter tyres below 4 mm" in line for line in advice)
    assert not any("tyre 3" in line and "mm" in line for line in advice)
    assert 4 == sum("9.4 years old" in line for line in advice)


def test_tyres_change_their_places(desk: Desk) -> None:
    """A rotation swaps; two tyres in one place are refused, as is an unknown one."""
    winter = add(desk)
    swap = (
        TyreMove(number=1, position=TyrePosition.REAR_LEFT),
        TyreMove(number=3, position=TyrePosition.FRONT_LEFT),
    )
    after = desk.core.run(desk.actor, rotate_tyres, RotateTyres(id=winter.id, version=1, moves=swap))
    for moves in (
        (TyreMove(number=3, position=TyrePosition.REAR_LEFT),),
        (),
        (TyreMove(number=9, position=TyrePosition.SPARE),),
    ):
        with pytest.raises(Rejected):
            desk.core.run(desk.actor, rotate_tyres, RotateTyres(id=winter.id, version=after.version, moves=moves))

    assert [TyrePosition.REAR_LEFT, TyrePosition.FRONT_LEFT] == [after.tyres[0].position, after.tyres[2].position]


def test_a_fitting_entered_by_mistake_is_taken_back(desk: Desk) -> None:
    """Its readings go with it."""
    winter = add(desk)
    fitting = mount(desk, winter, AUTUMN, 40_000, until=SPRING, until_odometer=km(46_000))
    before = shown(desk)
    desk.core.run(desk.actor, remove_fitting, RemoveFitting(id=fitting.id))

    assert (km(46_000), None, km(0)) == (before, shown(desk), report(desk, winter).distance)


def test_a_retired_set_is_listed_apart(desk: Desk) -> None:
    """It keeps its cost and can no longer be mounted."""
    winter = edit(desk, add(desk, cost=euros(400)), retired_on=TODAY - timedelta(days=1))

    assert () == desk.core.read(desk.actor, list_tyre_sets, ListTyreSets())
    assert (winter,) == desk.core.read(desk.actor, list_tyre_sets, ListTyreSets(retired=True))
    assert 40_000 == desk.balances()["expenses.tyres"]
    with pytest.raises(Rejected, match="retired"):
        mount(desk, winter, TODAY)


def test_who_may_keep_tyres(desk: Desk) -> None:
    """A driver reads, a technician changes their own alone, an outsider finds nothing."""
    winter = add(desk)
    driver, technician = desk.as_member("family"), desk.as_member("technician")
    outsider = desk.as_member("mechanic", granted=False)

    assert winter == look(driver, winter)
    with pytest.raises(Forbidden):
        mount(driver, winter)
    with pytest.raises(NotFound):
        mount(technician, winter)
    for attempt in (look, report, mount, unmount):
        with pytest.raises(NotFound):
            attempt(outsider, winter)
    assert () == desk.core.read(outsider.actor, list_tyre_sets, ListTyreSets())
    mount(technician, add(technician, name="Own"))
    with pytest.raises(Conflict):
        edit(desk, attrs.evolve(winter, version=7))


def test_a_purged_vehicle_takes_its_tyres_along(desk: Desk) -> None:
    """Sets, stretches and measurements go; another vehicle's set that was once on it stays without that stretch."""
    other = Desk(desk.core, desk.actor, new_vehicle(desk.core, desk.actor, name="Other").id)
    theirs, ours = add(other), add(desk)
    mount(desk, theirs, AUTUMN, vehicle_id=desk.vehicle_id, until=SPRING)
    mount(desk, ours, SPRING)
    measure(desk, ours, TODAY, "5")
    desk.core.run(desk.actor, remove_vehicle, RemoveVehicle(id=desk.vehicle_id))
    desk.core.run(desk.actor, purge_vehicles, PurgeVehicles(after_days=0))

    assert () == report(other, theirs).fittings
    with pytest.raises(NotFound):
        look(desk, ours)
    with pytest.raises(NotFound):
        desk.core.read(desk.actor, get_vehicle, GetVehicle(id=desk.vehicle_id))
