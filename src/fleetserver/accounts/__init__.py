"""The ``fleet users`` and ``fleet keys`` commands."""
