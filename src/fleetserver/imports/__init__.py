"""The server's side of imports."""
