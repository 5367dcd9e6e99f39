"""What is told live: committed events, in the order of their commits, to those who may read what they are about."""

from __future__ import annotations
