"""The pages and the picture that scripts write say what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from .pages import ROOT

REFERENCE = ROOT / "docs" / "reference"


def script(path: Path) -> ModuleType:
    """Import a script of the documentation."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["write_commands", "write_formats"])
def test_a_written_page_is_current(name: str) -> None:
    """The page in the repository is what its script writes now."""
    writer = script(REFERENCE / f"{name}.py")

    assert writer.page() == writer.PAGE.read_text("utf-8"), f"run: python docs/reference/{name}.py"


def test_the_picture_is_current() -> None:
    """The picture in the README shows what the demo prints now."""
    maker = script(ROOT / "docs" / "images" / "make_terminal_picture.py")
    drawn = maker.picture(maker.chosen(maker.demo_output()))

    assert drawn == maker.PICTURE.read_text("utf-8"), "run: python docs/images/make_terminal_picture.py"
