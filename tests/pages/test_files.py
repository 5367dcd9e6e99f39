"""Files on records: attached by a plain form, shown with a small picture, deleted, taken back; never another's."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image
from tests.pages.browser import Browser, Page
from tests.pages.conftest import add_vehicle, register

EDGE = "----the-edge-of-a-part"


def picture() -> bytes:
    """Return a small PNG."""
    made = BytesIO()
    Image.new("RGB", (320, 240), "navy").save(made, "PNG")
    return made.getvalue()


def send(browser: Browser, page: Page, files: list[tuple[str, bytes]]) -> Page:
    """Choose files in the upload form of *page* and send it, as a browser does."""
    fields = page.form("/files").fields
    parts = [
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
        if name != "content"
    ]
    for name, body in files:
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="content"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + body + b"\r\n")
    body = b"".join(parts) + f"--{EDGE}--\r\n".encode()
    return browser.ask("POST", "/files", body, {"Content-Type": f"multipart/form-data; boundary={EDGE}"})


def test_a_photo_stands_on_the_page_of_its_vehicle(ada: Browser) -> None:
    """The phone's camera is asked for; the small picture stands there, and the whole one is a press away."""
    vehicle = add_vehicle(ada)
    page = ada.open(vehicle)
    assert 'capture="environment"' in page.html
    assert 303 == send(ada, page, [("golf.png", picture())]).status
    shown = ada.open(vehicle)
    assert "golf.png" in shown.html
    small = re.search(r'src="(/files/[0-9a-f-]{36}/small)"', shown.html)
    assert small is not None
    assert "image/jpeg" == ada.ask("GET", small[1]).headers["content-type"]
    whole = ada.ask("GET", small[1].removesuffix("/small"))
    assert (200, "image/png") == (whole.status, whole.headers["content-type"])
    assert "sandbox" in whole.headers["content-security-policy"]


@pytest.mark.parametrize("files", [[("a.png", b""), ("", b"")], [("", b""), ("a.png", b"")]], ids=["chosen", "taken"])
def test_the_other_way_of_choosing_may_stay_empty(ada: Browser, files: list[tuple[str, bytes]]) -> None:
    """A browser sends both fields: the one for files, and the one for the camera."""
    vehicle = add_vehicle(ada)
    sent = [(name, picture() if name else body) for name, body in files]
    assert 303 == send(ada, ada.open(vehicle), sent).status
    assert "a.png" in ada.open(vehicle).html
    nothing = send(ada, ada.open(vehicle), [("", b""), ("", b"")])
    assert 422 == nothing.status
    assert "Choose a file first, or take a photo." in nothing.html


def test_several_files_are_attached_at_once_and_sending_twice_repeats_none(ada: Browser) -> None:
    """The key in the form makes the second press a repetition."""
    vehicle = add_vehicle(ada)
    page = ada.open(vehicle)
    files = [("a.png", picture()), ("receipt.txt", b"Total 12.50")]
    assert [303, 303] == [send(ada, page, files).status for _ in range(2)]
    html = ada.open(vehicle).html
    assert (1, 1) == (html.count("<span>a.png</span>"), html.count("<span>receipt.txt</span>"))


@pytest.mark.parametrize(
    "files",
    [[], [("page.html", b"<script>alert(1)</script>")], [("half.png", picture()[:60])], [("empty.txt", b"")]],
    ids=["none", "html", "broken", "empty"],
)
def test_what_is_no_picture_or_paper_is_refused_in_words(ada: Browser, files: list[tuple[str, bytes]]) -> None:
    """The page says why, and offers the form again."""
    vehicle = add_vehicle(ada)
    answer = send(ada, ada.open(vehicle), files)
    assert 422 == answer.status
    assert "could not be attached" in answer.html
    assert answer.form("/files").fields["entity"] == "vehicles.vehicle"
    assert "<script>alert" not in answer.html


def test_a_file_is_deleted_and_brought_back(ada: Browser) -> None:
    """The page after it offers that."""
    vehicle = add_vehicle(ada)
    send(ada, ada.open(vehicle), [("golf.png", picture())])
    ada.cookies.pop("fleet-said", None)
    page = ada.open(vehicle)
    action = next(form.action for form in page.forms if re.fullmatch(r"/files/[0-9a-f-]{36}/delete", form.action))
    gone = ada.fill(page, action)
    assert "<span>golf.png</span>" not in gone.html
    ada.fill(gone, "/undo")
    assert "<span>golf.png</span>" in ada.open(vehicle).html


def test_another_household_neither_sees_nor_adds_files(ada: Browser, stranger: Browser) -> None:
    """A made-up record is as unknown as another's."""
    vehicle = add_vehicle(ada)
    send(ada, ada.open(vehicle), [("golf.png", picture())])
    small = re.search(r"/files/[0-9a-f-]{36}", ada.open(vehicle).html)
    assert small is not None
    register(stranger, "bob@example.org")
    mine = stranger.open(add_vehicle(stranger, "Mine"))
    for path in (small[0], f"{small[0]}/small"):
        assert 404 == stranger.open(path).status
    token = mine.form("/files").fields["_csrf"]
    assert 404 == stranger.post(f"{small[0]}/delete", {"_csrf": token}).status
    foreign = Page(200, "/", {}, mine.html.replace(mine.form("/files").fields["entity_id"], vehicle.rpartition("/")[2]))
    assert 404 == send(stranger, foreign, [("mine.png", picture())]).status
    assert 404 == stranger.open("/files/nothing").status


def test_a_body_that_is_too_large_is_not_read(ada: Browser) -> None:
    """It is refused by what it says of itself."""
    add_vehicle(ada)
    headers = {"Content-Type": f"multipart/form-data; boundary={EDGE}", "Content-Length": str(10**9)}
    assert 413 == ada.ask("POST", "/files", None, headers).status
