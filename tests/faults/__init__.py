"""Faults on real parts: what is killed, cut, stalled or deaf, and what is on record after it."""
