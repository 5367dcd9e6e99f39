"""What odometers show over time, carried over replaced meters: for economy and for reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import ALWAYS, Span

from .odometer import offset_at
from .ports import READING_LINES, READINGS, OdometerRow, OdometerSpan
from .readings import Reading

__all__ = ["OdometerSpan", "odometer_lines", "odometer_spans", "offsets_of"]


def offsets_of(uow: UnitOfWork, vehicle_ids: Sequence[UUID]) -> dict[UUID, Callable[[datetime], int]]:
    """Return what to add to a value shown at an instant, for each vehicle whose odometer was ever replaced."""
    replaced: dict[UUID, list[Reading]] = {}
    for reading in uow[READINGS].replacements(vehicle_ids):
        replaced.setdefault(reading.vehicle_id, []).append(reading)
    return {vehicle_id: _offset(found) for vehicle_id, found in replaced.items()}


def _offset(replacements: Sequence[Reading]) -> Callable[[datetime], int]:
    return lambda at: offset_at(at, replacements)


def odometer_spans(uow: UnitOfWork, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, OdometerSpan]:
    """Return what the live readings within *span* show of each vehicle that ever had any."""
    return uow[READING_LINES].spans(vehicle_ids, span)


def odometer_lines(
    uow: UnitOfWork, vehicle_ids: Sequence[UUID], span: Span = ALWAYS
) -> dict[UUID, list[tuple[datetime, int]]]:
    """Return instant and metres of the live readings within *span*, by time, running on over replaced meters."""
    lines = uow[READING_LINES].lines(vehicle_ids, span)
    return {vehicle_id: _carried_over(rows) for vehicle_id, rows in lines.items()}


def _carried_over(rows: Sequence[OdometerRow]) -> list[tuple[datetime, int]]:
    offset = 0
    line = []
    for at, value, value_before in rows:
        if value_before is not None:
            offset += value_before - value
        line.append((at, value + offset))
    return line
