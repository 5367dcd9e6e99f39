"""The server's side of fuel."""
