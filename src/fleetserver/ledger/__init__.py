"""The server's side of ledger."""
