"""Calendars: what is due as an iCalendar file, and secret addresses under which calendar programs fetch it.

A *feed* is one such address: it belongs to one user in one fleet, shows what that user may see, and can be taken
back. Its *token* is told once, when the feed is made; only a hash of it is kept.
"""
