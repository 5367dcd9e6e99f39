"""What an attachment is called: a name that every system can store and that leads nowhere else."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from urllib.parse import quote

__all__ = ["clean_name", "disposition"]

NAME_LENGTH_MAX = 150
NAME_BYTES_MAX = 200
# Control characters, marks that turn the direction of writing (so that "gpj.exe" reads "exe.jpg"), separators.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
SIGNS = re.compile(r'[<>:"|?*]')
RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
ENDINGS = MappingProxyType(
    {
        "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
        "image/png": (".png",),
        "image/gif": (".gif",),
        "image/webp": (".webp",),
        "image/heic": (".heic", ".heif"),
        "application/pdf": (".pdf",),
        "text/csv": (".csv",),
        "text/plain": (".txt", ".text", ".md", ".log"),
    }
)


def clean_name(name: str, media_type: str) -> str:
    """Return *name* without folders, unseen characters and what some systems reserve, ending as *media_type* does."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = SIGNS.sub("_", UNSEEN.sub("", last)).strip(" ").lstrip(".").rstrip(". ")
    if RESERVED.match(kept):
        kept = f"_{kept}"
    endings = ENDINGS[media_type]
    ending = next((kept[-len(end) :] for end in endings if kept.lower().endswith(end)), None)
    stem = kept.removesuffix(ending) if ending else kept
    ending = ending or endings[0]
    while len(stem) + len(ending) > NAME_LENGTH_MAX or len((stem + ending).encode()) > NAME_BYTES_MAX:
        stem = stem[:-1]
    return (stem.strip(" .") or "attachment") + ending


def disposition(name: str, media_type: str) -> str:
    """Return the header by which a browser shows a picture and saves anything else (RFC 6266)."""
    how = "inline" if media_type.startswith("image/") else "attachment"
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
