"""The server's side of reports."""
