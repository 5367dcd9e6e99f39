"""What areas may bring: names are unique, and only what is stored can be heard."""

from __future__ import annotations

import pytest
from attrs import frozen

import fleetcore
from fleetcore import hookimpl
from fleetcore.kernel.area import Area
from fleetcore.kernel.work import Consumer, JobKind, Retries
from fleetcore.reminders.tick import TICK
from fleetcore.vehicles.events import MetersMoved, VehicleAdded


def hear(*_given: object) -> None:
    """Hear of something."""


TWICE = Consumer(name="twice", hears={VehicleAdded: hear})


@frozen
class Bringing:
    """A plugin that brings *area*."""

    area: Area

    @hookimpl
    def fleetcore_areas(self) -> list[Area]:
        """Bring it."""
        return [self.area]


@pytest.mark.parametrize(
    ("area", "why"),
    [
        (Area(name="a", consumers=(TWICE, Consumer(name="twice", hears={}))), "two consumers are called twice"),
        (Area(name="a", consumers=(Consumer(name="inner", hears={MetersMoved: hear}),)), "inner events"),
        (Area(name="a", jobs=(JobKind(name=TICK.name, run=hear),)), "two kinds of jobs are called reminders.tick"),
    ],
)
def test_what_cannot_be_is_refused_at_open(area: Area, why: str) -> None:
    """A name that is taken, or an event that nobody stores, is found when the Core is opened, not at night."""
    with pytest.raises(ValueError, match=why):
        fleetcore.open(plugins=[Bringing(area)], installed_plugins=False)


def test_work_is_tried_at_least_once() -> None:
    """No attempts at all make no sense."""
    with pytest.raises(ValueError, match="attempts_max"):
        Retries(attempts_max=0)
