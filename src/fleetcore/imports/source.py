"""Bytes to text lines: files and zips, encodings and line ends, with memory bounded whatever comes."""

from __future__ import annotations

import codecs
import csv
import io
import os
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from attrs import frozen

from fleetcore.kernel.errors import Rejected

__all__ = [
    "SIZE_MAX_BYTES",
    "BrokenRecord",
    "Member",
    "Record",
    "Source",
    "decide_encoding",
    "head_of",
    "members_of",
    "records_of",
]

Source = str | os.PathLike[str] | bytes
Record = list[str]
SIZE_MAX_BYTES = 256 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
LINE_MAX = 256 * 1024
ROW_LINES_MAX = 200  # a note may run over many lines, but a row this long means a quote is missing
MEMBERS_MAX = 200
BROKEN_MAX = 1_000
MAGIC = {
    b"\x1f\x8b": "a gzip file; unpack it first",
    b"%PDF": "a PDF; export the log as CSV instead",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "an SQLite database; export the log as CSV instead",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV first",
    b"Rar!": "a RAR archive; unpack it first",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
}


class BrokenRecord(list[str]):
    """A record that the CSV reader could not read, in the place where its cells would be."""

    def __init__(self, message: str) -> None:
        super().__init__([""])  # not empty, so that it is not taken for a blank line
        self.message = message


def refuse(message: str, code: str) -> Rejected:
    """Make the one clear message about a file that is refused as a whole."""
    return Rejected.because("file", message, code)


@frozen
class Member:
    """One text file to read: the file itself, or one entry of a zip."""

    source: Source
    name: str = ""

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the bytes for reading from their start."""
        with _open(self.source) as raw:
            if not self.name:
                yield raw
                return
            try:
                with _entry(raw, self.name) as inner:
                    yield inner
            except (zipfile.BadZipFile, zlib.error) as error:
                raise _bad_zip(error) from None

    @property
    def label(self) -> str:
        """What to call the file in a message."""
        own = "the file" if isinstance(self.source, bytes) else Path(self.source).name
        return f"{self.name} in {own}" if self.name else own


def _bad_zip(error: Exception) -> Rejected:
    return refuse(f"the zip cannot be read: {error}", "bad_zip")


def _entry(raw: BinaryIO, name: str) -> BinaryIO:
    try:
        return cast(BinaryIO, zipfile.ZipFile(raw).open(name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # damaged, odd method, encrypted
        raise _bad_zip(error) from None


def _open(source: Source) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return Path(source).open("rb")
    except FileNotFoundError:
        raise refuse(f"there is no file {source!s}", "not_found") from None
    except IsADirectoryError:
        raise refuse(f"{source!s} is a folder; name the file in it", "not_a_file") from None
    except PermissionError:
        raise refuse(f"{source!s} may not be read by this user", "no_permission") from None


def _size(source: Source) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        return Path(source).stat().st_size
    except OSError:
        return 1  # opening it says what is wrong


def members_of(source: Source, size_max_bytes: int = SIZE_MAX_BYTES) -> tuple[Member, ...]:
    """Return the text files that *source* holds; raises Rejected for what cannot be a log."""
    size = _size(source)
    if size == 0:
        raise refuse("the file is empty (0 bytes); export it again", "empty")
    if size > size_max_bytes:
        raise refuse(
            f"the file has {size / 1e6:,.0f} MB, more than the limit of {size_max_bytes / 1e6:,.0f} MB; "
            "split it or raise the limit",
            "too_large",
        )
    whole = Member(source)
    with whole.open() as raw:
        start = raw.read(16)
    if start.startswith(b"PK\x03\x04"):
        return _zip_members(whole, size_max_bytes)
    for magic, meaning in MAGIC.items():
        if start.startswith(magic):
            raise refuse(f"this is {meaning}", "binary")
    return (whole,)


def _zip_members(whole: Member, size_max_bytes: int) -> tuple[Member, ...]:
    try:
        with whole.open() as raw, zipfile.ZipFile(raw) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise _bad_zip(error) from None
    if any(entry.filename.startswith("xl/") for entry in entries):
        raise refuse("this is an Excel workbook; save the sheet as CSV first", "binary")
    tables = [
        entry
        for entry in entries
        if entry.filename.lower().endswith((".csv", ".txt", ".tsv", ".gpx")) and entry.file_size
    ]
    if not tables:
        raise refuse("the zip holds no CSV or GPX file", "no_csv")
    if len(tables) > MEMBERS_MAX or sum(entry.file_size for entry in tables) > size_max_bytes:
        raise refuse(
            f"the zip unpacks to more than {MEMBERS_MAX} files or {size_max_bytes / 1e6:,.0f} MB; split it",
            "too_large",
        )
    return tuple(Member(whole.source, entry.filename) for entry in tables)


def _refuse_binary(data: bytes, what: str) -> None:
    control = sum(data.count(bytes((code,))) for code in range(32) if code not in {9, 10, 11, 12, 13, 26, 27})
    if control * 200 > len(data):
        raise refuse(f"{what} is not text but binary data; export the log as CSV", "binary")


def head_of(member: Member, encoding: str | None) -> tuple[str, str]:
    """Return the first part of the text, and the encoding it was read with so far."""
    with member.open() as raw:
        data = raw.read(CHUNK_BYTES)
    if not data.strip():
        raise refuse(f"{member.label} is empty; export it again", "empty")
    encoding = encoding or _marked_encoding(data)
    if not (encoding and encoding.startswith("utf-16")):
        _refuse_binary(data[:65536], member.label)
    encoding = encoding or ("utf-8" if _is_utf8(data) else _code_page(data))
    try:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(data)
    except LookupError:
        raise Rejected.because("encoding", f"{encoding!r} is not a known encoding such as utf-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _marked_encoding(data: bytes) -> str | None:
    """Return the encoding that a byte order mark, or the zeros of UTF-16, tell beyond doubt."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = data[:4096]
    if start[1::2].count(0) * 3 > len(start):
        return "utf-16-le"
    if start[::2].count(0) * 3 > len(start):
        return "utf-16-be"
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _code_page(data: bytes) -> str:
    """Judge Windows Cyrillic from Western: Cyrillic words are runs of high bytes, accents stand alone."""
    high = bytes(byte if byte >= 0xC0 else 0x20 for byte in data[:CHUNK_BYTES])
    total = len(high) - high.count(0x20)
    alone = sum(len(run) for run in high.split() if len(run) == 1)
    return "cp1251" if total and alone * 3 < total else "cp1252"


def decide_encoding(member: Member, so_far: str, size_max_bytes: int = SIZE_MAX_BYTES) -> str:
    """Return the encoding of the whole file, given that of its head; one fast pass over the bytes."""
    if so_far != "utf-8":
        return so_far
    decoder, read = codecs.getincrementaldecoder("utf-8")(), 0
    with member.open() as raw:
        while data := raw.read(CHUNK_BYTES):
            read += len(data)
            if read > size_max_bytes:
                raise refuse(f"{member.label} unpacks to more than {size_max_bytes / 1e6:,.0f} MB", "too_large")
            if data.isascii() and not decoder.getstate()[0]:
                continue
            try:
                decoder.decode(data)
            except UnicodeDecodeError:
                return _code_page(data)
    return "utf-8"


def _lines(member: Member, encoding: str, size_max_bytes: int) -> Iterator[str]:
    errors = "strict" if encoding in {"utf-8", "utf-8-sig"} else "replace"
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), translate=True)
    rest, read = "", 0
    with member.open() as raw:
        while data := raw.read(CHUNK_BYTES):
            read += len(data)
            if read > size_max_bytes:
                raise refuse(f"{member.label} unpacks to more than {size_max_bytes / 1e6:,.0f} MB", "too_large")
            text = rest + decoder.decode(data)
            if "\0" in text:
                raise refuse(f"{member.label} holds binary data near byte {read:,}; export it as CSV", "binary")
            cut = text.rfind("\n") + 1
            rest = text[cut:]
            if len(rest) > LINE_MAX:
                raise refuse(
                    f"{member.label} has a line of more than {LINE_MAX:,} characters near byte {read:,}; "
                    "it is not a log of rows",
                    "line_too_long",
                )
            yield from io.StringIO(text[:cut])
    rest += decoder.decode(b"", final=True)
    yield from io.StringIO(rest)


def records_of(
    member: Member,
    encoding: str,
    separator: str,
    *,
    escape: str | None = None,
    size_max_bytes: int = SIZE_MAX_BYTES,
) -> Iterator[Record]:
    """Yield every record of *member*; one that cannot be read comes as a :class:`BrokenRecord`."""
    lines, pending, taken = _lines(member, encoding, size_max_bytes), deque[str](), list[str]()
    broken = 0
    while True:
        reader = csv.reader(
            _row_lines(lines, pending, taken), delimiter=separator, escapechar=escape, skipinitialspace=True
        )
        try:
            for cells in reader:
                if len(taken) > 1 and _is_open("".join(taken), escape):
                    raise csv.Error("the file ends before the quote is closed")
                yield cells
                taken.clear()
            return
        except csv.Error:
            broken += 1
            if broken > BROKEN_MAX:
                raise refuse(f"{member.label} has more than {BROKEN_MAX:,} unclosed quotes", "quotes") from None
            yield BrokenRecord(
                "a quote that opens in this row is never closed, or a cell is longer than 131,072 characters"
            )
            pending.extendleft(reversed(taken[1:]))  # the rows that the quote swallowed are good ones
            taken.clear()
        except UnicodeDecodeError as error:
            raise refuse(f"{member.label} is not {encoding} text: {error.reason}; say --encoding", "encoding") from None


def _is_open(text: str, escape: str | None) -> bool:
    """Say whether a row of several lines ended only because the file did."""
    return bool((text.replace(f'{escape}"', "") if escape else text).count('"') % 2)


def _row_lines(lines: Iterator[str], pending: deque[str], taken: list[str]) -> Iterator[str]:
    """Yield lines to the CSV reader, remembering those of the present row, and stop it at too many."""
    while True:
        if pending:
            line = pending.popleft()
        else:
            try:
                line = next(lines)
            except StopIteration:
                return
        taken.append(line)
        if len(taken) > ROW_LINES_MAX:
            raise csv.Error("the row has too many lines")
        yield line
