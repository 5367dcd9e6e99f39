"""Judges the running server against its own description with schemathesis."""
