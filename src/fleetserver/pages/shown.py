"""Texts that pages show by way of values: kinds, places and states of records, and what is chosen among several.

A text that is written where it is shown is found there; these are found here.
"""

from __future__ import annotations

from enum import Enum

from fleetcore.documents.model import Cover, DocumentKind, InspectionResult, PaymentSchedule
from fleetcore.fuel.model import ChargeCurrent, ChargePlace
from fleetcore.kernel.when import Period
from fleetcore.maintenance.commands import JobStatus
from fleetcore.maintenance.model import ServiceCategory
from fleetcore.maintenance.plan_model import Powertrain
from fleetcore.maintenance.tyre_model import TyreKind, TyrePosition
from fleetcore.vehicles.carriers import Carrier

__all__ = ["SHOWN", "SHOWN_CODES"]

SHOWN_CODES: tuple[type[Enum], ...] = (
    *(Carrier, ChargeCurrent, ChargePlace, Cover, DocumentKind, InspectionResult, JobStatus, PaymentSchedule, Period),
    *(Powertrain, ServiceCategory, TyreKind, TyrePosition),
)
SHOWN = (
    *("Business", "Commute", "Private", "business", "commute", "private"),
    *("Authority", "Insurer", "Inspector", "Lessor", "Who gives it", "Also", "Ends"),
    *("Drivers", "Fill-ups and charges", "Maintenance plans", "Odometer readings", "Services and repairs", "Tyre sets"),
    *("CO2, estimate", "Fills and charges", "Repairs", "Income", "Assets", "Bank"),
    *(f"Consumption, {carrier.value}" for carrier in Carrier),
    *("Services and reminders", "as before", "takes more", "takes less", "Everything else"),
    "It takes more than it used to: a year makes a difference of {change} {unit}.",
    "It takes less than it used to: a year makes a difference of {change} {unit}.",
    "In this time it came to take more, by {change} {unit}. It may be the season: see three years.",
    "In this time it came to take less, by {change} {unit}. It may be the season: see three years.",
    "That is about as much as in the time before, when it was {amount}.",
    "That is {percent} % more than in the time before, when it was {amount}.",
    "That is {percent} % less than in the time before, when it was {amount}.",
    "Two full fill-ups with an odometer, and the economy between them stands here.",
)
