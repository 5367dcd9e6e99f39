"""The server's side of exports."""
