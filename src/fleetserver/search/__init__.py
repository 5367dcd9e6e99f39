"""Finding vehicles, records and pages."""
