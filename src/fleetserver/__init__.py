"""fleetserver: the reference server that hosts fleetcore, and the ``fleet`` command.

Each folder beside ``cli`` is an area under the same name as in the library: its ``commands`` are the part of
``fleet`` that is about it. Nothing here decides anything; every change goes through an operation of the core.
"""
