"""Let pa11y look at every page of the demo's garage: ``python -m tests.pages.judges.pa11y FOLDER``, where npm put it.

It judges by axe and by HTML CodeSniffer, against WCAG2AAA. ``nox -s pa11y`` installs it and runs this.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from fleetcore.people.ports import DIRECTORY

from .chromium import CHROMIUM, EMAIL, FLAGS, PASSWORD
from .garage import live_five_years, live_on, serving_garage
from .sites import OPEN, PATHS, address_of

PROGRAM = """
const pa11y = require('pa11y'), puppeteer = require('puppeteer');
const said = JSON.parse(process.argv[1]);
(async () => {
  const browser = await puppeteer.launch({ executablePath: said.chromium, args: said.flags, headless: true });
  const known = await browser.newPage();
  await known.goto(said.address + '/login');
  await known.type('[name=email]', said.email);
  await known.type('[name=password]', said.password);
  await Promise.all([known.waitForNavigation(), known.click('main button')]);
  const strangers = await browser.createBrowserContext();
  let found = 0;
  for (const [path, isOpen] of said.pages) {
    const page = isOpen ? await strangers.newPage() : await browser.newPage();
    const told = await pa11y(said.address + path, {
      browser, page, standard: 'WCAG2AAA', runners: ['axe', 'htmlcs'], timeout: 120000,
    });
    await page.close();
    found += told.issues.length;
    console.log(`${told.issues.length} ${path}`);
    for (const each of told.issues) console.log(`  ${each.runner} ${each.code}: ${each.message} ${each.context}`);
  }
  await browser.close();
  process.exit(found ? 1 : 0);
})().catch((error) => { console.error(error); process.exit(2); });
"""


def main(place: Path) -> int:
    """Serve the garage and return how pa11y ended."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-pa11y-"))
    live_five_years(folder)
    with serving_garage(folder) as site:
        live_on(site.core)
        with site.core.across_fleets(snapshot=True) as uow:
            (fleet,) = uow[DIRECTORY].fleets(2)
        actor = site.core.actor(fleet_id=fleet.id)
        pages = [(address_of(path, site, actor), path in OPEN and path != "/offline") for path in PATHS]
        said = {
            "address": site.address,
            "chromium": str(CHROMIUM),
            "flags": FLAGS,
            "email": EMAIL,
            "password": PASSWORD,
            "pages": pages,
        }
        return subprocess.run(["node", "-e", PROGRAM, json.dumps(said)], cwd=place, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
