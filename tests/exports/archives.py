"""Take archives apart and put them together again, with or without mending the manifest."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from fleetcore import Core
from fleetcore.exports.model import ExportFleet
from fleetcore.exports.service import export_fleet
from fleetcore.kernel.actor import Actor

MANIFEST = "manifest.json"


def exported(core: Core, actor: Actor) -> bytes:
    """Export the fleet of *actor* and return the archive."""
    out = io.BytesIO()
    core.read(actor, export_fleet, ExportFleet(target=out))
    return out.getvalue()


def members(archive: bytes) -> dict[str, bytes]:
    """Return the members of *archive* by name, in their order."""
    with ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def before_it_was_read(archive: bytes) -> dict[str, bytes]:
    """Return the members without what an export itself writes into the log, and without the sums over them."""
    files = {name: content for name, content in members(archive).items() if name != MANIFEST}
    for name, content in files.items():
        if name.endswith("/audit_log.jsonl"):
            lines = content.splitlines(keepends=True)
            files[name] = b"".join(line for line in lines if b'"entity":"read"' not in line)
    return files


def table_rows(archive: bytes, table: str) -> list[dict[str, Any]]:
    """Return the rows of *table* of the archive's fleets."""
    found = (content for name, content in members(archive).items() if name.endswith(f"/{table}.jsonl"))
    return [json.loads(line) for content in found for line in content.splitlines()]


def packed(content: Mapping[str, bytes]) -> bytes:
    """Make an archive of *content* as it is."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()


def changed_manifest(archive: bytes, **values: Any) -> bytes:
    """Make the archive again with other values in its manifest."""
    content = members(archive)
    content[MANIFEST] = json.dumps(json.loads(content[MANIFEST]) | values).encode()
    return packed(content)


def changed_table(archive: bytes, table: str, data: bytes) -> bytes:
    """Make the archive again with *data* as the rows of *table*, and a manifest that agrees."""
    content = members(archive)
    manifest = json.loads(content[MANIFEST])
    (fleet,) = manifest["fleets"]
    content[f"fleets/{fleet['id']}/{table}.jsonl"] = data
    checksum = hashlib.sha256(data).hexdigest()
    fleet["tables"][table] = {"size_bytes": len(data), "sha256": checksum, "rows": data.count(b"\n")}
    content[MANIFEST] = json.dumps(manifest).encode()
    return packed(content)
