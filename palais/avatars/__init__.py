"""Portraits of the agents: their art, their files, and where else a picture may come from."""
