"""The server's side of calendars."""
