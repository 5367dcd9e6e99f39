"""The table of what decoders answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Column, Connection, Index, Integer, String, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from fleetcore.kernel.wire import structure, unstructure
from fleetcore.storage.types import Instant, Json, fleet_table

from .model import KeptAnswer, VinAnswer

__all__ = ["SqlAnswerStore", "answers"]

answers = fleet_table(
    "vin_answers",
    Column("vin", String(17), nullable=False),
    Column("source", String(120), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("answer", Json, nullable=False),
    key=("vin", "source"),
)
Index("ix_vin_answers_at", answers.c.fleet_id, answers.c.at)

_in_fleet = answers.c.fleet_id == bindparam("in_fleet")
_of_vin = answers.c.vin == bindparam("of_vin")
_newer = (
    select(answers)
    .where(_in_fleet, _of_vin, answers.c.at > bindparam("since", type_=Instant))
    .order_by(answers.c.priority, answers.c.source)
)
_old = delete(answers).where(_in_fleet, answers.c.at <= bindparam("until", type_=Instant))


@attrs.frozen
class SqlAnswerStore:
    """The answers of decoders that one fleet got, in a database."""

    connection: Connection
    fleet_id: UUID

    def of(self, vin: str, since: datetime) -> Sequence[KeptAnswer]:
        """Return what decoders answered for *vin* since *since*."""
        keys = {"in_fleet": self.fleet_id, "of_vin": vin, "since": since}
        return [
            KeptAnswer(
                source=row["source"],
                priority=row["priority"],
                at=row["at"],
                answer=structure(row["answer"], VinAnswer),
            )
            for row in self.connection.execute(_newer, keys).mappings()
        ]

    def keep(self, vin: str, answer: KeptAnswer) -> None:
        """Keep *answer*."""
        row: dict[str, Any] = {
            "fleet_id": self.fleet_id,
            "vin": vin,
            "source": answer.source,
            "priority": answer.priority,
            "at": answer.at,
            "answer": unstructure(answer.answer),
        }
        insert: Any = sqlite.insert if self.connection.dialect.name == "sqlite" else postgresql.insert
        told = {name: row[name] for name in ("priority", "at", "answer")}
        keys = [answers.c.fleet_id, answers.c.vin, answers.c.source]
        self.connection.execute(insert(answers).values(row).on_conflict_do_update(index_elements=keys, set_=told))

    def forget_before(self, instant: datetime) -> None:
        """Erase the answers that are older than *instant*."""
        self.connection.execute(_old, {"in_fleet": self.fleet_id, "until": instant})
