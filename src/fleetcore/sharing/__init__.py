"""Sharing: how people come to a fleet and its vehicles, and what ends when they go.

An **invitation** offers roles, and perhaps vehicles, to whoever has its link. Its **token** is told once and kept as
a hash. A **guest** is someone outside the fleet with the use of a vehicle: a member whose only role is ``guest``.
Here too are the reactions that join people and vehicles: grants and assignments end with their member, and the
vehicles of a fleet stay within its quota.
"""
