"""The worker by command."""
