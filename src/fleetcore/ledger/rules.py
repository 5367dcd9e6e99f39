"""What makes an account or a posting acceptable, and what a reversal is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from fleetcore.kernel.errors import Problem

from .model import REVERSAL, AccountType, JournalEntry, JournalLine, Posting

__all__ = [
    "check_account",
    "check_posting",
    "clean_name",
    "entry_of",
    "is_same_posting",
    "lines_of",
    "reversal_of",
    "unused_name",
]

CODE = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
CODE_LENGTH_MAX = 80
NAME_LENGTH_MAX = 200
NUMBER_LENGTH = 6  # room for what unused_name puts behind a name
DESCRIPTION_LENGTH_MAX = 500
LINES_MAX = 1000
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2099, 12, 31)  # what every export format can write
NOT_IN_NAMES = ";"  # would begin a comment in plain-text ledgers


def lines_of(posting: Posting) -> tuple[JournalLine, ...]:
    """Return the lines of *posting* that move money."""
    for line in posting.lines:
        if not line.amount.minor:
            return tuple(line for line in posting.lines if line.amount.minor)
    return posting.lines


def check_posting(posting: Posting, lines: tuple[JournalLine, ...]) -> Iterator[Problem]:
    """Yield what is wrong with *posting*, whose lines that move money are *lines*."""
    if not 2 <= len(lines) <= LINES_MAX:
        yield Problem("lines", f"an entry needs from 2 to {LINES_MAX} lines, not {len(lines)}")
    if not FIRST_DATE <= posting.entry_date <= LAST_DATE:
        yield Problem("entry_date", f"must be between {FIRST_DATE} and {LAST_DATE}")
    if len(posting.description) > DESCRIPTION_LENGTH_MAX:
        yield Problem("description", f"must have at most {DESCRIPTION_LENGTH_MAX} characters")
    if "\0" in posting.description:
        yield Problem("description", "must not contain the character NUL")
    if posting.source == REVERSAL or not posting.source:
        yield Problem("source", f"must name the kind of record, and not {REVERSAL}")
    if posting.source_version < 1:
        yield Problem("source_version", "must be 1 or more")
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.amount.currency] += line.amount.minor
    for currency, total in sums.items():
        if total:
            yield Problem("lines", f"debits and credits in {currency} differ by {abs(total)} minor units", "unbalanced")


def entry_of(posting: Posting, lines: tuple[JournalLine, ...], entry_id: UUID, now: datetime, by: UUID) -> JournalEntry:
    """Return the entry that *posting* becomes."""
    return JournalEntry(
        id=entry_id,
        entry_date=posting.entry_date,
        posted_at=now,
        posted_by=by,
        description=posting.description,
        source=posting.source,
        source_id=posting.source_id,
        source_version=posting.source_version,
        lines=lines,
    )


def is_same_posting(entry: JournalEntry, wanted: JournalEntry) -> bool:
    """Say whether *wanted* asks for what *entry* already says: date and lines, in any order of words."""
    return entry.entry_date == wanted.entry_date and entry.lines == wanted.lines


def reversal_of(entry: JournalEntry, entry_id: UUID, now: datetime, by: UUID, on: date | None = None) -> JournalEntry:
    """Return the entry that mirrors *entry*, on the same date unless *on* is given."""
    return JournalEntry(
        id=entry_id,
        entry_date=on or entry.entry_date,
        posted_at=now,
        posted_by=by,
        description=entry.description,
        source=REVERSAL,
        source_id=entry.id,
        source_version=1,
        reverses_id=entry.id,
        lines=tuple(
            JournalLine(account_code=line.account_code, amount=-line.amount, vehicle_id=line.vehicle_id)
            for line in entry.lines
        ),
    )


def check_account(code: str, name: str, kind: AccountType) -> Iterator[Problem]:
    """Yield what is wrong with an account's code and name."""
    if not CODE.fullmatch(code) or len(code) > CODE_LENGTH_MAX:
        yield Problem(
            "code",
            f"must be lower-case words joined by dots, like expenses.fuel.wood, at most {CODE_LENGTH_MAX} characters",
        )
    yield from check_name(name, kind)


def check_name(name: str, kind: AccountType) -> Iterator[Problem]:
    """Yield what is wrong with an account's name."""
    root, *rest = name.split(":")
    if root != kind.root or not rest:
        yield Problem("name", f"must begin with {kind.root}: because the account is of type {kind}")
    if not all(rest):
        yield Problem("name", "must not have an empty part between colons")
    if any(part != clean_part(part) for part in rest):
        yield Problem("name", "must be without semicolons, control characters and doubled or outer spaces")
    if len(name) > NAME_LENGTH_MAX:
        yield Problem("name", f"must have at most {NAME_LENGTH_MAX} characters")


def clean_part(text: str) -> str:
    """Return *text* as one part of an account's name."""
    printable = "".join(" " if not c.isprintable() or c in NOT_IN_NAMES else c for c in text)
    return " ".join(printable.split())


def clean_name(name: str, kind: AccountType) -> str:
    """Return *name* as an account's name below the root of *kind*, whatever people typed."""
    parts = [part for part in map(clean_part, name.split(":")) if part]
    if not parts or parts[0] != kind.root:
        parts = [kind.root, *parts]
    if len(parts) == 1:
        parts.append("Other")
    return ":".join(parts)[: NAME_LENGTH_MAX - NUMBER_LENGTH].rstrip(": ")


def unused_name(name: str, taken: Iterable[str]) -> str:
    """Return *name*, with a number behind it when it is among *taken*."""
    names = set(taken)
    candidate, number = name, 1
    while candidate in names:
        number += 1
        candidate = f"{name} {number}"
    return candidate
