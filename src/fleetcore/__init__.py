"""fleetcore: everything a vehicle needs in its life, as one library.

``fleetcore.open(url)`` gives a :class:`Core`; commands go in through ``core.run`` and facts come out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fleetcore.core import Core, open  # noqa: A004 - the library's front door is fleetcore.open
    from fleetcore.plugins import hookimpl

__version__ = "0.1.0.dev0"
__all__ = ["Core", "__version__", "hookimpl", "open"]

_HOMES = {"Core": "fleetcore.core", "open": "fleetcore.core", "hookimpl": "fleetcore.plugins"}


def __getattr__(name: str) -> Any:
    """Load the composition root only when it is used, so that importing fleetcore stays cheap."""
    if (home := _HOMES.get(name)) is None:
        raise AttributeError(f"module 'fleetcore' has no attribute {name!r}")
    import gc
    from importlib import import_module

    collects = gc.isenabled()
    gc.disable()  # classes and tables are made to stay: looking for garbage among them costs a tenth of the start
    try:
        return getattr(import_module(home), name)
    finally:
        if collects:
            gc.enable()
