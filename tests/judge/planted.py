"""Faults to be found: each is a middleware around the application that breaks one promise."""

from __future__ import annotations

PLANTED = {}
