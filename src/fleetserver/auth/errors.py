"""The ways in which signing in says no."""

from __future__ import annotations

import math
from datetime import timedelta

from fleetcore.kernel.errors import FleetError

__all__ = ["LimitExceeded", "SecondFactorNeeded", "Unauthenticated"]


class Unauthenticated(FleetError):
    """Nobody is signed in: the password, token or key is wrong, late or revoked. Which of them is not said."""


class SecondFactorNeeded(Unauthenticated):
    """The password is right; a code of the authenticator app, or a recovery code, is needed too."""

    def __init__(self) -> None:
        super().__init__("a code of your authenticator app, or a recovery code, is needed too")


class LimitExceeded(FleetError):
    """Too many requests: ask again after :attr:`retry_after_seconds`."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after_seconds = max(1, math.ceil(retry_after.total_seconds()))
        super().__init__(f"too many attempts: try again in {self.retry_after_seconds} seconds")
