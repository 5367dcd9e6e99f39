"""Archives that are damaged, doctored, newer or none: one clear refusal each, and nothing written."""

from __future__ import annotations

import io
import json
import random
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from tests.exports.archives import (
    MANIFEST,
    changed_manifest,
    changed_table,
    exported,
    members,
    packed,
    table_rows,
)
from tests.exports.garage import furnish

import fleetcore
from fleetcore import Core
from fleetcore.exports import reading
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, FleetError, Rejected
from fleetcore.people.ports import DIRECTORY
from fleetcore.storage import archive as storage
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles


@pytest.fixture(scope="module")
def archive(sqlite_files: SqliteFiles) -> bytes:
    """An export of a fleet with everything in it."""
    with fleetcore.open(sqlite_files.database(), installed_plugins=False, clock=FixedClock()) as core:
        owner = core.create_fleet("Home", owner_name="Ada", owner_email="ada@example.org")
        furnish(core, owner)
        return exported(core, owner)


Refuse = Callable[..., str]


@pytest.fixture
def refused(sqlite_core: Core) -> Iterator[Refuse]:
    """Restore an archive, expect a refusal and return its words; afterwards the database must be empty."""
    yield partial(refusal, sqlite_core)
    assert_empty(sqlite_core)


@pytest.fixture
def refused_by_database(core: Core) -> Iterator[Refuse]:
    """The same on each engine in turn, for what is found only while writing."""
    yield partial(refusal, core)
    assert_empty(core)


def refusal(core: Core, data: bytes, error: type[FleetError] = Rejected) -> str:
    """Restore *data* into *core* and return the words of the refusal."""
    with pytest.raises(error) as caught:
        core.restore(io.BytesIO(data))
    return str(caught.value)


def assert_empty(core: Core) -> None:
    """Make sure that *core* has no fleet and no user."""
    with core.database.system() as connection:
        assert [] == storage.fleets(connection)
        assert core.unit(connection, nobody())[DIRECTORY].user_by_email("ada@example.org") is None


def nobody() -> Actor:
    """An actor of no fleet."""
    return Actor(user_id=UUID(int=0), fleet_id=UUID(int=0))


def some_table(archive: bytes, table: str) -> str:
    """Return the member that holds *table*."""
    return next(name for name in members(archive) if name.endswith(f"/{table}.jsonl"))


def without_zip_fields(archive: bytes) -> int:
    """Return the offset of the first byte that is compressed content of the first member."""
    with ZipFile(io.BytesIO(archive)) as opened:
        first = opened.infolist()[0]
    return first.header_offset + 30 + len(first.filename.encode()) + 20


def test_a_changed_byte_in_the_content_is_refused(archive: bytes, refused: Refuse) -> None:
    """A byte of packed content that changed is named as damage, with the member it is in."""
    data = bytearray(archive)
    data[without_zip_fields(archive) + 9] ^= 0x40

    assert "people_fleets" in refused(bytes(data))


def test_any_changed_byte_is_refused_or_harmless(archive: bytes, sqlite_files: SqliteFiles) -> None:
    """Whichever byte changes, the archive is refused with an error of ours, or restores to the same rows."""
    chance = random.Random(2)  # noqa: S311 - positions, not secrets
    with fleetcore.open(sqlite_files.database(), installed_plugins=False) as core:
        for position in chance.sample(range(len(archive)), 300):
            data = bytearray(archive)
            data[position] ^= 1 << chance.randrange(8)
            try:
                core.restore(io.BytesIO(bytes(data)), dry_run=True)
            except FleetError:
                continue
            assert members(archive) == members(bytes(data)), f"byte {position}"


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_refused(archive: bytes, refused: Refuse, kept: float) -> None:
    """An archive whose end is missing is refused as such."""
    size = kept if isinstance(kept, int) else int(len(archive) * kept)

    assert "its end is missing" in refused(archive[:size])


def test_what_is_no_zip_is_refused(refused: Refuse) -> None:
    """A file of something else is refused as no archive of ours."""
    assert "no fleetcore archive" in refused(b"date,litres\n2026-01-01,40\n" * 1000)


def test_another_programs_zip_is_refused(refused: Refuse) -> None:
    """A zip without our manifest is refused as no archive of ours."""
    assert "no fleetcore archive" in refused(packed({"readme.txt": b"hello"}))


def test_a_file_that_is_not_there_is_named(sqlite_core: Core, tmp_path: Path) -> None:
    """A path without a file is refused with its name."""
    with pytest.raises(Rejected, match=r"away\.zip cannot be read: No such file"):
        sqlite_core.restore(tmp_path / "away.zip")


def test_a_missing_member_is_named(archive: bytes, refused: Refuse) -> None:
    """An archive that lacks a table which its manifest names is refused with the name."""
    content = members(archive)
    del content[some_table(archive, "fuel_fills")]

    assert "it lacks 'fleets/" in (words := refused(packed(content)))
    assert "fuel_fills.jsonl" in words


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "C:\\x", "csv/more.csv", "fleets/x/../y.jsonl"])
def test_an_extra_member_is_named(archive: bytes, refused: Refuse, name: str) -> None:
    """A member that the manifest does not name is refused, and nowhere unpacked."""
    assert f"does not name: {name!r}" in refused(packed({**members(archive), name: b"x"}))


def test_a_member_that_comes_twice_is_refused(archive: bytes, refused: Refuse) -> None:
    """Of two members of one name it could not be said which is meant."""
    out = io.BytesIO(archive)
    with pytest.warns(UserWarning, match="Duplicate"), ZipFile(out, "a") as opened:
        opened.writestr(MANIFEST, b"{}")

    assert "twice" in refused(out.getvalue())


def test_a_row_less_is_refused(archive: bytes, refused: Refuse) -> None:
    """A table with other rows than the manifest says is refused."""
    content = members(archive)
    name = some_table(archive, "fuel_fills")
    content[name] = content[name].partition(b"\n")[2]

    assert "not of the size" in refused(packed(content))


def test_a_row_count_that_is_off_is_refused(archive: bytes, refused: Refuse) -> None:
    """A manifest whose number of rows is not that of its member is refused with both numbers."""
    manifest = json.loads(members(archive)[MANIFEST])
    manifest["fleets"][0]["tables"]["fuel_fills"]["rows"] += 1

    rows = len(table_rows(archive, "fuel_fills"))
    assert f"{rows} rows where its manifest says {rows + 1}" in refused(changed_manifest(archive, **manifest))


def test_other_content_of_the_same_size_is_refused(archive: bytes, refused: Refuse) -> None:
    """A member that was changed with a matching zip checksum is found by the manifest's checksum."""
    content = members(archive)
    name = some_table(archive, "people_fleets")
    content[name] = content[name].replace(b"Home", b"Hame")

    assert "checksum" in refused(packed(content))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"format": "other"}, "not that of a fleetcore-archive"),
        ({"format_version": 2}, "version 2 of the format"),
        ({"schema": ["0001", "9999"]}, "schema 9999"),
        ({"fleets": []}, "must hold one fleet"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"extra": 1}, "extra"),
        ({"files": []}, "files"),
    ],
)
def test_a_manifest_that_is_off_is_refused(archive: bytes, refused: Refuse, values: dict[str, Any], words: str) -> None:
    """Another format, a newer version or a manifest that is none are refused, saying what is off."""
    assert words in refused(changed_manifest(archive, **values))


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{", b"\xff"])
def test_a_manifest_that_is_no_object_is_refused(archive: bytes, refused: Refuse, manifest: bytes) -> None:
    """A manifest that is not a JSON object is refused."""
    assert MANIFEST in refused(packed({**members(archive), MANIFEST: manifest}))


def test_a_table_of_an_unknown_plugin_is_named(archive: bytes, refused: Refuse) -> None:
    """Tables that no area here brings are refused with their names."""
    content = changed_table(archive, "tyres_sets", b"{}\n")

    assert "tyres_sets" in refused(content)


def test_a_fleet_without_its_own_row_is_refused(archive: bytes, refused: Refuse) -> None:
    """Rows without the fleet they belong to cannot be restored."""
    manifest = json.loads(members(archive)[MANIFEST])
    del manifest["fleets"][0]["tables"]["people_fleets"]

    assert "says nothing of its fleet" in refused(changed_manifest(archive, **manifest))


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("fuel_fills", {"quantity": "12"}, "row 1: quantity must be a whole number"),
        ("fuel_fills", {"is_full": 1}, "row 1: is_full must be true or false"),
        ("fuel_fills", {"latitude": "north"}, "row 1: latitude must be a number"),
        ("fuel_fills", {"at": "2026-01-01T00:00:00"}, "row 1: at must be an instant"),
        ("fuel_fills", {"vehicle_id": 7}, "row 1: vehicle_id must be a UUID"),
        ("fuel_fills", {"vehicle_id": None}, "row 1: vehicle_id is missing"),
        ("fuel_fills", {"fleet_id": str(UUID(int=1))}, "row 1: fleet_id is not known here"),
        ("imports_rows", {"key": "***"}, "row 1: key must be base64"),
        ("expenses_expenses", {"spent_on": "32.13."}, "row 1: spent_on must be a date"),
        ("people_users", {"name": 1}, "row 1: name must be text"),
    ],
)
def test_a_doctored_row_is_named(
    archive: bytes, refused_by_database: Refuse, table: str, change: dict[str, Any], words: str
) -> None:
    """A row that is none is refused with table, row and column, though all checksums are right."""
    first, *rest = table_rows(archive, table)
    data = b"".join(json.dumps(row).encode() + b"\n" for row in [first | change, *rest])

    assert f"{table}, {words}" in refused_by_database(changed_table(archive, table, data))


@pytest.mark.parametrize("data", [b"{\n", b"[]\n"])
def test_a_line_that_is_no_row_is_named(archive: bytes, refused: Refuse, data: bytes) -> None:
    """A line that is no JSON object is refused with table and row."""
    assert "fuel_fills, row 1" in refused(changed_table(archive, "fuel_fills", data))


def test_a_missing_column_is_named(archive: bytes, refused: Refuse) -> None:
    """A row of this schema has all its columns, empty ones too."""
    rows = table_rows(archive, "fuel_stations")
    del rows[0]["phone"]
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    assert "fuel_stations, row 1: phone is missing" in refused(changed_table(archive, "fuel_stations", data))


def test_a_journal_that_does_not_balance_is_refused_by_database(archive: bytes, refused_by_database: Refuse) -> None:
    """The database's own guards hold for restored rows too: a cent too much is refused."""
    first, *rest = table_rows(archive, "ledger_journal_lines")
    first["amount_minor"] += 1
    data = b"".join(json.dumps(row).encode() + b"\n" for row in [first, *rest])

    words = refused_by_database(changed_table(archive, "ledger_journal_lines", data), Conflict)
    assert "ledger_journal_entries" in words


def test_rows_that_refer_to_nothing_are_refused_by_database(archive: bytes, refused_by_database: Refuse) -> None:
    """A fill of a vehicle that is not in the archive is refused."""
    first, *rest = table_rows(archive, "fuel_fills")
    first["vehicle_id"] = str(UUID(int=9))
    data = b"".join(json.dumps(row).encode() + b"\n" for row in [first, *rest])

    assert "fuel_fills do not fit" in refused_by_database(changed_table(archive, "fuel_fills", data), Conflict)


def test_readings_that_void_each_other_are_refused_by_database(archive: bytes, refused_by_database: Refuse) -> None:
    """Rows that refer to each other in a circle have no order in which they could be written."""
    rows = table_rows(archive, "vehicles_readings")
    rows[0]["voids"], rows[1]["voids"] = rows[1]["id"], rows[0]["id"]
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    assert "circle (voids)" in refused_by_database(changed_table(archive, "vehicles_readings", data))


def test_a_text_that_the_database_cannot_hold_is_refused(archive: bytes, postgres_url: str, tmp_path: Path) -> None:
    """PostgreSQL's limits of length are named with the table."""
    first, *rest = table_rows(archive, "fuel_stations")
    data = b"".join(json.dumps(row).encode() + b"\n" for row in [first | {"name": "x" * 201}, *rest])

    core = fleetcore.open(postgres_url, installed_plugins=False, attachments=tmp_path)
    with core, pytest.raises(Rejected, match="fuel_stations"):
        core.restore(io.BytesIO(changed_table(archive, "fuel_stations", data)))


def test_a_bomb_is_refused_before_it_is_unpacked(archive: bytes, refused: Refuse) -> None:
    """An archive that would unpack to far more than its own size is refused at once."""
    out = io.BytesIO(archive)
    with ZipFile(out, "a", ZIP_DEFLATED) as opened, opened.open("bomb", "w") as member:
        for _ in range(100):
            member.write(bytes(1 << 20))

    assert "200 times its size" in refused(out.getvalue())


def test_a_manifest_too_large_is_refused(archive: bytes, refused: Refuse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A manifest beyond reason is refused before it is read."""
    monkeypatch.setattr(reading, "MANIFEST_BYTES_MAX", 100)

    assert "larger than 100" in refused(archive)


def test_a_row_too_large_is_refused(archive: bytes, refused: Refuse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row beyond reason is refused before it is held in memory."""
    monkeypatch.setattr(reading, "LINE_BYTES_MAX", 1000)
    monkeypatch.setattr(reading, "CHUNK_BYTES", 100)

    assert "a row of more than 1000 bytes" in refused(archive)


def test_encrypted_or_strangely_packed_members_are_refused(archive: bytes, refused: Refuse) -> None:
    """Only the two usual ways of packing are read."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_BZIP2) as opened:
        opened.writestr(MANIFEST, members(archive)[MANIFEST])

    assert "packed in an unknown way" in refused(out.getvalue())


def test_a_wrong_zip_checksum_is_refused(archive: bytes, refused: Refuse) -> None:
    """The zip's own checksum is compared too."""
    content = members(archive)
    checksum = zlib.crc32(content[MANIFEST]).to_bytes(4, "little")

    assert "cannot be unpacked" in refused(archive.replace(checksum, b"\0\0\0\0"))
