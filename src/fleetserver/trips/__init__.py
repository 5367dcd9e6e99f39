"""The command line of trips."""
