"""What attachments are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.attachments.names import clean_name, disposition


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("receipt.jpg", "receipt.jpg"),
        ("Rechnung März 2026.JPEG", "Rechnung März 2026.JPEG"),
        ("../../etc/passwd", "passwd.jpg"),
        ("..\\..\\windows\\win.ini", "win.ini.jpg"),
        ("/", "attachment.jpg"),
        ("", "attachment.jpg"),
        ("..", "attachment.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("a\x00b.jpg", "ab.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe.jpg"),
        ("CON", "_CON.jpg"),
        ("nul.jpg", "_nul.jpg"),
        ("com1.tar.jpg", "_com1.tar.jpg"),
        ("console.jpg", "console.jpg"),
        ('a<b>:"c|?*.jpg', "a_b___c___.jpg"),
        ("page.html", "page.html.jpg"),
        ("x. . .", "x.jpg"),
        ("cafe\u0301.jpg", "café.jpg"),
    ],
)
def test_a_name_is_cleaned(typed: str, kept: str) -> None:
    """No folder, no unseen character, nothing a system reserves; and it ends as what the file is."""
    assert kept == clean_name(typed, "image/jpeg")


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_can_be_stored(typed: str) -> None:
    """Whatever is typed, the name is short, stays in its folder, ends rightly, and cleaning again changes nothing."""
    name = clean_name(typed, "application/pdf")

    assert name.lower().endswith(".pdf")
    assert len(name) <= 150
    assert len(name.encode()) <= 200
    assert not set(name) & set('/\\<>:"|?*\x00')
    assert not name.startswith(".")
    assert name == clean_name(name, "application/pdf")


def test_only_pictures_are_shown_in_the_page() -> None:
    """A browser shows a picture, and saves a PDF or text, whose scripts it must not run."""
    assert disposition("a.jpg", "image/jpeg").startswith("inline;")
    assert disposition("a.pdf", "application/pdf").startswith("attachment;")


def test_the_header_cannot_be_broken_out_of() -> None:
    """Quotes, line ends and letters outside ASCII are escaped in the header."""
    header = disposition('ä"\r\nX: y%41.txt', "text/plain")

    assert "attachment; filename=\"____X: y_41.txt\"; filename*=UTF-8''%C3%A4%22%0D%0AX%3A%20y%2541.txt" == header
