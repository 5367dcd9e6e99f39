"""Let Lighthouse visit the most used pages of the demo's garage: ``python -m tests.pages.judges.lighthouse FOLDER``.

FOLDER is where npm put it; ``nox -s lighthouse`` does that and runs this. Its telephone is a simulated one, on a slow
line with a slow processor, and each page is visited for the first time. What it counts and judges holds on every
machine, and a miss ends the run with exit status 1; what it times depends on the machine, and is only told when that is
busy: see ``--strict``.

A stream that stays open would keep Lighthouse waiting for it to end, so its visitor has paused live updates: all else
of the page is as for everybody.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .chromium import CHROMIUM, EMAIL, FLAGS, PASSWORD
from .garage import live_five_years, live_on, serving_garage
from .sites import OPEN, address_of

PAGES = ("/", "/vehicles/{id}", "/q/fuel", "/reminders", "/vehicles/{id}/charts", "/login")
SCORES_MIN = {"accessibility": 100, "best-practices": 95}  # of a hundred
SPEED_MIN = 95
TIMES_MAX = {
    "first-contentful-paint": 1000,
    "interactive": 2000,
    "largest-contentful-paint": 1800,
    "total-blocking-time": 200,
    "cumulative-layout-shift": 0.02,
}
PROGRAM = """
const { default: lighthouse } = await import('lighthouse');
const { default: puppeteer } = await import('puppeteer-core');
const said = JSON.parse(process.argv[1]);
const browser = await puppeteer.launch({ executablePath: said.chromium, args: said.flags, headless: true });
const known = await browser.newPage();
await known.goto(said.address + '/login');
await known.type('[name=email]', said.email);
await known.type('[name=password]', said.password);
await Promise.all([known.waitForNavigation(), known.click('main button')]);
const cookies = await browser.cookies();
await known.close();
const found = [];
for (const [path, isOpen] of said.pages) {
  const context = await browser.createBrowserContext();
  if (!isOpen) await context.setCookie(...cookies);
  const page = await context.newPage();
  await page.evaluateOnNewDocument("localStorage.setItem('fleet-live', 'paused')");
  const told = await lighthouse(said.address + path, { output: 'json', logLevel: 'error' }, undefined, page);
  const { categories, audits, runWarnings, runtimeError } = told.lhr;
  const judged = Object.values(audits).filter((one) => one.scoreDisplayMode === 'binary');
  found.push({
    path, warnings: runWarnings, error: runtimeError && runtimeError.message,
    scores: Object.fromEntries(Object.values(categories).map((one) => [one.id, Math.round(100 * one.score)])),
    times: Object.fromEntries(said.times.map((name) => [name, audits[name].numericValue])),
    faults: judged.filter((one) => one.score !== null && one.score < 1).map((one) => one.title),
  });
  await context.close();
}
await browser.close();
console.log(JSON.stringify(found));
"""


def visited(place: Path, pages: tuple[str, ...]) -> list[dict[str, Any]]:
    """Serve the garage and return what Lighthouse says of each page."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-lighthouse-"))
    live_five_years(folder)
    with serving_garage(folder) as site:
        live_on(site.core)
        said = {
            "address": site.address,
            "chromium": str(CHROMIUM),
            "flags": FLAGS,
            "email": EMAIL,
            "password": PASSWORD,
            "pages": [(address_of(path, site, site.core.actor()), path in OPEN) for path in pages],
            "times": list(TIMES_MAX),
        }
        command = ["node", "--input-type=module", "-e", PROGRAM, json.dumps(said)]
        done = subprocess.run(command, cwd=place, check=True, stdout=subprocess.PIPE, text=True)
    return [{**one, "path": path} for one, path in zip(json.loads(done.stdout), pages, strict=True)]


def missed(one: dict[str, Any], *, is_strict: bool) -> list[str]:
    """Return what a page misses."""
    found = [f"{name} {one['scores'][name]}" for name, least in SCORES_MIN.items() if one["scores"][name] < least]
    if one.get("error"):
        found.append(one["error"])
    if is_strict:
        found += [f"performance {speed}"] if (speed := one["scores"]["performance"]) < SPEED_MIN else []
        found += [f"{name} {one['times'][name]:.4g}" for name, most in TIMES_MAX.items() if one["times"][name] > most]
    return found


def line(one: dict[str, Any]) -> str:
    """Return the line of the table that a page is."""
    scores, times = one["scores"], one["times"]
    judged = (scores["performance"], scores["accessibility"], scores["best-practices"], scores["seo"])
    timed = [times[name] for name in list(TIMES_MAX)[:4]]
    numbers = "".join(f"{score:>7}" for score in judged) + "".join(f"{each:>8.0f}" for each in timed)
    return f"{one['path']:<24}{numbers}{times['cumulative-layout-shift']:>8.3f}\n"


def main(words: list[str]) -> int:
    """Visit the pages, print what came of it, and return 1 for a miss."""
    parser = argparse.ArgumentParser(description="Let Lighthouse visit the most used pages of the demo's garage.")
    parser.add_argument("place", type=Path, help="the folder into which npm installed it")
    parser.add_argument("pages", nargs="*", default=PAGES, help="paths, as page_routes() has them")
    parser.add_argument("--strict", action="store_true", help="let times decide as well: on a quiet machine")
    chosen = parser.parse_args(words)
    is_well = True
    say = sys.stdout.write
    found = visited(chosen.place, tuple(chosen.pages))
    say(f"{'scores of 100, times in ms':<24}  speed access  pract.    seo     FCP     TTI     LCP     TBT     CLS\n")
    for one in found:
        misses = missed(one, is_strict=chosen.strict)
        say(line(one) + "".join(f"  {fault}\n" for fault in [*misses, *one["faults"], *one["warnings"]]))
        is_well = is_well and not misses
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
