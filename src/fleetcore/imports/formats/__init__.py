"""The formats that can be read. A plugin adds one by passing more of them to the reader."""

from __future__ import annotations

from .acar import ACAR
from .base import Format, Head
from .drivvo import DRIVVO
from .fuelio import FUELIO
from .fuelly import FUELLY
from .gasbuddy import GASBUDDY
from .generic import GENERIC
from .gpx import GPX
from .lubelogger import LUBELOGGER
from .own import OWN
from .spritmonitor import SPRITMONITOR

__all__ = ["FORMATS", "Format", "Head"]

FORMATS: tuple[Format, ...] = (
    OWN,
    FUELIO,
    DRIVVO,
    ACAR,
    FUELLY,
    LUBELOGGER,
    SPRITMONITOR,
    GASBUDDY,
    GPX,
    GENERIC,
)
"""Every format, the surest first; of equal scores the first wins."""
