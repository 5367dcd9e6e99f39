"""The two passes over a file: :func:`inspect` finds out what it is, :func:`read` yields its rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

import attrs

from fleetcore.kernel.errors import Rejected
from fleetcore.vehicles.carriers import Carrier

from .dates import Order
from .detection import Detection, Options
from .formats import FORMATS, Format, Head
from .formats.base import no_header
from .rows import Parsed, ParsedVehicle, RowProblems, SkippedRow
from .source import (
    SIZE_MAX_BYTES,
    BrokenRecord,
    Member,
    Record,
    Source,
    decide_encoding,
    head_of,
    members_of,
    records_of,
)

__all__ = ["inspect", "read"]

SEPARATORS = (",", ";", "\t", "|")
HEAD_RECORDS = 60
HEADER_MAX = 20_000
HOPELESS_ROWS = 1_000


def inspect(
    source: Source,
    *,
    format: str = "auto",  # noqa: A002 (the word of the command)
    mapping: Mapping[str, str] | None = None,
    date_order: Order | None = None,
    decimal_mark: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    carrier: Carrier | None = None,
    distance_unit: str | None = None,
    volume_unit: str | None = None,
    currency: str | None = None,
    size_max_bytes: int = SIZE_MAX_BYTES,
    formats: Sequence[Format] = FORMATS,
) -> Detection:
    """Find out what *source* (a path, or bytes) is, over the whole file; raises Rejected if it cannot be read.

    What the caller says is taken; what it leaves out is inferred and told in the result's notes.
    """
    options = Options(
        format=format,
        mapping=mapping,
        date_order=date_order,
        decimal_mark=decimal_mark,
        encoding=encoding,
        separator=separator,
        carrier=carrier,
        distance_unit=distance_unit,
        volume_unit=volume_unit,
        currency=currency,
        size_max_bytes=size_max_bytes,
    )
    members = members_of(source, size_max_bytes)
    if len(members) == 1:
        return _inspect_member(members[0], options, formats)
    parts = tuple(_inspect_member(member, options, formats) for member in members)
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return attrs.evolve(parts[0], parts=parts, notes=notes, member="")


def read(source: Source, detection: Detection, *, formats: Sequence[Format] = FORMATS) -> Iterator[Parsed]:
    """Yield every row of *source* as *detection* says: parsed, skipped with a reason, or with its problems.

    Raises Rejected when not one of the first thousand rows could be read.
    """
    for part in detection.parts or (detection,):
        chosen = next(each for each in formats if each.name == part.format)
        member = Member(source, part.member)
        if chosen.parse_file is not None:
            parsed = chosen.parse_file(member, part)
        else:
            parsed = chosen.parse(_records(member, part.encoding, part.separator, chosen, part.options), part)
        rows = _unless_hopeless(parsed)
        yield from _told(rows, part.member) if part.member else rows


def _inspect_member(member: Member, options: Options, formats: Sequence[Format]) -> Detection:
    text, encoding = head_of(member, options.encoding)
    chosen, separator = _choose(text, options, formats)
    encoding = options.encoding or decide_encoding(member, encoding, options.size_max_bytes)
    records = _records(member, encoding, separator, chosen, options)
    found = chosen.survey(records, options)
    return attrs.evolve(
        found,
        encoding=encoding,
        separator=separator,
        from_layout_only=chosen.from_layout_only,
        member=member.name,
        notes=found.notes + _layout_note(chosen),
    )


def _layout_note(chosen: Format) -> tuple[str, ...]:
    if not chosen.from_layout_only:
        return ()
    return (f"{chosen.title} was written from a description of its layout, without a real file; check the result.",)


def _records(member: Member, encoding: str, separator: str, chosen: Format, options: Options) -> Iterator[Record]:
    records = records_of(member, encoding, separator, escape=chosen.escape, size_max_bytes=options.size_max_bytes)
    return _without_marks(records)


def _without_marks(records: Iterator[Record]) -> Iterator[Record]:
    """Drop what spreadsheets put before the header: a byte order mark, a line like ``sep=;``."""
    first = next(records, None)
    if first is None:
        return iter(())
    if first and not isinstance(first, BrokenRecord):
        first = [first[0].lstrip("\ufeff").strip('"') if first[0][:1] == "\ufeff" else first[0], *first[1:]]
    if first and first[0].casefold().startswith("sep="):
        first = []
    return chain([first], records)


def _head(text: str, separator: str, escape: str | None) -> Head:
    complete = text[: text.rfind("\n") + 1] or text
    reader = csv.reader(complete.lstrip("\ufeff").splitlines(keepends=True)[:400], delimiter=separator,
                        escapechar=escape, skipinitialspace=True)  # fmt: skip
    try:
        records = [record for record in islice(reader, HEAD_RECORDS) if not record or not record[0].startswith("sep=")]
    except csv.Error:
        records = []
    return Head(separator, tuple(records))


def _choose(text: str, options: Options, formats: Sequence[Format]) -> tuple[Format, str]:
    """Return the format and the separator that fit the head best; raises Rejected if none does."""
    wanted = "csv" if options.mapping and options.format == "auto" else options.format
    candidates = [each for each in formats if wanted in {"auto", each.name}]
    if not candidates:
        names = ", ".join(each.name for each in formats)
        raise Rejected.because("format", f"{wanted!r} is not a format; choose auto or one of {names}", "imports.format")
    separators = (options.separator,) if options.separator else SEPARATORS
    for each in candidates:
        if each.score_text is not None and each.score_text(text):
            return each, separators[0]
    best: tuple[int, int, Format, str] | None = None
    for separator in separators:
        for rank, each in enumerate(candidates):
            head = _head(text, separator, each.escape)
            score = each.score(head) if head.first else 0
            if score and (best is None or (score, -rank) > (best[0], -best[1])):
                best = (score, rank, each, separator)
    if best is not None:
        return best[2], best[3]
    separator = max(separators, key=lambda each: len(_head(text, each, None).first))
    if options.mapping:
        return candidates[0], separator
    first = text[: text.find("\n")] if "\n" in text else text
    if len(first) > HEADER_MAX:
        raise Rejected.because(
            "file",
            f"the first line has more than {HEADER_MAX:,} characters; this is not a log of rows",
            "line_too_long",
        )
    title = candidates[0].title if len(candidates) == 1 else "any app that is known"
    raise no_header(title, _head(text, separator, None).records)


def _told(rows: Iterator[Parsed], member: str) -> Iterator[Parsed]:
    for row in rows:
        yield attrs.evolve(row, member=member) if isinstance(row, RowProblems | SkippedRow) else row


def _unless_hopeless(rows: Iterator[Parsed]) -> Iterator[Parsed]:
    """Pass *rows* on, but give up if the first thousand hold not one that could be read."""
    held: list[Parsed] = []
    for row in rows:
        held.append(row)
        if not isinstance(row, RowProblems | SkippedRow | ParsedVehicle):
            break
        if len(held) >= HOPELESS_ROWS and any(isinstance(each, RowProblems) for each in held):
            bad = next(each for each in held if isinstance(each, RowProblems))
            raise Rejected.because(
                "file",
                f"none of the first {len(held):,} rows could be read; row {bad.row}: "
                + "; ".join(map(str, bad.problems)),
                "hopeless",
            )
    yield from held
    yield from rows
