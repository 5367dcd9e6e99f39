"""Everything of a fleet in one file: rows to restore it from, and tables and a journal that people read."""
