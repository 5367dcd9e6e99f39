"""Small files of every kind that is kept, and of some that are not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

__all__ = ["HTML", "PDF", "box", "html_pdf", "picture", "png_bomb", "zip_file"]

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
ORIENTATION, GPS = 0x0112, 0x8825


def picture(
    form: str = "JPEG", size: tuple[int, int] = (640, 320), *, turned: bool = False, place: bool = False
) -> bytes:
    """Make a red picture; *turned* as a camera held upright does, with the *place* where it was taken."""
    out = io.BytesIO()
    image = Image.new("RGB", size, "red")
    exif = image.getexif()
    if turned:
        exif[ORIENTATION] = 6
    if place:
        exif.get_ifd(GPS).update({1: "N", 2: (48.0, 8.0, 0.0)})
    image.save(out, form, exif=exif) if turned or place else image.save(out, form)
    return out.getvalue()


def zip_file() -> bytes:
    """Make a ZIP archive with one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.sh", "#!/bin/sh")
    return out.getvalue()


def html_pdf() -> bytes:
    """Make a PDF that a browser could take for a web page."""
    return PDF.replace(b"1 0 obj", HTML + b"1 0 obj")


def png_bomb(width: int = 100_000, height: int = 100_000) -> bytes:
    """Make a PNG of a few hundred bytes that says it has ten thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def box(kind: bytes, data: bytes = b"") -> bytes:
    """Make a box of the ISO base media file format."""
    return struct.pack(">I", 8 + len(data)) + kind + data
