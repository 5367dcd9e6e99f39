"""The server's side of people."""
