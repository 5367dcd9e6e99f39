"""What is typed about work that was done: options and parts, as fields of a command."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

import click

from fleetcore.kernel.quantities import EngineHours
from fleetcore.maintenance.model import Part, ServiceCategory
from fleetserver.cli.picking import given
from fleetserver.cli.session import Session
from fleetserver.cli.shared import choice_of, with_options
from fleetserver.presentation.typed import Typed

from .answering import answered
from .providers import find_provider

__all__ = ["WORK_OPTIONS", "work_fields"]

PART = re.compile(
    r"(?:(?P<quantity>\d[\d.,]*)\s*[x\u00d7]\s+)?(?P<name>[^@#]*[^@#\s])"
    r"(?:\s*#\s*(?P<number>[^@]*[^@\s]))?(?:\s*@\s*(?P<cost>.+))?"
)
WORK_OPTIONS = with_options(
    click.option("--date", "on", metavar="TIME", help="When: a day, or a day and a time. Default: today."),
    click.option("--category", type=choice_of(ServiceCategory), help="Why it was done. Default: routine."),
    click.option("--odometer", metavar="N", help="What the odometer showed."),
    click.option("--hours", metavar="N", help="What the hour meter showed."),
    click.option(
        "--part", "parts", multiple=True, metavar="PART",
        help="'[QUANTITY x ]NAME[ #NUMBER][ @ UNIT COST]', such as '4.5 x Oil #5W-30 @ 8.99'; may be repeated.",
    ),
    click.option("--labour-hours", metavar="N", help="How many hours were worked."),
    click.option("--labour-rate", metavar="AMOUNT", help="What an hour cost."),
    click.option("--labour-cost", metavar="AMOUNT", help="What labour cost in all, instead of hours and rate."),
    click.option("--total", metavar="AMOUNT", help="What was paid. Default: the sum of parts and labour."),
    click.option("--currency", metavar="CODE", help="The currency. Default: the fleet's."),
    click.option("--provider", metavar="NAME", help="Who did it: `fleet maintenance providers list`."),
    click.option("--place", help="Where, if it is no stored provider."),
    click.option("--warranty-until", metavar="DAY", help="The last day of the warranty."),
    click.option("--warranty-odometer", metavar="N", help="The odometer at which the warranty ends."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated."),
    click.option("--notes", help="Anything else."),
    click.option(
        "--done", "dones", multiple=True, metavar="ITEM",
        help="The item of the service plan that this does, by key, title or id; may be repeated.",
    ),
    click.option(
        "--reminder", "answers", multiple=True, metavar="REMINDER",
        help="The reminder that this answers, by title or id; may be repeated.",
    ),
    click.option("--accept-jump", is_flag=True, help="Take the meters though their neighbours contradict them."),
)  # fmt: skip


def work_fields(session: Session, typed: Typed, options: dict[str, Any], vehicle_id: UUID | None) -> dict[str, Any]:
    """Return the fields that *options* give of work on a vehicle."""
    on, currency = options["on"], options["currency"] and options["currency"].upper()
    has_time = on is not None and ":" in on
    hours = typed.decimal("--hours", options["hours"])
    found = given(
        at=typed.instant("--date", on) if has_time else None,
        done_on=typed.day("--date", on) if not has_time else None,
        category=options["category"] and ServiceCategory(options["category"]),
        odometer=typed.distance("--odometer", options["odometer"]),
        engine_hours=None if hours is None else EngineHours.of(hours),
        parts=tuple(_part(typed, text, currency) for text in options["parts"]) or None,
        labour_hours=typed.decimal("--labour-hours", options["labour_hours"]),
        labour_rate=typed.money("--labour-rate", options["labour_rate"], currency),
        labour_cost=typed.money("--labour-cost", options["labour_cost"], currency),
        total=typed.money("--total", options["total"], currency),
        provider_id=find_provider(session, options["provider"]).id if options["provider"] else None,
        warranty_until=typed.day("--warranty-until", options["warranty_until"]),
        warranty_odometer=typed.distance("--warranty-odometer", options["warranty_odometer"]),
        tags=options["tags"] or None,
        reminder_ids=answered(session, vehicle_id, options),
        **{name: options[name] for name in ("title", "place", "notes")},
    )
    typed.check()
    return {**found, "accept_odometer_jump": options["accept_jump"]}


def _part(typed: Typed, text: str, currency: str | None) -> Part:
    """Read a part: how many, what, its number, and what one costs."""
    match = PART.fullmatch(text.strip())
    if match is None:
        typed.refuse("--part", f"{text!r} does not look like '2 x Brake pads #0986 @ 34.50'")
        return Part(name=text)
    quantity = typed.decimal("--part", match["quantity"])
    return Part(
        name=match["name"].strip(),
        part_number=match["number"] or "",
        quantity=Decimal(1) if quantity is None else quantity,
        unit_cost=typed.money("--part", match["cost"], currency),
    )
