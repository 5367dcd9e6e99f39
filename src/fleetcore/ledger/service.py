"""Write to the journal on behalf of other areas.

Other areas call :func:`post`, :func:`repost`, :func:`reverse` and their bulk forms inside their own unit of
work, so that a record and its entry are accepted together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from fleetcore.kernel.errors import Conflict, Problem, reject_if_any
from fleetcore.kernel.ports import UnitOfWork

from .model import JournalEntry, Posting
from .ports import JOURNAL
from .rules import check_posting, entry_of, is_same_posting, lines_of, reversal_of

__all__ = ["post", "post_many", "repost", "reverse", "reverse_many"]


def post(uow: UnitOfWork, posting: Posting) -> JournalEntry | None:
    """Write *posting* as an entry and return it; a posting of nothing but zeros writes none and returns None.

    The same source version again returns the entry of the first time; with another date or other lines it
    raises Conflict. Raises Rejected with every problem, also for an account that is not in the chart.
    """
    if (entry := _accepted(uow, posting)) is None:
        return None
    if uow[JOURNAL].add(entry):
        return entry
    return _earlier(entry, uow[JOURNAL].posted(posting.source, [posting.source_id]))


def post_many(uow: UnitOfWork, postings: Iterable[Posting]) -> int:
    """Write *postings* as entries, all or none; returns how many are new.

    What :func:`post` says of one holds for each of them.
    """
    wanted = _accepted_many(uow, postings)
    if not wanted:
        return 0
    if uow[JOURNAL].add_many(wanted):
        return len(wanted)
    new = _not_posted(uow, wanted)
    if new and not uow[JOURNAL].add_many(new):
        raise Conflict("these records are being posted by someone else at this moment: try again")
    return len(new)


def reverse(uow: UnitOfWork, source: str, source_id: UUID, *, on: date | None = None) -> JournalEntry | None:
    """Mirror the live entry of a record and return the reversal; None when there is none.

    The reversal has the date of what it reverses, unless *on* is given: to every report it is then as if the
    record had never been.
    """
    if (entry := uow[JOURNAL].live(source, source_id)) is None:
        return None
    reversal = reversal_of(entry, uow.new_id(), uow.now, uow.actor.user_id, on)
    if not uow[JOURNAL].add(reversal):
        raise Conflict(f"the journal entry {entry.id} is being reversed by someone else at this moment")
    return reversal


def reverse_many(uow: UnitOfWork, source: str, source_ids: Sequence[UUID]) -> int:
    """Mirror the live entries of many records of *source*, each on its own date; returns how many there were."""
    pairs = [(source_id, uow.new_id()) for source_id in dict.fromkeys(source_ids)]
    return uow[JOURNAL].reverse_many(pairs, source, uow.now, uow.actor.user_id)


def repost(uow: UnitOfWork, posting: Posting) -> JournalEntry | None:
    """Reverse the live entry of the posting's source, then write *posting* as its new version.

    The same version again changes nothing, as in :func:`post`.
    """
    entry = _accepted(uow, posting)
    live = uow[JOURNAL].live(posting.source, posting.source_id)
    if live is not None and live.source_version == posting.source_version:
        if entry is None or not is_same_posting(live, entry):
            raise _other_content(live)
        return live
    if live is not None:
        reversal = reversal_of(live, uow.new_id(), uow.now, uow.actor.user_id)
        if not uow[JOURNAL].add(reversal):
            raise Conflict(f"the journal entry {live.id} is being reversed by someone else at this moment")
    if entry is None:
        return None
    if uow[JOURNAL].add(entry):
        return entry
    return _earlier(entry, uow[JOURNAL].posted(posting.source, [posting.source_id]))


def _accepted(uow: UnitOfWork, posting: Posting) -> JournalEntry | None:
    if not (lines := lines_of(posting)):
        return None
    reject_if_any(check_posting(posting, lines))
    return entry_of(posting, lines, uow.new_id(), uow.now, uow.actor.user_id)


def _accepted_many(uow: UnitOfWork, postings: Iterable[Posting]) -> list[JournalEntry]:
    """Return the entries of *postings*, each source version once; raises Rejected with the problems of all."""
    problems: list[Problem] = []
    wanted: dict[tuple[str, UUID, int], JournalEntry] = {}
    now, by = uow.now, uow.actor.user_id
    for index, posting in enumerate(postings):
        if not (lines := lines_of(posting)):
            continue
        problems += (Problem(f"{index}.{p.field}", p.message, p.code) for p in check_posting(posting, lines))
        entry = entry_of(posting, lines, uow.new_id(), now, by)
        first = wanted.setdefault((posting.source, posting.source_id, posting.source_version), entry)
        if first is not entry and not is_same_posting(first, entry):
            problems.append(Problem(str(index), "is the same source version as one before it, with other content"))
    reject_if_any(problems)
    return list(wanted.values())


def _not_posted(uow: UnitOfWork, wanted: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Return those of *wanted* whose source version is new; raises Conflict for one that was posted otherwise."""
    stored: dict[tuple[str, UUID, int], JournalEntry] = {}
    for source in dict.fromkeys(entry.source for entry in wanted):
        ids = list(dict.fromkeys(entry.source_id for entry in wanted if entry.source == source))
        for entry in uow[JOURNAL].posted(source, ids):
            stored[source, entry.source_id, entry.source_version] = entry
    new: list[JournalEntry] = []
    for entry in wanted:
        first = stored.get((entry.source, entry.source_id, entry.source_version))
        if first is None:
            new.append(entry)
        elif not is_same_posting(first, entry):
            raise _other_content(first)
    return new


def _earlier(wanted: JournalEntry, stored: Iterable[JournalEntry]) -> JournalEntry:
    """Return the entry of *stored* that holds the source version of *wanted*; raises Conflict for other content."""
    for entry in stored:
        if entry.source_version == wanted.source_version:
            if is_same_posting(entry, wanted):
                return entry
            raise _other_content(entry)
    raise Conflict(f"{wanted.source} {wanted.source_id} is being posted by someone else at this moment: try again")


def _other_content(entry: JournalEntry) -> Conflict:
    return Conflict(
        f"version {entry.source_version} of {entry.source} {entry.source_id} was posted before with another date or "
        f"other lines, as the journal entry {entry.id}: a change needs a new version"
    )
