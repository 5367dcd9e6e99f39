"""The commands of the history area."""
