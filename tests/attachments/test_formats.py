"""What a file is by its content, and what is refused."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.attachments.formats import examine
from fleetcore.attachments.model import Finding
from fleetcore.attachments.thumbnails import thumbnail
from fleetcore.kernel.errors import Rejected

from .files import HTML, PDF, box, html_pdf, picture, png_bomb, zip_file

HEIC = box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"mdat", b"data")
RIFF = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8 " + b"\0" * 14


def look(data: bytes, name: str = "file") -> Finding:
    """Examine *data*."""
    return examine(io.BytesIO(data), name)


def refusal(data: bytes, name: str = "file") -> str:
    """Return the code with which *data* is refused."""
    with pytest.raises(Rejected) as caught:
        look(data, name)
    return caught.value.problems[0].code


@pytest.mark.parametrize(
    ("data", "media_type", "size"),
    [
        (picture("JPEG"), "image/jpeg", (640, 320)),
        (picture("PNG"), "image/png", (640, 320)),
        (picture("GIF"), "image/gif", (640, 320)),
        (picture("WEBP"), "image/webp", (640, 320)),
        (HEIC, "image/heic", (None, None)),
        (PDF, "application/pdf", (None, None)),
        ("Grüße <b>1 & 2</b>".encode(), "text/plain", (None, None)),
        (b"\xef\xbb\xbfwith a mark", "text/plain", (None, None)),
    ],
)
def test_the_content_says_what_a_file_is(data: bytes, media_type: str, size: tuple[int | None, int | None]) -> None:
    """Each kind is known by its bytes, whatever its name says, with the size of a picture."""
    found = look(data, "file.exe")

    assert (media_type, size) == (found.media_type, (found.width, found.height))


def test_only_the_name_tells_csv_from_text() -> None:
    """Text is CSV when it is called so; nothing else listens to the name."""
    assert "text/csv" == look(b"a,b\n1,2\n", "List.CSV").media_type
    assert "image/png" == look(picture("PNG"), "list.csv").media_type


@pytest.mark.parametrize(
    "data",
    [HTML, b"  \n<svg onload=x>", b"MZ\x90\x00\x03", b"\x7fELF\x02\x01", zip_file(), b"caf\xe9"],
)
def test_what_is_not_kept_is_refused_by_type(data: bytes) -> None:
    """Programs, archives, web pages and text in unknown encodings are none of the kinds that are kept."""
    assert "attachment.type" == refusal(data)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("tail", [HTML, PDF, zip_file(), b"x" * 300_000], ids=["html", "pdf", "zip", "long"])
def test_nothing_goes_on_behind_a_picture(form: str, tail: bytes) -> None:
    """A picture with something behind its end is refused."""
    assert refusal(picture(form) + tail) in {"attachment.broken", "attachment.polyglot"}


def test_cameras_may_append_a_second_picture() -> None:
    """A JPEG may be followed by another one, as cameras and telephones write them, and by padding."""
    assert (640, 320) == (look(picture() + picture(size=(8, 8)) + b"\0\0").width, 320)


def samsung(data: bytes) -> bytes:
    """Make the block that telephones of Samsung write behind a picture."""
    directory = b"SEFH" + b"\0" * 20
    return data + directory + struct.pack("<I", len(directory)) + b"SEFT"


@pytest.mark.parametrize(
    "block",
    [box(b"ftyp", b"mp42") + box(b"mdat", b"film"), samsung(b"notes"), b"\0" * 5000],
    ids=["film", "samsung", "padding"],
)
def test_what_telephones_write_behind_a_picture_is_kept(block: bytes) -> None:
    """The film of a motion photo, Samsung's block of notes and padding are no polyglots."""
    assert "image/jpeg" == look(picture() + block).media_type


@pytest.mark.parametrize(
    "block",
    [
        box(b"ftyp", b"mp42") + zip_file(),
        box(b"ftyp", b"mp42") + box(b"mdat", zip_file()),
        samsung(zip_file()),
        HTML + b"\xff\xff\0\0SEFT",
        b"\0" * 300_000,
    ],
    ids=["film and zip", "zip in film", "zip in samsung", "false samsung", "long padding"],
)
def test_a_camera_block_hides_nothing(block: bytes) -> None:
    """What only looks like such a block, or carries an archive, is refused."""
    assert refusal(picture() + block) in {"attachment.broken", "attachment.polyglot"}


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xda\x00\x02" + b"\xff\x00" * 12_000_000,
        b"\xff\xd8\xff\xd9" * 6_000_000,
        b"GIF89a" + b"\1\0\1\0\0\0\0" + b"!\xf9" + b"\1\0" * 12_000_000,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 24_000_000,
    ],
    ids=["jpeg", "many jpegs", "gif", "png"],
)
def test_a_file_made_to_take_long_does_not(data: bytes) -> None:
    """However its blocks are arranged, a file at the limit of size is refused after a bounded number of steps."""
    steps = 0

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal steps
            steps += 1
            return super().read(size)

    with pytest.raises(Rejected):
        examine(Counted(data), "slow")
    assert steps < 1_000_000


@pytest.mark.parametrize(
    "data",
    [
        PDF + zip_file(),
        html_pdf(),
        HEIC + box(b"free", zip_file()),
        picture()[:2] + b"\xff\xfe" + struct.pack(">H", 2 + len(PDF)) + PDF + picture()[2:],
        PDF[:-6] + zip_file() + b"%%EOF\n",
    ],
    ids=["pdf and zip", "pdf and html", "heic and zip", "jpeg and pdf", "zip within pdf"],
)
def test_a_file_that_is_two_things_is_refused(data: bytes) -> None:
    """A polyglot is refused, wherever its second nature is hidden."""
    assert "attachment.polyglot" == refusal(data)


@pytest.mark.parametrize("data", [png_bomb(), png_bomb(2**31 - 1, 2**31 - 1), png_bomb(110_000_001, 1)])
def test_a_picture_bomb_is_refused_unpacked(data: bytes) -> None:
    """A small file that would unpack to a huge picture is refused by what its header says."""
    assert "attachment.pixels" == refusal(data)


def test_a_bomb_that_hides_is_not_unpacked_for_a_thumbnail() -> None:
    """When the header said less than the picture has, no thumbnail is made of it."""
    lying = Finding(media_type="image/png", width=10, height=10)

    assert None is thumbnail(io.BytesIO(png_bomb()), lying)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_half_a_picture_is_refused(form: str) -> None:
    """A picture that ends in the middle, as after an interrupted copy, is refused."""
    data = picture(form)

    assert "attachment.broken" == refusal(data[: len(data) // 2])


def test_an_empty_file_is_refused() -> None:
    """There must be something in a file."""
    assert "attachment.empty" == refusal(b"")


@given(
    st.sampled_from([picture(), picture("PNG"), picture("GIF"), picture("WEBP"), HEIC, PDF, RIFF]),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=20),
    st.integers(0, 6000),
)
def test_damaged_files_are_refused_or_accepted_and_nothing_else(
    data: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    """Whatever bytes change or are missing: the file is kept or refused, never a crash or a hang."""
    damaged = bytearray(data[:end] or data)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    try:
        found = look(bytes(damaged))
        thumbnail(io.BytesIO(bytes(damaged)), found)
    except Rejected:
        pass
