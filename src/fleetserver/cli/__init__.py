"""The ``fleet`` command: its root, and what the commands of all areas share.

A **session** is one call of ``fleet``: its database, fleet and user. What people type becomes values in
``typed``, what they read is written by ``display`` and ``tables`` in their own units; with ``--json`` the facts
go out as they are. Messages and progress go to standard error, always.
"""
