"""HTTP: what every route shares."""
