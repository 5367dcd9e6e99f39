"""The command of the vin area."""
