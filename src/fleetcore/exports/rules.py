"""What makes an archive one that can be restored here: pure checks of its manifest and its members' names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson

from fleetcore.kernel.errors import Problem, Rejected, reject_if_any
from fleetcore.kernel.wire import structure

from .model import ARCHIVE_FORMAT, ARCHIVE_FORMAT_VERSION, MANIFEST, ArchiveKind, FilePart, Manifest

__all__ = ["damaged", "member_problems", "read_manifest"]

SHOWN = 5
ATTACHMENT = re.compile("^fleets/[^/]+/attachments/")


def damaged(what: str) -> Rejected:
    """Return the refusal of an archive whose content is not what was written."""
    return Rejected.because(
        "archive", f"{what}: the file was damaged or changed; take another copy of it", "archive.damaged"
    )


def read_manifest(data: bytes, tables: Collection[str], revisions: Collection[str], fleet_table: str) -> Manifest:
    """Read and check a manifest; *tables* and *revisions* are those known here.

    Raises Rejected for another format, a newer version of anything, or a manifest that contradicts itself.
    """
    try:
        values = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise damaged(f"its {MANIFEST} is not JSON") from None
    _check_format(values)
    try:
        manifest = structure(values, Manifest)
    except Rejected as error:
        shown = "; ".join(map(str, error.problems[:SHOWN]))
        raise damaged(f"its {MANIFEST} does not follow the format ({shown})") from None
    reject_if_any(_manifest_problems(manifest, tables, revisions, fleet_table))
    return manifest


def _check_format(values: Any) -> None:
    if not isinstance(values, dict) or values.get("format") != ARCHIVE_FORMAT:
        raise Rejected.because("archive", f"its {MANIFEST} is not that of a {ARCHIVE_FORMAT}", "archive.format")
    version = values.get("format_version")
    if version != ARCHIVE_FORMAT_VERSION:
        raise Rejected.because(
            "archive",
            f"it has version {version} of the format and this fleetcore reads version {ARCHIVE_FORMAT_VERSION}: "
            "restore it with the fleetcore that wrote it, or a newer one",
            "archive.newer",
        )


def _manifest_problems(
    manifest: Manifest, tables: Collection[str], revisions: Collection[str], fleet_table: str
) -> Iterator[Problem]:
    if newer := sorted(set(manifest.schema) - set(revisions)):
        yield Problem(
            "archive",
            f"it was written by fleetcore {manifest.fleetcore_version} with the schema {', '.join(newer)}, which this "
            "fleetcore does not know: upgrade fleetcore, and install the plugins that were in use",
            "archive.newer",
        )
        return
    named = {table for fleet in manifest.fleets for table in fleet.tables}
    if unknown := sorted(named - set(tables)):
        yield Problem(
            "archive",
            f"it has tables that are not known here: {_listed(unknown)}; install the plugins that were in use",
            "archive.newer",
        )
    ids = [fleet.id for fleet in manifest.fleets]
    if len(set(ids)) != len(ids):
        yield Problem("archive", "it has a fleet twice", "archive.damaged")
    if manifest.kind is ArchiveKind.EXPORT and len(ids) != 1:
        yield Problem("archive", "an export must hold one fleet", "archive.damaged")
    for name, part in manifest.files.items():
        if ATTACHMENT.search(name) and name.rpartition("/")[2] != part.sha256:
            yield Problem("archive", f"{name!r} is not called by its checksum", "archive.damaged")
    for fleet in manifest.fleets:
        if fleet_table not in fleet.tables or fleet.tables[fleet_table].rows != 1:
            yield Problem("archive", f"it says nothing of its fleet {fleet.id}", "archive.damaged")


def member_problems(sizes: Mapping[str, int], expected: Mapping[str, FilePart]) -> Iterator[Problem]:
    """Yield what is wrong with the members of an archive, given as size by name, before any is unpacked."""
    missing = sorted(expected.keys() - sizes.keys())
    extra = sorted(sizes.keys() - expected.keys() - {MANIFEST})
    resized = sorted(n for n, part in expected.items() if n in sizes and sizes[n] != part.size_bytes)
    for names, what in ((missing, "it lacks"), (extra, "it has members that its manifest does not name:")):
        if names:
            yield Problem("archive", f"{what} {_listed(names)}", "archive.damaged")
    if resized:
        yield Problem("archive", f"not of the size that its manifest says: {_listed(resized)}", "archive.damaged")


def _listed(names: list[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(repr(name) for name in names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
