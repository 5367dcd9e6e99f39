"""Refresh the files of others in src/fleetserver/static/vendor: for maintainers, with npm at hand.

``python tools/vendor.py`` packs each pinned version, copies the files we serve, draws the sprite of icons and writes
VENDOR.toml with their hashes, which a test compares. Users and contributors need none of this.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "src" / "fleetserver" / "static" / "vendor"
HTMX, LUCIDE = "htmx.org@4.0.1", "lucide-static@1.62.0"
COPIED = {
    HTMX: {"dist/htmx.min.js": "htmx.js", "dist/ext/hx-sse.min.js": "hx-sse.js", "LICENSE": "LICENSE-htmx.txt"},
    LUCIDE: {"LICENSE": "LICENSE-lucide.txt"},
}
LICENCES = {HTMX: "0BSD", LUCIDE: "ISC"}
ICONS = (
    *("archive", "bell", "calendar", "camera", "car", "chart-line", "check", "chevron-right", "circle-alert"),
    *("clipboard-check", "clock", "cloud-off", "coins", "download", "file-text", "fuel", "gauge", "history", "house"),
    *("info", "key-round", "log-out", "map-pin", "menu", "moon", "paperclip", "pause", "pencil", "play", "plus"),
    *("receipt", "route", "search", "settings", "shield-check", "sun", "trash-2", "triangle-alert", "undo-2"),
    *("upload", "user", "users", "wrench", "x"),
)


def packed(package: str, folder: Path) -> tuple[tarfile.TarFile, str]:
    """Return the archive of *package*, with the integrity that npm states for it."""
    told = subprocess.run(  # noqa: S603 - pinned names, below
        ["npm", "pack", package, "--json"],  # noqa: S607 - a maintainer's own npm
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    (found,) = json.loads(told.stdout)
    return tarfile.open(folder / found["filename"]), found["integrity"]


def read(archive: tarfile.TarFile, path: str) -> bytes:
    """Return one file of a package."""
    source = archive.extractfile(f"package/{path}")
    if source is None:
        raise FileNotFoundError(path)
    return source.read()


def sprite(archive: tarfile.TarFile) -> bytes:
    """Return one SVG that holds every icon as a symbol."""
    symbols = []
    for name in ICONS:
        text = read(archive, f"icons/{name}.svg").decode()
        shapes = "".join(re.findall(r"<(?!svg|/svg|!--)[^>]+>", text))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'.encode()


def main() -> None:
    """Write every file and the list of them."""
    lines = ["# Written by tools/vendor.py: what is not ours, where it comes from and what it must be."]
    with tempfile.TemporaryDirectory() as scratch:
        for package, copies in COPIED.items():
            archive, integrity = packed(package, Path(scratch))
            name, _, version = package.rpartition("@")
            files = {target: read(archive, source) for source, target in copies.items()}
            if package == LUCIDE:
                files["icons.svg"] = sprite(archive)
            lines += ["", "[[package]]", f'name = "{name}"', f'version = "{version}"']
            lines += [f'licence = "{LICENCES[package]}"', f'integrity = "{integrity}"', "", "[package.sha256]"]
            for target, body in sorted(files.items()):
                (VENDOR / target).write_bytes(body)
                lines.append(f'"{target}" = "{hashlib.sha256(body).hexdigest()}"')
    (VENDOR / "VENDOR.toml").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
