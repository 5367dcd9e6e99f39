"""Trips: who drove which vehicle from where to where, how far and what for, as a logbook for tax offices.

A **trip** has a start and an end; one without an end is **running**. Its **purpose** is a word: business, private,
commute or one of the fleet's own. A **logbook** is the chain of a vehicle's trips by their odometers: a **gap** is
distance between two trips that no trip tells, an **overlap** is distance that two trips tell. A trip is entered
**late** when it is written down days after it ended. Closing a **month** asks for a reason for every later change.
A **rate** is what a kilometre of a purpose is worth from a day on, in one or two **tiers**.
"""
