"""Small pictures of pictures, by Pillow where it is installed: upright, and without what the camera wrote down."""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO

from .model import Finding

__all__ = ["thumbnail"]

EDGE_PIXELS = 320
PIXELS_MAX = 50_000_000  # unpacked, four bytes each
QUALITY = 80
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}


def thumbnail(file: BinaryIO, finding: Finding) -> bytes | None:
    """Return a JPEG of at most 320 pixels a side, or None where none can be made.

    It has no metadata: neither place nor camera. None for what is no picture, too large, or broken inside, and
    without Pillow (the extra ``images``).
    """
    expected = FORMATS.get(finding.media_type)
    if expected is None or not 0 < (finding.width or 0) * (finding.height or 0) <= PIXELS_MAX:
        return None
    try:
        from PIL import Image, ImageOps
    except ImportError:
        return None
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of a bomb that its header hid
            with Image.open(file, formats=(expected,)) as picture:
                if picture.width * picture.height > PIXELS_MAX:
                    return None
                picture.draft("RGB", (EDGE_PIXELS * 2, EDGE_PIXELS * 2))
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((EDGE_PIXELS, EDGE_PIXELS))
                small = Image.new("RGB", upright.size, "white")
                shown = upright.convert("RGBA")
                small.paste(shown, mask=shown.getchannel("A"))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=QUALITY, optimize=True)
    except Exception:  # Pillow raises whatever a strange picture makes it raise; the file is kept without a small one
        return None
    return out.getvalue()
