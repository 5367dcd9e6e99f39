"""What a file is, by its content: read piece by piece, decoded nowhere.

A file counts as what it is from its first byte to its last. What goes on after the end of a picture, or is at
once a document, an archive or a web page, is refused: such a polyglot is one thing to us and another to whom it is
sent. Sources: ITU-T T.81 (JPEG), the PNG, GIF89a, WebP (RIFF) and ISO base media file format specifications, and
APPNOTE.TXT of ZIP for the end of central directory record.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from fleetcore.kernel.errors import Problem, Rejected

from .model import Finding

__all__ = ["PIXELS_MAX", "examine", "size_text"]

PIXELS_MAX = 110_000_000  # what telephones take; a picture is unpacked to four times as many bytes
HEAD_BYTES = 1024  # readers of PDF look for its mark as far as this
ZIP_TAIL_BYTES = 65_557  # the end record and the longest comment behind it
CHUNK_BYTES = 1 << 18
BLOCKS_MAX = 200_000
PICTURES_MAX = 20
KINDS = "JPEG, PNG, GIF, WebP and HEIC pictures, PDF, plain text and CSV"
PDF = b"%PDF-"
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|iframe|svg|\?xml|\?php)", re.IGNORECASE)
CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of JPEG that say width and height
MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
BARE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length


class _Broken(Exception):
    """The file is not what its first bytes say."""


def size_text(size_bytes: int) -> str:
    """Write a size for people."""
    return f"{size_bytes / 1_000_000:,.1f} MB" if size_bytes >= 100_000 else f"{size_bytes:,} bytes"


def examine(file: BinaryIO, name: str) -> Finding:
    """Return what *file*, which can be sought in, is by its content; *name* tells CSV from other text.

    Raises Rejected for what is not allowed, is broken, is two things at once, or would unpack to too much.
    """
    size = file.seek(0, os.SEEK_END)
    head = _at(file, 0, HEAD_BYTES)
    if not size:
        raise Rejected.because("content", "is empty", "attachment.empty")
    media_type, read = _kind_of(head)
    try:
        width, height = read(file, size)
    except _Broken as broken:
        raise Rejected.because("content", f"{broken}; save it anew and try again", "attachment.broken") from None
    _refuse_polyglot(file, size, head, media_type)
    if width is not None and height is not None and width * height > PIXELS_MAX:
        shown = f"the picture has {width:,} x {height:,} pixels"
        raise Rejected([Problem("content", f"{shown}; {PIXELS_MAX:,} are allowed in all", "attachment.pixels")])
    if media_type == "text/plain" and name.lower().endswith(".csv"):
        media_type = "text/csv"
    return Finding(media_type=media_type, width=width, height=height)


Size = tuple[int | None, int | None]
NO_SIZE: Size = (None, None)


def _kind_of(head: bytes) -> tuple[str, Callable[[BinaryIO, int], Size]]:
    for media_type, is_it, read in (
        ("image/jpeg", head.startswith(b"\xff\xd8\xff"), _jpeg),
        ("image/png", head.startswith(b"\x89PNG\r\n\x1a\n"), _png),
        ("image/gif", head[:6] in {b"GIF87a", b"GIF89a"}, _gif),
        ("image/webp", head[:4] == b"RIFF" and head[8:12] == b"WEBP", _webp),
        ("image/heic", head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS, _heic),
        ("application/pdf", head.startswith(PDF), _pdf),
    ):
        if is_it:
            return media_type, read
    return "text/plain", _text


def _refuse_polyglot(file: BinaryIO, size: int, head: bytes, media_type: str) -> None:
    others = []
    if media_type != "application/pdf" and PDF in head:
        others.append("a PDF")
    if MARKUP.search(head) and (media_type == "application/pdf" or head.lstrip()[:1] == b"<"):
        others.append("a web page")
    if _ends_as_zip(file, size):
        others.append("a ZIP archive")
    if others:
        raise Rejected.because("content", f"is {' and '.join(others)} as well: only {KINDS} are kept, each by itself",
                               "attachment.polyglot")  # fmt: skip


def _ends_as_zip(file: BinaryIO, size: int) -> bool:
    tail = _at(file, max(0, size - ZIP_TAIL_BYTES), ZIP_TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) - at >= 22


def _at(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise _Broken("it ends in the middle")
    return data


def _number(data: bytes, order: str = "big") -> int:
    return int.from_bytes(data, order)  # type: ignore[arg-type]  # it is one of the two


def _jpeg(file: BinaryIO, size: int) -> Size:
    """Walk the segments to the end of the picture; behind it may stand what cameras write there, and nothing else."""
    found = NO_SIZE
    end = pictures = 0
    while end < size and pictures < PICTURES_MAX and _at(file, end, 2) == b"\xff\xd8":
        shape, end = _one_jpeg(file, end)
        found = shape if not pictures else found
        pictures += 1
    if not _is_padding(file, end, size) and not _is_camera_block(file, end, size):
        raise _Broken(f"something goes on behind the end of the picture ({size_text(size - end)})")
    return found


def _is_padding(file: BinaryIO, start: int, size: int) -> bool:
    return size - start <= CHUNK_BYTES and not _at(file, start, size - start).strip(b"\x00\r\n ")


def _is_camera_block(file: BinaryIO, start: int, size: int) -> bool:
    """Say whether there is the film of a motion photo to the end, or Samsung's block, which names its own start."""
    if _at(file, start + 4, 4) == b"ftyp" and size in _boxes(file, size, start):
        return True
    tail = _at(file, size - 8, 8)
    directory = size - 8 - _number(tail[:4], "little")
    return tail[4:] == b"SEFT" and directory >= start and _at(file, directory, 4) == b"SEFH"


def _one_jpeg(file: BinaryIO, start: int) -> tuple[Size, int]:
    file.seek(start + 2)
    found = NO_SIZE
    for _ in range(BLOCKS_MAX):
        marker = _exactly(file, 2)
        if marker[0] != 0xFF:
            break
        kind = marker[1]
        while kind == 0xFF:  # padding
            kind = _exactly(file, 1)[0]
        if kind == 0xD9:
            return found, file.tell()
        if kind in BARE:
            continue
        length = _number(_exactly(file, 2))
        body = file.tell()
        if kind in SIZED:
            data = _exactly(file, 5)
            found = (_number(data[3:5]), _number(data[1:3]))
        file.seek(body + length - 2)
        if kind == 0xDA:
            _skip_scan(file)
    raise _Broken("its segments do not follow the format of JPEG")


def _skip_scan(file: BinaryIO) -> None:
    """Move to the next marker behind the coded data, in which FF is followed by 00 or a restart marker."""
    held = b""
    while chunk := file.read(CHUNK_BYTES):
        data = held + chunk
        if (found := MARKER.search(data)) is not None:
            file.seek(found.start() - len(data), os.SEEK_CUR)
            return
        held = b"\xff" if data.endswith(b"\xff") else b""
    raise _Broken("it ends in the middle")


def _png(file: BinaryIO, size: int) -> Size:
    file.seek(8)
    found = NO_SIZE
    for _ in range(BLOCKS_MAX):
        header = _exactly(file, 8)
        length, kind = _number(header[:4]), header[4:]
        if found == NO_SIZE:
            if kind != b"IHDR" or length != 13:
                raise _Broken("it does not begin as PNG does")
            data = _exactly(file, 8)
            found = (_number(data[:4]), _number(data[4:]))
            length -= 8
        file.seek(length + 4, os.SEEK_CUR)
        if kind == b"IEND":
            _refuse_rest(file, size)
            return found
    raise _Broken("it has too many blocks")


def _refuse_rest(file: BinaryIO, size: int) -> None:
    if (rest := size - file.tell()) < 0:
        raise _Broken("it ends in the middle")
    if rest:
        raise _Broken(f"something goes on behind the end of the picture ({size_text(rest)})")


def _gif(file: BinaryIO, size: int) -> Size:
    file.seek(6)
    screen = _exactly(file, 7)
    width, height = _number(screen[:2], "little"), _number(screen[2:4], "little")
    _skip_colours(file, screen[4])
    blocks = 0
    while blocks < BLOCKS_MAX:
        kind = _exactly(file, 1)
        if kind == b";":
            _refuse_rest(file, size)
            return width, height
        if kind == b"!":
            _exactly(file, 1)
        elif kind == b",":
            frame = _exactly(file, 9)
            width = max(width, _number(frame[4:6], "little"))
            height = max(height, _number(frame[6:8], "little"))
            _skip_colours(file, frame[8])
            _exactly(file, 1)
        else:
            raise _Broken("its blocks do not follow the format of GIF")
        blocks += 1
        while (length := _exactly(file, 1)[0]) and blocks < BLOCKS_MAX:
            file.seek(length, os.SEEK_CUR)
            blocks += 1
    raise _Broken("it has too many blocks")


def _skip_colours(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), os.SEEK_CUR)


def _webp(file: BinaryIO, size: int) -> Size:
    head = _at(file, 0, 30)
    if len(head) < 30 or _number(head[4:8], "little") + 8 not in {size, size - 1}:
        raise _Broken("its length is not the one that it says")
    match head[12:16]:
        case b"VP8X":
            return _number(head[24:27], "little") + 1, _number(head[27:30], "little") + 1
        case b"VP8L":
            bits = _number(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return _number(head[26:28], "little") & 0x3FFF, _number(head[28:30], "little") & 0x3FFF
    raise _Broken("its blocks do not follow the format of WebP")


def _heic(file: BinaryIO, size: int) -> Size:
    """Walk the boxes to the end; nothing here unpacks HEIC, so its pixels are no danger."""
    for offset in _boxes(file, size):
        if offset == size:
            return NO_SIZE
    raise _Broken("its boxes do not end where the file does")


def _boxes(file: BinaryIO, size: int, offset: int = 0) -> Iterator[int]:
    """Yield where each box ends."""
    for _ in range(BLOCKS_MAX):
        header = _at(file, offset, 16)
        if offset >= size or len(header) < 8:
            return
        length = _number(header[:4])
        if length == 1:
            length = _number(header[8:16])
        if length == 0:
            length = size - offset
        if length < 8:
            return
        offset += length
        yield offset


def _pdf(file: BinaryIO, size: int) -> Size:
    tail = _at(file, max(0, size - HEAD_BYTES), HEAD_BYTES)
    if b"%%EOF" not in tail:
        raise _Broken("its end is missing, as after an interrupted copy, or something goes on behind it")
    return NO_SIZE


def _text(file: BinaryIO, size: int) -> Size:  # noqa: ARG001 - the readers share a signature
    file.seek(0)
    read = codecs.getincrementaldecoder("utf-8-sig")()
    is_first = True
    while chunk := file.read(CHUNK_BYTES):
        try:
            text = read.decode(chunk)
        except UnicodeDecodeError:
            raise _unknown() from None
        if CONTROLS.search(text) or (is_first and MARKUP.match(text.lstrip().encode()[:HEAD_BYTES])):
            raise _unknown()
        is_first = False
    try:
        read.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _unknown() from None
    return NO_SIZE


def _unknown() -> Rejected:
    return Rejected.because("content", f"is none of the kinds that are kept: {KINDS} (text in UTF-8)",
                            "attachment.type")  # fmt: skip
