"""The server's side of expenses."""
