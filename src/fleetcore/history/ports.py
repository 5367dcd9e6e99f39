"""History keeps nothing of its own: it reads what areas offer under the keys that ``sources`` names."""
