"""Reading vehicle logs of other apps, and fleetcore's own CSV."""
