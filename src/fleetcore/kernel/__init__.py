"""The words every area shares: values, time, ids, errors, pages, events, actors and the ports.

Nothing here knows a vehicle, a table or a network; every other package may import it.
"""
