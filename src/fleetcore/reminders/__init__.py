"""Reminders: what is due on a vehicle, by date, distance or engine hours, and how soon.

A *rule* says when (every so many km, months, days or hours, or once); a *due* is its next limit; the *urgency*
says how near it is. A *gauge* is where a meter stands and how fast it moves.
"""
