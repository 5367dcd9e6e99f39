"""Help for tests of fleetcore, its plugins and other storage: clocks, databases, builders, contract suites.

Third parties subclass the suites in ``fleetcore.testing.contracts`` and supply a fixture of their own.
"""
