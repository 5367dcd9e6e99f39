"""Files that are no logs are refused with one clear message; bad rows never take good ones with them."""

from __future__ import annotations

import gzip
import io
import resource
import zipfile
from pathlib import Path

import pytest

from fleetcore.imports.reader import inspect, read
from fleetcore.kernel.errors import Rejected

from .reading import fills_of, problems_of, rows_of, skipped_of

HEADER = "Date,Odometer,Litres,Cost\n"


def zipped(*entries: tuple[str, bytes]) -> bytes:
    """Make a zip of *entries*."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"abc\0def" * 50, "binary"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "picture"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (bytes(range(256)) * 200, "binary"),
        (b"hello world, this is no log\n", "columns found: 'hello world', 'this is no log'"),
        (b"foo,bar\n1,2\n", r"--map odometer=Mileage"),
        (b"x" * 300_000, "the first line has more than"),
        (zipped(("a.txt.bin", b"x")), "the zip holds no CSV"),
        (zipped(("xl/workbook.xml", b"x")), "Excel"),
        (b"PK\x03\x04 no zip", "zip cannot be read"),
    ],
)
def test_what_is_no_log_is_refused_with_one_message(data: bytes, message: str) -> None:
    """What, where, and what to do."""
    with pytest.raises(Rejected, match=message) as caught:
        rows_of(data)
    assert len(caught.value.problems) == 1


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(Rejected, match="there is no file"):
        inspect(tmp_path / "none.csv")
    with pytest.raises(Rejected, match="is a folder"):
        inspect(tmp_path)


@pytest.mark.parametrize(
    "format_name", ["fuelio", "drivvo", "acar", "fuelly", "lubelogger", "spritmonitor", "gasbuddy"]
)
def test_a_named_format_refuses_another_header(format_name: str) -> None:
    """The message lists the columns found."""
    with pytest.raises(Rejected, match=r"columns found: 'Date', 'Odometer', 'Litres', 'Cost'"):
        inspect(HEADER.encode(), format=format_name)


def test_an_unknown_format_lists_the_known_ones() -> None:
    """A slip in the name is told."""
    with pytest.raises(Rejected, match="choose auto or one of fleetcore, fuelio"):
        inspect(HEADER.encode(), format="fulio")


def test_options_are_checked() -> None:
    """Every wrong option is named."""
    with pytest.raises(Rejected) as caught:
        inspect(HEADER.encode(), date_order="ydm", decimal_mark="_", currency="EURO", volume_unit="pint")
    assert {problem.field for problem in caught.value.problems} == {
        "date_order",
        "decimal_mark",
        "currency",
        "volume_unit",
    }


def test_every_problem_of_a_row_is_listed_and_other_rows_go_on() -> None:
    """One bad row costs one row."""
    text = HEADER + "2024-13-45,xx,-5,yy\n,1,20,30\n2024-01-01,100,2500,30\n2024-01-02,200,0,1\n2024-01-03,300,20,30\n"
    assert problems_of(text) == {
        2: {"at": "unreadable", "odometer": "unreadable", "quantity": "out_of_range", "total": "unreadable"},
        3: {"at": "missing"},
        4: {"quantity": "out_of_range"},
        5: {"quantity": "out_of_range"},
    }
    assert len(fills_of(text)) == 1


def test_a_row_with_too_many_cells_is_a_problem() -> None:
    """An unquoted decimal comma shifts the columns; nothing is read from the wrong one."""
    assert problems_of(HEADER + "2024-01-01,100,20,5,30,7\n") == {2: {"": "too_many_cells"}}


def test_a_short_row_is_read_as_far_as_it_goes() -> None:
    """Missing cells at the end are empty."""
    assert fills_of(HEADER + "2024-01-01,100,20\n")[0].total is None


def test_an_empty_row_is_skipped() -> None:
    """A row of separators is no fact."""
    assert [row.reason for row in skipped_of(HEADER + ",,,\n2024-01-01,100,20,3\n")] == ["an empty row"]


def test_rows_behind_an_unclosed_quote_are_not_lost() -> None:
    """The row with the quote is a problem, the rows that it swallowed are read."""
    for count in (3, 500):
        rows = "2024-01-02,200,20,30,x\n" * count
        text = HEADER.replace("\n", ",Notes\n") + '2024-01-01,100,20,30,"never closed\n' + rows
        assert problems_of(text) == {2: {"": "broken"}}
        assert len(fills_of(text)) == count


def test_a_note_of_several_lines_is_one_cell() -> None:
    """Line ends within quotes belong to the text."""
    (fill,) = fills_of(HEADER.replace("\n", ",Notes\n") + '2024-01-01,100,20,30,"one\r\ntwo"\r\n')
    assert fill.notes == "one\ntwo"


def test_the_size_limit_is_told(tmp_path: Path) -> None:
    """Also for what a zip unpacks to."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER * 100)
    with pytest.raises(Rejected, match="limit"):
        inspect(path, size_max_bytes=1000)
    with pytest.raises(Rejected, match="unpacks to more"):
        inspect(zipped(("a.csv", HEADER.encode() * 10_000)), size_max_bytes=100_000)


def bytes_read() -> int:
    """Return how much this process has read from files so far, where the system tells (else nothing)."""
    counters = Path("/proc/self/io")
    if not counters.exists():
        return 0
    return int(counters.read_text("ascii").split()[1])


@pytest.mark.parametrize(
    ("first", "line"),
    [
        (b"", b"lorem ipsum dolor, sit amet\n"),
        (HEADER.encode(), b"lorem,ipsum,dolor,sit amet\n"),
        (b"", b"\x01\x80x" * 20),
    ],
)
def test_200_mb_of_rubbish_fail_quickly_in_little_memory(tmp_path: Path, first: bytes, line: bytes) -> None:
    """It is gone through once at most, to tell it from other files, and memory does not grow with it."""
    path = tmp_path / "rubbish.csv"
    with path.open("wb") as out:
        out.write(first)
        block = line * (1_000_000 // len(line))
        for _ in range(200):
            out.write(block)
    before, taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, bytes_read()
    with pytest.raises(Rejected):
        list(read(path, inspect(path)))
    assert bytes_read() - taken < 1.25 * 200_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kilobytes
    path.unlink()


def test_a_file_whose_rows_all_fail_is_given_up() -> None:
    """After a thousand bad rows the file is refused with the first problem."""
    text = HEADER + "2024-01-01,100,none,30\n" * 3000
    with pytest.raises(Rejected, match=r"none of the first 1,000 rows could be read; row 2: quantity"):
        rows_of(text)


def test_a_wrong_encoding_of_the_user_is_told() -> None:
    """An unknown name, and bytes that do not fit."""
    with pytest.raises(Rejected, match="not a known encoding"):
        inspect(HEADER.encode(), encoding="utf-88")
    with pytest.raises(Rejected, match="say --encoding"):
        rows_of(HEADER.encode() + b"2024-01-01,1,20,\xff\n", encoding="utf-8")
