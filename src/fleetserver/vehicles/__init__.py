"""The server's side of vehicles."""
