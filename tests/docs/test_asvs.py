"""The table of OWASP ASVS: every requirement of level 1 and 2 has a row, and every row a test or a reason."""

from __future__ import annotations

import ast
import csv
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "reference" / "asvs.csv"
VERDICTS = {"met", "partly", "not met", "n/a"}
WORDS_MIN = 3

# The levels of the requirements of each section of ASVS 5.0.0, in their order: 1.1.1 has level 2, 1.1.2 too.
LEVELS = {
    "1.1": "22",
    "1.2": "1111122223",
    "1.3": "112222222223",
    "1.4": "222",
    "1.5": "123",
    "2.1": "122",
    "2.2": "112",
    "2.3": "12223",
    "2.4": "23",
    "3.1": "3",
    "3.2": "113",
    "3.3": "12223",
    "3.4": "11222233",
    "3.5": "11122333",
    "3.6": "3",
    "3.7": "22333",
    "4.1": "12233",
    "4.2": "23333",
    "4.3": "22",
    "4.4": "1222",
    "5.1": "2",
    "5.2": "112333",
    "5.3": "113",
    "5.4": "222",
    "6.1": "122",
    "6.2": "111111112222",
    "6.3": "11223333",
    "6.4": "112233",
    "6.5": "22222333",
    "6.6": "2223",
    "6.7": "33",
    "6.8": "2222",
    "7.1": "222",
    "7.2": "1111",
    "7.3": "22",
    "7.4": "11222",
    "7.5": "223",
    "7.6": "22",
    "8.1": "1233",
    "8.2": "1123",
    "8.3": "133",
    "8.4": "23",
    "9.1": "111",
    "9.2": "1222",
    "10.1": "22",
    "10.2": "223",
    "10.3": "22223",
    "10.4": "1111122222233333",
    "10.5": "22222",
    "10.6": "22",
    "10.7": "222",
    "11.1": "2233",
    "11.2": "22233",
    "11.3": "11233",
    "11.4": "1222",
    "11.5": "23",
    "11.6": "23",
    "11.7": "33",
    "12.1": "12233",
    "12.2": "11",
    "12.3": "22223",
    "13.1": "2333",
    "13.2": "222223",
    "13.3": "2233",
    "13.4": "1222233",
    "14.1": "22",
    "14.2": "12223333",
    "14.3": "122",
    "15.1": "12233",
    "15.2": "12233",
    "15.3": "1222222",
    "15.4": "3333",
    "16.1": "2",
    "16.2": "22222",
    "16.3": "2222",
    "16.4": "222",
    "16.5": "2223",
    "17.1": "23",
    "17.2": "22223333",
    "17.3": "22",
}
COUNTS = {"1": 70, "2": 183, "3": 92}  # as the standard has them


def required() -> dict[str, str]:
    """Return the level of each requirement of level 1 and 2, by its id."""
    return {
        f"{section}.{number}": level
        for section, levels in LEVELS.items()
        for number, level in enumerate(levels, start=1)
        if level in "12"
    }


def rows() -> list[dict[str, str]]:
    """Return the rows of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=512)
def names_in(path: Path) -> frozenset[str]:
    """Return the names of the tests of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def faults(row: dict[str, str], levels: dict[str, str]) -> list[str]:
    """Return what is wrong with a row."""
    found = []
    if levels.get(row["id"]) != row["level"]:
        found.append("is no requirement of that level")
    if row["verdict"] not in VERDICTS:
        found.append(f"{row['verdict']!r} is no verdict")
    if not row["test"] and len(row["reason"].split()) < WORDS_MIN:
        found.append("has neither a test nor a reason")
    if row["verdict"] != "met" and len(row["reason"].split()) < WORDS_MIN:
        found.append("is not met without a reason")
    if row["test"]:
        module, _, name = row["test"].partition("::")
        if not (ROOT / module).is_file() or not module.startswith("tests/") or name not in names_in(ROOT / module):
            found.append(f"names a test that is not there: {row['test']}")
    return found


def test_the_levels_are_those_of_the_standard() -> None:
    """As many requirements of each level as the standard counts."""
    together = "".join(LEVELS.values())
    assert COUNTS == {level: together.count(level) for level in "123"}


def test_every_requirement_has_one_row() -> None:
    """None is missing, none is there twice, and they stand in their order."""
    assert list(required()) == [row["id"] for row in rows()]


def test_every_row_has_a_test_or_a_reason() -> None:
    """A test that exists, or a sentence; what is not met says why."""
    levels = required()
    assert {} == {row["id"]: found for row in rows() if (found := faults(row, levels))}


GOOD = {
    "id": "1.1.1",
    "level": "2",
    "verdict": "met",
    "what": "x",
    "test": "tests/docs/test_asvs.py::test_every_row_has_a_test_or_a_reason",
    "reason": "",
}


@pytest.mark.parametrize(
    "change",
    [
        {"test": ""},
        {"test": "tests/docs/test_asvs.py::test_that_is_not_there"},
        {"test": "tests/docs/not_there.py::test_x"},
        {"verdict": "perhaps"},
        {"verdict": "not met"},
        {"level": "1"},
        {"id": "1.9.9"},
    ],
    ids=str,
)
def test_a_bad_row_is_found(change: dict[str, str]) -> None:
    """The judge works: each of these rows fails, and the good one does not."""
    assert [] == faults(GOOD, required())
    assert [] != faults(GOOD | change, required())
