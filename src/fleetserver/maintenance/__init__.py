"""The server's side of maintenance."""
