"""Commands for inviting people, lending vehicles and saying who drives what."""
