"""Make the pictures of the README: the demo's garage in a real browser, on a desk, on a phone and in the dark.

``nox -s pictures`` runs it; it needs Chromium, and playwright, which the group "tests" brings.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.pages.judges.chromium import chromium, visitor
from tests.pages.judges.garage import live_five_years, serving_garage

from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles

HERE = Path(__file__).parent
SHOTS = (
    ("garage.png", "/", {"width": 1200, "height": 860}, "light", 1),
    ("vehicle.png", "/vehicles/{vehicle}/charts?period=36-months", {"width": 1200, "height": 1010}, "dark", 1),
    ("fill-up.png", "/q/fuel", {"width": 390, "height": 780}, "light", 2),
)


def main() -> None:
    """Live the demo's five years and take every picture."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-pictures-"))
    live_five_years(folder)
    with serving_garage(folder) as site, chromium() as browser:
        golf = next(iter(site.core.read(site.core.actor(), list_vehicles, ListVehicles())))
        for name, path, size, theme, scale in SHOTS:
            with visitor(browser, site, viewport=size, color_scheme=theme, device_scale_factor=scale) as one:
                one.sign_in()
                page = one.open(path.format(vehicle=golf.id))
                page.wait_for_timeout(500)
                page.screenshot(path=HERE / name)


if __name__ == "__main__":
    main()
