"""Each rule catches a planted fault and lets what is allowed pass: the checks are checked."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from .import_rules import (
    FUNCTION_LINES_MAX,
    MODULE_LINES_MAX,
    Module,
    crossing,
    faults,
    foreign,
    misplaced,
    own_clock,
    too_long,
    wrong_way,
)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("fleetcore.fuel.rules", "from .service import record_fill"),
        ("fleetcore.fuel.model", "from fleetcore.fuel import rules"),
        ("fleetcore.fuel.service", "from . import storage"),
        ("fleetcore.fuel.service", "from fleetcore.fuel import Fill"),
        ("fleetcore.fuel.storage", "from .area import AREA"),
        ("fleetcore.fuel.economy", "from .queries import economy_of"),
        ("fleetcore.imports.formats.fuelio", "from ..service import import_file"),
    ],
)
def test_layers_inside_an_area_import_one_way(name: str, source: str) -> None:
    """A layer that imports a later one of its own area is named."""
    assert len(faults([Module(name, source)], wrong_way)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("fleetcore.kernel.money", "import fleetcore.operations"),
        ("fleetcore.operations", "from fleetcore.storage.engine import make_engine"),
        ("fleetcore.storage.unit_of_work", "from fleetcore.audit.model import Change"),
        ("fleetcore.vehicles.service", "from fleetcore.people.service import member_of"),
        ("fleetcore.ledger.service", "from fleetcore.fuel.model import Fill"),
        ("fleetcore.fuel.service", "def late():\n    from fleetcore.rentals.service import open_rental"),
        ("fleetcore.reports.service", "from fleetcore.core import Core"),
        ("fleetcore.reports.service", "from fleetcore.testing import a_fill"),
        ("fleetcore.reports.service", "from fleetcore import open"),
        ("fleetcore.fuel.service", "import fleetcore"),
    ],
)
def test_packages_import_downwards_only(name: str, source: str) -> None:
    """An import of a package that does not stand below is named, even a late one."""
    assert len(faults([Module(name, source)], wrong_way)) == 1


@pytest.mark.parametrize("layer", ["rules", "storage", "area", "economy"])
@pytest.mark.parametrize("name", ["fleetcore.reports.service", "fleetserver.fuel.api"])
def test_the_inside_of_an_area_is_private(name: str, layer: str) -> None:
    """An area's rules, storage and area object are out of reach for other areas and for the server."""
    assert len(faults([Module(name, f"from fleetcore.fuel.{layer} import anything")], wrong_way)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "fleetcore.fuel.service",
            "from .model import Fill\nfrom .rules import check\nfrom .economy import per_fill",
        ),
        (
            "fleetcore.fuel.service",
            "from fleetcore.vehicles import Vehicle\nfrom fleetcore.ledger.service import post",
        ),
        (
            "fleetcore.fuel.storage",
            "from sqlalchemy import Table\nfrom fleetcore.storage.metadata import metadata",
        ),
        ("fleetcore.core", "from .fuel.area import AREA\nfrom .plugins import load"),
        ("fleetcore.plugins", "from . import hookspecs"),
        ("fleetcore.exports.service", "from fleetcore import __version__"),
        ("fleetcore.testing.builders", "from fleetcore.fuel.storage import fills\nimport sqlalchemy"),
        (
            "fleetcore.storage.migrations.env",
            "from alembic import context\nfrom fleetcore.fuel import storage",
        ),
        ("fleetcore", "from fleetcore.core import Core"),
        (
            "fleetserver.fuel.api",
            "import aiohttp\nimport fleetcore\nfrom fleetcore.fuel.service import record_fill",
        ),
    ],
)
def test_what_the_design_allows_passes(name: str, source: str) -> None:
    """No rule complains about the imports that the architecture is made of."""
    assert [] == faults([Module(name, source)], misplaced, wrong_way, foreign, own_clock, too_long)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("fleetserver.fuel.pages", "from fleetserver.cli.session import Session"),
        ("fleetserver.pages.visits", "import click"),
        ("fleetserver.presentation.display", "from fleetserver.pages.forms import Form"),
        ("fleetserver.presentation.typed", "from fleetserver.cli import failures"),
    ],
)
def test_pages_and_commands_meet_below_both(name: str, source: str) -> None:
    """What both write and read alike stands in a package that knows neither."""
    assert [] != faults([Module(name, source)], crossing)
    assert [] == faults([Module("fleetserver.fuel.commands", "from fleetserver.cli import session")], crossing)


@pytest.mark.parametrize("name", ["fleetcore.garage.model", "fleetcore.helpers", "fleetcore.fuel.utils"])
def test_every_module_has_a_place(name: str) -> None:
    """A module that no table names is a fault, so the folder listing stays the glossary."""
    assert len(faults([Module(name, "")], misplaced)) == 1


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("fleetcore.fuel.service", "import sqlalchemy"),
        ("fleetcore.core", "from sqlalchemy.engine import Engine"),
        ("fleetserver.fuel.api", "from sqlalchemy import select"),
        ("fleetcore.fuel.storage", "from alembic import op"),
        ("fleetcore.core", "import alembic.command"),
        ("fleetcore.fuel.service", "import click"),
        ("fleetcore.testing.server", "from aiohttp.test_utils import TestClient"),
        ("fleetcore.reports.service", "import jinja2"),
        ("fleetcore.people.service", "import jwt"),
        ("fleetcore.core", "from fleetserver.app import make_app"),
    ],
)
def test_libraries_stay_in_their_folders(name: str, source: str) -> None:
    """A database, web or command-line library outside its folders is named."""
    assert len(faults([Module(name, source)], foreign)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\nnow = datetime.now(UTC)",
        "from datetime import datetime as moment\nnow = moment.utcnow()",
        "import datetime as dt\ntoday = dt.date.today()",
        "from datetime import date\nfactory = date.today",
        "import time\nbegan = time.time()",
        "from time import time\nbegan = time()",
    ],
)
def test_the_machine_clock_is_read_in_one_place(source: str) -> None:
    """Reading the machine's time is a fault everywhere but in the injected clock."""
    assert len(faults([Module("fleetcore.fuel.service", source)], own_clock)) == 1
    assert [] == faults([Module("fleetcore.kernel.when", source)], own_clock)


def test_injected_and_monotonic_clocks_pass() -> None:
    """A clock that was handed in, and one that only measures, are no machine time."""
    source = "import time\ndef tick(clock, row):\n    return clock.now(), row.time.time(), time.monotonic()"

    assert [] == faults([Module("fleetcore.fuel.service", source)], own_clock)


def test_long_modules_are_named() -> None:
    """A module of one line too many is a fault; one at the limit is not."""
    assert [] == faults([Module("tests.fuel.test_fill", "\n" * MODULE_LINES_MAX)], too_long)
    assert len(faults([Module("tests.fuel.test_fill", "\n" * (MODULE_LINES_MAX + 1))], too_long)) == 1


def test_long_functions_are_named() -> None:
    """A function of one line too many is a fault; one at the limit is not."""
    longest = "def work():\n" + "    pass\n" * (FUNCTION_LINES_MAX - 1)

    assert [] == faults([Module("fleetcore.fuel.service", longest)], too_long)
    assert len(faults([Module("fleetcore.fuel.service", longest + "    pass\n")], too_long)) == 1


def test_a_module_is_named_by_its_path() -> None:
    """The dotted name follows from the path, a package's from its folder."""
    module = Module.at(PurePath("fleetcore/fuel/model.py"), "")
    package = Module.at(PurePath("fleetcore/fuel/__init__.py"), "from . import model")

    assert ("fleetcore.fuel.model", False) == (module.name, module.is_package)
    assert ("fleetcore.fuel", True) == (package.name, package.is_package)
    assert [(1, "fleetcore.fuel.model")] == list(package.imports)
